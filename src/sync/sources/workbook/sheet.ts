/**
 * The rows of one sheet, chunk by chunk (ECMA-376, part 1, section 18.3.1.80: sheetData). Rows and cells may leave out their places, and then stand
 * behind the one before; a place that goes backwards, or beyond what a sheet has, is a fault, and no gap costs memory.
 */
import type { FileLimits } from '../limits';
import { SourceFault } from '../source';
import { type CellFault, TEXT_CHARACTERS_MAX, textOf } from './cell';
import type { WorkbookParts } from './parts';
import { readXml, type XmlReader } from './xml';

/** A row that is not blank: its number in the sheet, and its cells up to the last that is not empty. */
export interface SheetRow {
  number: number;
  cells: (string | CellFault)[];
  /** What is wrong with the row as a whole. */
  fault?: string;
}

const ROWS_MAX = 1_048_576;
const COLUMNS_MAX = 16_384;

/** Rows in batches; a batch may be empty. Throws a SourceFault. */
export async function* sheetRows(
  bytes: AsyncIterable<Buffer>,
  parts: WorkbookParts,
  limits: FileLimits,
): AsyncGenerator<SheetRow[]> {
  const reader = rowReader(parts, limits);
  for await (const _ of readXml(bytes, reader)) yield reader.rows.splice(0);
}

function rowReader(parts: WorkbookParts, limits: FileLimits): XmlReader & { rows: SheetRow[] } {
  const rows: SheetRow[] = [];
  let isData = false;
  let row: (SheetRow & { column: number; characters: number }) | undefined;
  let cell: OpenCell | undefined;
  let number = 0;
  let characters = 0;
  return {
    rows,
    open(name, attributes) {
      if (name === 'sheetData') isData = true;
      else if (!isData) return;
      else if (name === 'row') {
        const { r } = attributes();
        number = placeAfter(number, r === undefined ? number + 1 : Number(r), ROWS_MAX);
        row = { number, cells: [], column: 0, characters: 0 };
      } else if (name === 'c' && row) {
        const { r, t = 'n', s = '0' } = attributes();
        row.column = placeAfter(row.column, r === undefined ? row.column + 1 : columnOf(r, number), COLUMNS_MAX);
        cell = { type: t, style: Number(s), value: undefined, hasFormula: false, isText: false, isPhonetic: false };
      } else if (cell) openInCell(cell, name);
    },
    text(piece) {
      if (cell?.isText && (cell.value ?? '').length <= TEXT_CHARACTERS_MAX) cell.value = (cell.value ?? '') + piece;
    },
    close(name) {
      if (name === 'sheetData') isData = false;
      else if (name === 'c' && row && cell) {
        const { type, value, hasFormula, style } = cell;
        const format = parts.formats[style] ?? { is: 'plain' };
        put(row, textOf({ type, value, hasFormula, format }, parts), limits);
        cell = undefined;
      } else if (name === 'row' && row) {
        characters += row.characters;
        if (characters > limits.workbookBytesMax)
          throw new SourceFault(`spells out more than ${limits.workbookBytesMax} characters: deliver it as CSV`);
        if (row.fault !== undefined || row.cells.some((one) => typeof one !== 'string' || one.trim() !== ''))
          rows.push({ number: row.number, cells: row.cells, fault: row.fault });
        row = undefined;
      } else if (cell) closeInCell(cell, name);
    },
  };
}

interface OpenCell {
  type: string;
  style: number;
  value: string | undefined;
  hasFormula: boolean;
  isText: boolean;
  isPhonetic: boolean;
}

function openInCell(cell: OpenCell, name: string): void {
  if (name === 'f') cell.hasFormula = true;
  else if (name === 'rPh') cell.isPhonetic = true;
  else if (name === 'v' || (name === 't' && !cell.isPhonetic)) {
    cell.isText = true;
    cell.value ??= '';
  }
}

function closeInCell(cell: OpenCell, name: string): void {
  if (name === 'v' || name === 't') cell.isText = false;
  else if (name === 'rPh') cell.isPhonetic = false;
}

/** Puts a cell in its column; the row ends with the last cell that says something, so a sheet formatted to its edge costs nothing. */
function put(
  row: SheetRow & { column: number; characters: number },
  cell: string | CellFault,
  limits: FileLimits,
): void {
  if (cell === '' || row.fault !== undefined) return;
  row.characters += typeof cell === 'string' ? cell.length : cell.shown.length;
  if (row.column > limits.columnsMax) row.fault = `the row has more than ${limits.columnsMax} columns`;
  else if (row.characters > limits.recordCharactersMax)
    row.fault = `the row is longer than ${limits.recordCharactersMax} characters`;
  if (row.fault !== undefined) return;
  while (row.cells.length < row.column - 1) row.cells.push('');
  row.cells.push(cell);
}

function placeAfter(last: number, place: number, most: number): number {
  if (!Number.isInteger(place) || place <= last || place > most)
    throw new SourceFault(
      'is no workbook that can be read (its cells are out of place): save it as .xlsx and deliver it again',
    );
  return place;
}

/** `AB12` is column 28, and must be of the row that it stands in. */
function columnOf(reference: string, row: number): number {
  const match = /^([A-Z]{1,3})(\d{1,7})$/.exec(reference);
  if (!match || Number(match[2]) !== row) return Number.NaN;
  let column = 0;
  for (const letter of match[1] as string) column = column * 26 + letter.charCodeAt(0) - 64;
  return column;
}
