import { workOut } from '../../src/crosscheck/evidence';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { AS_OF, key, plant, type Records, type Row } from './plant';

type Window = [earliest: string | null, latest: string | null, tier: string] | 'none';

const DAY = '2026-01-10';
const certificate = (rest: Row = {}): Row => ({ ...rest });
const cremation = (rest: Row = {}): Row => ({ source: 'CREMATION', ...rest });
const police = (rest: Row = {}): Row => ({ status: 'CANCELLED', cancel_reason: 'DEATH', ...rest });
const paidByEmployer = (period: string, rest: Row = {}): Row => ({ period, ...rest });
const registered = '2026-06-01';

const cases: [string, Records, Window][] = [
  // Match with the household row.
  ['exact: name equal, birth date empty', { household: [{}], death: [certificate()] }, [DAY, DAY, 'PROVEN']],
  [
    'exact: name and birth date equal',
    { household: [{}], death: [certificate({ birth_date: '1950-01-01' })] },
    [DAY, DAY, 'PROVEN'],
  ],
  [
    'partial: birth date differs',
    { household: [{}], death: [certificate({ birth_date: '1950-01-02' })] },
    [DAY, DAY, 'SUSPECTED'],
  ],
  [
    'partial: name differs, birth date equal',
    { household: [{}], death: [certificate({ name: 'x', birth_date: '1950-01-01' })] },
    [DAY, DAY, 'SUSPECTED'],
  ],
  ['partial: no household row', { death: [certificate()] }, [DAY, DAY, 'SUSPECTED']],
  ['conflict: name differs, birth date empty', { household: [{}], death: [certificate({ name: 'x' })] }, 'none'],
  ['conflict: both differ', { household: [{}], death: [certificate({ name: 'x', birth_date: '1950-01-02' })] }, 'none'],
  // The household row that speaks.
  [
    'active before cancelled, however late',
    { household: [{}, police({ updated_at: '2026-06-01', death_date: DAY })] },
    'none',
  ],
  [
    'of two cancelled the later',
    {
      household: [
        police({ updated_at: '2026-02-01', death_date: DAY }),
        { status: 'CANCELLED', cancel_reason: 'MOVED_OUT' },
      ],
    },
    [DAY, DAY, 'SUSPECTED'],
  ],
  [
    'of two as late the larger source_id',
    { household: [{ status: 'CANCELLED', cancel_reason: 'MOVED_OUT' }, police({ death_date: DAY })] },
    [DAY, DAY, 'SUSPECTED'],
  ],
  [
    'a row under an earlier number is silent',
    { household: [{}, police({ filed: 'earlier', death_date: DAY })] },
    'none',
  ],
  [
    'documents under an earlier number count',
    { household: [{}], death: [certificate({ filed: 'earlier' })] },
    [DAY, DAY, 'PROVEN'],
  ],
  // A shared number.
  ['shared: another name', { household: [{}, { name: 'x' }], death: [certificate()] }, 'none'],
  ['shared: another birth date', { household: [{}, { birth_date: '1960-01-01' }], death: [certificate()] }, 'none'],
  ['not shared: the same person twice', { household: [{}, {}], death: [certificate()] }, [DAY, DAY, 'PROVEN']],
  [
    'not shared: the other is cancelled',
    { household: [{}, { name: 'x', status: 'CANCELLED', cancel_reason: 'MOVED_OUT' }], death: [certificate()] },
    [DAY, DAY, 'PROVEN'],
  ],
  // Evidence.
  ['voided', { household: [{}], death: [certificate({ status: 'VOIDED' })] }, 'none'],
  ['police without a date', { household: [police()] }, [null, null, 'SUSPECTED']],
  ['police with a date', { household: [police({ death_date: DAY })] }, [DAY, DAY, 'SUSPECTED']],
  [
    'police with a date before birth is undated',
    { household: [police({ death_date: '1949-12-31' })] },
    [null, null, 'SUSPECTED'],
  ],
  [
    'police with a date after the check is undated',
    { household: [police({ death_date: '2026-07-01' })] },
    [null, null, 'SUSPECTED'],
  ],
  ['cancelled for another reason', { household: [{ status: 'CANCELLED', cancel_reason: 'EMIGRATED' }] }, 'none'],
  // Impossible days.
  ['on the day of birth', { household: [{ birth_date: DAY }], death: [certificate()] }, [DAY, DAY, 'PROVEN']],
  ['the day before birth', { household: [{ birth_date: '2026-01-11' }], death: [certificate()] }, 'none'],
  ['130 years old', { household: [{ birth_date: '1896-01-10' }], death: [certificate()] }, [DAY, DAY, 'PROVEN']],
  ['130 years and a day', { household: [{ birth_date: '1896-01-09' }], death: [certificate()] }, 'none'],
  ['registered on that day', { household: [{}], death: [certificate({ registered_on: DAY })] }, [DAY, DAY, 'PROVEN']],
  ['registered the day before', { household: [{}], death: [certificate({ registered_on: '2026-01-09' })] }, 'none'],
  [
    'on the day of the check',
    { household: [{}], death: [certificate({ death_date: AS_OF, registered_on: '2026-07-02' })] },
    [AS_OF, AS_OF, 'PROVEN'],
  ],
  [
    'after the day of the check',
    { household: [{}], death: [certificate({ death_date: '2026-07-01', registered_on: '2026-07-02' })] },
    'none',
  ],
  ['no household row: birth date of the number', { death: [certificate({ number_birth_date: '2026-01-11' })] }, 'none'],
  [
    'a month of which one day is possible',
    {
      household: [{ birth_date: '2026-01-31' }],
      death: [certificate({ date_precision: 'MONTH', registered_on: registered })],
    },
    ['2026-01-01', '2026-01-31', 'PROVEN'],
  ],
  [
    'a month of which no day is possible',
    {
      household: [{ birth_date: '2026-02-01' }],
      death: [certificate({ date_precision: 'MONTH', registered_on: registered })],
    },
    'none',
  ],
  [
    'a month after birth but before which it was registered',
    {
      household: [{ birth_date: '2026-01-20' }],
      death: [certificate({ date_precision: 'MONTH', registered_on: '2026-01-15' })],
    },
    'none',
  ],
  // Windows.
  [
    'a month',
    { household: [{}], death: [certificate({ date_precision: 'MONTH', death_date: '2024-02-10' })] },
    ['2024-02-01', '2024-02-29', 'PROVEN'],
  ],
  [
    'a year',
    { household: [{}], death: [certificate({ date_precision: 'YEAR', death_date: '2025-06-01' })] },
    ['2025-01-01', '2025-12-31', 'PROVEN'],
  ],
  [
    'smallest first day, largest last day',
    { household: [{}], death: [certificate(), cremation({ date_precision: 'MONTH' })] },
    ['2026-01-01', '2026-01-31', 'PROVEN'],
  ],
  ['dated and undated', { household: [police()], death: [cremation()] }, [DAY, DAY, 'PROVEN']],
  // Tiers.
  ['one source twice', { household: [{}], death: [cremation(), cremation()] }, [DAY, DAY, 'SUSPECTED']],
  ['two sources, both partial', { death: [certificate(), cremation()] }, [DAY, DAY, 'PROVEN']],
  [
    'certificate matched partially',
    { household: [{}], death: [certificate({ birth_date: '1950-01-02' })] },
    [DAY, DAY, 'SUSPECTED'],
  ],
  ['court and register', { household: [police()], death: [{ source: 'COURT_DECLARATION' }] }, [DAY, DAY, 'PROVEN']],
  [
    'days 30 apart',
    { household: [{}], death: [certificate(), cremation({ death_date: '2026-02-09', registered_on: registered })] },
    [DAY, '2026-02-09', 'PROVEN'],
  ],
  [
    'days 31 apart',
    { household: [{}], death: [certificate(), cremation({ death_date: '2026-02-10', registered_on: registered })] },
    [DAY, '2026-02-10', 'CONTESTED'],
  ],
  [
    'days 31 apart, one the police gave',
    { household: [police({ death_date: '2026-02-10' })], death: [certificate()] },
    [DAY, '2026-02-10', 'CONTESTED'],
  ],
  [
    'a day and a month far apart',
    {
      household: [{}],
      death: [
        certificate(),
        cremation({ date_precision: 'MONTH', death_date: '2026-05-01', registered_on: registered }),
      ],
    },
    [DAY, '2026-05-31', 'PROVEN'],
  ],
  [
    'far apart, but one is impossible',
    { household: [{}], death: [certificate(), cremation({ death_date: '2026-05-01', registered_on: '2026-04-01' })] },
    [DAY, DAY, 'PROVEN'],
  ],
  // Life signs: 2026-01-10 + 60 days is 2026-03-11.
  [
    'life sign: a month begins more than 60 days after',
    { household: [{}], death: [certificate()], contribution: [paidByEmployer('2026-04')] },
    [DAY, DAY, 'CONTESTED'],
  ],
  [
    'no life sign: a month begins within 60 days',
    { household: [{}], death: [certificate()], contribution: [paidByEmployer('2026-03')] },
    [DAY, DAY, 'PROVEN'],
  ],
  [
    'no life sign: exactly 60 days',
    {
      household: [{}],
      death: [certificate({ death_date: '2026-01-31', registered_on: registered })],
      contribution: [paidByEmployer('2026-04')],
    },
    ['2026-01-31', '2026-01-31', 'PROVEN'],
  ],
  [
    'life sign: 61 days',
    {
      household: [{}],
      death: [certificate({ death_date: '2026-01-30', registered_on: registered })],
      contribution: [paidByEmployer('2026-04')],
    },
    ['2026-01-30', '2026-01-30', 'CONTESTED'],
  ],
  [
    'life sign for a month after the check',
    { household: [{}], death: [certificate()], contribution: [paidByEmployer('2026-12')] },
    [DAY, DAY, 'CONTESTED'],
  ],
  [
    'no life sign: refunded',
    { household: [{}], death: [certificate()], contribution: [paidByEmployer('2026-04', { status: 'REFUNDED' })] },
    [DAY, DAY, 'PROVEN'],
  ],
  [
    'no life sign: paid by the person',
    { household: [{}], death: [certificate()], contribution: [paidByEmployer('2026-04', { payer: 'SELF' })] },
    [DAY, DAY, 'PROVEN'],
  ],
  [
    'no life sign: a resident contribution',
    {
      household: [{}],
      death: [certificate()],
      contribution: [{ scheme: 'RESIDENT', period: '2027', payer: 'EMPLOYER' }],
    },
    [DAY, DAY, 'PROVEN'],
  ],
  [
    'undated evidence has no life sign',
    { household: [police()], contribution: [paidByEmployer('2026-04')] },
    [null, null, 'SUSPECTED'],
  ],
];

