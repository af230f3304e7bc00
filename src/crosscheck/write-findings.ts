/**
 * Writes what a run worked out, in a transaction of its own: findings are opened, changed, withdrawn or contradicted, each with its line of
 * history, and what they were before is kept in `crosscheck.finding_before`. Nothing is deleted.
 *
 *     found                  → OPEN
 *     OPEN, UNDER_REVIEW     no longer supported → WITHDRAWN      supported again → OPEN
 *     an outcome             no longer supported → CONTRADICTED   supported again → the outcome
 *
 * A decision is never lost: it stands beside the state. A decided finding that changes keeps both, and says that it changed since.
 */
import type { ClientBase } from 'pg';

/** What a run changed of one rule's findings. */
export interface Changes {
  /** Subjects the rule names of those whom the run checked, those superseded left out. */
  judged: number;
  /** Of them new, withdrawn ones supported again, and decided ones supported again. */
  opened: number;
  reopened: number;
  restored: number;
  /** Supported ones whose amount, tier or evidence differs now. */
  changed: number;
  /** Not decided and no longer supported. */
  withdrawn: number;
  /** Decided and no longer supported. */
  contradicted: number;
}

/** Reviewers lock rows in the same order. */
const LOCK = `
  with locked as (
    select id from crosscheck.finding where id in (select id from change union all select id from lost) order by id for update
  )
  select count(*) from locked`;

const KEEP_BEFORE = `
  insert into crosscheck.finding_before
    (finding_id, until_run, rule_version, person_key, amount, tier, class, advice, state, evidence, changed_at, changed_run)
  select f.id, $1, f.rule_version, f.person_key, f.amount, f.tier, f.class, f.advice, f.state, f.evidence, f.changed_at, f.changed_run
  from crosscheck.finding f where f.id in (select id from change union all select id from lost)`;

/** A person may have acted after the run began: time does not run backwards in a finding's life. */
const WRITE = `
  insert into crosscheck.finding as f (id, rule, rule_version, subject_kind, subject, person_key, amount, tier, class, advice, state,
    evidence, found_at, changed_at, found_run, changed_run)
  select id, rule, rule_version, subject_kind, subject, person_key, amount, tier, class, advice, 'OPEN', evidence, $2, $2, $1, $1
  from change order by rule, subject_kind, subject
  on conflict (rule, subject_kind, subject) do update set
    rule_version = excluded.rule_version, person_key = excluded.person_key, amount = excluded.amount, tier = excluded.tier,
    class = excluded.class, advice = excluded.advice, evidence = excluded.evidence,
    state = case f.state when 'WITHDRAWN' then 'OPEN' when 'CONTRADICTED' then f.outcome else f.state end,
    version = f.version + 1, unsupported_since = null,
    changed_at = greatest(f.changed_at, excluded.changed_at), changed_run = excluded.changed_run`;

const LOSE = `
  update crosscheck.finding f set state = case when f.outcome is null then 'WITHDRAWN' else 'CONTRADICTED' end,
    version = f.version + 1, unsupported_since = f.version + 1, changed_at = greatest(f.changed_at, $2::timestamptz), changed_run = $1
  from lost l where l.id = f.id`;

/** And says of each rule how many lines of which kind it wrote. */
const REMEMBER = `
  with remembered as (
    insert into crosscheck.finding_event (finding_id, version, at, act, from_state, to_state, run, cause)
    select f.id, f.version, f.changed_at,
      case when b.finding_id is null then 'FOUND' when f.unsupported_since is not null then f.state
        when c.was_supported then 'CHANGED' else 'SUPPORTED' end,
      b.state, f.state, $1, l.cause
    from crosscheck.finding f
    left join change c on c.id = f.id
    left join loss l on l.id = f.id
    left join crosscheck.finding_before b on b.finding_id = f.id and b.until_run = $1
    where f.id in (select id from change union all select id from lost)
    returning finding_id, act, to_state
  )
  select r.rule, (select count(*) from judged j where j.rule = r.rule)::int as judged,
    count(*) filter (where e.act = 'FOUND')::int as opened,
    count(*) filter (where e.act = 'SUPPORTED' and e.to_state = 'OPEN')::int as reopened,
    count(*) filter (where e.act = 'SUPPORTED' and e.to_state <> 'OPEN')::int as restored,
    count(*) filter (where e.act = 'CHANGED')::int as changed,
    count(*) filter (where e.act = 'WITHDRAWN')::int as withdrawn,
    count(*) filter (where e.act = 'CONTRADICTED')::int as contradicted
  from unnest($2::text[]) r(rule)
  left join (select id, rule from change union all select id, rule from lost) w on w.rule = r.rule
  left join remembered e on e.finding_id = w.id
  group by r.rule`;

/**
 * Brings the findings up to what `judge` left in temporary tables, within the caller's transaction.
 * @param options.at the run's time, ISO 8601
 * @param options.codes the rules that ran
 * @returns what became of each rule's findings, by code
 */
export async function writeFindings(
  client: ClientBase,
  { run, at, codes }: { run: string; at: string; codes: readonly string[] },
): Promise<Map<string, Changes>> {
  await client.query('analyze change, lost');
  await client.query(LOCK);
  await client.query(KEEP_BEFORE, [run]);
  await client.query(WRITE, [run, at]);
  await client.query(LOSE, [run, at]);
  const { rows } = await client.query<Changes & { rule: string }>(REMEMBER, [run, codes]);
  return new Map(rows.map(({ rule, ...changes }) => [rule, changes]));
}
