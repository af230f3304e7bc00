import type { Pool, PoolClient, QueryArrayResult } from 'pg';
import { silentLogger } from '../../../db/database';
import type { SqlSetting } from '../../setting';
import {
  CONNECT_MILLISECONDS_MAX,
  CONNECTIONS_MAX,
  type Dialect,
  OBJECT_BYTES_MAX,
  type Session,
  type SqlColumn,
  type ValueForm,
} from './dialect';

/** PostgreSQL's own numbers of its types (pg_type.oid), which never change. */
const FORMS: Readonly<Record<number, ValueForm>> = {
  16: 'boolean',
  17: 'object',
  20: 'number',
  21: 'number',
  23: 'number',
  26: 'number',
  700: 'float',
  701: 'float',
  1082: 'day',
  1114: 'moment',
  1184: 'instant',
  1700: 'number',
};

/** Every value as the server writes it: pg's own parsers, which all other connections use, stay as they are. */
const asText = { getTypeParser: () => (text: string) => text };

const ignore = () => undefined;

export const postgres: Dialect = {
  portUsual: 5432,
  comparesRows: true,
  options: (setting) => ({
    type: 'postgres',
    installExtensions: false,
    applicationName: 'heyan sync',
    poolSize: CONNECTIONS_MAX,
    connectTimeoutMS: CONNECT_MILLISECONDS_MAX,
    poolErrorHandler: () => undefined,
    logger: silentLogger,
    extra: {
      connectionString: setting.url,
      types: asText,
      keepAlive: true,
    },
  }),
  async connect(dataSource, setting) {
    const { master: pool } = dataSource.driver as unknown as { master: Pool };
    const client = await pool.connect();
    // A connection that breaks fails its statement; what it says besides must not end the process.
    // It is lent again for the next chunk, and must not hear one more listener each time.
    client.off('error', ignore).on('error', ignore);
    const session = sessionOf(pool, client);
    try {
      await client.query(prepare(setting));
      return session;
    } catch (error) {
      await session.release(true);
      throw error;
    }
  },
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  placeholder: (n) => `$${n}`,
  textOf: ({ form }, expression) =>
    form === 'object'
      ? `case when octet_length(${expression}) <= ${OBJECT_BYTES_MAX} then encode(${expression}, 'hex') end`
      : expression,
  parameterOf: (_column, placeholder) => placeholder,
  limited: (list, rest, rows) => `select ${list} ${rest} limit ${rows}`,
  clock: () => 'select localtimestamp',
};

/** Times are asked for and given in the register's offset. As an interval it is east of Greenwich; as a name of a zone it would be west. */
function prepare({ offset, statementTimeoutSeconds }: SqlSetting): string {
  return `set default_transaction_read_only = on; set statement_timeout = ${statementTimeoutSeconds * 1000};
    set time zone interval '${offset}' hour to minute; set datestyle = 'ISO, YMD'; set bytea_output = 'hex'; set extra_float_digits = 3`;
}

function sessionOf(pool: Pool, client: PoolClient & { processID?: number }): Session {
  const ask = (text: string, values: readonly string[]): Promise<QueryArrayResult<(string | null)[]>> =>
    client.query<(string | null)[]>({ text, values: [...values], rowMode: 'array' });
  return {
    async describe(sql) {
      const { fields } = await ask(sql, []);
      return fields.map(({ name, dataTypeID }): SqlColumn => ({ name, form: FORMS[dataTypeID] ?? 'text', type: '' }));
    },
    rows: async ({ sql, parameters }) => (await ask(sql, parameters)).rows,
    async cancel() {
      await pool.query('select pg_cancel_backend($1)', [client.processID]);
    },
    async release(isBroken) {
      client.release(isBroken);
    },
  };
}
