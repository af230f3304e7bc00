/**
 * The scope in which a kind of record may be answered: in which districts, and with which fields masked.
 *
 * Several clauses may grant one field, each in its own districts and under its own mask. For one operation each kind has one scope, the
 * strictest that its fields ask for together: a record is shown only where every field asked for is granted, so a row is either there with
 * all that was asked, or not there at all, and nothing can be learnt from a half-empty one. Districts are prefixes of GB/T 2260 codes; null
 * is everywhere.
 */
import type { Mask } from './agreement';

export type Districts = readonly string[] | null;

/** How a field is shown: by a mask, or not at all, where two agreements mask it differently. */
export type Shown = Mask | 'NOTHING';

/** Fields that are not named in `masks` are shown as they are. */
export interface Scope {
  districts: Districts;
  masks: Readonly<Record<string, Shown>>;
}

/** What one clause gives for one use. */
export interface Grant {
  districts: Districts;
  mask: Mask;
}

export const WITHOUT_LIMIT: Scope = Object.freeze({ districts: null, masks: Object.freeze({}) });

/** Where at least one of the grants holds. */
export function union(all: readonly Districts[]): Districts {
  if (all.includes(null)) return null;
  const prefixes = [...new Set(all.flatMap((districts) => districts ?? []))].sort();
  return prefixes.filter((prefix) => !prefixes.some((other) => other !== prefix && prefix.startsWith(other)));
}

/** Where both hold. */
export function intersection(a: Districts, b: Districts): Districts {
  if (a === null) return b;
  if (b === null) return a;
  return union([a.filter((prefix) => covers(b, [prefix])), b.filter((prefix) => covers(a, [prefix]))]);
}

/** What both scopes show. */
export function narrowed(a: Scope, b: Scope): Scope {
  const masks: Record<string, Shown> = { ...a.masks };
  for (const [field, mask] of Object.entries(b.masks))
    masks[field] = Object.hasOwn(a.masks, field) && a.masks[field] !== mask ? 'NOTHING' : mask;
  return { districts: intersection(a.districts, b.districts), masks };
}

/** Whether a scope shows less than everything. */
export function isLimited({ districts, masks }: Scope): boolean {
  return districts !== null || Object.keys(masks).length > 0;
}

/** Whether `wide` holds everywhere where `narrow` does. */
export function covers(wide: Districts, narrow: Districts): boolean {
  if (wide === null) return true;
  return narrow?.every((district) => wide.some((prefix) => district.startsWith(prefix))) ?? false;
}

/** The most open mask under which the grants hold in all of `districts`. */
export function maskIn(districts: Districts, grants: readonly Grant[]): Mask {
  const plain = grants.filter(({ mask }) => mask === 'PLAIN').map((grant) => grant.districts);
  if (plain.length > 0 && covers(union(plain), districts)) return 'PLAIN';
  return grants.find(({ mask }) => mask !== 'PLAIN')?.mask ?? 'PARTIAL';
}
