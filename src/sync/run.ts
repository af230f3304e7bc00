import type { PoolClient } from 'pg';
import type { KindReport } from './report';

/** Writes one line of the run log and answers with its number. Throws when a complete run does not account for every row. */
export async function recordRun(
  client: PoolClient,
  report: KindReport,
  source: string,
  startedAt: string,
  finishedAt: string,
): Promise<string> {
  const { rowsIn, inserted, changed, unchanged, deleted, stale, quarantined } = report;
  const sum = inserted + changed + unchanged + deleted + stale + quarantined;
  if (report.state === 'COMPLETE' && sum !== rowsIn) {
    throw new Error(
      `${report.file}: ${rowsIn} rows came in but ${sum} are accounted for; nothing of the bureau was loaded`,
    );
  }
  const { rows } = await client.query<{ id: string }>(
    `insert into sync.run (kind, source, started_at, finished_at, state, reason, rows_in, inserted, changed, unchanged, deleted, stale, quarantined)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning id::text`,
    [
      report.kind,
      source,
      startedAt,
      finishedAt,
      report.state,
      report.reason ?? null,
      rowsIn,
      inserted,
      changed,
      unchanged,
      deleted,
      stale,
      quarantined,
    ],
  );
  return (rows[0] as { id: string }).id;
}
