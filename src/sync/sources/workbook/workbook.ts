/**
 * The workbook source: the first sheet of an `.xlsx` as a header and a stream of rows, like an exchange file. The sheet is never in memory as a
 * whole, only the texts that its cells share are. A formula counts by the result that was saved with it.
 */
import { quotedCell } from '../../csv-cell';
import type { OpenOptions } from '../csv/file';
import { FILE_LIMITS, type FileLimits } from '../limits';
import { type Rows, SourceFault, type SourceRow } from '../source';
import { keyOf, settleValues } from '../values';
import { type Archive, openArchive } from './archive';
import { readParts, type WorkbookParts } from './parts';
import { type SheetRow, sheetRows } from './sheet';

const SHEETS_LOOKED_AT_MAX = 100;
const SHOWN_OF_LONG_ROW = 2_000;

/**
 * Opens a workbook and reads its header, the first row that is not blank. A row's `line` is its number in the sheet, its `raw` the row as CSV. Throws
 * a SourceFault when the workbook cannot be read, is empty, is beyond the limits or has an impossible header.
 */
export async function openWorkbook(path: string, options: OpenOptions = {}): Promise<Rows> {
  const limits = { ...FILE_LIMITS, ...options.limits };
  const archive = await openArchive(path, limits, options.onRead);
  let batches: AsyncGenerator<SheetRow[]> | undefined;
  const close = async () => {
    await batches?.return(undefined);
    archive.close();
  };
  try {
    const parts = await readParts(archive, limits);
    const [sheet, ...others] = parts.sheets;
    if (sheet === undefined) throw new SourceFault('has no sheet: its first sheet must hold the rows');
    const warnings = await warningsOf(archive, parts, others, limits);
    batches = sheetRows(archive.read(sheet), parts, limits);
    const { columns, first } = await readHeader(batches, limits);
    return { columns, rows: readRows(first, batches, columns), warnings, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function* readRows(
  first: SheetRow[],
  batches: AsyncGenerator<SheetRow[]>,
  columns: readonly string[],
): AsyncGenerator<SourceRow[]> {
  const settled = (rows: SheetRow[]) =>
    settleValues(
      rows.map((row) => sourceRow(row, columns)),
      columns,
    );
  yield settled(first);
  for await (const rows of batches) if (rows.length > 0) yield settled(rows);
}

async function readHeader(
  batches: AsyncGenerator<SheetRow[]>,
  limits: FileLimits,
): Promise<{ columns: string[]; first: SheetRow[] }> {
  for (let next = await batches.next(); !next.done; next = await batches.next()) {
    const [header, ...first] = next.value;
    if (!header) continue;
    if (header.fault !== undefined) throw new SourceFault(`has more than ${limits.columnsMax} columns`);
    const columns = header.cells.map((cell) => {
      if (typeof cell !== 'string')
        throw new SourceFault(`has a header that cannot be read: a column name ${cell.says}`);
      return cell.trim();
    });
    return { columns, first };
  }
  throw new SourceFault('is empty: the first row of its first sheet must name the columns');
}

function sourceRow({ number, cells, fault }: SheetRow, columns: readonly string[]): SourceRow {
  const shown = cells.map((cell) => (typeof cell === 'string' ? cell : cell.shown));
  const raw = shown.map(quotedCell).join(',');
  const refused = (why: string): SourceRow => ({
    line: number,
    raw: fault === undefined ? raw : raw.slice(0, SHOWN_OF_LONG_ROW),
    fault: why,
    sourceId: keyOf(shown, columns),
  });
  if (fault !== undefined) return refused(fault);
  if (cells.length > columns.length) return refused(`the row has more than ${columns.length} cells`);
  const at = cells.findIndex((cell) => typeof cell !== 'string');
  const faulty = cells[at];
  if (faulty !== undefined && typeof faulty !== 'string')
    return refused(`${columns[at] || 'a column without a name'} ${faulty.says}`);
  while (shown.length < columns.length) shown.push('');
  return { line: number, raw, cells: shown };
}

/** Other sheets that have rows; they are left at the first. */
async function warningsOf(
  archive: Archive,
  parts: WorkbookParts,
  others: readonly string[],
  limits: FileLimits,
): Promise<string[]> {
  const warnings: string[] = [];
  const rest = [
    ...others.map((part, at) => ({ part, name: `sheet ${at + 2}` })),
    ...parts.hiddenSheets.map((part) => ({ part, name: 'a hidden sheet' })),
  ];
  for (const { part, name } of rest.slice(0, SHEETS_LOOKED_AT_MAX)) {
    for await (const rows of sheetRows(archive.read(part), parts, limits)) {
      if (rows.length === 0) continue;
      warnings.push(`${name} has rows too and was ignored: only the first sheet counts`);
      break;
    }
  }
  return warnings;
}
