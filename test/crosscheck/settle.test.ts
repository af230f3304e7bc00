import { settleNumbers } from '../../src/crosscheck/settle';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { key, plant, type Records, type Row } from './plant';

let database: Database;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.close());

async function settle(): Promise<number> {
  const client = await database.pool.connect();
  await client.query('begin');
  const moved = await settleNumbers(client);
  await client.query('commit');
  client.release();
  return moved;
}

/** A household row of `x`, listing other short names as earlier numbers. */
const holder = (person: string, ...previous: string[]): Row => ({
  person,
  previous_keys: previous.map((name) => key(`x/${name}`)),
});
/** One record of every kind, and one claim line, filed under a number. */
const everything = (person: string): Records => ({
  death: [{ person }],
  enrollment: [{ person }],
  retirement: [{ person }],
  contribution: [{ person }],
  poverty: [{ person }],
  claim: [{ person, account_owner_filed_key: key(`x/${person}`), account_owner_key: key(`x/${person}`) }],
  claim_line: [{ person }],
});
const KINDS = ['death', 'enrollment', 'retirement', 'contribution', 'poverty', 'claim', 'claim_line'];

async function owners(): Promise<string[]> {
  const names = new Map(['old', 'older', 'new', 'other'].map((name) => [key(`x/${name}`).toString('hex'), name]));
  const { rows } = await database.pool.query<{ key: string }>(
    KINDS.map((kind) => `select encode(person_key, 'hex') as key from matching.${kind}`).join(' union all ') +
      ` union all select encode(account_owner_key, 'hex') from matching.claim`,
  );
  return [...new Set(rows.map((row) => names.get(row.key) ?? row.key))];
}

test('what was filed under an earlier number moves to the person, and back', async () => {
  await plant(database, 'x', { household: [holder('new', 'old')], ...everything('old') });
  expect(await settle()).toBe(1);
  expect(await owners()).toEqual(['new']);
  const { rows } = await database.pool.query(
    `select encode(person_key, 'hex') as key from matching.touched order by 1`,
  );
  expect(rows.map((row) => row.key)).toEqual([key('x/new'), key('x/old')].map((each) => each.toString('hex')).sort());
  expect(await settle()).toBe(0);
  await database.pool.query(`update matching.household set previous_keys = '{}'`);
  expect(await settle()).toBe(1);
  expect(await owners()).toEqual(['old']);
});

test('through several rows, to the number held today', async () => {
  await plant(database, 'x', { household: [holder('new', 'old'), holder('old', 'older')], ...everything('older') });
  expect(await settle()).toBe(2);
  expect(await owners()).toEqual(['new']);
  const { rows } = await database.pool.query(
    `select distinct encode(person_key, 'hex') as key from matching.household`,
  );
  expect(rows).toEqual([{ key: key('x/new').toString('hex') }]);
});

test('a number that another person holds today stays theirs', async () => {
  await plant(database, 'x', {
    household: [holder('new', 'old'), { ...holder('old'), name: 'other' }],
    ...everything('old'),
  });
  expect(await settle()).toBe(0);
  expect(await owners()).toEqual(['old']);
});

test('a number that moves from one person to another', async () => {
  await plant(database, 'x', { household: [holder('new', 'old'), holder('other')], ...everything('old') });
  await settle();
  await database.pool.query(`update matching.household set previous_keys = '{}'`);
  await database.pool.query(`update matching.household set previous_keys = array[$1::bytea] where filed_key = $2`, [
    key('x/old'),
    key('x/other'),
  ]);
  expect(await settle()).toBe(1);
  expect(await owners()).toEqual(['other']);
});
