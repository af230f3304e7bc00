/**
 * Whom a run checks: everyone, or those of whom something changed since the run before, be it a record or only the day.
 *
 * A rule finds of a person what that person's records say (D11: what an institution's claims say), so that whoever was not touched, and of
 * whom no rule finds something else on another day, stays as found. A run over the touched leaves the same bytes as one over everyone,
 * where what it builds on stands (see standing.ts); where it does not, everyone is checked.
 */
import type { ClientBase } from 'pg';
import type { Within } from './rule';

export interface Scope {
  isFull: boolean;
  within: Within;
  /** Findings that may lose their support: those of whom it checks. */
  findings: string;
}

export const EVERYONE: Scope = { isFull: true, within: () => '', findings: 'crosscheck.finding' };

const IN_PERSONS = 'in (select person_key from checked_person)';
const IN_INSTITUTIONS = 'in (select institution_code from checked_institution)';

const TOUCHED: Scope = {
  isFull: false,
  within: (alias, column = 'person_key') =>
    `and ${alias}.${column} ${column === 'institution_code' ? IN_INSTITUTIONS : IN_PERSONS}`,
  findings: `(
    select * from crosscheck.finding where person_key ${IN_PERSONS}
    union all
    select * from crosscheck.finding where person_key is null and subject_kind = 'institution' and subject ${IN_INSTITUTIONS}
  )`,
};

/** Beyond this number of persons, and this share of all, checking everyone costs less. */
const PERSONS_MAX = 10_000;
const SHARE_MAX = 0.2;

/** What a run starts from. */
export interface Start {
  /** The day for which everything it builds on stands, null where it does not; and the day of the check. YYYY-MM-DD. */
  since: string | null;
  asOf: string;
  /** The generation of marks it takes; see touch.ts. */
  generation: number;
  /** Queries of persons of whom something else may be found on `$2` than on `$1`; see `Rule.turns`. */
  turns: readonly string[];
}

/** The scope of a run that need not check everyone. Makes the temporary tables that its `within` names. */
export async function scopeOf(client: ClientBase, start: Start): Promise<Scope> {
  const { since, asOf, generation, turns } = start;
  if (since === null) return EVERYONE;
  await client.query(`create temp table checked_person (person_key bytea primary key)`);
  await client.query(`create temp table checked_institution (institution_code text collate "C" primary key)`);
  await client.query(
    `insert into checked_person select distinct person_key from matching.touched where generation <= $1`,
    [generation],
  );
  if (since < asOf) {
    for (const query of turns)
      await client.query(`insert into checked_person ${query} on conflict do nothing`, [since, asOf]);
  }
  await client.query('analyze checked_person');
  return (await isMost(client)) ? EVERYONE : TOUCHED;
}

async function isMost(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ persons: number; known: number }>(
    `select (select count(*) from checked_person)::int as persons, reltuples::float8 as known
     from pg_class where oid = 'matching.household'::regclass`,
  );
  const { persons, known } = rows[0] as { persons: number; known: number };
  return persons > PERSONS_MAX && persons > SHARE_MAX * known;
}
