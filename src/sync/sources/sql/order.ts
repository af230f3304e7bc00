import type { SqlSetting } from '../../setting';
import { SourceFault } from '../source';
import type { SqlColumn } from './dialect';

/** The two columns that rows are read in the order of; one column can be both. */
export interface Order {
  watermark: SqlColumn;
  key: SqlColumn;
}

const COLUMNS_SHOWN_MAX = 30;
/** Two floating numbers that print the same may differ; the others are sorted otherwise than they are compared, or not at all. */
const UNFIT: readonly SqlColumn['form'][] = ['float', 'object', 'unsorted'];

/** Finds the columns by their exact names. Throws a SourceFault when one is missing, there twice, or of a type that gives no reliable order. */
export function orderOf(columns: readonly SqlColumn[], setting: SqlSetting): Order {
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new SourceFault(`has two columns named ${twice}: give one another name in sql.query`);
  return { watermark: find('watermark'), key: find('key') };

  function find(role: 'watermark' | 'key'): SqlColumn {
    const name = setting[role];
    const found = columns.find((column) => column.name === name);
    if (found && !UNFIT.includes(found.form)) return found;
    if (found)
      throw new SourceFault(
        `cannot be read in the order of ${name}, whose type has no exact one: name another column as sql.${role}, or cast it in sql.query`,
      );
    const near = names.find((one) => one.toLowerCase() === name.toLowerCase());
    throw new SourceFault(
      `has no column ${name}, named as sql.${role}: ${near === undefined ? `its columns are ${some(names)}` : `write ${near}`}`,
    );
  }
}

function some(names: readonly string[]): string {
  const more = names.length > COLUMNS_SHOWN_MAX ? ` and ${names.length - COLUMNS_SHOWN_MAX} more` : '';
  return `${names.slice(0, COLUMNS_SHOWN_MAX).join(', ')}${more}`;
}
