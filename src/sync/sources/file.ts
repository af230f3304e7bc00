/**
 * The file source: one exchange file as a header and a stream of rows, in batches of a few thousand. It knows CSV and encodings and nothing of
 * bureaus; what a cell means is decided in check.ts.
 */
import type { Encoding } from './encoding';
import { FILE_LIMITS, FileFault, type FileLimits } from './limits';
import { type CsvRecord, cutRecords } from './cells';
import { encodingOf, type Line, readLines } from './lines';

/** One row as delivered. `line` is its first physical line, counted from 1; a row with a `fault` could not be cut into cells. */
export type SourceRow = CsvRecord;

export interface ExchangeFile {
  encoding: Encoding;
  columns: string[];
  rows: AsyncGenerator<SourceRow[]>;
}

export interface OpenOptions {
  limits?: Partial<FileLimits>;
  /** Hears how many bytes of the file on disk have been read. */
  onRead?: (bytes: number) => void;
}

/** C0 and C1 control characters; tabs and line ends may stand in a text, and are judged by the column's form. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const CONTROL = /[\u0000-\u0008\u000b-\u000c\u000e-\u001f\u007f-\u009f]|\r(?!\n)/;

/** Opens an exchange file and reads its header. Throws a FileFault when it cannot be read, is empty or has an impossible header. */
export async function openExchangeFile(path: string, options: OpenOptions = {}): Promise<ExchangeFile> {
  const limits = { ...FILE_LIMITS, ...options.limits };
  const encoding = await encodingOf(path, limits);
  const records = readRecords(path, encoding, limits, options.onRead);
  const first = await records.next();
  if (first.done) throw new FileFault('is empty: its first line must name the columns');
  return { encoding, columns: first.value as unknown as string[], rows: records as AsyncGenerator<SourceRow[]> };
}

/** Yields the header's columns first, as the only array of strings, then batches of rows. */
async function* readRecords(path: string, encoding: Encoding, limits: FileLimits, onRead?: (bytes: number) => void): AsyncGenerator<string[] | SourceRow[]> {
  let columns: string[] | undefined;
  let rest: Line[] = [];
  for await (const lines of readLines(path, encoding, limits, onRead)) {
    let waiting = rest.length > 0 ? [...rest, ...lines] : lines;
    if (columns === undefined) {
      columns = readHeader(waiting, limits);
      yield columns;
      waiting = waiting.slice(1);
    }
    const rows: SourceRow[] = [];
    rest = cutRecords(waiting, columns.length, false, limits, rows);
    yield withoutControl(rows, columns);
  }
  if (columns === undefined || rest.length === 0) return;
  const rows: SourceRow[] = [];
  cutRecords(rest, columns.length, true, limits, rows);
  yield withoutControl(rows, columns);
}

function readHeader(lines: readonly Line[], limits: FileLimits): string[] {
  const header: CsvRecord[] = [];
  cutRecords(lines.slice(0, 1), undefined, true, limits, header);
  const [record] = header;
  if (!record) throw new FileFault('has an empty first line: it must name the columns');
  if (!record.cells) throw new FileFault(`has a header that cannot be read: ${record.fault}`);
  if (record.cells.length > limits.columnsMax) throw new FileFault(`has more than ${limits.columnsMax} columns`);
  return record.cells.map((cell) => cell.trim());
}

function withoutControl(rows: SourceRow[], columns: readonly string[]): SourceRow[] {
  for (const row of rows) {
    if (!row.cells || !CONTROL.test(row.raw)) continue;
    const at = row.cells.findIndex((cell) => CONTROL.test(cell));
    row.fault = `${columns[at] ?? 'the line'} holds a control character`;
    row.cells = undefined;
  }
  return rows;
}
