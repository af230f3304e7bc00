/**
 * The statements of the SQL source, in the words of a dialect. They only select, and every name in them is quoted.
 *
 * Pages are found by their position, `where (watermark, key) > (…) order by watermark, key`, never by counting rows off: a page costs the same
 * wherever it is, and rows that come or go meanwhile move no border. It is the register that compares, so its collation is the only one there is.
 */
import type { SqlSetting } from '../../setting';
import type { Dialect, SqlColumn, Statement } from './dialect';
import type { Order } from './order';
import type { Position, Start } from './run';

/** A select of all columns and no rows. */
export function describeStatement(dialect: Dialect, setting: SqlSetting): string {
  return `select * ${fromOf(dialect, setting)} where 1 = 0`;
}

/** The next `rows` rows from `start` on, in order. */
export function pageStatement(
  dialect: Dialect,
  setting: SqlSetting,
  columns: readonly SqlColumn[],
  order: Order,
  start: Start,
  rows: number,
): Statement {
  const { watermark, key } = order;
  const list = columns.map((column) => dialect.textOf(column, nameOf(dialect, column), setting.offset)).join(', ');
  const conditions = orderedColumns(order).map((column) => `${nameOf(dialect, column)} is not null`);
  const parameters: string[] = [];
  if (start) {
    const bind = binder(dialect, parameters);
    const w = nameOf(dialect, watermark);
    if ('from' in start) conditions.push(`${w} >= ${bind(watermark, start.from)}`);
    else conditions.push(behind(dialect, watermark, key, start.behind, bind));
  }
  const by = orderedColumns(order).map((column) => nameOf(dialect, column));
  const rest = `${fromOf(dialect, setting)} where ${conditions.join(' and ')} order by ${by.join(', ')}`;
  return { sql: dialect.limited(list, rest, rows), parameters };
}

/** How many rows stand at a position: more than one, and a page that ends there may have lost some. */
export function tiesStatement(dialect: Dialect, setting: SqlSetting, order: Order, at: Position): Statement {
  const parameters: string[] = [];
  const bind = binder(dialect, parameters);
  const w = `${nameOf(dialect, order.watermark)} = ${bind(order.watermark, at.watermark)}`;
  const k = `${nameOf(dialect, order.key)} = ${bind(order.key, at.key)}`;
  return counted(dialect, `${fromOf(dialect, setting)} where ${w} and ${k}`, 2, parameters);
}

/** How many rows have no value in a column, counted up to `max`. */
export function emptyStatement(dialect: Dialect, setting: SqlSetting, column: SqlColumn, max: number): Statement {
  return counted(dialect, `${fromOf(dialect, setting)} where ${nameOf(dialect, column)} is null`, max, []);
}

type Bind = (column: SqlColumn, value: string) => string;

function binder(dialect: Dialect, parameters: string[]): Bind {
  return (column, value) => dialect.parameterOf(column, dialect.placeholder(parameters.push(value)));
}

/**
 * Where rows compare, one index on both columns finds the place. Elsewhere the first condition, which the second implies, is what an index on the
 * watermark is entered by, and the second what MySQL enters one on both columns by.
 */
function behind(dialect: Dialect, watermark: SqlColumn, key: SqlColumn, at: Position, bind: Bind): string {
  const w = nameOf(dialect, watermark);
  const k = nameOf(dialect, key);
  if (watermark === key) return `${w} > ${bind(watermark, at.watermark)}`;
  if (dialect.comparesRows) return `(${w}, ${k}) > (${bind(watermark, at.watermark)}, ${bind(key, at.key)})`;
  const later = `${w} >= ${bind(watermark, at.watermark)} and (${w} > ${bind(watermark, at.watermark)}`;
  return `${later} or (${w} = ${bind(watermark, at.watermark)} and ${k} > ${bind(key, at.key)}))`;
}

function counted(dialect: Dialect, rest: string, max: number, parameters: readonly string[]): Statement {
  return { sql: `select count(*) from (${dialect.limited('1 as present', rest, max)}) found`, parameters };
}

/** One column can be both; SQL Server does not sort by one column twice. */
function orderedColumns({ watermark, key }: Order): SqlColumn[] {
  return watermark === key ? [watermark] : [watermark, key];
}

/** The line end before the bracket is for a query that ends with a comment. */
function fromOf(dialect: Dialect, { table, query }: SqlSetting): string {
  if (query !== undefined) return `from (${query}\n) q`;
  return `from ${(table ?? '')
    .split('.')
    .map((part) => dialect.quote(part))
    .join('.')} q`;
}

/** With the table's letter before it, a name is the column and not what the list makes of it under the same name. */
function nameOf(dialect: Dialect, { name }: SqlColumn): string {
  return `q.${dialect.quote(name)}`;
}
