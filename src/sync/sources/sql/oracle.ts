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

/** What is used of the package oracledb, which is installed only where a bureau has such a database. */
interface OracleDriver {
  OUT_FORMAT_ARRAY: number;
  STRING: unknown;
}
interface OracleConnection {
  callTimeout: number;
  execute(sql: string, parameters?: readonly string[], options?: object): Promise<OracleResult>;
  rollback(): Promise<void>;
  break(): Promise<void>;
  close(options?: { drop: boolean }): Promise<void>;
}
interface OracleResult {
  rows?: unknown[][];
  metaData?: { name: string; dbTypeName?: string }[];
}

const FORMS: Readonly<Record<string, ValueForm>> = {
  NUMBER: 'number',
  BINARY_FLOAT: 'float',
  BINARY_DOUBLE: 'float',
  BOOLEAN: 'boolean',
  DATE: 'moment',
  TIMESTAMP: 'moment',
  'TIMESTAMP WITH TIME ZONE': 'instant',
  'TIMESTAMP WITH LOCAL TIME ZONE': 'instant',
  RAW: 'binary',
  BLOB: 'object',
  BFILE: 'object',
  'LONG RAW': 'object',
  CLOB: 'unsorted',
  NCLOB: 'unsorted',
  LONG: 'unsorted',
  XMLTYPE: 'unsorted',
  JSON: 'unsorted',
};
const MOMENT = 'YYYY-MM-DD HH24:MI:SS';
const MOMENT_CHARACTERS = 'YYYY-MM-DD HH:MM:SS'.length;

/**
 * Oracle, from 12.1 on, as its driver without further libraries reaches it. Its DATE is a day with a time. The driver would round numbers and
 * cut times to milliseconds, so the server writes them as text.
 */
export const oracle: Dialect = {
  install: 'oracledb@6',
  portUsual: 1521,
  comparesRows: false,
  options: (_setting, { host, port, user, password, database }) => ({
    type: 'oracle',
    username: user,
    password,
    connectString: `${host}:${port}/${database}?connect_timeout=${CONNECT_MILLISECONDS_MAX / 1000}`,
    poolSize: CONNECTIONS_MAX,
    logger: silentLogger,
    extra: { poolMin: 0, queueTimeout: CONNECT_MILLISECONDS_MAX },
  }),
  async connect(dataSource, setting) {
    const { oracle: driver, master: pool } = dataSource.driver as unknown as {
      oracle: OracleDriver;
      master: { getConnection(): Promise<OracleConnection> };
    };
    const connection = await pool.getConnection();
    const session = sessionOf(driver, connection);
    try {
      connection.callTimeout = setting.statementTimeoutSeconds * 1000;
      await connection.execute(prepare(setting));
      return session;
    } catch (error) {
      await session.release(true);
      throw error;
    }
  },
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  placeholder: (n) => `:${n}`,
  textOf,
  parameterOf,
  // Understood by every version, other than `fetch first`; the order is that of the inner select.
  limited: (list, rest, rows) => `select * from (select ${list} ${rest}) where rownum <= ${rows}`,
  clock: (offset) => `select to_char(systimestamp at time zone '${offset}', '${MOMENT}.FF6') from dual`,
};

/** A machine's language must not decide how text is sorted and numbers are written. */
function prepare({ offset }: SqlSetting): string {
  return `alter session set nls_sort = binary nls_comp = binary nls_numeric_characters = '.,' time_zone = '${offset}'`;
}

function textOf({ name, form, type }: SqlColumn, expression: string, offset: string): string {
  const named = (made: string) => `${made} ${oracle.quote(name)}`;
  switch (form) {
    case 'number':
      return named(`to_char(${expression}, 'TM9')`);
    case 'moment':
      return named(`to_char(${expression}, '${type === 'DATE' ? MOMENT : `${MOMENT}.FF9`}')`);
    case 'instant':
      return named(`to_char(${expression} at time zone '${offset}', '${MOMENT}.FF9 TZH:TZM')`);
    case 'binary':
      return named(`rawtohex(${expression})`);
    case 'object':
      return named(type === 'BLOB' ? smallObject(expression) : 'null');
    default:
      return expression;
  }
}

function smallObject(expression: string): string {
  const whole = `rawtohex(dbms_lob.substr(${expression}, ${OBJECT_BYTES_MAX}, 1))`;
  return `case when dbms_lob.getlength(${expression}) <= ${OBJECT_BYTES_MAX} then ${whole} end`;
}

function parameterOf({ form, type }: SqlColumn, placeholder: string): string {
  switch (form) {
    case 'number':
      return `to_number(${placeholder})`;
    case 'moment':
      // A DATE beside a timestamp would be made one, and its index be of no use.
      return type === 'DATE'
        ? `to_date(substr(${placeholder}, 1, ${MOMENT_CHARACTERS}), '${MOMENT}')`
        : `to_timestamp(${placeholder}, '${MOMENT}.FF9')`;
    case 'instant':
      return `to_timestamp_tz(${placeholder}, '${MOMENT}.FF9 TZH:TZM')`;
    case 'binary':
      return `hextoraw(${placeholder})`;
    default:
      return placeholder;
  }
}

function sessionOf(driver: OracleDriver, connection: OracleConnection): Session {
  const ask = async (sql: string, parameters: readonly string[]): Promise<OracleResult> => {
    // There is no session that only reads, but a transaction; it must be the first word of one.
    await connection.execute('set transaction read only');
    try {
      return await connection.execute(sql, parameters, {
        outFormat: driver.OUT_FORMAT_ARRAY,
        fetchTypeHandler: ({ dbTypeName = '' }: { dbTypeName?: string }) =>
          dbTypeName.endsWith('CLOB') || dbTypeName === 'LONG' ? { type: driver.STRING } : undefined,
      });
    } finally {
      await connection.rollback().catch(() => undefined);
    }
  };
  return {
    async describe(sql) {
      const { metaData = [] } = await ask(sql, []);
      return metaData.map(({ name, dbTypeName = '' }): SqlColumn => {
        return { name, form: FORMS[dbTypeName] ?? 'text', type: dbTypeName };
      });
    },
    async rows({ sql, parameters }) {
      const { rows = [] } = await ask(sql, parameters);
      return rows.map((row) => row.map((value) => (value == null ? null : String(value))));
    },
    cancel: () => connection.break(),
    release: (isBroken) => connection.close({ drop: isBroken }),
  };
}
