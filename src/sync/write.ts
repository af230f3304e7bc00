/**
 * The staged rows of one kind against what stands: old revisions are closed, new ones opened and numbered. Runs inside the load's transaction.
 *
 * The numbers are given under a lock that is held until commit, so the order of numbers is the order of commits, and a follower who has seen
 * a number will never see a lower one appear later.
 */
import type { PoolClient } from 'pg';
import type { RecordKind } from '../bureaus/record';
import { loadedColumns, stagedTable } from './stage';

/** Takes the kind's change log for writing; waits for a writer before it, until its commit. */
export async function lockChangeLog(client: PoolClient, kind: RecordKind): Promise<void> {
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`heyan change log ${kind.kind}`]);
}

/** The time of a run, as PostgreSQL text: `now`, or a millisecond after the last revision of these kinds, so that it always grows. */
export async function recordingTime(client: PoolClient, kinds: readonly RecordKind[], now: Date): Promise<string> {
  const last = kinds.map((kind) => `(select recorded_from from ${kind.table} order by seq desc limit 1)`).join(', ');
  const { rows } = await client.query<{ time: string }>(
    `select greatest($1::timestamptz, greatest(${last}) + interval '1 millisecond')::text as time`,
    [now.toISOString()],
  );
  return (rows[0] as { time: string }).time;
}

export type Written = Record<'inserted' | 'changed' | 'deleted' | 'stale' | 'same', number>;

/** Writes what differs and counts it: `same` are the good rows that stand already. */
export async function writeRevisions(client: PoolClient, kind: RecordKind, recordedAt: string): Promise<Written> {
  const staged = stagedTable(kind);
  const news = `news_${kind.kind}`;
  await client.query(`
    create temp table ${news} on commit drop as
    select s.line, r.seq as prior,
           case when s.updated_at < r.updated_at then 'stale' when s.op = 'D' then 'deleted'
                when r.op = 'U' then 'changed' else 'inserted' end as outcome
      from ${staged} s left join ${kind.table} r on r.source_id = s.source_id and r.recorded_to is null
     where s.reason is null and s.op is not null and (r.seq is null or r.content_hash <> s.content_hash)`);
  const { rows } = await client.query<Record<keyof Written, string>>(`
    select count(*) filter (where outcome = 'inserted') as inserted, count(*) filter (where outcome = 'changed') as changed,
           count(*) filter (where outcome = 'deleted') as deleted, count(*) filter (where outcome = 'stale') as stale,
           (select count(*) from ${staged} where reason is null) - count(*) as same
      from ${news}`);
  const counts = Object.fromEntries(
    Object.entries(rows[0] ?? {}).map(([name, count]) => [name, Number(count)]),
  ) as Written;
  if (counts.changed + counts.deleted + counts.inserted > 0) await replace(client, kind, news, recordedAt);
  return counts;
}

async function replace(client: PoolClient, kind: RecordKind, news: string, recordedAt: string): Promise<void> {
  await client.query(`delete from pg_temp.${news} where outcome = 'stale'`);
  await client.query(`analyze pg_temp.${news}`);
  await client.query(`update ${kind.table} r set recorded_to = $1 from pg_temp.${news} n where r.seq = n.prior`, [
    recordedAt,
  ]);
  const columns = loadedColumns(kind);
  await client.query(
    `insert into ${kind.table} (seq, recorded_from, ${columns.join(', ')})
     select (select coalesce(max(seq), 0) from ${kind.table}) + n.place, $1, ${columns.map((column) => `s.${column}`).join(', ')}
       from ${stagedTable(kind)} s join (select line, row_number() over (order by line) as place from pg_temp.${news}) n using (line)`,
    [recordedAt],
  );
}
