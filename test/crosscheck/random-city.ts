/**
 * Small cities in which everything lies on a boundary: days that differ by just what rules ask for, few institutions and districts, earlier
 * numbers in chains and circles, shared numbers, and records of every status.
 */

import { settleNumbers } from '../../src/crosscheck/settle';
import { storedKinds } from '../../src/crosscheck/store';
import type { Database } from '../../src/db/database';
import { seededRandom } from '../../src/demo/random';
import { type City, dayOf, KINDS, type Kind, type Row, textOf } from './law';
import { key } from './plant';

/** Days around which everything happens; the first is that of most deaths. */
const ANCHORS = ['2026-01-10', '2025-12-31', '2026-03-31', '2026-06-30', '2025-01-01'];
const DISTANCES = [0, 0, 1, 1, 2, 3, 29, 30, 31, 32, 59, 60, 61, 62, 89, 90, 91, 92, 120, 200, 400];
const NAMES = ['张伟', '张 伟', '买买提·阿不都', '买买提•阿不都', '王芳'];
const INSTITUTIONS = ['H34030200001', 'H34030200002', 'P34030300001'];

/** A city of so many numbers; equal seeds give equal cities. */
export function randomCity(seed: number, persons: number): Record<Kind, Row[]> {
  const dice = diceOf(seed);
  const city = Object.fromEntries(KINDS.map((kind) => [kind, [] as Row[]])) as Record<Kind, Row[]>;
  const people = Array.from({ length: persons }, (_, place) => personOf(dice, place));
  for (const person of people) {
    const rowsOf: [Kind, readonly number[], () => Row][] = [
      ['household', [0, 1, 1, 1, 1, 1, 2, 2], () => household(dice, person, people)],
      ['death', [0, 0, 1, 1, 2], () => death(dice, person)],
      ['enrollment', [0, 1, 1, 2, 2, 3], () => enrollment(dice)],
      ['retirement', [0, 1, 2], () => retirement(dice)],
      ['contribution', [0, 0, 1, 2, 3], () => contribution(dice)],
      ['poverty', [0, 0, 0, 1], () => ({ identified_on: dice.day(), risk_removed_on: dice.empty(0.4, dice.day) })],
      ['claim', [0, 1, 2, 3, 4], () => claim(dice, seed, people)],
    ];
    for (const [kind, counts, row] of rowsOf) {
      for (let rows = dice.pick(counts); rows > 0; rows--) {
        // Of different lengths, so that the order of code points is not the order in which they came.
        const source_id = `${kind}${dice.maybe(0.5) ? 'z' : 'A'}${city[kind].length + 1}`;
        city[kind].push({ source_id, id_number: person.number, ...row() });
        if (kind === 'claim') city.claim_line.push(...claimLines(dice, city.claim.at(-1) as Row));
      }
    }
  }
  return city;
}

interface Dice {
  maybe(chance: number): boolean;
  pick<T>(values: readonly T[]): T;
  /** A day near one of the anchors. */
  day(): string;
  /** A day a little before or after another. */
  near(day: string): string;
  /** Empty with that chance. */
  empty(chance: number, value: () => string): string;
}

function diceOf(seed: number): Dice {
  const { chance: maybe, int } = seededRandom(seed);
  const pick = <T>(values: readonly T[]): T => values[int(0, values.length - 1)] as T;
  return {
    maybe,
    pick,
    day: () => {
      const distance = pick(DISTANCES) * (maybe(0.35) ? -1 : 1);
      return textOf(dayOf(maybe(0.6) ? (ANCHORS[0] as string) : pick(ANCHORS)) + distance);
    },
    near: (from) => textOf(dayOf(from) + pick([-1, 0, 1, 2, 3, 10, 31, 32, 60, 90, 400])),
    empty: (chance, value) => (maybe(chance) ? '' : value()),
  };
}

interface Somebody {
  number: string;
  born: string;
  name: string;
}

function personOf({ maybe, pick, day }: Dice, place: number): Somebody {
  const oldest = ['1896-01-09', '1896-01-10', '1896-01-11'];
  const born = maybe(0.15) ? day() : maybe(0.03) ? pick(oldest) : '1950-03-04';
  const digits = born.replaceAll('-', '');
  const serial = String(place).padStart(4, '0');
  const number = maybe(0.12) ? `340302${digits.slice(2)}${serial.slice(1)}` : `340302${digits}${serial}`;
  return { number, born, name: pick(NAMES) };
}

