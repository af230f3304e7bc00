/**
 * What the providers want to know of the log: who used which of their fields, under which purpose, by which verb, how often, and what was
 * refused to whom. The log knows no bureaus; which kinds are a provider's is told to it.
 */
import type { Pool } from 'pg';

export interface UseLine {
  agency: string;
  purpose: string;
  kind: string;
  field: string;
  verb: string;
  /** Null: it was used. Else why it was refused. */
  refused: string | null;
  operations: number;
  /** ISO 8601, UTC. */
  last: string;
}

export interface ReportOptions {
  /** Kinds of record; nothing else is counted. */
  kinds: readonly string[];
  /** Civil days in Asia/Shanghai, `YYYY-MM-DD`, both included. */
  from?: string;
  to?: string;
  /** How long it may take; two minutes unless told. */
  millisecondsMax?: number;
}

/** Lines of one report: agencies × purposes × fields × verbs stay far below it. */
export const LINES_MAX = 10_000;

/** How long a report over a large log may take. */
const MILLISECONDS_MAX = 120_000;

/** Uses and refusals by agency, purpose, field and verb. `isComplete` is false when there were more than `LINES_MAX`. */
export async function usesOf(
  pool: Pool,
  { kinds, from, to, millisecondsMax = MILLISECONDS_MAX }: ReportOptions,
): Promise<{ lines: UseLine[]; isComplete: boolean }> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query(`begin read only; set local statement_timeout = ${millisecondsMax}`);
    const { rows } = await client.query<UseLine>(
      `with said as (
         select given.* from audit.record cross join lateral jsonb_to_record(audit.readable(leaf))
           given(at text, agency text, purpose text, decision text, footprint jsonb, refusals jsonb)
         where given.at >= coalesce(to_char(($2::date)::timestamp at time zone 'Asia/Shanghai' at time zone 'UTC', $4), '')
           and ($3::date is null or given.at < to_char(($3::date + 1)::timestamp at time zone 'Asia/Shanghai' at time zone 'UTC', $4))
       ), each as (
         select agency, purpose, at, jsonb_array_elements_text(footprint) as use from said where decision = 'GRANTED'
         union all
         select agency, purpose, at, jsonb_array_elements_text(refusals) from said
       ), counted as (
         select agency, purpose, use, count(*)::int as operations, max(at) as last from each group by agency, purpose, use
       )
       select agency, purpose, split_part(use, '.', 1) as kind, split_part(split_part(use, ':', 1), '.', 2) as field,
         split_part(use, ':', 2) as verb, nullif(split_part(use, ':', 3), '') as refused, operations, last
       from counted where split_part(use, '.', 1) = any($1)
       order by 1, 2, 3, 4, 5, 6 nulls first limit ${LINES_MAX + 1}`,
      [kinds, from ?? null, to ?? null, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'],
    );
    return { lines: rows.slice(0, LINES_MAX), isComplete: rows.length <= LINES_MAX };
  } catch (error) {
    if ((error as { code?: unknown }).code === '57014')
      throw new Error(`The report took longer than ${millisecondsMax / 1_000} s: narrow it with --from and --to`);
    throw error;
  } finally {
    await client.query('rollback').catch((error: Error) => {
      failure = error;
    });
    client.release(failure);
  }
}
