/**
 * A delivery of a few hand-made persons, for tests that want to know every row. All names, addresses and numbers are invented, and each
 * holds a word or digits that occur nowhere else, so that a test can search for them where they must not be.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkCharacter } from '../../src/bureaus/id-number';
import { personKey } from '../../src/bureaus/keys';
import type { Database } from '../../src/db/database';
import { SAMPLE_KEY } from './sample-city';
import { SHAPE, takeIn } from './shape';

/** A hub with a city in it takes seconds to open where other tests use the same cores. */
jest.setTimeout(SHAPE === 'local' ? 60_000 : 300_000);

type Row = Record<string, string | number>;

/** A valid number of 18 characters: district 340303, birth `YYYYMMDD`, three digits of sequence. */
export function numberOf(birth: string, sequence: number): string {
  const first17 = `340303${birth}${String(sequence).padStart(3, '0')}`;
  return first17 + checkCharacter(first17);
}

/** The person key of a number, in hex. */
export function keyOf(number: string): string {
  return personKey(SAMPLE_KEY, number).toString('hex');
}

const UPDATED = { updated_at: '2026-06-01' };

/** Dead since 2026-03-10, with an earlier number of 15 digits under which some records are filed. */
export const JIA = { number: numberOf('19460507', 101), old: '340303460507101', name: '金丝雀甲' };
/** Alive, with claims at two institutions. */
export const YI = { number: numberOf('19800102', 202), name: '金丝雀乙' };
/** Two register rows: the cancelled one was touched later. */
export const BING = { number: numberOf('19700303', 303), name: '金丝雀丙' };

export const HOSPITAL = 'H34030300001';

export function household(person: { number: string; name: string }, sourceId: string, more: Row = {}): Row {
  const { number, name } = person;
  const birth = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  return {
    source_id: sourceId, id_number: number, previous_id_numbers: '', name, sex: 1, birth_date: birth, ethnicity: '01',
    household_no: 'HH1', relation_to_head: '01', address: `金丝雀路${sourceId}`, district_code: '340303', status: 'ACTIVE',
    cancel_reason: '', cancel_date: '', death_date: '', ...UPDATED, ...more,
  }; // biome-ignore format: a row
}

export function claim(person: { number: string; name: string }, sourceId: string, day: string, more: Row = {}): Row {
  return {
    source_id: sourceId, id_number: person.number, name: person.name, institution_code: HOSPITAL, institution_name: '金丝雀医院',
    doctor_code: 'D1', care_district: '340303', pooling_district: '340303', claim_type: 'OUTPATIENT', service_date: day,
    admission_date: '', discharge_date: '', discharge_way: '', settled_at: `${day}T10:00:00+08:00`, uploaded_at: '',
    total_amount: '100.00', pooled_paid: '70.00', serious_illness_paid: '', aid_paid: '', account_paid: '', self_paid: '30.00',
    account_owner_id_number: '', benefit_tier: 'BASIC', status: 'PAID', ...UPDATED, ...more,
  }; // biome-ignore format: a row
}

/** The rows of the small city, by kind. */
export function smallCity(): Record<string, Row[]> {
  const old = { number: JIA.old, name: JIA.name };
  return {
    household: [
      household(JIA, 'HJ1', { previous_id_numbers: JIA.old }),
      household(YI, 'HJ2'),
      household(BING, 'HJ3', { status: 'CANCELLED', cancel_reason: 'MOVED_OUT', cancel_date: '2020-01-01', updated_at: '2026-06-05' }),
      household(BING, 'HJ4', { updated_at: '2026-05-01' }),
      household(BING, 'HJ5', { updated_at: '2026-05-01' }),
      household(BING, 'HJ0', { updated_at: '2026-05-01' }),
    ],
    death: [
      {
        source_id: 'SW1', source: 'DEATH_CERTIFICATE', id_number: JIA.number, name: JIA.name, birth_date: '1946-05-07',
        death_date: '2026-03-10', date_precision: '', certificate_no: 'CANARY-1', place_district: '340303',
        registered_at: '2026-03-12', status: 'VALID', ...UPDATED,
      },
    ],
    enrollment: [
      {
        source_id: 'CB1', id_number: JIA.old, name: JIA.name, scheme: 'RESIDENT', pooling_district: '340303', category: 'ADULT',
        employer_code: '', start_date: '2010-01-01', end_date: '', status: 'ACTIVE', ...UPDATED,
      },
      {
        source_id: 'CB2', id_number: YI.number, name: YI.name, scheme: 'EMPLOYEE', pooling_district: '340303', category: 'WORKING',
        employer_code: '', start_date: '2010-01-01', end_date: '', status: 'ACTIVE', ...UPDATED,
      },
    ],
    retirement: [
      {
        source_id: 'TX1', id_number: JIA.number, name: JIA.name, pension: 'RESIDENT', retired_on: '2006-05-07', status: 'PAYING',
        stop_reason: '', stopped_on: '', last_paid_month: '2026-03', ...UPDATED,
      },
    ],
    contribution: [
      { source_id: 'ZJ1', id_number: JIA.old, scheme: 'RESIDENT', period: '2025', amount: '400.00', payer: 'SELF', paid_at: '2024-11-01', status: 'PAID', ...UPDATED },
      { source_id: 'ZJ2', id_number: JIA.number, scheme: 'RESIDENT', period: '2026', amount: '400.00', payer: 'SELF', paid_at: '2025-11-01', status: 'PAID', ...UPDATED },
    ],
    poverty: [
      {
        source_id: 'PK1', id_number: JIA.number, name: JIA.name, category: 'MARGINAL', household_no: 'P1', district_code: '340303',
        identified_on: '2024-01-01', risk_removed_on: '', ...UPDATED,
      },
    ],
    claim: [
      claim(JIA, 'JS1', '2026-02-01'),
      claim(old, 'JS2', '2026-04-01'),
      claim(old, 'JS3', '2026-03-01', { status: 'REVERSED' }),
      ...Array.from({ length: 7 }, (_, i) => claim(YI, `JS1${i}`, `2026-01-0${1 + Math.floor(i / 2)}`)),
      claim(YI, 'JS20', '2026-05-05', { institution_code: 'H34030300002', account_paid: '5.00', account_owner_id_number: BING.number }),
    ],
    claim_line: Array.from({ length: 12 }, (_, i) => ({
      source_id: `JS1-${i + 1}`, claim_source_id: 'JS1', line_no: i + 1, item_code: 'XC', item_name: '金丝雀片', item_group: 'DRUG',
      service_date: '2026-02-01', quantity: '1', unit_price: '1.00', amount: '1.00', ...UPDATED,
    })),
  }; // biome-ignore format: rows
}

/** Loads rows as one delivery, from files that are gone afterwards, where the bureaus of the hub with this database keep theirs. */
export async function deliver(database: Database, kinds: Readonly<Record<string, readonly Row[]>>): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'heyan-delivery-'));
  try {
    for (const [kind, rows] of Object.entries(kinds)) {
      const columns = Object.keys(rows[0] as Row);
      const lines = rows.map((row) => columns.map((column) => row[column]).join(','));
      writeFileSync(path.join(directory, `${kind}.csv`), `${[columns.join(','), ...lines].join('\n')}\n`);
    }
    const report = await takeIn(database, { directory, hubKey: SAMPLE_KEY });
    const wrong = report.kinds.filter(({ state, quarantined }) => state !== 'COMPLETE' || quarantined > 0);
    if (wrong.length > 0) throw new Error(`the delivery was not taken whole: ${JSON.stringify(wrong)}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
