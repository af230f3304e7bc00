/**
 * From decided fields to SQL columns and back to records. The footprint of an operation is also its projection: a column that was not
 * decided on is never read, so it cannot leak.
 */
import type { Scope } from '../sharing/scope';
import { shanghaiDay } from './calendar';
import type { BureauContext } from './context';
import { masked } from './mask';
import type { RecordKind, SharedField } from './record';

export interface Projection {
  /** The select list, columns of the table under the alias `r`; the first is `r.source_id`. */
  columns: string;
  /** A row (`rowMode: 'array'`, from `offset` on) as a record with GraphQL's field names. */
  record(row: readonly unknown[], offset?: number): Record<string, unknown>;
}

/** Columns of every record that are not shared fields: GraphQL name → SQL. */
const FILED: ReadonlyMap<string, string> = new Map([
  ['sourceId', 'r.source_id'],
  ['revision', 'r.seq'],
  ['updatedAt', 'r.updated_at'],
  ['recordedAt', 'r.recorded_from'],
]);

/** The GraphQL fields that stand for a hidden key column. */
const PERSONS: ReadonlyMap<string, string> = new Map([
  ['person', 'personKey'],
  ['accountOwner', 'accountOwnerKey'],
]);

/** The time of the last complete delivery, where it had come by the end of that day: how complete a register was before is not kept. */
export function validAt(validAsOf: string | null, knownAt: string | null | undefined): string | null {
  return validAsOf !== null && knownAt && shanghaiDay(new Date(validAsOf)) > knownAt ? null : validAsOf;
}

/**
 * The projection of one kind for one operation; unknown names (`validAsOf`, relations) need no column.
 * @param knownAt the day as known on which records are read, null for now; records carry it, for what is read below them
 */
export function project(kind: RecordKind, context: BureauContext, knownAt: string | null = null): Projection {
  const validAsOf = validAt(context.validAsOf(kind.kind), knownAt);
  const names: string[] = [];
  const columns: string[] = [];
  const byName = new Map(kind.fields.map((field) => [field.name, field]));
  for (const name of ['sourceId', ...context.fields(kind.kind).filter((field) => field !== 'sourceId')]) {
    const field = byName.get(PERSONS.get(name) ?? name);
    const sql = FILED.get(name) ?? (field && expression(field));
    if (sql === undefined) continue;
    names.push(name);
    columns.push(sql);
  }
  const persons = names.map((name) => PERSONS.has(name));
  const { masks } = context.scope(kind.kind);
  const masking = names.map((name) => maskOf(masks, name, byName.get(name)));
  return {
    columns: columns.join(', '),
    record(row, offset = 0) {
      const record: Record<string, unknown> = { validAsOf, knownAt };
      for (let i = 0; i < names.length; i++) {
        const mask = masking[i];
        const value = mask ? mask(row[offset + i]) : row[offset + i];
        record[names[i] as string] = persons[i] && value !== null ? { id: value } : value;
      }
      return record;
    },
  };
}

/** What a mask makes of a value; undefined where there is none. */
function maskOf(
  masks: Scope['masks'],
  name: string,
  field: SharedField | undefined,
): ((value: unknown) => unknown) | undefined {
  const mask = Object.hasOwn(masks, name) ? masks[name] : undefined;
  if (mask === undefined || mask === 'PLAIN') return undefined;
  return (value) => (field ? masked(value, mask, field.form) : null);
}

function expression({ column, form }: SharedField): string {
  switch (form.form) {
    case 'personKey':
    case 'nameKey':
      return `encode(r.${column}, 'hex')`;
    case 'numberKeys':
      return `(select array_agg(encode(k, 'hex')) from unnest(r.${column}) k)`;
    default:
      return `r.${column}`;
  }
}
