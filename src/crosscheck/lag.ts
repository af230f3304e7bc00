/** How far the matching store is behind each change feed. */
import type { Pool } from 'pg';
import { recordKinds } from '../bureaus/bureau';
import { storedKinds } from './store';

/** Counted to here and no further: whoever is so far behind is behind. */
const COUNTED_MAX = 100_000;

/**
 * Changes that have not been taken, by kind, 100,000 at most. A kind that is kept elsewhere is absent: what was not read over there cannot be
 * counted here, and no figure is no zero.
 * @param isElsewhere whether a kind's bureau is on its own premises
 * @throws the database's error when it cannot be asked
 */
export async function feedLag(
  pool: Pool,
  isElsewhere: (kind: string) => boolean,
): Promise<ReadonlyMap<string, number>> {
  const lags = new Map<string, number>();
  const tables = new Map(recordKinds().map(({ kind, table }) => [kind as string, table]));
  for (const { kind } of storedKinds) {
    const table = tables.get(kind);
    if (!table || isElsewhere(kind)) continue;
    const { rows } = await pool.query<{ lag: number }>(
      `select count(*)::int as lag from (
         select from ${table} where seq > coalesce((select after::bigint from matching.progress where kind = $1), 0) limit $2) untaken`,
      [kind, COUNTED_MAX],
    );
    lags.set(kind, rows[0]?.lag ?? 0);
  }
  return lags;
}
