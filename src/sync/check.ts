/**
 * One row of cells into one record, or into the reason why it cannot be one. Bad data never throws: it is what deliveries are made of.
 *
 * Blanks around a cell are taken off, ideographic ones too: they are left by exports and carry no meaning, and a death certificate that waits in
 * quarantine for a blank protects nobody. Nothing else is repaired. `source_id` alone stays as it is, because it compares by code point.
 */
import { hash } from 'node:crypto';
import type { RecordKind, SharedField } from '../bureaus/record';
import { Fault, type Reader, readCanonicalInstant, readerOf } from './forms';
import type { Keys } from './number-keys';

/**
 * A row that may be loaded. `values` stand in the order of the kind's fields, as PostgreSQL reads them (keys as hex, lists joined by `;`), null
 * where nothing was delivered, and all null in a deletion. `contentHash` is 16 bytes of SHA-256 in hex over everything delivered.
 */
export interface CheckedRow {
  sourceId: string;
  op: 'U' | 'D';
  updatedAt: string;
  values: readonly (string | null)[];
  contentHash: string;
}

export type Checked = { ok: true; row: CheckedRow } | { ok: false; reason: string; sourceId?: string };

/** How the columns of one file become rows of one kind. */
export interface Layout {
  check(cells: readonly string[]): Checked;
  /** The place of `source_id` among the cells. */
  sourceIdAt: number;
  /** The `source_id` of a row that cannot be checked, as far as it can be told. */
  sourceIdOf(raw: string): string | undefined;
  warnings: string[];
}

const SOURCE_ID_CHARACTERS_MAX = 200;
const HASH_HEX = 32;
const FILED = ['source_id', 'op', 'updated_at'];
// biome-ignore lint/suspicious/noControlCharactersInRegex: a key holds no line end or tab
const UNFIT_FOR_KEY = /[\u0000-\u001f]/;

/** Fits a header to a kind. The answer is a text when the file cannot be taken: a required column is missing or a known one is there twice. */
export function layoutOf(kind: RecordKind, columns: readonly string[], keys: Keys): Layout | string {
  const delivered = kind.fields.filter((field) => !('from' in field.form));
  const known = new Set([...FILED, ...delivered.map((field) => field.column)]);
  const twice = columns.find((column, at) => known.has(column) && columns.indexOf(column) !== at);
  if (twice) return `names the column ${twice} twice`;
  const required = [
    'source_id',
    'updated_at',
    ...delivered.filter((field) => field.required).map((field) => field.column),
  ];
  const missing = required.filter((column) => !columns.includes(column));
  if (missing.length > 0) return `lacks the required column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`;
  const sourceIdAt = columns.indexOf('source_id');
  return {
    check: checker(kind, columns, keys),
    sourceIdAt,
    sourceIdOf: (raw) => showable(raw.split(',', sourceIdAt + 1)[sourceIdAt]),
    warnings: columns
      .filter((column) => !known.has(column))
      .map((column) => `the column ${column || '(without a name)'} is unknown and was ignored`),
  };
}

