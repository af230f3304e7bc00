/**
 * From candidates to findings: a wrong is told once by its strongest rule, every finding carries its evidence, and what stands is changed
 * only where something differs, so that the same inputs leave the same bytes and a second run writes nothing.
 *
 * What a finding was before a change is kept in `crosscheck.finding_before`; nothing is deleted.
 */
import type { ClientBase } from 'pg';
import { USED_EVIDENCE } from './evidence';
import { type Parameters, type Rule, record } from './rule';

/** A rule about to run, with the values it runs with. */
export interface RunningRule {
  rule: Rule;
  parameters: Parameters;
  /** Under which agreement each field is read, by field. */
  agreements: Readonly<Record<string, string>>;
}

export interface Judgement {
  /** Subjects the rule names now, those superseded left out. */
  found: number;
  /** Of them new, and withdrawn ones supported again. */
  opened: number;
  reopened: number;
  /** Standing ones whose amount, tier or evidence differs now. */
  changed: number;
  /** Open ones no longer supported. */
  withdrawn: number;
}

/** When the tier is PROVEN, what a stronger rule finds now, or found when it could last run, is not told again. */
const SUPERSEDE = `
  delete from candidate c using matching.death_window w, unnest($1::text[], $2::text[]) as s(rule, stronger)
  where c.rule = s.rule and w.person_key = c.person_key and w.tier = 'PROVEN' and (
    exists (select 1 from candidate b where b.rule = s.stronger and b.subject_kind = c.subject_kind and b.subject = c.subject)
    or s.stronger <> all ($3::text[]) and exists (
      select 1 from crosscheck.finding f
      where f.rule = s.stronger and f.subject_kind = c.subject_kind and f.subject = c.subject and f.state <> 'WITHDRAWN'
    )
  )`;

/** `agreements` is kept as it was while nothing else differs: a renewed agreement does not change what was found. */
const JUDGED = `
  create temp table judged on commit drop as
  select encode(substring(sha256(convert_to(concat_ws(chr(10), c.rule, c.subject_kind, c.subject), 'UTF8')) for 16), 'hex') as id,
    c.rule, r.version as rule_version, c.subject_kind, c.subject, c.person_key, c.amount::numeric(14,2) as amount, w.tier, r.class,
    case w.tier when 'PROVEN' then 'RECOVER' else 'VERIFY' end as advice,
    jsonb_build_object(
      'rule', c.rule, 'version', r.version, 'parameters', r.parameters, 'agreements', r.agreements, 'tier', w.tier,
      'window', case when w.latest is not null then jsonb_build_object('earliest', w.earliest, 'latest', w.latest) end,
      'records', u.records
    ) as evidence
  from candidate c
  join jsonb_to_recordset($1::jsonb) as r(rule text, version int, class text, parameters jsonb, agreements jsonb) on r.rule = c.rule
  left join matching.death_window w on w.person_key = c.person_key
  cross join lateral (
    select jsonb_agg(x.record order by x.record ->> 'kind' collate "C", x.record ->> 'sourceId' collate "C") as records
    from (
      select jsonb_array_elements(c.records) as record
      union
      select ${record('e.kind', 'e')} from matching.evidence e where e.person_key = c.person_key and ${USED_EVIDENCE}
    ) x
  ) u`;

const CHANGED = `
  create temp table change on commit drop as
  select j.*, f.state as state_before from judged j
  left join crosscheck.finding f on f.rule = j.rule and f.subject_kind = j.subject_kind and f.subject = j.subject
  where f.id is null or f.state = 'WITHDRAWN'
    or (f.rule_version, f.amount, f.class, f.advice) is distinct from (j.rule_version, j.amount, j.class, j.advice)
    or f.person_key is distinct from j.person_key or f.tier is distinct from j.tier
    or f.evidence - 'agreements' <> j.evidence - 'agreements'`;

