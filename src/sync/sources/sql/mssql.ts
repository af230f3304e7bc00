import type { DataSourceOptions } from 'typeorm';
import { silentLogger } from '../../../db/database';
import {
  CONNECT_MILLISECONDS_MAX,
  CONNECTIONS_MAX,
  type Dialect,
  OBJECT_BYTES_MAX,
  type Session,
  type SqlColumn,
  type ValueForm,
} from './dialect';

/** What is used of the package mssql, which is installed only where a bureau has such a database. */
interface Mssql {
  Request: new (pool: unknown) => MssqlRequest;
}
interface MssqlRequest {
  arrayRowMode: boolean;
  input(name: string, value: string): void;
  query(sql: string): Promise<{ recordset?: unknown[][]; columns?: MssqlColumn[][] }>;
  cancel(): void;
}
interface MssqlColumn {
  name: string;
  /** In bytes; 65,535 and more for types without a limit. */
  length?: number;
  scale?: number;
  type?: { declaration?: string };
}

const FORMS: Readonly<Record<string, ValueForm>> = {
  bit: 'boolean',
  tinyint: 'number',
  smallint: 'number',
  int: 'number',
  bigint: 'number',
  decimal: 'number',
  numeric: 'number',
  money: 'number',
  smallmoney: 'number',
  real: 'float',
  float: 'float',
  date: 'day',
  datetime: 'moment',
  smalldatetime: 'moment',
  datetime2: 'moment',
  datetimeoffset: 'instant',
  binary: 'binary',
  varbinary: 'binary',
  image: 'object',
  udt: 'object',
  geography: 'object',
  geometry: 'object',
  variant: 'unsorted',
  xml: 'unsorted',
  text: 'unsorted',
  ntext: 'unsorted',
};
const UNLIMITED_BYTES = 65_535;

/**
 * SQL Server, from 2008 on. It has no session that only reads: give the user of the address the right to select and no other.
 * The driver would round decimals and cut times to milliseconds, so the server writes them as text.
 */
export const mssql: Dialect = {
  install: 'mssql@12',
  portUsual: 1433,
  comparesRows: false,
  options: ({ statementTimeoutSeconds }, { host, port, user, password, database, tls }): DataSourceOptions => ({
    type: 'mssql',
    host,
    port,
    username: user,
    password,
    database,
    connectionTimeout: CONNECT_MILLISECONDS_MAX,
    requestTimeout: statementTimeoutSeconds * 1000,
    pool: { max: CONNECTIONS_MAX, min: 0, errorHandler: () => undefined },
    logger: silentLogger,
    options: { encrypt: tls !== 'disable', trustServerCertificate: tls === 'require', appName: 'heyan sync' },
  }),
  async connect(dataSource) {
    const { mssql: driver, master: pool } = dataSource.driver as unknown as { mssql: Mssql; master: unknown };
    return sessionOf(driver, pool);
  },
  quote: (name) => `[${name.replaceAll(']', ']]')}]`,
  placeholder: (n) => `@${n}`,
  textOf,
  parameterOf,
  limited: (list, rest, rows) => `select top (${rows}) ${list} ${rest}`,
  clock: (offset) =>
    `select convert(varchar(27), convert(datetime2(7), switchoffset(sysdatetimeoffset(), '${offset}')), 121)`,
};

function textOf({ form, type }: SqlColumn, expression: string, offset: string): string {
  const bytes = `convert(varbinary(${OBJECT_BYTES_MAX}), ${expression})`;
  switch (form) {
    case 'day':
      return `convert(varchar(10), ${expression}, 23)`;
    case 'moment':
      return `convert(varchar(27), ${expression}, 121)`;
    case 'instant':
      return `convert(varchar(34), switchoffset(${expression}, '${offset}'), 121)`;
    case 'binary':
      return `convert(varchar(max), ${expression}, 2)`;
    case 'object':
      return `case when datalength(${expression}) <= ${OBJECT_BYTES_MAX} then convert(varchar(max), ${bytes}, 2) end`;
    case 'float':
    case 'boolean':
      return expression;
    case 'number':
      // Style 2 keeps money's four decimals, and means nothing to the other numbers.
      return `convert(varchar(60), ${expression}, 2)`;
    default:
      return type === 'time' ? `convert(varchar(16), ${expression}, 121)` : wide(type, expression);
  }
}

/** What the driver would not give as text. */
function wide(type: string, expression: string): string {
  return type === 'xml' || type === 'variant' ? `convert(nvarchar(max), ${expression})` : expression;
}

/** Cast to the column's very type: datetime beside datetime2, or varchar beside nvarchar, would compare otherwise than they sort. */
function parameterOf({ form, type }: SqlColumn, placeholder: string): string {
  switch (form) {
    case 'day':
      return `convert(date, ${placeholder}, 23)`;
    case 'moment':
    case 'instant':
      return `convert(${type}, ${placeholder}, 121)`;
    case 'binary':
      return `convert(varbinary(8000), ${placeholder}, 2)`;
    case 'number':
    case 'boolean':
      return `convert(${type}, ${placeholder})`;
    default:
      return type === '' ? placeholder : `convert(${type}, ${placeholder})`;
  }
}

function sessionOf(driver: Mssql, pool: unknown): Session {
  let underWay: MssqlRequest | undefined;
  const ask = async (sql: string, parameters: readonly string[]) => {
    const request = new driver.Request(pool);
    request.arrayRowMode = true;
    for (const [at, value] of parameters.entries()) request.input(String(at + 1), value);
    underWay = request;
    try {
      return await request.query(sql);
    } finally {
      underWay = undefined;
    }
  };
  return {
    describe: async (sql) => ((await ask(sql, [])).columns?.[0] ?? []).map(columnOf),
    async rows({ sql, parameters }) {
      const { recordset = [] } = await ask(sql, parameters);
      return recordset.map((row) => row.map((value) => (value == null ? null : String(value))));
    },
    async cancel() {
      underWay?.cancel();
    },
    // Each request takes a connection from the pool and gives it back; a broken one the pool drops by itself.
    release: async () => undefined,
  };
}

function columnOf({ name, length = 0, scale, type }: MssqlColumn): SqlColumn {
  const word = type?.declaration ?? '';
  const form = FORMS[word] ?? 'text';
  if (form === 'binary' && length >= UNLIMITED_BYTES) return { name, form: 'object', type: word };
  return { name, form, type: declarationOf(word, scale) };
}

/** The widest type that compares with the column as itself. */
function declarationOf(word: string, scale = 0): string {
  switch (word) {
    case 'decimal':
    case 'numeric':
      return `decimal(38, ${scale})`;
    case 'datetime2':
    case 'datetimeoffset':
    case 'time':
      return `${word}(7)`;
    case 'char':
    case 'varchar':
      return 'varchar(8000)';
    case 'nchar':
    case 'nvarchar':
      return 'nvarchar(4000)';
    default:
      return word;
  }
}
