import type { Pool, PoolClient } from 'pg';
import type { Database } from '../db/database';
import { type KindReport, noOutcomes, OUTCOMES, type Outcomes, type RunState } from './report';

/** Where a run stands, and when it began. Times are ISO 8601 text. */
export interface RunPlace {
  /** The run that the report's rows are a further chunk of; a new one when absent. */
  run?: string;
  /** Whether more chunks follow. */
  goesOn?: boolean;
  startedAt: Date;
  finishedAt: string;
}

/** Writes a chunk into the run log, as a new run or added to one, and answers with the run's number. Throws when a row is not accounted for. */
export async function recordRun(client: PoolClient, report: KindReport, place: RunPlace): Promise<string> {
  const { rowsIn, inserted, changed, unchanged, deleted, stale, quarantined } = report;
  const sum = inserted + changed + unchanged + deleted + stale + quarantined;
  if (report.state === 'COMPLETE' && sum !== rowsIn) {
    throw new Error(
      `${report.file}: ${rowsIn} rows came in but ${sum} are accounted for; nothing of the bureau was loaded`,
    );
  }
  const state = place.goesOn ? 'RUNNING' : report.state;
  const values = [
    state,
    report.reason ?? null,
    place.goesOn ? null : place.finishedAt,
    report.warnings,
    ...OUTCOMES.map((name) => report[name]),
  ];
  if (place.run !== undefined) {
    await client.query(
      `update sync.run set state = $1, reason = $2, finished_at = $3, warnings = $4, chunks = chunks + 1, rows_in = rows_in + $5, inserted = inserted + $6,
              changed = changed + $7, unchanged = unchanged + $8, deleted = deleted + $9, stale = stale + $10, quarantined = quarantined + $11 where id = $12`,
      [...values, place.run],
    );
    return place.run;
  }
  const { rows } = await client.query<{ id: string }>(
    `insert into sync.run (state, reason, finished_at, warnings, rows_in, inserted, changed, unchanged, deleted, stale, quarantined, kind, source, started_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id::text`,
    [...values, report.kind, report.source, place.startedAt.toISOString()],
  );
  return (rows[0] as { id: string }).id;
}

/** Writes the run of a source that could not even be opened. */
export async function recordFailure(
  client: PoolClient,
  report: KindReport,
  reason: string,
  at: Date,
): Promise<KindReport> {
  Object.assign(report, noOutcomes(), { state: 'FAILED', reason });
  await recordRun(client, report, { startedAt: at, finishedAt: at.toISOString() });
  return report;
}

/**
 * Closes runs of these kinds that stand as RUNNING, which under the lease only a dead worker can have left. Their chunks stand, and the next
 * run goes on behind them.
 */
export async function closeInterrupted(
  client: PoolClient,
  kinds: readonly string[],
  now: Date,
  reason = 'its worker ended before it did; the next run goes on behind its last chunk',
): Promise<void> {
  await client.query(
    `update sync.run set state = 'INTERRUPTED', finished_at = $2, reason = $3 where state = 'RUNNING' and kind = any($1)`,
    [kinds, now.toISOString(), reason],
  );
}

/** One run as it is kept. */
export interface Run extends Outcomes {
  id: string;
  kind: string;
  source: string;
  state: 'RUNNING' | RunState;
  reason: string | null;
  startedAt: string;
  /** Null while it runs. */
  finishedAt: string | null;
  chunks: number;
  warnings: string[];
}

/** What `readRun` reads. */
export const RUN_COLUMNS = `id::text, kind, source, state, reason, started_at as "startedAt", finished_at as "finishedAt", chunks, warnings,
  rows_in as "rowsIn", inserted, changed, unchanged, deleted, stale, quarantined`;

/** A row of `RUN_COLUMNS`: bigints come as text. */
export function readRun(row: Record<keyof Run, unknown>): Run {
  return { ...row, ...Object.fromEntries(OUTCOMES.map((name) => [name, Number(row[name])])) } as Run;
}

/** The last run of each kind, whatever became of it. */
export async function latestRuns({ pool }: Database): Promise<Run[]> {
  const { rows } = await pool.query(`select distinct on (kind) ${RUN_COLUMNS} from sync.run order by kind, id desc`);
  return rows.map(readRun);
}

/** Runs of these kinds, the newest first; `before` is the number of the run that the page before ended with. */
export async function newestRuns(
  pool: Pool,
  { kinds, first, before }: { kinds: readonly string[]; first: number; before: string | null },
): Promise<Run[]> {
  const { rows } = await pool.query(
    `select ${RUN_COLUMNS} from sync.run where kind = any($1) and ($2::bigint is null or id < $2) order by sync.run.id desc limit $3`,
    [kinds, before, first],
  );
  return rows.map(readRun);
}
