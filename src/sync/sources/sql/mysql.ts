import type { FieldPacket, Pool, PoolConnection } from 'mysql2';
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

/** The protocol's numbers of column types (MySQL, enum_field_types), of its character set "binary" and of the marks of ENUM and SET. */
const FORMS: Readonly<Record<number, ValueForm>> = {
  0: 'number',
  1: 'number',
  2: 'number',
  3: 'number',
  4: 'float',
  5: 'float',
  7: 'moment',
  8: 'number',
  9: 'number',
  10: 'day',
  12: 'moment',
  13: 'number',
  16: 'number',
  246: 'number',
  247: 'unsorted',
  248: 'unsorted',
  249: 'object',
  250: 'object',
  251: 'object',
  252: 'object',
  253: 'binary',
  254: 'binary',
  255: 'object',
};
const FIRST_OF_STRINGS = 249;
const GEOMETRY = 255;
const BIT = 16;
const BINARY_CHARACTERS = 63;
const ENUM_OR_SET = 256 | 2048;

/** Errors that say that a server is too old for a setting, which it then goes without. */
const UNKNOWN_SETTING = new Set(['ER_UNKNOWN_SYSTEM_VARIABLE', 'ER_PARSE_ERROR']);

const ignore = () => undefined;

/** MySQL and MariaDB: one protocol, one driver. */
export const mysql: Dialect = {
  portUsual: 3306,
  comparesRows: false,
  options: ({ type }, { host, port, user, password, database, tls }) => ({
    type: type === 'mariadb' ? 'mariadb' : 'mysql',
    host,
    port,
    username: user,
    password,
    database,
    // Whatever a column is written in, GBK too, the server hands it over in this.
    charset: 'utf8mb4',
    connectTimeout: CONNECT_MILLISECONDS_MAX,
    poolSize: CONNECTIONS_MAX,
    logger: silentLogger,
    ...(tls && tls !== 'disable' && { ssl: { rejectUnauthorized: tls === 'verify-full' } }),
  }),
  async connect(dataSource, setting) {
    const { pool } = dataSource.driver as unknown as { pool: Pool };
    const connection = await new Promise<PoolConnection>((done, fail) => {
      pool.getConnection((error, taken) => (error ? fail(error) : done(taken)));
    });
    // A connection that breaks fails its statement; what it says besides must not end the process.
    // It is lent again for the next chunk, and must not hear one more listener each time.
    connection.off('error', ignore).on('error', ignore);
    const session = sessionOf(pool, connection);
    try {
      await prepare(session, setting);
      return session;
    } catch (error) {
      await session.release(true);
      throw error;
    }
  },
  quote: (name) => `\`${name.replaceAll('`', '``')}\``,
  placeholder: () => '?',
  textOf({ form, type }, expression) {
    if (form === 'binary') return `hex(${expression})`;
    if (form === 'object') return `case when length(${expression}) <= ${OBJECT_BYTES_MAX} then hex(${expression}) end`;
    return type === 'bit' ? `cast(${expression} as unsigned)` : expression;
  },
  parameterOf({ form }, placeholder) {
    // Compared with text, numbers would become floating ones, and two large ones the same.
    if (form === 'number') return `cast(${placeholder} as decimal(65, 30))`;
    return form === 'binary' ? `unhex(${placeholder})` : placeholder;
  },
  limited: (list, rest, rows) => `select ${list} ${rest} limit ${rows}`,
  clock: () => 'select localtimestamp(6)',
};

async function prepare(session: Session, setting: SqlSetting): Promise<void> {
  const set = (sql: string) => session.rows({ sql: `set session ${sql}`, parameters: [] });
  const ifKnown = (error: { code?: string }) => {
    if (!UNKNOWN_SETTING.has(error.code ?? '')) throw error;
  };
  await set('transaction read only').catch(ifKnown);
  // Both know a limit under a name and in a unit of their own, and the type of the setting need not be the server's.
  const [[version] = []] = await session.rows({ sql: 'select version()', parameters: [] });
  const isMariadb = /mariadb/i.test(version ?? '');
  const seconds = setting.statementTimeoutSeconds;
  await set(isMariadb ? `max_statement_time = ${seconds}` : `max_execution_time = ${seconds * 1000}`).catch(ifKnown);
  // Parameters are written into the statement with backslashes before what has a meaning: the server must read them so.
  await set(`time_zone = '${setting.offset}', sql_mode = replace(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '')`);
}

type Answer = { rows: (string | null)[][]; fields: FieldPacket[] };

function sessionOf(pool: Pool, connection: PoolConnection): Session {
  const ask = (sql: string, values: readonly string[]) =>
    new Promise<Answer>((done, fail) => {
      connection.query(
        {
          sql,
          values: [...values],
          rowsAsArray: true,
          typeCast: (field) => (field.type === 'JSON' ? field.string('utf8') : field.string()),
        },
        (error, rows, fields) => (error ? fail(error) : done({ rows: rows as unknown as Answer['rows'], fields })),
      );
    });
  return {
    describe: async (sql) => (await ask(sql, [])).fields.map(columnOf),
    rows: async ({ sql, parameters }) => (await ask(sql, parameters)).rows,
    cancel: () =>
      new Promise((done, fail) => {
        pool.query(`kill query ${connection.threadId}`, (error) => (error ? fail(error) : done()));
      }),
    async release(isBroken) {
      if (isBroken) connection.destroy();
      else connection.release();
    },
  };
}

function columnOf({ name, columnType = 0, characterSet, flags }: FieldPacket): SqlColumn {
  const isText = columnType >= FIRST_OF_STRINGS && columnType !== GEOMETRY && characterSet !== BINARY_CHARACTERS;
  if (!isText) return { name, form: FORMS[columnType] ?? 'text', type: columnType === BIT ? 'bit' : '' };
  return { name, form: (Number(flags) & ENUM_OR_SET) !== 0 ? 'unsorted' : 'text', type: '' };
}