describe('death window and tier', () => {
  let database: Database;
  let windows: Map<string, unknown>;

  beforeAll(async () => {
    database = await testDatabase();
    for (const [own, records] of cases) await plant(database, own, records);
    const client = await database.pool.connect();
    await client.query('begin');
    await workOut(client, AS_OF);
    await client.query('commit');
    client.release();
    const { rows } = await database.pool.query(
      `select encode(person_key, 'hex') as key, earliest, latest, tier from matching.death_window`,
    );
    windows = new Map(rows.map(({ key, earliest, latest, tier }) => [key, [earliest, latest, tier]]));
  });

  afterAll(() => database.close());

  test.each(cases)('%s', (own, _, expected) => {
    expect(windows.get(key(`${own}/own`).toString('hex')) ?? 'none').toEqual(expected);
  });
});

/** What is worked out of a case's records into one table, as text. */
const shared: [string, Records, string, string][] = [
  ['a number of two', { household: [{}, { name: 'x' }] }, 'shared_number', ''],
  ['not of the same person twice', { household: [{}, {}] }, 'shared_number', 'none'],
  ['not of one active and one cancelled', { household: [{}, police({ name: 'x' })] }, 'shared_number', 'none'],
  [
    'all cover, and by kind',
    {
      enrollment: [
        { category: 'WORKING', start_date: '2020-01-01', end_date: '2021-01-01' },
        { category: 'RETIRED', start_date: '2021-01-01', end_date: '2022-01-01' },
        { scheme: 'RESIDENT', start_date: '2022-01-01' },
        { scheme: 'RESIDENT', category: 'NEWBORN', start_date: '2019-01-01', end_date: '2019-02-01' },
      ],
    },
    'cover',
    '{[2019-01-01,2019-02-01),[2020-01-01,)} {[2020-01-01,2021-01-01)} {[2022-01-01,)} {[2019-01-01,2019-02-01),[2021-01-01,2022-01-01)}',
  ],
  [
    'no cover: suspended, or ended where or before it starts',
    {
      enrollment: [
        { status: 'SUSPENDED' },
        { start_date: '2020-01-01', end_date: '2020-01-01' },
        { start_date: '2020-01-02', end_date: '2020-01-01' },
      ],
    },
    'cover',
    'none',
  ],
  [
    'cover of a terminated enrolment, to the day before its end',
    { enrollment: [{ status: 'TERMINATED', start_date: '2020-01-01', end_date: '2020-01-02' }] },
    'cover',
    '{[2020-01-01,2020-01-02)} {} {} {[2020-01-01,2020-01-02)}',
  ],
  [
    'the account of another',
    { claim: [{ person: 'patient', owner: 'own', account_paid: 5 }] },
    'lent_account',
    'OUTPATIENT 2026-02-01 2026-02-01 5.00',
  ],
  ['not the account of the patient', { claim: [{ owner: 'own', account_paid: 5 }] }, 'lent_account', 'none'],
  ['not an account that paid nothing', { claim: [{ person: 'patient', owner: 'own' }] }, 'lent_account', 'none'],
  [
    'not what was taken back',
    { claim: [{ person: 'patient', owner: 'own', account_paid: 5, status: 'REVERSED' }] },
    'lent_account',
    'none',
  ],
  ['mortuary only', { claim: [{}], claim_line: [{ item_group: 'MORTUARY' }] }, 'mortuary_claim', ''],
  ['mortuary and more', { claim: [{}], claim_line: [{ item_group: 'MORTUARY' }, {}] }, 'mortuary_claim', 'none'],
  ['no lines', { claim: [{}] }, 'mortuary_claim', 'none'],
];

describe('what else all rules share', () => {
  const RECORD = ['person_key', 'source_id', 'revision', 'recorded_at'];
  let database: Database;

  beforeAll(async () => {
    database = await testDatabase();
    for (const [own, records] of shared) await plant(database, own, records);
    const client = await database.pool.connect();
    await client.query('begin');
    await workOut(client, AS_OF);
    await client.query('commit');
    client.release();
  });

  afterAll(() => database.close());

  test.each(shared)('%s', async (own, _, table, expected) => {
    const { rows } = await database.pool.query({
      text: `select to_json(t) as row from matching.${table} t where person_key = $1`,
      values: [key(`${own}/own`)],
    });
    const texts = rows.map(({ row }) =>
      Object.entries(row)
        .filter(([column]) => !RECORD.includes(column))
        .map(([, value]) => (Array.isArray(value) ? `{${value}}` : column(value)))
        .join(' '),
    );
    expect(texts).toEqual(expected === 'none' ? [] : [expected]);
  });

  const column = (value: unknown) => (typeof value === 'number' ? value.toFixed(2) : String(value));
});
