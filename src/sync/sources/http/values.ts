/** Rows of JSON as rows of cells: an object in an object becomes columns `a.b`, a list of plain values one cell with semicolons. */

import { SourceFault, type SourceRow } from '../source';
import { CONTROL } from '../values';
import { isObject, propertyAt } from './json';
import type { HttpLimits } from './limits';

/** How the rows of one chunk become cells. */
export interface Layout {
  columns: readonly string[];
  /** The offset of times that have none, as `+08:00`. */
  offset: string;
  /** The column that becomes `source_id`. */
  key: string;
  /** Columns that somebody will read, all when absent: what cannot be a cell elsewhere is left empty and costs nothing. */
  needed?: ReadonlySet<string>;
}

const TIME_WITHOUT_OFFSET = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?$/;
/** Half of a character beyond the basic plane, which JSON can write and UTF-8 cannot. */
const HALF_CHARACTER = /\p{Surrogate}/u;
const KEY_CHARACTERS_MAX = 200;

/** A row of the chunk, `line` being its place from 1. What cannot be a cell makes the row a fault, and never repeats a value. */
export function sourceRow(row: unknown, line: number, { columns, offset, key, needed }: Layout): SourceRow {
  const made: SourceRow = {
    line,
    get raw() {
      return textOf(row);
    },
  };
  if (!isObject(row)) return Object.assign(made, { fault: 'the row is no JSON object', sourceId: undefined });
  const cells: string[] = new Array(columns.length);
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as string;
    const cell = cellOf(row, column, offset);
    if (typeof cell === 'string') cells[i] = cell;
    else if (needed && !needed.has(column)) cells[i] = '';
    else return Object.assign(made, { fault: `${column} ${cell.fault}`, sourceId: keyOf(row, key) });
  }
  return Object.assign(made, { cells });
}

/** Every column that these rows have, in the order in which they come. Throws a SourceFault when there are too many. */
export function columnsOf(rows: Iterable<unknown>, limits: HttpLimits): string[] {
  const columns = new Set<string>();
  // Where one row has null another may have an object: null alone makes a column only if nothing else does.
  const nulls = new Set<string>();
  for (const row of rows) if (isObject(row)) addNames(row, '', 1, limits, columns, nulls);
  const named = [...columns];
  for (const name of nulls) if (!named.some((other) => other.startsWith(`${name}.`))) columns.add(name);
  return [...columns];
}

function addNames(
  object: object,
  before: string,
  depth: number,
  limits: HttpLimits,
  columns: Set<string>,
  nulls: Set<string>,
): void {
  for (const [name, value] of Object.entries(object)) {
    const path = before + name;
    if (isObject(value) && depth < limits.depthMax) addNames(value, `${path}.`, depth + 1, limits, columns, nulls);
    else (value === null ? nulls : columns).add(path);
    if (path.length > limits.nameCharactersMax)
      throw new SourceFault(`has a property whose name is longer than ${limits.nameCharactersMax} characters`);
    if (columns.size + nulls.size > limits.columnsMax)
      throw new SourceFault(`has more than ${limits.columnsMax} different properties in its rows`);
  }
}

/** A JSON text of a row, as it is kept in quarantine and compared; numbers of more than 15 digits stand in quotes. */
export function textOf(row: unknown): string {
  try {
    return JSON.stringify(row) ?? '';
  } catch {
    // JSON.stringify runs out of stack where JSON.parse, which keeps its own, did not.
    return '(objects nested too deeply to be shown)';
  }
}

interface Unfit {
  fault: string;
}

function cellOf(row: object, column: string, offset: string): string | Unfit {
  const value = propertyAt(row, column);
  if (typeof value === 'string') return textCell(value, offset);
  if (value === undefined) return '';
  return Array.isArray(value) ? listCell(value, offset) : plainCell(value);
}

function textCell(text: string, offset: string): string | Unfit {
  if (CONTROL.test(text)) return { fault: 'holds a control character' };
  if (HALF_CHARACTER.test(text)) return { fault: 'holds half a character (a surrogate without its other half)' };
  return TIME_WITHOUT_OFFSET.test(text) ? text + offset : text;
}

function plainCell(value: unknown): string | Unfit {
  if (value === null) return '';
  if (typeof value === 'object')
    return { fault: 'is an object: the mapping can name one of its properties, as object.property' };
  if (typeof value === 'number' && !Number.isFinite(value)) return { fault: 'is a number that is too large' };
  return String(value);
}

function listCell(list: readonly unknown[], offset: string): string | Unfit {
  const cells: string[] = [];
  for (const value of list) {
    const cell = typeof value === 'string' ? textCell(value, offset) : plainCell(value);
    if (typeof cell !== 'string') return { fault: `is a list of which one ${cell.fault}` };
    if (cell.includes(';')) return { fault: 'is a list of which one holds a semicolon, which stands between them' };
    cells.push(cell);
  }
  return cells.join(';');
}

function keyOf(row: object, key: string): string | undefined {
  const cell = cellOf(row, key, '');
  return typeof cell === 'string' && cell !== '' && cell.length <= KEY_CHARACTERS_MAX ? cell : undefined;
}
