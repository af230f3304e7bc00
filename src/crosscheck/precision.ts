/**
 * How good each rule is, as far as people have said: what it finds, how much of that was decided, and how often it was right. And when it
 * last ran, or why it did not.
 */
import type { Database } from '../db/database';

export interface RuleFigures {
  /** Findings that the rule supports now. */
  findings: number;
  /** Findings of the rule that people decided, also those that it supports no more. */
  decided: number;
  /** Of them decided to be legitimate. */
  legitimate: number;
  /**
   * Of those decided one way or the other the share that was right, 0 to 1; null while there is none. Right is fraud, recovery and what was
   * recovered already; of a rule about data, also that a bureau's record or somebody's identity was wrong. `UNDETERMINED` says nothing of a rule.
   */
  precision: number | null;
  /** The start of the last run in which it ran, ISO 8601; null where it never did. */
  lastRun: string | null;
  /** Where the last run that was to run it skipped it: sentences that say why. */
  skippedBecause: string[] | null;
}

/** How far back a run of a rule is looked for. */
const RUNS_MAX = 1_000;

/** Where a rule's findings stand they are counted already; those of one that was skipped are counted here. */
const DECIDED = `
  select r.rule, coalesce(s.found, (
      select count(*) from crosscheck.finding f where f.rule = r.rule and f.unsupported_since is null
    ))::int as findings,
    coalesce(d.decided, 0)::int as decided, coalesce(d.legitimate, 0)::int as legitimate, d.proved::float8 / nullif(d.judged, 0) as precision
  from unnest($1::text[]) r(rule)
  left join crosscheck.standing s on s.rule = r.rule
  left join (
    select f.rule, count(*) as decided, count(*) filter (where f.outcome = 'LEGITIMATE') as legitimate,
      count(*) filter (where f.outcome in ('FRAUD_LEAD', 'RECOVER', 'ALREADY_RECOVERED')
        or f.class = 'DATA_QUALITY' and f.outcome in ('SOURCE_ERROR', 'IDENTITY_ERROR')) as proved,
      count(*) filter (where f.outcome <> 'UNDETERMINED') as judged
    from crosscheck.finding f where f.outcome is not null group by f.rule
  ) d on d.rule = r.rule`;

const RAN = `
  with told as (
    select o.rule, r.id, r.started_at, o.skipped
    from (select id, started_at, rules from crosscheck.run where finished_at is not null order by id desc limit ${RUNS_MAX}) r
    cross join lateral jsonb_to_recordset(r.rules) as o(rule text, skipped jsonb) where o.rule = any($1::text[])
  )
  select distinct on (rule) rule, skipped as "skippedBecause",
    (select max(ran.started_at) from told ran where ran.rule = told.rule and ran.skipped is null) as "lastRun"
  from told order by rule, id desc`;

/** The figures of these rules, by code. */
export async function ruleFigures(
  { pool }: Pick<Database, 'pool'>,
  codes: readonly string[],
): Promise<ReadonlyMap<string, RuleFigures>> {
  const { rows: decided } = await pool.query<Counts & { rule: string }>(DECIDED, [codes]);
  const { rows: ran } = await pool.query<Ran & { rule: string }>(RAN, [codes]);
  const runs = new Map(ran.map(({ rule, ...figures }) => [rule, figures]));
  return new Map(
    decided.map(({ rule, ...counts }) => [rule, { ...counts, lastRun: null, skippedBecause: null, ...runs.get(rule) }]),
  );
}

type Ran = Pick<RuleFigures, 'lastRun' | 'skippedBecause'>;
type Counts = Omit<RuleFigures, keyof Ran>;
