/**
 * Foreign rows into rows of the exchange format, as `heyan.yaml` says: columns by other names, codes of another table, days written otherwise,
 * and what the register does not say because it is the same for all its rows.
 *
 *     mapping: { id_number: GMSFHM, sex: { column: XB, codes: { 男: "1", 女: "2" } }, source: { constant: CREMATION } }
 *
 * It is compiled once for a stretch of rows, since a night has hundreds of millions of cells.
 */
import { suggestionList } from 'graphql/jsutils/suggestionList';
import type { RecordKind } from '../../bureaus/record';
import { showable } from '../check';
import { Fault, type Reader } from '../forms';
import type { ColumnMapping, Mapping } from '../setting';
import { type Chunk, type Rows, SourceFault, type SourceRow } from '../sources/source';
import { type ExchangeColumn, exchangeColumns, FILED_COLUMNS, mappingPath } from './columns';
import { dateReader, timestampReader } from './date-pattern';

/** How one exchange column is made: from the foreign cell at `at`, or `constant` where that is below 0. */
interface MadeColumn {
  column: string;
  at: number;
  constant: string;
  convert?: Reader;
}

const COLUMNS_SHOWN_MAX = 30;
const DROPPED_SHOWN_MAX = 8;
/** Runs of digits are in numbers and dates of persons, not in names of columns. */
const LOOKS_LIKE_DATA = /\d{6}|\d-\d|^\d+$/;

/**
 * The same rows with exchange columns. A foreign column that no mapping uses is taken under its own name where the kind has a column of that
 * name, and left out with a warning otherwise. Throws a SourceFault when a column that the mapping uses is not there.
 */
export function mapped<R extends Rows>(rows: R, kind: RecordKind, mapping: Mapping): R {
  const made = madeColumns(rows.columns, kind, mapping);
  refuseIncomplete(rows.columns, made, kind);
  const dropped = droppedWarning(rows.columns, made);
  const convert = rowConverter(made, sourceIdGuess(rows, made, mapping));
  const through = rows as Partial<Chunk>;
  return {
    ...rows,
    columns: made.map(({ column }) => column),
    rows: convertAll(rows.rows, convert),
    // Read when asked for: a source may have something to say only at its end.
    get warnings() {
      return [...(rows.warnings ?? []), ...dropped];
    },
    close: () => rows.close(),
    ...(through.end && { end: () => (rows as unknown as Chunk).end() }),
  };
}

/** The foreign columns that are asked for, and the one that becomes `source_id`: an answer in JSON leaves out what is empty in all its rows. */
export function askedColumns(kind: RecordKind, mapping: Mapping): { columns: string[]; key?: string } {
  const columns = exchangeColumns(kind).flatMap(({ column }) => foreignName(column, mapping) ?? []);
  return { columns: [...new Set(columns)], key: foreignName('source_id', mapping) };
}

/** Where an exchange column comes from; a foreign column that another mapping uses does not come under its own name too. */
function foreignName(column: string, mapping: Mapping): string | undefined {
  const said = mapping[column];
  if (said) return said.column;
  return Object.values(mapping).some((other) => other.column === column) ? undefined : column;
}

async function* convertAll(
  batches: AsyncIterable<SourceRow[]>,
  convert: (row: SourceRow) => void,
): AsyncGenerator<SourceRow[]> {
  for await (const batch of batches) {
    for (const row of batch) convert(row);
    yield batch;
  }
}

function madeColumns(foreign: readonly string[], kind: RecordKind, mapping: Mapping): MadeColumn[] {
  // An answer without a row names no columns either: it lacks nothing.
  if (foreign.length > 0) refuseMissing(foreign, kind, mapping);
  return exchangeColumns(kind).flatMap((exchange): MadeColumn[] => {
    const said = mapping[exchange.column];
    const name = foreignName(exchange.column, mapping);
    const at = name === undefined ? -1 : foreign.indexOf(name);
    if (at >= 0 && foreign.indexOf(name as string, at + 1) >= 0)
      throw new SourceFault(`names the column ${name} twice`);
    if (!said && at < 0 && foreign.length > 0) return [];
    const convert = said?.constant === undefined ? converterOf(exchange, said ?? {}, kind) : undefined;
    return [{ column: exchange.column, at, constant: said?.constant ?? '', convert }];
  });
}

function refuseMissing(foreign: readonly string[], kind: RecordKind, mapping: Mapping): void {
  const missing = Object.entries(mapping).filter(([, { column }]) => column !== undefined && !foreign.includes(column));
  if (missing.length === 0) return;
  const named = missing.map(([exchange, { column }]) => {
    const [near] = suggestionList(column as string, foreign);
    const guess = near && !looksLikeData(foreign) ? `, but ${near}` : '';
    return `${column} (${mappingPath(kind)}.${exchange})${guess}`;
  });
  throw new SourceFault(`has no column ${named.join(', and no column ')}: ${columnsThereAre(foreign)}`);
}

