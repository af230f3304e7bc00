/** The columns of a kind's exchange file: what every kind is filed under, and the fields that are delivered. */
import { code, type Form, instant, text } from '../../bureaus/form';
import type { RecordKind } from '../../bureaus/record';

export interface ExchangeColumn {
  column: string;
  form: Form;
  required: boolean;
  /** Whether what stands there may name a person; days and codes that go with it do not by themselves. */
  isPersonal: boolean;
}

/** What a row says of its record: put it there, or take it away. */
const op = code(
  { U: { en: 'insert or replace', zh: '新增或更新' }, D: { en: 'delete', zh: '删除' } },
  { default: 'U' },
);

const FILED: readonly ExchangeColumn[] = [
  { column: 'source_id', form: text, required: true, isPersonal: false },
  { column: 'op', form: op, required: false, isPersonal: false },
  { column: 'updated_at', form: instant, required: true, isPersonal: false },
];

/** The columns that every kind has, which are all that a deletion needs. */
export const FILED_COLUMNS: ReadonlySet<string> = new Set(FILED.map(({ column }) => column));

/** In the order of the exchange format: `source_id`, `op`, `updated_at`, then the kind's delivered fields. */
export function exchangeColumns(kind: RecordKind): readonly ExchangeColumn[] {
  const delivered = kind.fields.filter(({ form }) => !('from' in form));
  return [
    ...FILED,
    ...delivered.map(({ column, form, required = false, sensitivity }) => ({
      column,
      form,
      required,
      isPersonal: sensitivity === 'PERSONAL' || sensitivity === 'SENSITIVE',
    })),
  ];
}

/** Where a kind's mapping stands in `heyan.yaml`: `bureaus.death.kinds.death.mapping`. A bureau's name is its schema's. */
export function mappingPath(kind: RecordKind): string {
  return `bureaus.${kind.table.split('.')[0]}.kinds.${kind.kind}.mapping`;
}
