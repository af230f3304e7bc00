/**
 * Trying out: what a run would change of the findings, without changing any. The rules run over everyone as they always do, and what they
 * find is compared with what stands; then all of it is undone, and the run leaves no trace by which a later one could be misled.
 */
import type { ClientBase } from 'pg';
import type { Parameters } from './rule';
import { type CheckOptions, chosenRules, type RuleSkipped, runRules, underRunLock } from './run';

/** What would become of a subject. `FOUND` is what stands and would stand. */
export type Fate = 'OPENED' | 'CHANGED' | 'LOST' | 'FOUND';

export interface Example {
  fate: Fate;
  subjectKind: string;
  subject: string;
  /** Yuan with two decimals, and the tier: as they would be, or, of what would be lost, as they stand. */
  amount: string;
  tier: string | null;
}

export interface RuleTrial {
  rule: string;
  version: number;
  parameters: Parameters;
  /** Subjects it would name, those superseded left out, and their amounts in yuan. */
  found: number;
  amount: string;
  /** Of them those that no standing finding names, and those that one names with another amount, tier or evidence. */
  opened: number;
  changed: number;
  /** Standing findings that would lose their support. */
  lost: number;
  /** At most ten, of every fate some, those that would change first. */
  examples: Example[];
}

export interface Trial {
  asOf: string;
  rules: (RuleTrial | RuleSkipped)[];
}

const EXAMPLES_MAX = 10;

const FATES = `
  create temp table fate as
  select j.rule, case when c.id is null then 'FOUND' when f.id is null or f.unsupported_since is not null then 'OPENED' else 'CHANGED' end as fate,
    j.subject_kind, j.subject, j.amount, j.tier
  from judged j
  left join change c on c.id = j.id
  left join crosscheck.finding f on f.id = j.id
  union all
  select l.rule, 'LOST', l.subject_kind, l.subject, f.amount, f.tier from lost l join crosscheck.finding f on f.id = l.id`;

const COUNTS = `
  select r.rule, count(*) filter (where f.fate <> 'LOST')::int as found,
    coalesce(sum(f.amount) filter (where f.fate <> 'LOST'), 0)::numeric(20,2)::text as amount,
    count(*) filter (where f.fate = 'OPENED')::int as opened, count(*) filter (where f.fate = 'CHANGED')::int as changed,
    count(*) filter (where f.fate = 'LOST')::int as lost
  from unnest($1::text[]) r(rule) left join fate f on f.rule = r.rule group by r.rule`;

/** Of each fate the largest first; a fate that has none leaves its places to the others. */
const EXAMPLES = `
  select rule, fate, "subjectKind", subject, amount, tier from (
    select *, row_number() over (partition by rule order by fate = 'FOUND', place, fate) as rank from (
      select rule, fate, subject_kind as "subjectKind", subject, amount::text as amount, tier,
        row_number() over (partition by rule, fate order by amount desc, subject_kind, subject) as place
      from fate
    ) placed where place <= ${EXAMPLES_MAX}
  ) ranked where rank <= ${EXAMPLES_MAX} order by rule, rank`;

/**
 * Runs the rules over everyone and keeps nothing.
 * @throws as `check` does
 */
export async function tryOut(options: Omit<CheckOptions, 'touchedOnly' | 'now'>): Promise<Trial> {
  const chosen = chosenRules(options);
  return underRunLock(options.database, async (client) => {
    await client.query('begin isolation level repeatable read');
    const { ready, outcomes } = await runRules(client, options, { chosen, generation: 0 });
    const counts = await told(
      client,
      ready.map(({ rule }) => rule.code),
    );
    await client.query('rollback');
    const rules = outcomes.map((outcome) => {
      if ('skipped' in outcome) return outcome;
      const { rule, version } = outcome;
      const parameters = ready.find((each) => each.rule.code === rule)?.parameters ?? {};
      return { rule, version, parameters, ...(counts.get(rule) as Counted) };
    });
    return { asOf: options.asOf, rules };
  });
}

type Counted = Omit<RuleTrial, 'rule' | 'version' | 'parameters'>;

async function told(client: ClientBase, codes: readonly string[]): Promise<Map<string, Counted>> {
  await client.query(FATES);
  const { rows } = await client.query<Omit<Counted, 'examples'> & { rule: string }>(COUNTS, [codes]);
  const { rows: examples } = await client.query<Example & { rule: string }>(EXAMPLES);
  return new Map(
    rows.map(({ rule, ...counts }) => {
      const own = examples.filter((example) => example.rule === rule).map(({ rule: _, ...example }) => example);
      return [rule, { ...counts, examples: own }];
    }),
  );
}
