import { findingById, listFindings } from '../../src/crosscheck/finding';
import { check } from '../../src/crosscheck/run';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { AS_OF, DELIVERED, markFollowed, plant } from './plant';

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
  await markFollowed(database);
  await plant(database, 'b', { household: [{}], death: [{}], enrollment: [{}], claim: [{}] });
  await plant(database, 'a', { household: [{}], claim: [{ pooled_paid: '7.5' }, {}] });
  await plant(database, 'quote"d,', { household: [{}], claim: [{}] });
  await plant(database, 'gone', { household: [{}], claim: [{}] });
  await check({ database, asOf: AS_OF, freshness: DELIVERED });
  await database.pool.query(`delete from matching.claim where source_id = 'gone-claim-1'`);
  await check({ database, asOf: AS_OF, freshness: DELIVERED });
});

afterAll(() => database.close());

test('sorted by rule and subject, with amounts of two decimals', async () => {
  const { findings } = await listFindings(database);
  expect(
    findings.map(({ rule, subjectKind, subject, amount, tier, state, class: findingClass, advice }) =>
      [rule, subjectKind, subject, amount, tier, state, findingClass, advice].join(),
    ),
  ).toEqual([
    'D1,claim,b-claim-1,100.00,PROVEN,OPEN,CLAIM,RECOVER',
    'D8,enrollment,b-enrollment-1,0.00,PROVEN,OPEN,ENROLLMENT,RECOVER',
    'E0,claim,a-claim-1,7.50,,OPEN,CLAIM,VERIFY',
    'E0,claim,a-claim-2,100.00,,OPEN,CLAIM,VERIFY',
    'E0,claim,gone-claim-1,100.00,,WITHDRAWN,CLAIM,VERIFY',
    'E0,claim,quote"d,-claim-1,100.00,,OPEN,CLAIM,VERIFY',
  ]);
});

test.each([
  [{ rule: 'D1' }, ['b-claim-1']],
  [{ rule: 'E0', state: 'OPEN' as const }, ['a-claim-1', 'a-claim-2', 'quote"d,-claim-1']],
  [{ state: 'WITHDRAWN' as const }, ['gone-claim-1']],
  [{ rule: 'Z9' }, []],
])('of %j', async (filter, subjects) => {
  const { findings } = await listFindings(database, filter);
  expect(findings.map(({ subject }) => subject)).toEqual(subjects);
});

test('page by page', async () => {
  const subjects: string[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < 3; pages++) {
    const page: Awaited<ReturnType<typeof listFindings>> = await listFindings(database, { first: 2, after });
    subjects.push(...page.findings.map(({ subject }) => subject));
    expect(page.hasNextPage).toBe(pages < 2);
    after = page.endCursor;
  }
  expect(subjects).toEqual([
    'b-claim-1',
    'b-enrollment-1',
    'a-claim-1',
    'a-claim-2',
    'gone-claim-1',
    'quote"d,-claim-1',
  ]);
  expect(await listFindings(database, { after })).toEqual({ findings: [], endCursor: null, hasNextPage: false });
});

test.each([0, 5_001, 1.5])('a page of %d is refused', async (first) => {
  await expect(listFindings(database, { first })).rejects.toThrow('first must be between 1 and 5000');
});

test('a cursor that is no finding is refused, an unknown id is nothing', async () => {
  await expect(listFindings(database, { after: 'x' })).rejects.toThrow('after is not a cursor of this list');
  expect(await findingById(database, 'x')).toBeNull();
});
