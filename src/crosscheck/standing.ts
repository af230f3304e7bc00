/**
 * What stands: for which day the worked-out tables and each rule's findings are what a check of everyone would leave. A run that checks only
 * whom something happened to builds on it, and it is taken away before anything is changed, so that a run that breaks off in the middle is
 * followed by one of everyone.
 */
import type { ClientBase } from 'pg';
import type { RunningRule } from './judge';
import { allRules } from './rulebook';
import { removeMarks } from './touch';
import type { Changes } from './write-findings';

/**
 * The day for which the findings of these rules stand, YYYY-MM-DD; null where one does not stand, was found with another version or other
 * parameters, or stands for a day to come.
 */
export async function standsSince(
  client: ClientBase,
  { asOf, rules }: { asOf: string; rules: readonly RunningRule[] },
): Promise<string | null> {
  const terms = rules.map(({ rule, parameters }) => ({ rule: rule.code, version: rule.version, parameters }));
  const { rows } = await client.query<{ since: string | null }>(
    `select case when every(s.rule is not null and w.as_of is not null) then least(min(s.as_of), min(w.as_of))::text end as since
     from jsonb_to_recordset($1::jsonb) as r(rule text, version int, parameters jsonb)
     left join crosscheck.standing s on s.rule = r.rule and s.version = r.version and s.parameters = r.parameters and s.as_of <= $2::date
     left join matching.worked_out w on w.as_of <= $2::date`,
    [JSON.stringify(terms), asOf],
  );
  return rows[0]?.since ?? null;
}

/**
 * Notes that the findings of the rules that ran stand, and that those of the rules that could not run do not; and removes the marks of who
 * was touched, unless a rule that was not asked for still needs them.
 * @returns how many subjects each rule names now, by code
 */
export async function keepStanding(
  client: ClientBase,
  run: {
    asOf: string;
    isFull: boolean;
    ran: readonly RunningRule[];
    skipped: readonly string[];
    changes: ReadonlyMap<string, Changes>;
    generation: number;
  },
): Promise<Map<string, number>> {
  const terms = run.ran.map(({ rule, parameters }) => {
    const {
      judged = 0,
      opened = 0,
      reopened = 0,
      restored = 0,
      withdrawn = 0,
      contradicted = 0,
    } = run.changes.get(rule.code) ?? {};
    const more = opened + reopened + restored - withdrawn - contradicted;
    return { rule: rule.code, version: rule.version, parameters, judged, more };
  });
  const { rows } = await client.query<{ rule: string; found: number }>(
    `insert into crosscheck.standing as s (rule, version, parameters, as_of, found)
     select r.rule, r.version, r.parameters, $2::date, r.judged
     from jsonb_to_recordset($1::jsonb) as r(rule text, version int, parameters jsonb, judged int, more int)
     on conflict (rule) do update set version = excluded.version, parameters = excluded.parameters, as_of = excluded.as_of,
       found = case when $3 then excluded.found else s.found + (
         select r.more from jsonb_to_recordset($1::jsonb) as r(rule text, more int) where r.rule = s.rule
       ) end
     returning rule, found`,
    [JSON.stringify(terms), run.asOf, run.isFull],
  );
  await client.query(`delete from crosscheck.standing where rule = any($1::text[]) or rule <> all($2::text[])`, [
    run.skipped,
    allRules().map(({ code }) => code),
  ]);
  if (terms.length > 0) await client.query(`insert into matching.worked_out values ($1)`, [run.asOf]);
  const { rowCount: others } = await client.query(`select from crosscheck.standing where rule <> all($1::text[])`, [
    terms.map(({ rule }) => rule),
  ]);
  if (!others) await removeMarks(client, run.generation);
  return new Map(rows.map(({ rule, found }) => [rule, found]));
}
