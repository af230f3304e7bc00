/**
 * The file source: one exchange file as a header and a stream of rows, in batches of a few thousand. It knows CSV and encodings and nothing of
 * bureaus; what a cell means is decided in check.ts.
 */

import { FILE_LIMITS, type FileLimits } from '../limits';
import { type Rows, SourceFault, type SourceRow } from '../source';
import { CONTROL, settleValues } from '../values';
import { type CsvRecord, cutRecords } from './cells';
import type { Encoding } from './encoding';
import { encodingOf, type Line, readLines } from './lines';

/** An exchange file, opened: its rows are lines. */
export interface ExchangeFile extends Rows {
  encoding: Encoding;
  rows: AsyncGenerator<SourceRow[]>;
}

export interface OpenOptions {
  limits?: Partial<FileLimits>;
  /** Hears how many bytes of the file on disk have been read. */
  onRead?: (bytes: number) => void;
}

/** A day, a time, or a number longer than a month: every row has one, no column is named so. */
const VALUE = /^(?:\d{8,}X?|\d{4}-\d{2}-\d{2}(?:[T ].*)?)$/;

/** Opens an exchange file and reads its header. Throws a SourceFault when it cannot be read, is empty or has an impossible header. */
export async function openExchangeFile(path: string, options: OpenOptions = {}): Promise<ExchangeFile> {
  const limits = { ...FILE_LIMITS, ...options.limits };
  const encoding = await encodingOf(path, limits);
  const lines = readLines(path, encoding, limits, options.onRead);
  const first = await lines.next();
  if (first.done) throw new SourceFault('is empty: its first line must name the columns');
  try {
    const columns = readHeader(first.value, limits);
    const close = async () => {
      await lines.return(undefined);
    };
    return { encoding, columns, rows: readRows(first.value.slice(1), lines, columns, limits), close };
  } catch (error) {
    await lines.return(undefined);
    throw error;
  }
}

async function* readRows(
  first: Line[],
  following: AsyncGenerator<Line[]>,
  columns: readonly string[],
  limits: FileLimits,
): AsyncGenerator<SourceRow[]> {
  let rest: Line[] = [];
  const cut = (lines: Line[], last: boolean): SourceRow[] => {
    const rows: SourceRow[] = [];
    rest = cutRecords(rest.length > 0 ? [...rest, ...lines] : lines, columns.length, last, limits, rows);
    return settleValues(rows, columns);
  };
  yield cut(first, false);
  for await (const lines of following) yield cut(lines, false);
  if (rest.length > 0) yield cut([], true);
}

function readHeader(lines: readonly Line[], limits: FileLimits): string[] {
  const header: CsvRecord[] = [];
  cutRecords(lines.slice(0, 1), undefined, true, limits, header);
  const [record] = header;
  if (!record) throw new SourceFault('has an empty first line: it must name the columns');
  if (!record.cells) throw new SourceFault(`has a header that cannot be read: ${record.fault}`);
  if (record.cells.length > limits.columnsMax) throw new SourceFault(`has more than ${limits.columnsMax} columns`);
  // Lines that end with a carriage return alone make one line of the whole file: it must not pass for a header without rows.
  if (record.cells.some((cell) => CONTROL.test(cell)))
    throw new SourceFault('has a control character in its first line: lines must end with LF or CRLF');
  const columns = record.cells.map((cell) => cell.trim());
  // A header that lost its line end runs into the first row, which would then be lost, and its values be shown as names of unknown columns.
  if (columns.some((column) => VALUE.test(column)))
    throw new SourceFault('has a row in its first line: the header is missing, or its line end');
  return columns;
}
