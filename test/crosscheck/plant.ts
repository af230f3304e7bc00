import { createHash } from 'node:crypto';
import { recordKindNames } from '../../src/crosscheck/rule';
import type { Database } from '../../src/db/database';

/** Records to plant, by kind, in the columns of the matching store; what is left out is the usual. */
export type Records = { [kind in (typeof recordKindNames)[number]]?: Row[] };

/**
 * `person`, `filed` and `owner` (of an account) are short names of keys, `name` of a name's hash; `institution` is a number in the case;
 * a claim line's `claim` counts the case's claims from 1.
 */
export type Row = Record<string, unknown>;

/** The day for which all tables are checked. */
export const AS_OF = '2026-06-30';

/** Every kind delivered: the argument of a run that skips nothing. */
export const DELIVERED = Object.fromEntries(recordKindNames.map((kind) => [kind, '2026-06-30T00:00:00Z']));

const USUAL: Record<(typeof recordKindNames)[number], Row> = {
  household: {
    name: 'own',
    birth_date: '1950-01-01',
    status: 'ACTIVE',
    updated_at: '2026-01-01',
    previous_keys: '{}',
    old_number: false,
  },
  death: {
    name: 'own',
    source: 'DEATH_CERTIFICATE',
    death_date: '2026-01-10',
    date_precision: 'DAY',
    registered_on: '2026-06-10',
    status: 'VALID',
    number_birth_date: '1950-01-01',
    old_number: false,
  },
  enrollment: {
    scheme: 'EMPLOYEE',
    pooling_district: '340302',
    start_date: '2010-01-01',
    status: 'ACTIVE',
    old_number: false,
  },
  retirement: { pension: 'EMPLOYEE', retired_on: '2010-01-01', status: 'PAYING', old_number: false },
  contribution: {
    scheme: 'EMPLOYEE',
    period: '2025-12',
    payer: 'EMPLOYER',
    paid_on: '2025-12-10',
    status: 'PAID',
    old_number: false,
  },
  poverty: { identified_on: '2020-01-01', old_number: false },
  claim: {
    institution_code: 'H34030200001',
    claim_type: 'OUTPATIENT',
    service_date: '2026-02-01',
    pooled_paid: 100,
    serious_illness_paid: 0,
    aid_paid: 0,
    account_paid: 0,
    benefit_tier: 'BASIC',
    status: 'PAID',
    number_birth_date: '1950-01-01',
    old_number: false,
  },
  claim_line: { item_group: 'DRUG', service_date: '2026-02-01', amount: 50 },
};

/** The 16 bytes that stand for a short name. */
export function key(name: string): Buffer {
  return createHash('md5').update(name).digest();
}

/** The `source_id` of the n-th record of a kind in a case. */
export function sourceId(own: string, kind: string, n: number | string = 1): string {
  return `${own}-${kind}-${n}`;
}

/** A stay, from admission to discharge. */
export function stay(admission: string, discharge: string, rest: Row = {}): Row {
  return { claim_type: 'INPATIENT', service_date: null, admission_date: admission, discharge_date: discharge, ...rest };
}

/** Plants one case: records of the person `own` unless they name another; `person` is whose they are, `filed` under which number. */
export async function plant(database: Database, own: string, records: Records): Promise<void> {
  for (const [kind, rows] of Object.entries(records)) {
    for (const [index, row] of rows.entries())
      await plantRow(database, own, kind as keyof typeof USUAL, row, index + 1);
  }
}

async function plantRow(database: Database, own: string, kind: keyof typeof USUAL, row: Row, n: number): Promise<void> {
  const { person, filed, owner, name, institution, claim, ...given } = { ...USUAL[kind], ...row };
  const personKey = key(`${own}/${person ?? 'own'}`);
  const columns: Row = {
    source_id: sourceId(own, kind, n),
    revision: n,
    recorded_at: '2026-06-01T08:00:00Z',
    person_key: personKey,
    ...given,
  };
  if (kind !== 'claim_line') columns.filed_key = filed === undefined ? personKey : key(`${own}/${filed}`);
  else columns.claim_source_id = sourceId(own, 'claim', Number(claim ?? 1));
  if (owner !== undefined) columns.account_owner_key = columns.account_owner_filed_key = key(`${own}/${owner}`);
  if (institution !== undefined) columns.institution_code = sourceId(own, 'institution', Number(institution));
  if (name !== undefined) columns.name_key = key(`name/${name}`);
  const names = Object.keys(columns);
  await database.pool.query(
    `insert into matching.${kind} (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
    names.map((column) => columns[column]),
  );
}

/** What a follower leaves that has followed every feed to its end. */
export async function markFollowed(database: Database): Promise<void> {
  await database.pool.query(
    `insert into matching.progress (kind, after, behind) select unnest($1::text[]), '1', false on conflict do nothing`,
    [[...recordKindNames]],
  );
}
