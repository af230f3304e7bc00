import type { Database } from '../../src/db/database';
import { inScratch } from '../../src/db/scratch';
import { inDatabase, testDatabase, testServerUrl, withClient } from '../support/database';

let database: Database;

beforeEach(async () => {
  database = await testDatabase();
});

afterEach(() => database.close());

const nameOf = async ({ pool }: Database) =>
  (await pool.query<{ name: string }>('select current_database() as name')).rows[0]?.name as string;
const exists = async (name: string) =>
  (await database.pool.query('select from pg_database where datname = $1', [name])).rowCount === 1;

test('work is done in a migrated database of its own, which is dropped behind it', async () => {
  await database.pool.query('create table public.mine (x int)');
  const name = await inScratch(database, async (scratch) => {
    await expect(scratch.pool.query('select * from public.mine')).rejects.toThrow('does not exist');
    expect((await scratch.pool.query('select * from crosscheck.run')).rows).toEqual([]);
    return nameOf(scratch);
  });
  expect(name).not.toBe(await nameOf(database));
  expect(await exists(name)).toBe(false);
});

test('also when the work fails', async () => {
  let name = '';
  const work = inScratch(database, async (scratch) => {
    name = await nameOf(scratch);
    throw new Error('no luck');
  });
  await expect(work).rejects.toThrow('no luck');
  expect(await exists(name)).toBe(false);
});

test('one that a killed process left behind goes with the next; a young one, or one in use, stays', async () => {
  const second = Math.floor(Date.now() / 1_000);
  const [old, young, used] = [`${second - 4_000}_aa`, `${second - 60}_bb`, `${second - 9_000}_cc`].map(
    (rest) => `heyan_scratch_${rest}`,
  ) as [string, string, string];
  for (const name of [old, young, used]) await database.pool.query(`create database ${name}`);
  await withClient(inDatabase(testServerUrl(), used), async () => {
    await inScratch(database, async () => undefined);
    expect(await Promise.all([old, young, used].map(exists))).toEqual([false, true, true]);
  });
  for (const name of [young, used]) await database.pool.query(`drop database ${name}`);
});

test('a user who may not create databases is told what to allow', async () => {
  const { pool } = database;
  await pool.query(`create role heyan_humble login password 'humble'`);
  const humble = new URL(database.url);
  Object.assign(humble, { username: 'heyan_humble', password: 'humble' });
  const { openDatabase } = require('../../src/db/database') as typeof import('../../src/db/database');
  const theirs = await openDatabase(humble.toString());
  try {
    await expect(inScratch(theirs, async () => undefined)).rejects.toThrow(
      'The database user may not create databases, and a replay needs one for itself: allow it with ALTER ROLE … CREATEDB.',
    );
  } finally {
    await theirs.close();
    await pool.query('drop role heyan_humble');
  }
});
