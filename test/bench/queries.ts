/** The operations that are measured, and whom they ask about. */
import type { Database } from '../../src/db/database';

/** One person across all seven bureaus. */
export const PERSON = `query Person($n: String!) {
  person(idNumber: $n) {
    name
    household { sex birthDate status districtCode address }
    deaths { source deathDate datePrecision status }
    enrollments { scheme category startDate endDate status }
    retirements { pension retiredOn status }
    contributions(first: 5) { edges { node { scheme period amount status } } }
    povertyMonitoring { category identifiedOn }
    claims(first: 5) { edges { node { sourceId serviceDate admissionDate claimType totalAmount pooledPaid status } } }
  }
}`;

/** Bodies that ask about so many people, picked evenly over the city; each of them has one number and one register entry. */
export async function personBodies({ pool }: Database, count: number): Promise<string[]> {
  const { rows } = await pool.query<{ n: string }>(
    `select n from (
       select min(id_number) as n, row_number() over (order by min(source_id)) as place, count(*) over () as total
       from household.revision where recorded_to is null and op = 'U'
       group by person_key having count(*) = 1 and min(coalesce(cardinality(previous_id_numbers), 0)) = 0
     ) p where place % greatest(1, total / $1) = 0 order by n limit $1`,
    [count],
  );
  return rows.map(({ n }) => JSON.stringify({ query: PERSON, variables: { n } }));
}

/** Changes of claims as a follower asks for them: without names, ten fields each, one page behind the other. */
export const FEED = `query Feed($after: String, $first: Int!) {
  claimChanges(after: $after, first: $first) {
    changes { seq op record {
      sourceId revision institutionCode claimType serviceDate admissionDate totalAmount pooledPaid benefitTier status
    } }
    endCursor
    hasNextPage
  }
}`;

const OF_PATIENT = `
  deaths { source deathDate status }
  enrollments { scheme startDate endDate status }
  retirements { pension retiredOn status }`;

/** Claims of one institution with what other bureaus know of each patient. */
export const NESTED = `query Nested($institution: String!, $first: Int!) {
  claims(institutionCode: $institution, first: $first) {
    edges { node { sourceId claimType serviceDate pooledPaid status person {${OF_PATIENT}} } }
  }
}`;

/** The same of persons by their keys. */
export const MANY = `query Many($ids: [ID!]!) { persons(ids: $ids) {${OF_PATIENT}} }`;

/** The institution with most claims in the city. */
export async function largestInstitution({ pool }: Database): Promise<string> {
  const { rows } = await pool.query<{ institution_code: string }>(
    `select institution_code from claim.revision where recorded_to is null group by 1 order by count(*) desc, 1 limit 1`,
  );
  return (rows[0] as { institution_code: string }).institution_code;
}

/** Keys of so many people. */
export async function personKeys({ pool }: Database, count: number): Promise<string[]> {
  const { rows } = await pool.query<{ key: string }>(
    `select distinct encode(person_key, 'hex') as key from claim.revision where recorded_to is null order by 1 limit $1`,
    [count],
  );
  return rows.map(({ key }) => key);
}
