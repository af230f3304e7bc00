import type { SourceRow } from '../source';
import { CONTROL } from '../values';
import type { SqlColumn } from './dialect';
import { toExchange } from './values';

/** Makes rows of what the register gave. As in a file, a cell with a control character makes its row a fault. */
export function rowMaker(
  columns: readonly SqlColumn[],
  key: SqlColumn,
  offset: string,
): (values: readonly (string | null)[], line: number) => SourceRow {
  const names = columns.map(({ name }) => name);
  const readers = columns.map(({ form }) => toExchange(form, offset));
  const keyAt = columns.indexOf(key);
  return (values, line) => {
    const cells: string[] = new Array(values.length);
    let controlAt: number | undefined;
    for (let i = 0; i < cells.length; i++) {
      const value = values[i];
      const cell = value == null ? '' : (readers[i] as (value: string) => string)(value);
      if (CONTROL.test(cell)) controlAt ??= i;
      cells[i] = cell;
    }
    const row = new SqlRow(line, names, cells);
    if (controlAt === undefined) return row;
    row.cells = undefined;
    row.fault = `${names[controlAt]} holds a control character`;
    row.sourceId = CONTROL.test(cells[keyAt] as string) ? undefined : cells[keyAt];
    return row;
  };
}

class SqlRow implements SourceRow {
  cells?: string[];
  fault?: string;
  sourceId?: string;

  constructor(
    readonly line: number,
    private readonly names: readonly string[],
    private readonly values: string[],
  ) {
    this.cells = values;
  }

  /** A JSON object by the register's own names, written when it is asked for: nearly no row is ever quarantined. */
  get raw(): string {
    return JSON.stringify(Object.fromEntries(this.names.map((name, at) => [name, this.values[at]])));
  }
}