function household({ maybe, pick, day, empty }: Dice, { born, name }: Somebody, people: readonly Somebody[]): Row {
  const isCancelled = maybe(0.4);
  const reason = isCancelled ? pick(['DEATH', 'DEATH', 'DEATH', 'MOVED_OUT', 'DUPLICATE']) : '';
  return {
    previous_id_numbers: Array.from({ length: pick([0, 0, 0, 0, 1, 2]) }, () => pick(people).number).join(';'),
    name: maybe(0.9) ? name : pick(NAMES),
    birth_date: maybe(0.9) ? born : day(),
    status: isCancelled ? 'CANCELLED' : 'ACTIVE',
    cancel_reason: reason,
    death_date: reason === 'DEATH' ? empty(0.4, day) : '',
    updated_at: pick(['2026-01-01T08:00:00+08:00', '2026-02-01T08:00:00+08:00']),
  };
}

function death({ maybe, pick, day, near }: Dice, { born, name }: Somebody): Row {
  const died = day();
  const registered = maybe(0.7) ? near(died) : textOf(dayOf('2026-06-30') - pick([59, 60, 61]));
  return {
    source: pick(['DEATH_CERTIFICATE', 'CREMATION', 'COURT_DECLARATION']),
    name: maybe(0.85) ? name : pick(NAMES),
    birth_date: pick(['', born, born, '1950-03-05']),
    death_date: died,
    date_precision: pick(['', 'DAY', 'DAY', 'DAY', 'MONTH', 'YEAR']),
    registered_at: `${registered}T08:30:00+08:00`,
    status: maybe(0.9) ? 'VALID' : 'VOIDED',
  };
}

function enrollment({ maybe, pick, day, near, empty }: Dice): Row {
  const start = maybe(0.5) ? '2020-05-01' : day();
  const isEmployee = maybe(0.5);
  return {
    scheme: isEmployee ? 'EMPLOYEE' : 'RESIDENT',
    pooling_district: pick(['340302', '340303']),
    category: isEmployee
      ? pick(['', 'WORKING', 'WORKING', 'WORKING', 'RETIRED', 'NEWBORN'])
      : pick(['', 'ADULT', 'WORKING', 'NEWBORN']),
    start_date: start,
    end_date: empty(0.4, () => (maybe(0.5) ? day() : near(start))),
    status: pick(['ACTIVE', 'ACTIVE', 'ACTIVE', 'TERMINATED', 'SUSPENDED']),
  };
}

function retirement({ pick, day, empty }: Dice): Row {
  return {
    pension: pick(['EMPLOYEE', 'CIVIL_SERVANT', 'RESIDENT']),
    retired_on: day(),
    status: pick(['PAYING', 'PAYING', 'PAYING', 'SUSPENDED', 'STOPPED', 'STOPPED']),
    stop_reason: pick(['', 'DEATH', 'DEATH', 'DEATH', 'NO_PROOF_OF_LIFE']),
    last_paid_month: empty(0.2, () => day().slice(0, 7)),
  };
}

function contribution({ maybe, pick, day }: Dice): Row {
  const isEmployee = maybe(0.5);
  return {
    scheme: isEmployee ? 'EMPLOYEE' : 'RESIDENT',
    period: day().slice(0, isEmployee ? 7 : 4),
    payer: pick(['SELF', 'EMPLOYER', 'EMPLOYER', 'AID']),
    paid_at: `${day()}T00:30:00+08:00`,
    status: maybe(0.8) ? 'PAID' : 'REFUNDED',
  };
}