function checker(kind: RecordKind, columns: readonly string[], keys: Keys): Layout['check'] {
  const fields = kind.fields.map((field) => fieldReader(field, columns, keys));
  const [sourceIdAt, opAt, updatedAtAt] = FILED.map((column) => columns.indexOf(column)) as [number, number, number];
  const noValues: readonly null[] = kind.fields.map(() => null);
  // One object for all rows: making one of thirty properties per row costs more than checking it.
  const named: Record<string, string | null> = { sourceId: null };

  return (cells) => {
    const sourceId = cells[sourceIdAt] as string;
    const keyFault = sourceIdFault(sourceId);
    if (keyFault) return { ok: false, reason: `source_id ${keyFault}` };
    const refuse = (reason: string): Checked => ({ ok: false, reason, sourceId });
    const op = opAt < 0 ? 'U' : trimmed(cells[opAt] as string) || 'U';
    if (op !== 'U' && op !== 'D') return refuse('op is none of U, D');
    const updatedAtCell = trimmed(cells[updatedAtAt] as string);
    if (updatedAtCell === '') return refuse('updated_at is required');
    const updatedAt = readCanonicalInstant(updatedAtCell);
    if (updatedAt instanceof Fault) return refuse(`updated_at ${updatedAt.says}`);
    if (op === 'D')
      return {
        ok: true,
        row: { sourceId, op, updatedAt, values: noValues, contentHash: contentHash(op, updatedAt, '') },
      };

    const values: (string | null)[] = new Array(fields.length);
    named.sourceId = sourceId;
    for (let i = 0; i < fields.length; i++) {
      const { field, at, read, absent } = fields[i] as FieldReader;
      if (!read) continue;
      const cell = at < 0 ? '' : trimmed(cells[at] as string);
      let value: string | null = absent;
      if (cell === '') {
        if (field.required) return refuse(`${field.column} is required`);
      } else {
        const result = read(cell);
        if (result instanceof Fault) return refuse(`${field.column} ${result.says}`);
        value = result === '' ? null : result;
      }
      values[i] = value;
      named[field.name] = value;
    }
    const impossible = kind.check?.(named);
    if (impossible) return refuse(impossible);
    const delivered = values.join('\u001f');
    for (let i = 0; i < fields.length; i++) {
      const { derive } = fields[i] as FieldReader;
      if (derive) values[i] = derive(named);
    }
    return { ok: true, row: { sourceId, op, updatedAt, values, contentHash: contentHash(op, updatedAt, delivered) } };
  };
}

interface FieldReader {
  field: SharedField;
  at: number;
  absent: string | null;
  read?: Reader;
  derive?: (named: Readonly<Record<string, string | null>>) => string | null;
}

function fieldReader(field: SharedField, columns: readonly string[], keys: Keys): FieldReader {
  const { form } = field;
  const absent = form.form === 'code' ? (form.default ?? null) : null;
  return {
    field,
    at: columns.indexOf(field.column),
    absent,
    read: readerOf(form, keys),
    derive: deriverOf(field, keys),
  };
}

function deriverOf({ form }: SharedField, keys: Keys): FieldReader['derive'] {
  if (!('from' in form)) return undefined;
  const derive = (value: string): string => {
    switch (form.form) {
      case 'personKey':
        return keys.ofNumber(value).key;
      case 'nameKey':
        return keys.ofName(value);
      case 'numberKeys':
        return value
          .split(';')
          .map((number) => keys.ofNumber(number).key)
          .join(';');
      case 'oldNumber':
        return value.length === 15 ? 't' : 'f';
      case 'numberBirth': {
        const { checked } = keys.ofNumber(value);
        if (!checked.ok) throw new Error(`${form.from} was not checked before a field was derived from it`);
        return checked.birthDate;
      }
    }
  };
  return (named) => {
    const value = named[form.from];
    return value == null ? null : derive(value);
  };
}

function contentHash(op: string, updatedAt: string, delivered: string): string {
  return hash('sha256', `${op}\u001f${updatedAt}\u001f${delivered}`, 'hex').slice(0, HASH_HEX);
}

function sourceIdFault(sourceId: string): string | undefined {
  if (sourceId === '' || trimmed(sourceId) === '') return 'is required';
  if (sourceId.length > SOURCE_ID_CHARACTERS_MAX) return `is longer than ${SOURCE_ID_CHARACTERS_MAX} characters`;
  return UNFIT_FOR_KEY.test(sourceId) ? 'holds a control character' : undefined;
}

/** A `source_id` as it stands, when it is fit to be one. */
export function showable(cell: string | undefined): string | undefined {
  return cell === undefined || sourceIdFault(cell) !== undefined ? undefined : cell;
}

/** `trim` looks at both ends only; nearly no cell begins or ends with anything it would take off. */
function trimmed(cell: string): string {
  return cell.trim();
}
