/**
 * From candidates to findings: a wrong is told once by its strongest rule, every finding carries its evidence, and what stands is changed
 * only where something differs, so that the same inputs leave the same bytes and a second run writes nothing.
 *
 * Here it is worked out, in the run's one snapshot; `write-findings.ts` writes it. Whether the rules support a finding, and what it rests on,
 * is changed by runs alone, so this holds also when people review findings meanwhile.
 */
import type { ClientBase } from 'pg';
import { noteLosses } from './losses';
import { isUsedEvidence, type Parameters, type Rule, record } from './rule';
import type { Scope } from './scope';

/** A rule about to run, with the values it runs with. */
export interface RunningRule {
  rule: Rule;
  parameters: Parameters;
  /** Under which agreement each field is read, by field. */
  agreements: Readonly<Record<string, string>>;
}

/** When the tier is PROVEN, what a stronger rule finds now, or found when it could last run, is not told again. */
const SUPERSEDED = `
  create temp table superseded as
  select c.rule, c.subject_kind, c.subject, min(s.stronger) as stronger
  from candidate c
  join matching.death_window w on w.person_key = c.person_key and w.tier = 'PROVEN'
  join unnest($1::text[], $2::text[]) as s(rule, stronger) on s.rule = c.rule
  where exists (select 1 from candidate b where b.rule = s.stronger and b.subject_kind = c.subject_kind and b.subject = c.subject)
    or s.stronger <> all ($3::text[]) and exists (
      select 1 from crosscheck.finding f
      where f.rule = s.stronger and f.subject_kind = c.subject_kind and f.subject = c.subject and f.unsupported_since is null
    )
  group by c.rule, c.subject_kind, c.subject`;

const TELL_ONCE = `
  delete from candidate c using superseded s where s.rule = c.rule and s.subject_kind = c.subject_kind and s.subject = c.subject`;

/** `agreements` is kept as it was while nothing else differs: a renewed agreement does not change what was found. */
const JUDGED = `
  create temp table judged as
  select encode(substring(sha256(convert_to(concat_ws(chr(10), c.rule, c.subject_kind, c.subject), 'UTF8')) for 16), 'hex') as id,
    c.rule, r.version as rule_version, c.subject_kind, c.subject, c.person_key, c.amount::numeric(14,2) as amount, w.tier, r.class,
    case w.tier when 'PROVEN' then 'RECOVER' else 'VERIFY' end as advice,
    jsonb_build_object(
      'rule', c.rule, 'version', r.version, 'parameters', r.parameters, 'agreements', r.agreements, 'tier', w.tier,
      'window', case when w.latest is not null then jsonb_build_object('earliest', w.earliest, 'latest', w.latest) end,
      'records', u.records
    ) as evidence
  from candidate c
  join jsonb_to_recordset($1::jsonb) as r(rule text, version int, class text, tierless boolean, parameters jsonb, agreements jsonb)
    on r.rule = c.rule
  left join matching.death_window w on w.person_key = c.person_key and not r.tierless
  cross join lateral (
    select jsonb_agg(x.record order by x.record ->> 'kind' collate "C", x.record ->> 'sourceId' collate "C") as records
    from (
      select jsonb_array_elements(c.records) as record
      union
      select ${record('e.kind', 'e')} from matching.evidence e
      where e.person_key = c.person_key and not r.tierless and ${isUsedEvidence}
    ) x
  ) u`;

const CHANGED = `
  create temp table change as
  select j.*, f.unsupported_since is null as was_supported from judged j
  left join crosscheck.finding f on f.rule = j.rule and f.subject_kind = j.subject_kind and f.subject = j.subject
  where f.id is null or f.unsupported_since is not null
    or (f.rule_version, f.amount, f.class, f.advice) is distinct from (j.rule_version, j.amount, j.class, j.advice)
    or f.person_key is distinct from j.person_key or f.tier is distinct from j.tier
    or f.evidence - 'agreements' <> j.evidence - 'agreements'`;

const lost = ({ findings }: Scope) => `
  create temp table lost as
  select f.id, f.rule, f.subject_kind, f.subject, f.person_key, f.evidence from ${findings} f
  where f.unsupported_since is null and f.rule = any($1::text[])
    and not exists (select 1 from judged j where j.rule = f.rule and j.subject_kind = f.subject_kind and j.subject = f.subject)`;

/**
 * Compares the temporary table `candidate` with what stands, within the caller's snapshot. Leaves temporary tables that outlive the
 * transaction: `judged` has what the rules find, `change` what is new or different of it, `lost` and `loss` what they find no more and why.
 * @param options.scope whose candidates these are: findings of others keep their support
 * @param options.evaluated codes of the rules whose candidates are there; of other rules the standing findings supersede
 */
export async function judge(
  client: ClientBase,
  { rules, evaluated, scope }: { rules: readonly RunningRule[]; evaluated: readonly string[]; scope: Scope },
): Promise<void> {
  const pairs = rules.flatMap(({ rule }) => (rule.supersededBy ?? []).map((stronger) => [rule.code, stronger]));
  await client.query(SUPERSEDED, [pairs.map(([weaker]) => weaker), pairs.map(([, stronger]) => stronger), evaluated]);
  await client.query(TELL_ONCE);
  await client.query(JUDGED, [JSON.stringify(rules.map(termsOf))]);
  await client.query('analyze judged');
  await client.query(CHANGED);
  await client.query(lost(scope), [rules.map(({ rule }) => rule.code)]);
  await noteLosses(client, rules);
}

/** What a rule ran with, as `JUDGED` reads it. */
function termsOf({ rule, parameters, agreements }: RunningRule): Record<string, unknown> {
  const { code, version, class: findingClass, isTierless = false } = rule;
  return { rule: code, version, class: findingClass, tierless: isTierless, parameters, agreements };
}
