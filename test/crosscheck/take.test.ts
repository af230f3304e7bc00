import { storedKinds } from '../../src/crosscheck/store';
import { type Change, takePage } from '../../src/crosscheck/take';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { key } from './plant';

const AT = '2026-06-01T08:00:00.000000Z';
const hex = (name: string) => key(name).toString('hex');

let database: Database;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.close());

async function take(kind: string, ...changes: Change[]): Promise<void> {
  const stored = storedKinds.find((each) => each.kind === kind);
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    if (stored) await takePage(client, stored, changes);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

let seq = 0;
function upsert(sourceId: string, record: Record<string, unknown>): Change {
  seq += 1;
  return {
    seq: `${seq}`,
    op: 'UPSERT',
    sourceId,
    recordedAt: AT,
    record: { sourceId, revision: `${seq}`, recordedAt: AT, ...record },
  };
}
function remove(sourceId: string): Change {
  seq += 1;
  return { seq: `${seq}`, op: 'DELETE', sourceId, recordedAt: AT, record: null };
}

const poverty = (person: string, identifiedOn = '2020-01-01') => ({
  person: { id: hex(person) },
  oldNumber: false,
  identifiedOn,
  riskRemovedOn: null,
});
const claim = (person: string, rest: Record<string, unknown> = {}) => ({
  person: { id: hex(person) },
  oldNumber: false,
  numberBirthDate: '1950-01-01',
  institutionCode: 'H1',
  claimType: 'OUTPATIENT',
  serviceDate: '2026-02-01',
  pooledPaid: '100.00',
  seriousIllnessPaid: null,
  aidPaid: '0.50',
  accountPaid: null,
  accountOwner: null,
  benefitTier: 'BASIC',
  status: 'PAID',
  ...rest,
});
const line = (claimSourceId: string) => ({
  claimSourceId,
  itemGroup: 'DRUG',
  serviceDate: '2026-02-01',
  amount: '5.00',
});

async function rows(sql: string): Promise<unknown[]> {
  return (await database.pool.query({ text: sql, rowMode: 'array' })).rows;
}
const touched = async () => (await rows(`select encode(person_key, 'hex') from matching.touched`)).flat().sort();
const clearTouched = () => database.pool.query('truncate matching.touched');

test('the last change of a record in a page stands', async () => {
  await take(
    'poverty',
    upsert('a', poverty('x', '2020-01-01')),
    upsert('b', poverty('y')),
    upsert('a', poverty('x', '2021-01-01')),
    remove('b'),
  );
  expect(await rows(`select source_id, identified_on from matching.poverty`)).toEqual([['a', '2021-01-01']]);
});

test('a deletion takes the record away, an unknown one nothing', async () => {
  await take('poverty', upsert('a', poverty('x')));
  await clearTouched();
  await take('poverty', remove('a'), remove('never there'));
  expect(await rows(`select source_id from matching.poverty`)).toEqual([]);
  expect(await touched()).toEqual([hex('x')]);
});

test('a record that changes hands touches both persons, and stands once', async () => {
  await take('poverty', upsert('a', poverty('x')));
  await clearTouched();
  await take('poverty', upsert('a', poverty('y')));
  expect(await rows(`select encode(person_key, 'hex') from matching.poverty`)).toEqual([[hex('y')]]);
  expect(await touched()).toEqual([hex('x'), hex('y')].sort());
});

test('empty amounts count as 0, and what follows from a claim is worked out', async () => {
  await take(
    'claim',
    upsert('o', claim('x')),
    upsert('c', claim('x', { claimType: 'CAPITATION', serviceDate: '2024-02-10', pooledPaid: '0.00', aidPaid: null })),
    upsert(
      'i',
      claim('x', {
        claimType: 'INPATIENT',
        serviceDate: '2026-03-03',
        admissionDate: '2026-02-27',
        dischargeDate: '2026-03-02',
        status: 'REVERSED',
      }),
    ),
  );
  expect(
    await rows(
      `select source_id, care_day, care_first, care_last, fund_paid, is_live, is_funded from matching.claim order by source_id`,
    ),
  ).toEqual([
    ['c', '2024-02-10', '2024-02-01', '2024-02-29', '0.00', true, false],
    ['i', '2026-02-27', '2026-02-27', '2026-02-27', '100.50', false, true],
    ['o', '2026-02-01', '2026-02-01', '2026-02-01', '100.50', true, true],
  ]);
});

test('instants become days of Asia/Shanghai', async () => {
  const base = {
    person: { id: hex('x') },
    oldNumber: false,
    scheme: 'EMPLOYEE',
    period: '2026-01',
    payer: 'SELF',
    status: 'PAID',
  };
  await take(
    'contribution',
    upsert('before', { ...base, paidAt: '2026-01-31T15:59:59Z' }),
    upsert('after', { ...base, paidAt: '2026-01-31T16:00:00Z' }),
  );
  expect(await rows(`select source_id, paid_on from matching.contribution order by source_id`)).toEqual([
    ['after', '2026-02-01'],
    ['before', '2026-01-31'],
  ]);
});

test('the owner of an account is kept by key', async () => {
  await take('claim', upsert('a', claim('x', { accountOwner: { id: hex('y') } })), upsert('b', claim('x')));
  expect(
    await rows(`select source_id, encode(account_owner_key, 'hex') from matching.claim order by source_id`),
  ).toEqual([
    ['a', hex('y')],
    ['b', null],
  ]);
});

describe('lines', () => {
  const placed = () => rows(`select source_id, encode(person_key, 'hex') from matching.claim_line order by source_id`);

  test('after their claim', async () => {
    await take('claim', upsert('c', claim('x')));
    await take('claim_line', upsert('c-1', line('c')));
    expect(await placed()).toEqual([['c-1', hex('x')]]);
  });

  test('before their claim they are kept, and nobody is touched', async () => {
    await take('claim_line', upsert('c-1', line('c')), upsert('d-1', line('d')));
    expect(await placed()).toEqual([
      ['c-1', ''],
      ['d-1', ''],
    ]);
    expect(await touched()).toEqual([]);
    await take('claim', upsert('c', claim('x')));
    expect(await placed()).toEqual([
      ['c-1', hex('x')],
      ['d-1', ''],
    ]);
  });

  test('follow their claim to another person, and stay when it goes', async () => {
    await take('claim', upsert('c', claim('x')));
    await take('claim_line', upsert('c-1', line('c')));
    await take('claim', upsert('c', claim('y')));
    expect(await placed()).toEqual([['c-1', hex('y')]]);
    await take('claim', remove('c'));
    expect(await placed()).toEqual([['c-1', '']]);
  });
});

test('a change without its record or its person is refused, not taken for a deletion', async () => {
  await expect(take('poverty', { ...upsert('a', poverty('x')), record: null })).rejects.toThrow(
    'povertyChanges gave no record',
  );
  await expect(take('poverty', upsert('a', { ...poverty('x'), person: null }))).rejects.toThrow(
    'povertyChanges gave no person',
  );
  await expect(take('poverty', upsert('a', { ...poverty('x'), identifiedOn: null }))).rejects.toThrow('identified_on');
});
