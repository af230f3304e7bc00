/**
 * Why findings are no longer supported, as far as the matching store tells: which of the records they rested on changed, were voided or
 * deleted, which came in since the last run, whether a stronger rule tells the same wrong now, and whether the rule itself is another.
 *
 * Where a finding lost its support and none of this is so, days passed or a number became another person's.
 */
import type { ClientBase } from 'pg';
import type { RunningRule } from './judge';
import { recordKindNames } from './rule';
import { kindsRead } from './rulebook';

/** Of one finding: more would tell no reader anything. */
const ADDED_MAX = 100;
/** How far back the last run of a rule is looked for. */
const RUNS_MAX = 1_000;

/** The records that lost findings rested on. */
const GROUND = `
  create temp table ground as
  select l.id, r.kind, r."sourceId" collate "C" as source_id, r.revision
  from lost l cross join lateral jsonb_to_recordset(l.evidence -> 'records') as r(kind text, "sourceId" text, revision bigint)`;

/** What stands for them now, and of whom. */
const STANDING = `
  create temp table standing as ${recordKindNames
    .map(
      (kind) => `
  select g.id, g.kind, g.source_id, g.revision as before, m.revision as after, m.person_key,
    ${kind === 'death' ? `m.status = 'VOIDED'` : 'false'} as is_voided
  from ground g left join matching.${kind} m on m.source_id = g.source_id where g.kind = '${kind}'`,
    )
    .join(' union all ')}`;

/**
 * Records of the persons concerned that came in since the rule last ran, of kinds it reads. Others of the subject's own kind are left out:
 * what is told of one claim does not depend on the next; and of claims' lines those of other claims.
 */
const ADDED = `
  create temp table added as
  with concerned as (
    select id, person_key from lost where person_key is not null
    union
    select id, person_key from standing where person_key <> ''
  ),
  asked as (
    select l.id, l.subject_kind, r.kind, r.mark, c.person_key
    from lost l
    join jsonb_to_recordset($1::jsonb) as r(rule text, kind text, mark bigint) on r.rule = l.rule and r.kind <> l.subject_kind
    join concerned c on c.id = l.id
  )
  select id, kind, source_id, revision from (
    select *, row_number() over (partition by id order by kind, source_id) as place from (${recordKindNames
      .map(
        (kind) => `
      select a.id, a.kind, m.source_id, m.revision
      from asked a join matching.${kind} m on m.person_key = a.person_key and m.revision > a.mark
      where a.kind = '${kind}' and not exists (
        select 1 from ground g where g.id = a.id and g.kind = a.kind and g.source_id = m.source_id
      )${kind === 'claim_line' ? ` and exists (select 1 from ground g where g.id = a.id and g.kind = 'claim' and g.source_id = m.claim_source_id)` : ''}`,
      )
      .join(' union ')}
    ) found
  ) counted where place <= ${ADDED_MAX}`;

const LOSSES = `
  create temp table loss as
  select l.id, jsonb_build_object(
    'records', coalesce(c.records, '[]'),
    'supersededBy', s.stronger,
    'ruleChanged', (l.evidence -> 'version', l.evidence -> 'parameters') is distinct from (to_jsonb(r.version), r.parameters)
  ) as cause
  from lost l
  join jsonb_to_recordset($1::jsonb) as r(rule text, version int, parameters jsonb) on r.rule = l.rule
  left join superseded s on s.rule = l.rule and s.subject_kind = l.subject_kind and s.subject = l.subject
  left join (
    select id, jsonb_agg(
      jsonb_build_object('kind', kind, 'sourceId', source_id, 'before', before::text, 'after', after::text, 'became', became)
      order by kind collate "C", source_id
    ) as records
    from (
      select id, kind, source_id, before, after,
        case when after is null then 'DELETED' when is_voided then 'VOIDED' else 'CHANGED' end as became
      from standing where after is distinct from before
      union all
      select id, kind, source_id, null, revision, 'ADDED' from added
    ) changes
    group by id
  ) c on c.id = l.id`;

/** The places up to which each kind was known when a rule last ran. */
const LAST_SEEN = `
  select distinct on (o.rule) o.rule, r.seen
  from (select id, seen, rules from crosscheck.run where finished_at is not null order by id desc limit ${RUNS_MAX}) r
  cross join lateral jsonb_to_recordset(r.rules) as o(rule text, skipped jsonb)
  where o.skipped is null and o.rule = any($1::text[])
  order by o.rule, r.id desc`;

/** Makes the temporary table `loss` of the temporary table `lost`: for each finding why it lost its support. */
export async function noteLosses(client: ClientBase, rules: readonly RunningRule[]): Promise<void> {
  await client.query(GROUND);
  await client.query(STANDING);
  await client.query('analyze lost, ground, standing');
  await client.query(ADDED, [JSON.stringify(await marksOf(client, rules))]);
  const terms = rules.map(({ rule, parameters }) => ({ rule: rule.code, version: rule.version, parameters }));
  await client.query(LOSSES, [JSON.stringify(terms)]);
}

async function marksOf(client: ClientBase, rules: readonly RunningRule[]): Promise<object[]> {
  const { rows } = await client.query<{ rule: string; seen: Record<string, string> }>(LAST_SEEN, [
    rules.map(({ rule }) => rule.code),
  ]);
  const seenBy = new Map(rows.map(({ rule, seen }) => [rule, seen]));
  return rules.flatMap(({ rule }) =>
    kindsRead(rule).flatMap((kind) => {
      const mark = seenBy.get(rule.code)?.[kind];
      return mark === undefined ? [] : [{ rule: rule.code, kind, mark }];
    }),
  );
}
