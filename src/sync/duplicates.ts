import type { PoolClient } from 'pg';
import type { RecordKind } from '../bureaus/record';
import type { SourceRow } from './sources/source';
import { stagedTable } from './stage';

const PAGE_ROWS = 2_000;

/**
 * Quarantines the later rows of a `source_id` that stands twice in one staged file; the first counts, also when it is itself in quarantine.
 * Answers whether there were any, in which case their text is still to be filled in with `keepDuplicates`.
 */
export async function markDuplicates(client: PoolClient, kind: RecordKind): Promise<boolean> {
  const table = stagedTable(kind);
  const { rowCount } = await client.query(
    `update ${table} s set reason = format('source_id occurs twice in this file, first on line %s', d.first)
       from (select source_id, min(line) as first from ${table} where source_id is not null group by source_id having count(*) > 1) d
      where s.source_id = d.source_id and s.line > d.first and s.reason is null`,
  );
  return (rowCount ?? 0) > 0;
}

/**
 * Keeps of a register's rows of one record the newest, of equally new ones the last: it was read while it was written, or gave a page twice.
 * Answers how many others there were, by whether they said the same.
 */
export async function settleRepeats(
  client: PoolClient,
  kind: RecordKind,
): Promise<{ stale: number; unchanged: number }> {
  const table = stagedTable(kind);
  const { rows } = await client.query<{ stale: string; unchanged: string }>(
    `with placed as (
       select line, content_hash, first_value(content_hash) over newest as kept, row_number() over newest as place
         from ${table} where reason is null window newest as (partition by source_id order by updated_at desc, line desc)),
     gone as (delete from ${table} s using placed p where s.line = p.line and p.place > 1 returning p.content_hash = p.kept as same)
     select count(*) filter (where not same) as stale, count(*) filter (where same) as unchanged from gone`,
  );
  return { stale: Number(rows[0]?.stale), unchanged: Number(rows[0]?.unchanged) };
}

/**
 * Fills in the text of the duplicates by reading the file again, since which row is one is known only at the end, and keeping the text of every
 * row would double what is staged. Rows and duplicates both come in the order of lines, so one page of each is in memory.
 */
export async function keepDuplicates(
  client: PoolClient,
  kind: RecordKind,
  batches: AsyncIterable<SourceRow[]>,
): Promise<void> {
  let wanted = await nextLines(client, kind, 0);
  const found: { line: number; raw: string }[] = [];
  let at = 0;
  for await (const batch of batches) {
    for (const row of batch) {
      if (row.line !== wanted[at]) continue;
      found.push({ line: row.line, raw: row.raw.replaceAll('\u0000', '\u2400') });
      if (++at < wanted.length) continue;
      await fill(client, kind, found.splice(0));
      wanted = await nextLines(client, kind, row.line);
      at = 0;
    }
    if (wanted.length === 0) return;
  }
  throw new Error(`${kind.kind}: the file changed while it was being loaded; load the delivery again`);
}

async function nextLines(client: PoolClient, kind: RecordKind, after: number): Promise<number[]> {
  const { rows } = await client.query<{ line: string }>(
    `select line from ${stagedTable(kind)} where reason is not null and raw is null and line > $1 order by line limit ${PAGE_ROWS}`,
    [after],
  );
  return rows.map((row) => Number(row.line));
}

async function fill(client: PoolClient, kind: RecordKind, found: { line: number; raw: string }[]): Promise<void> {
  await client.query(
    `update ${stagedTable(kind)} s set raw = f.raw from unnest($1::bigint[], $2::text[]) as f (line, raw) where s.line = f.line`,
    [found.map((row) => row.line), found.map((row) => row.raw)],
  );
}
