import type { Pool, PoolClient } from 'pg';
import type { Database } from '../db/database';
import type { Intake } from './intake';
import { stagedTable } from './stage';

/** A row that broke a rule of the exchange format. `row` is the row as delivered, a person's data. Times are ISO 8601 text. */
export interface QuarantinedRow {
  id: string;
  kind: string;
  file: string;
  line: number;
  sourceId: string | null;
  reason: string;
  row: string;
  quarantinedAt: string;
}

const FIRST_MAX = 10_000;
/** A rejected delivery comes again as a whole; so many of its rows show what is wrong with it. */
const REJECTED_ROWS_MAX = 10_000;

/** Rows in quarantine that have not come again whole, the latest first; `first` at most 10,000. */
export async function listQuarantine(
  database: Database,
  options: { kind?: string; first: number },
): Promise<QuarantinedRow[]> {
  const { rows } = await database.pool.query<Omit<QuarantinedRow, 'line'> & { line: string }>(
    `select id::text, kind, file, line, source_id as "sourceId", reason, row, quarantined_at as "quarantinedAt"
       from sync.quarantine where resolved_at is null and ($1::text is null or kind = $1) order by last_run desc, kind, line limit $2`,
    [options.kind ?? null, Math.min(Math.max(0, Math.trunc(options.first)), FIRST_MAX)],
  );
  return rows.map((row) => ({ ...row, line: Number(row.line) }));
}

/** Text of the rows of one page, about; a row alone may be longer. */
const PAGE_BYTES_MAX = 10_000_000;

/**
 * Open rows of these kinds, the newest first; `before` is the number of the row that the page before ended with. Fewer than `first` when they
 * are long: `hasMore` says whether others follow.
 */
export async function newestQuarantined(
  pool: Pool,
  { kinds, first, before }: { kinds: readonly string[]; first: number; before: string | null },
): Promise<{ rows: QuarantinedRow[]; hasMore: boolean }> {
  const { rows } = await pool.query<Omit<QuarantinedRow, 'line'> & { line: string; found: number }>(
    `select id::text, kind, file, line, source_id as "sourceId", reason, row, quarantined_at as "quarantinedAt", found
       from (select *, count(*) over ()::int as found, sum(octet_length(row)) over (order by id desc) - octet_length(row) as bytes_before
               from (select * from sync.quarantine
                      where kind = any($1) and resolved_at is null and ($2::bigint is null or id < $2) order by id desc limit $3 + 1) newest) counted
      where bytes_before < ${PAGE_BYTES_MAX} order by counted.id desc limit $3`,
    [kinds, before, first],
  );
  const hasMore = (rows[0]?.found ?? 0) > rows.length;
  return { rows: rows.map(({ found: _, line, ...row }) => ({ ...row, line: Number(line) })), hasMore };
}

/**
 * Keeps the staged rows that have a reason, and settles earlier ones whose `source_id` has now come whole. The same row of the same line, delivered
 * again, is the same entry: it only notes the run. A register has no lines, and there the same row is the same entry wherever it comes.
 * Of a rejected delivery the first 10,000 rows of a kind are kept, and nothing is settled.
 */
export async function keepQuarantine(
  client: PoolClient,
  { kind, report, run, from }: Intake,
  at: string,
): Promise<void> {
  const staged = stagedTable(kind);
  const isRejected = report.state === 'REJECTED';
  await client.query(
    `insert into sync.quarantine (kind, file, line, source_id, reason, row, row_hash, first_run, last_run, quarantined_at)
     select distinct on (line, row_hash) $1, $2, line, source_id, reason, raw, row_hash, $3::bigint, $3::bigint, $4::timestamptz
       from (select ${from === 'FILE' ? 'line' : '0::bigint'} as line, source_id, reason, raw, substring(sha256(convert_to(raw, 'UTF8')) for 16) as row_hash
               from ${staged} where reason is not null and raw is not null order by line ${isRejected ? `limit ${REJECTED_ROWS_MAX}` : ''}) bad
     on conflict (kind, file, line, row_hash) do update set last_run = excluded.last_run, reason = excluded.reason, resolved_at = null`,
    [kind.kind, report.file, run, at],
  );
  if (isRejected) return;
  // Nearly always there is nothing to settle, and then the delivery need not be joined with what stands once more.
  const { rowCount } = await client.query(
    'select from sync.quarantine where kind = $1 and resolved_at is null and (last_run < $2 or line = 0) limit 1',
    [kind.kind, run],
  );
  if (rowCount === 0) return;
  await client.query(
    `update sync.quarantine q set resolved_at = $3
       from ${staged} s left join ${kind.table} r on r.source_id = s.source_id and r.recorded_to is null
      where q.kind = $1 and q.resolved_at is null and (q.last_run < $2 or q.line = 0) and q.source_id = s.source_id
        and s.reason is null and (s.op is null or s.content_hash = r.content_hash)`,
    [kind.kind, run, at],
  );
}
