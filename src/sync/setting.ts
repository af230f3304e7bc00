/**
 * What an operator says of the bureaus' sources in `heyan.yaml`, under `bureaus:`, checked and resolved: paths are absolute, `${NAME}` has become
 * the value of the environment variable. A bureau hands over deliveries in a directory, or its kinds are read from registers behind SQL or HTTP.
 */

/** Settings by the name of the bureau, which is its folder's in src/bureaus. */
export type BureauSettings = Readonly<Record<string, BureauSetting>>;

export interface BureauSetting {
  /** Cron of five fields in Asia/Shanghai; without one the bureau is synced by command and by the nightly chain only. */
  schedule?: string;
  /** Minutes after a due time from which the bureau is said to be late; 120 unless told. */
  lateAfterMinutes: number;
  /** Absolute path of the watched directory whose folders are deliveries. */
  deliveries?: string;
  /** By kind. A kind of a bureau with `deliveries` may have a mapping, and no register. */
  kinds: Readonly<Record<string, KindSetting>>;
}

export interface KindSetting {
  /** Name of the kind's file in a delivery, without its ending, when it is not the kind's word. */
  file?: string;
  sql?: SqlSetting;
  http?: HttpSetting;
  mapping?: Mapping;
}

/** A register in a database that TypeORM reaches. Rows are read in the order of (watermark, key), both columns of the query's result. */
export interface SqlSetting {
  type: 'postgres' | 'mysql' | 'mariadb' | 'mssql' | 'oracle';
  /** With user and password, which never appear in a message; `?sslmode=require` encrypts, `verify-full` checks the server's certificate too. */
  url: string;
  /** One of the two: a table or view, `schema.table`; or a select without `order by` and without a semicolon. */
  table?: string;
  query?: string;
  /** Column that grows whenever a row is touched, and the column that tells rows of one watermark apart. Neither may be null. */
  watermark: string;
  key: string;
  /** How far behind the last watermark a run begins again, for rows that were committed late; 15 unless told. sources/sql/run.ts has the rule. */
  overlapMinutes: number;
  /** Offset of the register's timestamps that have none themselves; `+08:00` unless told. */
  offset: string;
  statementTimeoutSeconds: number;
}

/** A register that answers with pages of JSON. */
export interface HttpSetting {
  url: string;
  /** Sent as `authorization: Bearer …`; never in a message. */
  token?: string;
  /** Further request headers. */
  headers: Readonly<Record<string, string>>;
  /** Where the rows are in an answer, as `data.items`; empty when the answer is the list itself. */
  rows: string;
  /** Page numbers counted from `first`; or the cursor or address of the next page, found at `next` in the answer. */
  page:
    | { by: 'number'; parameter: string; first: number }
    | { by: 'cursor'; parameter: string; next: string }
    | { by: 'address'; next: string };
  size?: { parameter: string; rows: number };
  /** The query parameter that asks for rows touched since a time, and the path of that time in a row. */
  since?: { parameter: string; watermark: string; overlapMinutes: number };
  offset: string;
  timeoutSeconds: number;
  /** Requests for one page at most, with growing pauses between them. */
  attempts: number;
}

/** Which foreign column becomes which column of the exchange format, by the latter's name; a column that is not named here is taken under its own name. */
export type Mapping = Readonly<Record<string, ColumnMapping>>;

/** Exactly one of `column` and `constant` is given. */
export interface ColumnMapping {
  column?: string;
  constant?: string;
  /** Foreign code to exchange code. A code that is not here is a fault of the row, unless `otherwise` says what it becomes. */
  codes?: Readonly<Record<string, string>>;
  otherwise?: string;
  /** How a day or time is written, as `yyyy年M月d日` or `dd/MM/yyyy HH:mm:ss`; or `epochSeconds`, `epochMilliseconds`. */
  date?: string;
}
