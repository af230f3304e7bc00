/**
 * How fresh each kind of record is: the end of its last complete delivery. Every answer says it, since "no record" means nothing without it.
 */
import type { Pool } from 'pg';

/** Kind to ISO 8601 time; a kind that was never delivered is absent. */
export type ReadFreshness = () => Promise<ReadonlyMap<string, string>>;

/** How long it may be remembered. */
const REMEMBERED_MILLISECONDS = 1_000;

/** Freshness from the log of deliveries, remembered for a second. */
export function freshnessIn(pool: Pool, now: () => number = () => performance.now()): ReadFreshness {
  let remembered: { until: number; read: Promise<ReadonlyMap<string, string>> } | undefined;
  return () => {
    if (remembered && remembered.until > now()) return remembered.read;
    const read = readFreshness(pool);
    remembered = { until: now() + REMEMBERED_MILLISECONDS, read };
    read.catch(() => {
      remembered = undefined;
    });
    return read;
  };
}

async function readFreshness(pool: Pool): Promise<ReadonlyMap<string, string>> {
  const { rows } = await pool.query<{ kind: string; at: string }>(
    `select kind, max(finished_at) as at from sync.run where state = 'COMPLETE' group by kind`,
  );
  return new Map(rows.map(({ kind, at }) => [kind, at]));
}
