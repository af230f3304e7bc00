/**
 * How fresh each kind of record is: the end of its last complete delivery, and since when it is late. Every answer says it, since "no record"
 * means nothing without it.
 */
import type { Pool } from 'pg';

/** Of one kind. Times are ISO 8601. */
export interface Freshness {
  /** The end of its last complete delivery; null of a kind that was never delivered. */
  at: string | null;
  /** The due time that its bureau has missed; null when it is not late, or nothing says when it is due. */
  lateSince: string | null;
}

/** By kind; one that was never delivered and is not late is absent. */
export type ReadFreshness = () => Promise<ReadonlyMap<string, Freshness>>;

/** How long it may be remembered. */
const REMEMBERED_MILLISECONDS = 1_000;

/** Freshness from the log of deliveries, remembered for a second. */
export function freshnessIn(pool: Pool, now: () => number = () => performance.now()): ReadFreshness {
  return rememberFreshness(() => readFreshness(pool), now);
}

/** Freshness remembered for a second, by a clock that nobody sets back. What could not be read is not remembered. */
export function rememberFreshness(readNow: ReadFreshness, now: () => number): ReadFreshness {
  let remembered: { until: number; read: ReturnType<ReadFreshness> } | undefined;
  return () => {
    if (remembered && remembered.until > now()) return remembered.read;
    const read = readNow();
    remembered = { until: now() + REMEMBERED_MILLISECONDS, read };
    read.catch(() => {
      remembered = undefined;
    });
    return read;
  };
}

/** The end of each kind's last complete delivery before an instant, ISO 8601, by kind. */
export async function freshnessBefore(pool: Pool, instant: Date): Promise<Record<string, string>> {
  const { rows } = await pool.query<{ kind: string; at: string }>(
    `select kind, max(finished_at) as at from sync.run where state = 'COMPLETE' and finished_at < $1 group by kind`,
    [instant.toISOString()],
  );
  return Object.fromEntries(rows.map(({ kind, at }) => [kind, at]));
}

async function readFreshness(pool: Pool): ReturnType<ReadFreshness> {
  const { rows } = await pool.query<Freshness & { kind: string }>(
    `select kind, r.at, l.due_at as "lateSince"
       from (select kind, max(finished_at) as at from sync.run where state = 'COMPLETE' group by kind) r full join sync.late l using (kind)`,
  );
  return new Map(rows.map(({ kind, at, lateSince }) => [kind, { at, lateSince }]));
}