/** A file in the exchange format lacks a column; of a foreign one it was not said where it is. */
function refuseIncomplete(foreign: readonly string[], made: readonly MadeColumn[], kind: RecordKind): void {
  const there = new Set(made.map(({ column }) => column));
  const missing = exchangeColumns(kind).filter(({ column, required }) => required && !there.has(column));
  if (missing.length === 0) return;
  const names = missing.map(({ column }) => column).join(', ');
  throw new SourceFault(
    `does not say ${names}: name the foreign column${missing.length > 1 ? 's' : ''} under ${mappingPath(kind)}; ${columnsThereAre(foreign)}`,
  );
}

/** A file without a header has a person's data where names of columns should be: they are not repeated. */
function looksLikeData(foreign: readonly string[]): boolean {
  return foreign.some((name) => LOOKS_LIKE_DATA.test(name));
}

function columnsThereAre(foreign: readonly string[]): string {
  if (looksLikeData(foreign)) return 'where the names of columns should be stands what looks like a row';
  return `its columns are ${some(foreign, COLUMNS_SHOWN_MAX)}`;
}

function some(names: readonly string[], max: number): string {
  const shown = names.slice(0, max).map((name) => name || '(without a name)');
  return `${shown.join(', ')}${names.length > max ? ` and ${names.length - max} more` : ''}`;
}

function droppedWarning(foreign: readonly string[], made: readonly MadeColumn[]): string[] {
  const taken = new Set(made.map(({ at }) => at));
  const dropped = foreign.filter((_, at) => !taken.has(at));
  if (dropped.length === 0) return [];
  const names = looksLikeData(foreign) ? '' : `: ${some(dropped, DROPPED_SHOWN_MAX)}`;
  return [`${dropped.length} of ${foreign.length} columns are not mapped and were left out${names}`];
}

/** What becomes of a foreign cell; absent when it stays as it is. A column under its own name is judged as in an exchange file. */
function converterOf(exchange: ExchangeColumn, said: ColumnMapping, kind: RecordKind): Reader | undefined {
  const read = valueReader(exchange, said, kind);
  const { codes } = said;
  if (said.column === undefined && !read) return undefined;
  if (!codes) return (cell) => (cell === '' || !read ? cell : read(cell));
  const known = new Map(Object.entries(codes));
  const path = `${mappingPath(kind)}.${exchange.column}.codes`;
  const unknown = new Fault(`cannot be told: column ${said.column} holds a code that ${path} does not name`);
  return (cell) => {
    const value = known.get(cell);
    if (value !== undefined) return value;
    if (cell === '') return cell;
    return read?.(cell) ?? said.otherwise ?? unknown;
  };
}

/** Reads what a code table does not name: with a date pattern the table holds the exceptions, such as 99991231 for a day that has not come. */
function valueReader({ form, column }: ExchangeColumn, said: ColumnMapping, kind: RecordKind): Reader | undefined {
  const ofTimestamp = timestampReader(form);
  if (said.date === undefined)
    return form.form === 'day' && !said.codes ? (cell) => ofTimestamp(cell) ?? cell : undefined;
  const read = dateReader(said.date, form);
  if (typeof read === 'string') throw new Error(`${mappingPath(kind)}.${column}.date ${read}`);
  const fault = new Fault(`cannot be told: column ${said.column} holds no day or time that exists, as ${said.date}`);
  return (cell) => read(cell) ?? ofTimestamp(cell) ?? fault;
}

/** Changes rows where they are: `raw` may be text that is only made when it is asked for. */
function rowConverter(
  made: readonly MadeColumn[],
  guess: (raw: string) => string | undefined,
): (row: SourceRow) => void {
  // What every kind is filed under stands first, and is all that a deletion needs: what else its row holds need not be readable.
  const filed = made.filter(({ column }) => FILED_COLUMNS.has(column)).length;
  const opAt = made.findIndex(({ column }) => column === 'op');
  const hasSourceId = made[0]?.column === 'source_id';
  return (row) => {
    const foreign = row.cells;
    if (!foreign) {
      row.sourceId ??= guess(row.raw);
      return;
    }
    const cells: string[] = new Array(made.length);
    row.cells = cells;
    for (let i = 0; i < made.length; i++) {
      if (i === filed && opAt >= 0 && (cells[opAt] as string).trim() === 'D') {
        cells.fill('', i);
        return;
      }
      const { column, at, constant, convert } = made[i] as MadeColumn;
      const cell = at < 0 ? constant : (foreign[at] ?? '');
      const value = convert ? convert(cell.trim()) : cell;
      if (value instanceof Fault) {
        const sourceId = hasSourceId && i > 0 ? showable(cells[0]) : undefined;
        Object.assign(row, { cells: undefined, fault: `${column} ${value.says}`, sourceId });
        return;
      }
      cells[i] = value;
    }
  };
}

/** The key of a line that is broken, cut at its commas as in check.ts; rows of a register have told theirs themselves. */
function sourceIdGuess(
  rows: Rows,
  made: readonly MadeColumn[],
  { source_id: said }: Mapping,
): (raw: string) => string | undefined {
  const at = made[0]?.column === 'source_id' ? made[0].at : -1;
  if ('end' in rows || at < 0 || said?.codes) return () => undefined;
  return (raw) => showable(raw.split(',', at + 1)[at]?.trim());
}
