/** How fresh what the hub itself tells of is, what others alone can tell of, and how fresh every kind was before an instant. */
import type { Pool } from 'pg';
import { allRules, kindsRead } from '../crosscheck/rulebook';
import type { Database } from '../db/database';
import type { RemoteSubgraph } from '../federation/remote';
import { freshnessOfAll } from '../federation/remotes';
import { type Freshness, freshnessBefore, type ReadFreshness, rememberFreshness } from '../subgraph/freshness';

/** How long findings wait for bureaus elsewhere to say whether they are late. */
const PATIENCE_MILLISECONDS = 500;

/** As fresh as every kind is, told within half a second and remembered for one: a bureau that hangs must not hold up what it has no part in. */
export function freshSoon(
  here: ReadFreshness,
  remotes: readonly RemoteSubgraph[],
  isElsewhere: (kind: string) => boolean,
  elapsed: () => number,
): ReadFreshness {
  return rememberFreshness(freshnessOfAll(here, remotes, isElsewhere, PATIENCE_MILLISECONDS), elapsed);
}

/** Findings are as fresh as the last run of the rules, and late since the first of the kinds that rules read is. */
export async function findingsFreshness(
  { pool }: Database,
  ofKinds: ReadFreshness,
): Promise<ReadonlyMap<string, Freshness>> {
  const [{ rows }, kinds] = await Promise.all([
    pool.query<{ at: string | null }>('select max(finished_at) as at from crosscheck.run'),
    ofKinds(),
  ]);
  const read = new Set(allRules().flatMap((rule): string[] => [...kindsRead(rule)]));
  const late = [...kinds].flatMap(([kind, { lateSince }]) => (lateSince && read.has(kind) ? [lateSince] : []));
  return new Map([['finding', { at: rows[0]?.at ?? null, lateSince: late.sort()[0] ?? null }]]);
}

/** Those of some kinds whose bureaus are on their own premises, and how fresh they say they are; null when they cannot say so now. */
export type ReadKeptElsewhere = (kinds: readonly string[]) => Promise<ReadonlyMap<string, Freshness | null>>;

export function tellElsewhere(fresh: ReadFreshness, isElsewhere: (kind: string) => boolean): ReadKeptElsewhere {
  return async (kinds) => {
    const there = kinds.filter(isElsewhere);
    const told = there.length > 0 ? await fresh() : new Map<string, Freshness>();
    return new Map(there.map((kind) => [kind, told.get(kind) ?? null]));
  };
}

/**
 * The end of each kind's last complete delivery before an instant, ISO 8601, by kind.
 * @throws a `RemoteTrouble` when a bureau elsewhere does not say
 */
export async function allFreshBefore(
  instant: Date,
  pool: Pool,
  remotes: readonly RemoteSubgraph[],
  isElsewhere: (kind: string) => boolean,
): Promise<Record<string, string>> {
  const here = Object.entries(await freshnessBefore(pool, instant)).filter(([kind]) => !isElsewhere(kind));
  const told = await Promise.all(remotes.map((remote) => remote.freshnessBefore(instant)));
  const there = told.flatMap((kinds) => [...kinds].flatMap(([kind, { at }]) => (at === null ? [] : [[kind, at]])));
  return Object.fromEntries([...here, ...there]);
}