function claim({ maybe, pick, day, near, empty }: Dice, seed: number, people: readonly Somebody[]): Row {
  const care = day();
  const type = pick(['OUTPATIENT', 'PHARMACY', 'INPATIENT', 'INPATIENT', 'CAPITATION']);
  const isStay = type === 'INPATIENT';
  const isDischarged = isStay || maybe(0.1);
  const money = () => pick(['', '0.00', '0.00', '10.05', '120.00']);
  return {
    institution_code: pick(INSTITUTIONS) + (maybe(0.7) ? String(seed % 7) : pick(['', '8', '9'])),
    claim_type: type,
    service_date: isStay ? empty(0.8, day) : care,
    admission_date: isStay ? care : '',
    discharge_date: isDischarged ? near(care) : '',
    discharge_way: isDischarged ? pick(['1', '5', '']) : '',
    pooled_paid: pick(['0.00', '80.10', '80.10']),
    serious_illness_paid: money(),
    aid_paid: money(),
    account_paid: money(),
    account_owner_id_number: maybe(0.2) ? pick(people).number : '',
    benefit_tier: pick(['BASIC', 'BASIC', 'RETIREE', 'POVERTY']),
    status: pick(['PAID', 'PAID', 'PAID', 'PAID', 'REVERSED', 'RECOVERED', 'REFUSED']),
  };
}

function claimLines({ maybe, pick, day, near }: Dice, { source_id, service_date, admission_date }: Row): Row[] {
  return Array.from({ length: pick([0, 0, 1, 2, 3]) }, (_, place) => ({
    source_id: `${source_id}-${place + 1}`,
    claim_source_id: source_id,
    item_group: pick(['MORTUARY', 'MORTUARY', 'DRUG', 'BED']),
    service_date: maybe(0.5) ? near((admission_date || service_date) as string) : day(),
    amount: pick(['0.00', '7.77', '12.34']),
  }));
}

/** Puts a city into an empty matching store as a follower would leave it. */
export async function plantCity(database: Database, city: City): Promise<void> {
  for (const kind of KINDS) {
    const columns = storedKinds.find((stored) => stored.kind === kind)?.fields.map(({ column }) => column) ?? [];
    const rows = city[kind].map((row, i) => ({ ...stored(kind, row, city), revision: i + 1 }));
    const names = ['source_id', 'revision', 'recorded_at', 'person_key', ...columns];
    if (kind === 'claim') names.push('account_owner_key');
    await database.pool.query(
      `insert into matching.${kind} (${names.join(', ')})
       select ${names.join(', ')} from jsonb_populate_recordset(null::matching.${kind}, $1::jsonb)`,
      [JSON.stringify(rows)],
    );
  }
  const client = await database.pool.connect();
  await client.query('begin');
  await settleNumbers(client);
  await client.query('commit; analyze');
  client.release();
}

const hex = (name: string) => `\\x${key(name).toString('hex')}`;
/** The key of a number, as findings about persons show it. */
export const keyOf = (number: string) => key(number).toString('hex');

/** A row as the matching store holds it, but for its person where numbers moved. */
export function stored(kind: Kind, row: Row, city: City): Record<string, unknown> {
  const filled = Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, value === '' ? null : value]),
  );
  const number = row.id_number ?? city.claim.find((claim) => claim.source_id === row.claim_source_id)?.id_number ?? '';
  const digits = number.length === 15 ? `19${number.slice(6, 12)}` : number.slice(6, 14);
  const common = { ...filled, recorded_at: '2026-06-01T08:00:00Z', person_key: hex(number), filed_key: hex(number) };
  const owner = row.account_owner_id_number ? hex(row.account_owner_id_number) : null;
  return {
    ...common,
    old_number: number.length === 15,
    number_birth_date: `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`,
    name_key: hex(`name ${(row.name ?? '').replaceAll(' ', '').replaceAll('•', '·')}`),
    ...(kind === 'household' && {
      previous_keys: (row.previous_id_numbers ?? '')
        .split(';')
        .filter((text) => text !== '')
        .map(hex),
    }),
    ...(kind === 'death' && {
      date_precision: row.date_precision || 'DAY',
      registered_on: row.registered_at?.slice(0, 10),
    }),
    ...(kind === 'contribution' && { paid_on: row.paid_at?.slice(0, 10) }),
    ...(kind === 'claim' && {
      ...Object.fromEntries(
        ['serious_illness_paid', 'aid_paid', 'account_paid'].map((column) => [column, row[column] || '0']),
      ),
      account_owner_filed_key: owner,
      account_owner_key: owner,
    }),
  };
}
