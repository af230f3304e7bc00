/**
 * Cells as a preview shows them: enough to see whether they came out of the right column, and not whose they are.
 *
 * Names, numbers and addresses are shown as the masks of agreements show them, and so is whatever a column cannot hold, since a name mapped into
 * a column of codes is a name still. Days, codes and amounts stay: whether they came out right is what a mapping is looked at for.
 */
import { masked, masksOf } from '../bureaus/mask';
import type { RecordKind } from '../bureaus/record';
import { Fault, readerOf } from './forms';
import { type ExchangeColumn, exchangeColumns } from './mapping/columns';
import type { Keys } from './number-keys';

/** The digits of an identity number, wherever they stand. */
const NUMBER = /\d{15}/;

/** Shows the cells of these columns in part. */
export function partShower(
  kind: RecordKind,
  columns: readonly string[],
  keys: Keys,
): (cells: readonly string[]) => string[] {
  const known = new Map(exchangeColumns(kind).map((column) => [column.column, column]));
  const show = columns.map((column) => cellShower(known.get(column), keys));
  return (cells) => cells.map((cell, at) => (cell === '' ? '' : (show[at]?.(cell) ?? '*')));
}

function cellShower(column: ExchangeColumn | undefined, keys: Keys): (cell: string) => string {
  if (!column) return beginning;
  const { form, isPersonal } = column;
  if (isPersonal && masksOf(form).includes('PARTIAL')) return (cell) => String(masked(cell, 'PARTIAL', form) ?? '*');
  const read = readerOf(form, keys);
  return (cell) => (NUMBER.test(cell) || read?.(cell.trim()) instanceof Fault ? beginning(cell) : cell);
}

function beginning(cell: string): string {
  return `${[...cell.trim()][0] ?? ''}*`;
}
