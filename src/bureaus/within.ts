/**
 * Districts in SQL: an agreement on some districts is a predicate of every statement that reads the kind, so that what lies outside is not
 * there, for lookups, lists, feeds and counts alike.
 */
import type { Districts } from '../sharing/scope';
import type { BureauContext } from './context';
import type { RecordKind } from './record';

/** `and <district of r> like any ($n)`, with its value put into `values`; empty when the kind may be read everywhere. */
export function within(kind: RecordKind, context: BureauContext, values: unknown[]): string {
  const { districts } = context.scope(kind.kind);
  return districts === null ? '' : `and ${isWithin(kind, districts, values)}`;
}

/** The predicate itself. A record without a district is in none. */
export function isWithin(kind: RecordKind, districts: NonNullable<Districts>, values: unknown[]): string {
  // The decision grants no districts of a kind that has none.
  if (kind.district === undefined) throw new Error(`${kind.kind} records belong to no district`);
  values.push(districts.map((prefix) => `${prefix}%`));
  return `coalesce(${kind.district} like any ($${values.length}::text[]), false)`;
}
