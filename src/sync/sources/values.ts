/** What the values of an exchange file go through, whatever kind of file it is. */
import { importedCell } from '../csv-cell';
import type { SourceRow } from './source';

/** C0 and C1 control characters; tabs and line ends may stand in a text, and are judged by the column's form. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
export const CONTROL = /[\u0000-\u0008\u000b-\u000c\u000e-\u001f\u007f-\u009f]|\r(?!\n)/;

const KEY_CHARACTERS_MAX = 200;

/** The `source_id` of a row that is a fault, when it can be shown; empty when not. */
export function keyOf(cells: readonly string[], columns: readonly string[]): string | undefined {
  const key = cells[columns.indexOf('source_id')];
  return key === undefined || key.length > KEY_CHARACTERS_MAX || CONTROL.test(key) ? undefined : key || undefined;
}

/**
 * Makes a row with a control character a fault, and takes off the apostrophe that an export put before what a spreadsheet would run
 * (csv-cell.ts). Nearly no row has either, and `raw` tells so at once; it stays as delivered.
 */
export function settleValues(rows: SourceRow[], columns: readonly string[]): SourceRow[] {
  for (const row of rows) {
    if (!row.cells) continue;
    if (CONTROL.test(row.raw)) {
      const at = row.cells.findIndex((cell) => CONTROL.test(cell));
      row.sourceId = keyOf(row.cells, columns);
      row.fault = `${columns[at] ?? 'the line'} holds a control character`;
      row.cells = undefined;
    } else if (row.raw.includes("'")) {
      row.cells = row.cells.map(importedCell);
    }
  }
  return rows;
}
