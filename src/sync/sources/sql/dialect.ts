/**
 * What a type of database is to the SQL source: how it is connected to, how its names and statements are written, and how its values become text
 * without losing anything. One file for each: postgres, mysql (MariaDB too), mssql, oracle.
 */
import type { DataSource, DataSourceOptions } from 'typeorm';
import type { SqlSetting } from '../../setting';
import type { SqlAddress } from './address';

/**
 * How a column's values are written (values.ts makes exchange text of them):
 * `day` YYYY-MM-DD; `moment` YYYY-MM-DD HH:MM:SS[.fraction] in the register's offset; `instant` the same with an offset behind it; `binary` hex;
 * `object` hex of a large object, null when it has more than OBJECT_BYTES_MAX bytes; `number` digits; `float` may have an exponent;
 * `unsorted` text that the database sorts otherwise than it compares, or not at all; the rest is text.
 */
export type ValueForm =
  | 'text'
  | 'number'
  | 'float'
  | 'boolean'
  | 'day'
  | 'moment'
  | 'instant'
  | 'binary'
  | 'object'
  | 'unsorted';

export interface SqlColumn {
  name: string;
  form: ValueForm;
  /** The database's own name of the type, where a parameter must be cast to it. */
  type: string;
}

/** Parameters are text, one for each placeholder, in the order in which these stand in the statement. */
export interface Statement {
  sql: string;
  parameters: readonly string[];
}

/** One connection, read only where the database knows that, with the time limit of a statement. Errors are the driver's (fault.ts). */
export interface Session {
  /** The columns of a statement's result. */
  describe(sql: string): Promise<SqlColumn[]>;
  /** The rows of a result, whose columns are made by `textOf`. */
  rows(statement: Statement): Promise<(string | null)[][]>;
  /** Ends the statement under way; it then fails. */
  cancel(): Promise<void>;
  /** Gives the connection back, or ends it when it is broken. */
  release(isBroken: boolean): Promise<void>;
}

export interface Dialect {
  /** What must be installed beside Heyan, as npm takes it; absent when it is a dependency. */
  install?: string;
  portUsual: number;
  /** Whether (a, b) > (c, d) can be written, and is the form that an index on both serves best. */
  comparesRows: boolean;
  options(setting: SqlSetting, address: SqlAddress): DataSourceOptions;
  connect(dataSource: DataSource, setting: SqlSetting): Promise<Session>;
  quote(name: string): string;
  /** The n-th placeholder of a statement, counted from 1. */
  placeholder(n: number): string;
  /** A column's value as text, for the list of a select. */
  textOf(column: SqlColumn, expression: string, offset: string): string;
  /** That text as a value of the column's type again. */
  parameterOf(column: SqlColumn, placeholder: string): string;
  /** A select of `list` of at most `rows` rows; `rest` begins with `from`. */
  limited(list: string, rest: string, rows: number): string;
  /** A select of the time, as a `moment` in the offset. */
  clock(offset: string): string;
}

/** Hashes and identifiers are read, photographs are not: they would fill memory, and no exchange format has a place for them. */
export const OBJECT_BYTES_MAX = 1_024;

export const CONNECT_MILLISECONDS_MAX = 10_000;
/** One reads; the other ends what the first is busy with. */
export const CONNECTIONS_MAX = 2;
