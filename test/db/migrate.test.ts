import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../src/db/database';
import { migrate } from '../../src/db/migrate';
import { inDatabase, testServerUrl, withClient } from '../support/database';

const name = 'test_migrate';
let folder: string;
let database: Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heyan-migrations-'));
  await withClient(testServerUrl(), (client) => client.query(`CREATE DATABASE ${name}`));
  database = await openDatabase(inDatabase(testServerUrl(), name));
});
afterEach(async () => {
  await database.close();
  await withClient(testServerUrl(), (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
  rmSync(folder, { recursive: true });
});

/** Writes a migration that runs `sql`, in JavaScript as the build leaves it. */
function write(file: string, className: string, sql: string): void {
  writeFileSync(
    join(folder, file),
    `exports.${className} = class ${className} {
      async up(runner) { await runner.query(${JSON.stringify(sql)}); }
      async down() {}
    };`,
  );
}

const tables = async () =>
  (
    await database.pool.query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations' ORDER BY 1",
    )
  ).rows.map(({ tablename }) => tablename);

test('applies the files of the program in their order, once', async () => {
  const applied = await migrate(database);
  expect(applied.length).toBeGreaterThan(0);
  const timestamps = applied.map((applied_) => applied_.slice(-13));
  expect(timestamps).toEqual([...timestamps].sort());
  expect(await migrate(database)).toEqual([]);
});

test('applies only what is new', async () => {
  write('1764000000001-first.js', 'First1764000000001', 'CREATE TABLE first ()');
  expect(await migrate(database, folder)).toEqual(['First1764000000001']);
  write('1764000000002-second.js', 'Second1764000000002', 'CREATE TABLE second ()');
  expect(await migrate(database, folder)).toEqual(['Second1764000000002']);
  expect(await tables()).toEqual(['first', 'second']);
});

test('applies nothing when one fails', async () => {
  write('1764000000001-first.js', 'First1764000000001', 'CREATE TABLE first ()');
  write('1764000000002-second.js', 'Second1764000000002', 'CREATE TABLE nonsense (');
  await expect(migrate(database, folder)).rejects.toThrow(/Second1764000000002.*syntax error.*nothing was applied/);
  expect(await tables()).toEqual([]);
});

test('two processes at once do not get into each other’s way', async () => {
  write('1764000000001-first.js', 'First1764000000001', 'CREATE TABLE first AS SELECT generate_series(1, 50000)');
  const other = await openDatabase(database.url);
  try {
    const both = await Promise.all([migrate(database, folder), migrate(other, folder)]);
    expect(both.flat()).toEqual(['First1764000000001']);
  } finally {
    await other.close();
  }
});

test('refuses a database that a newer program has migrated', async () => {
  write('1764000000001-first.js', 'First1764000000001', 'CREATE TABLE first ()');
  write('1764000000002-second.js', 'Second1764000000002', 'CREATE TABLE second ()');
  await migrate(database, folder);
  rmSync(join(folder, '1764000000002-second.js'));
  await expect(migrate(database, folder)).rejects.toThrow(/another version of Heyan \(Second1764000000002 is unknown/);
});

test.each([
  ['a file without a timestamp', 'first.js', 'First', /must be called <13 digits>-<room>\.ts/],
  ['a class of another time', '1764000000003-third.js', 'Third1764000000009', /must end with 1764000000003/],
])('refuses %s', async (_name, file, className, sentence) => {
  write(file, className, 'SELECT 1');
  await expect(migrate(database, folder)).rejects.toThrow(sentence);
});

test('refuses a file with two classes', async () => {
  writeFileSync(join(folder, '1764000000004-two.js'), 'exports.A = class {}; exports.B = class {};');
  await expect(migrate(database, folder)).rejects.toThrow(/must export one migration class; it exports 2/);
});
