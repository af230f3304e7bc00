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

const DECIDED = `
  select f.rule, count(*) filter (where f.unsupported_since is null)::int as findings, count(f.outcome)::int as decided,
    count(*) filter (where f.outcome = 'LEGITIMATE')::int as legitimate,
    (count(*) filter (where f.outcome in ('FRAUD_LEAD', 'RECOVER', 'ALREADY_RECOVERED')
      or f.class = 'DATA_QUALITY' and f.outcome in ('SOURCE_ERROR', 'IDENTITY_ERROR')))::float8
      / nullif(count(*) filter (where f.outcome <> 'UNDETERMINED'), 0) as precision
  from crosscheck.finding f group by f.rule`;

const RAN = `
  with told as (
    select o.rule, r.id, r.started_at, o.skipped
    from (select id, started_at, rules from crosscheck.run where finished_at is not null order by id desc limit ${RUNS_MAX}) r
    cross join lateral jsonb_to_recordset(r.rules) as o(rule text, skipped jsonb)
  )
  select distinct on (rule) rule, skipped as "skippedBecause",
    (select max(ran.started_at) from told ran where ran.rule = told.rule and ran.skipped is null) as "lastRun"
  from told order by rule, id desc`;

/** The figures of every rule that ever ran or was to run, by code. */
export async function ruleFigures({ pool }: Pick<Database, 'pool'>): Promise<ReadonlyMap<string, RuleFigures>> {
  const { rows: decided } = await pool.query<Counts & { rule: string }>(DECIDED);
  const { rows: ran } = await pool.query<Pick<RuleFigures, 'lastRun' | 'skippedBecause'> & { rule: string }>(RAN);
  const counts = new Map(decided.map(({ rule, ...figures }) => [rule, figures]));
  const runs = new Map(ran.map(({ rule, ...figures }) => [rule, figures]));
  return new Map(
    [...new Set([...counts.keys(), ...runs.keys()])].map((rule) => [
      rule,
      { ...NOTHING, ...counts.get(rule), ...runs.get(rule) },
    ]),
  );
}

type Counts = Pick<RuleFigures, 'findings' | 'decided' | 'legitimate' | 'precision'>;

/** The figures of a rule that never ran. */
export const NOTHING: RuleFigures = {
  findings: 0,
  decided: 0,
  legitimate: 0,
  precision: null,
  lastRun: null,
  skippedBecause: null,
};