const WITHDRAWN = `
  create temp table withdrawal on commit drop as
  select f.id, f.rule from crosscheck.finding f
  where f.state = 'OPEN' and f.rule = any($1::text[])
    and not exists (select 1 from judged j where j.rule = f.rule and j.subject_kind = f.subject_kind and j.subject = f.subject)`;

const KEEP_BEFORE = `
  insert into crosscheck.finding_before
    (finding_id, until_run, rule_version, person_key, amount, tier, class, advice, state, evidence, changed_at, changed_run)
  select f.id, $1, f.rule_version, f.person_key, f.amount, f.tier, f.class, f.advice, f.state, f.evidence, f.changed_at, f.changed_run
  from crosscheck.finding f where f.id in (select id from change union all select id from withdrawal)`;

const WRITE = `
  insert into crosscheck.finding as f (id, rule, rule_version, subject_kind, subject, person_key, amount, tier, class, advice, state,
    evidence, found_at, changed_at, found_run, changed_run)
  select id, rule, rule_version, subject_kind, subject, person_key, amount, tier, class, advice, 'OPEN', evidence, $2, $2, $1, $1
  from change order by rule, subject_kind, subject
  on conflict (rule, subject_kind, subject) do update set
    rule_version = excluded.rule_version, person_key = excluded.person_key, amount = excluded.amount, tier = excluded.tier,
    class = excluded.class, advice = excluded.advice, evidence = excluded.evidence,
    state = case f.state when 'WITHDRAWN' then 'OPEN' else f.state end, changed_at = excluded.changed_at, changed_run = excluded.changed_run`;

const WITHDRAW = `
  update crosscheck.finding f set state = 'WITHDRAWN', changed_at = $2, changed_run = $1 from withdrawal w where w.id = f.id`;

const COUNTS = `
  select r.rule, (select count(*) from judged j where j.rule = r.rule)::int as found,
    (select count(*) from change c where c.rule = r.rule and state_before is null)::int as opened,
    (select count(*) from change c where c.rule = r.rule and state_before = 'WITHDRAWN')::int as reopened,
    (select count(*) from change c where c.rule = r.rule and state_before <> 'WITHDRAWN')::int as changed,
    (select count(*) from withdrawal w where w.rule = r.rule)::int as withdrawn
  from unnest($1::text[]) r(rule)`;

/**
 * Brings the findings of the given rules up to the temporary table `candidate`, within the caller's transaction.
 * @param options.at the run's time, ISO 8601
 * @param options.evaluated codes of the rules whose candidates are there; of other rules the standing findings supersede
 * @returns what became of each rule's findings, by code
 */
export async function judge(
  client: ClientBase,
  {
    run,
    at,
    rules,
    evaluated,
  }: { run: string; at: string; rules: readonly RunningRule[]; evaluated: readonly string[] },
): Promise<Map<string, Judgement>> {
  const codes = rules.map(({ rule }) => rule.code);
  const pairs = rules.flatMap(({ rule }) => (rule.supersededBy ?? []).map((stronger) => [rule.code, stronger]));
  await client.query(SUPERSEDE, [pairs.map(([weaker]) => weaker), pairs.map(([, stronger]) => stronger), evaluated]);
  await client.query(JUDGED, [JSON.stringify(rules.map(termsOf))]);
  await client.query('analyze judged');
  await client.query(CHANGED);
  await client.query(WITHDRAWN, [codes]);
  await client.query(KEEP_BEFORE, [run]);
  await client.query(WRITE, [run, at]);
  await client.query(WITHDRAW, [run, at]);
  const { rows } = await client.query<Judgement & { rule: string }>(COUNTS, [codes]);
  return new Map(rows.map(({ rule, ...judgement }) => [rule, judgement]));
}

/** What a rule ran with, as `JUDGED` reads it. */
function termsOf({ rule, parameters, agreements }: RunningRule): Record<string, unknown> {
  return { rule: rule.code, version: rule.version, class: rule.class, parameters, agreements };
}
