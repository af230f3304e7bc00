import pg from 'pg';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { type Database, openDatabase } from '../../src/db/database';
import { inDatabase, testDatabase, testServerUrl } from '../support/database';

@Entity('note')
class Note {
  @PrimaryColumn('text')
  id!: string;

  @Column('date')
  day!: string;
}

let database: Database;
beforeAll(async () => {
  database = await testDatabase({ entities: [Note], poolSize: 3 });
});
afterAll(() => database.close());

test.each([
  ["date '2026-06-30'", '2026-06-30'],
  ["timestamptz '2026-06-30 08:00:00.123456+08'", '2026-06-30T00:00:00.123456Z'],
  ["timestamptz '2026-06-30 08:00:00+00'", '2026-06-30T08:00:00Z'],
  ["timestamptz 'infinity'", 'infinity'],
  ["timestamp '2026-06-30 08:00:00'", '2026-06-30T08:00:00'],
  ['12345678901234567.10::numeric', '12345678901234567.10'],
  ['9007199254740993::int8', '9007199254740993'],
  ['7::int4', 7],
  ['true', true],
  ['NULL::date', null],
  ["ARRAY[date '2026-06-30', NULL]", ['2026-06-30', null]],
  ["ARRAY[timestamptz '2026-06-30 08:00:00+00']", ['2026-06-30T08:00:00Z']],
  ['ARRAY[1.10, 2.00]', ['1.10', '2.00']],
  ["'\\x0102'::bytea", Buffer.from([1, 2])],
  [`'{"a": [1]}'::jsonb`, { a: [1] }],
  ["current_setting('TimeZone')", 'UTC'],
  ["current_setting('application_name')", 'heyan'],
])('%s comes back as %j', async (expression, expected) => {
  const { rows } = await database.pool.query(`SELECT ${expression} AS value`);
  expect(rows[0].value).toEqual(expected);
});

test("leaves pg's own parsers alone", () => {
  expect(pg.types.getTypeParser(1082, 'text')('2026-06-30')).toBeInstanceOf(Date);
});

test('entities and the pool share connections', async () => {
  await database.pool.query('CREATE TABLE note (id text PRIMARY KEY, day date)');
  await database.dataSource.getRepository(Note).save({ id: 'a', day: '2026-06-30' });
  expect((await database.pool.query('SELECT * FROM note')).rows).toEqual([{ id: 'a', day: '2026-06-30' }]);
  expect(await database.dataSource.getRepository(Note).findOneBy({ id: 'a' })).toEqual({ id: 'a', day: '2026-06-30' });
  expect(database.pool.options.max).toBe(3);
});

test('every connection of the pool has the same session settings', async () => {
  const shown = await Promise.all([1, 2, 3].map(() => database.pool.query('SHOW DateStyle')));
  expect(shown.map(({ rows }) => rows[0].DateStyle)).toEqual(['ISO, MDY', 'ISO, MDY', 'ISO, MDY']);
});

test('a connection that breaks while it is lent out ends nothing but itself', async () => {
  const client = await database.pool.connect();
  const { rows } = await client.query('select pg_backend_pid() as pid');
  const broken = new Promise((resolve) => client.once('end', resolve));
  await database.pool.query('select pg_terminate_backend($1)', [rows[0].pid]);
  await broken;
  await expect(client.query('select 1')).rejects.toThrow();
  client.release(true);
  expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('may be closed twice', async () => {
  const other = await testDatabase();
  await Promise.all([other.close(), other.close()]);
});

test.each([
  [
    'nobody listens',
    () => 'postgres://u:secret@127.0.0.1:1/heyan',
    /127\.0\.0\.1:1\/heyan cannot be reached \(ECONNREFUSED\)/,
  ],
  ['the socket is missing', () => 'postgres://u:secret@localhost/heyan?host=/nowhere', /cannot be reached \(ENOENT\)/],
  ['the password is wrong', () => testServerUrl().replace(/:[0-9a-f]+@/, ':secret@'), /refuses the user or password/],
  ['the database is missing', () => inDatabase(testServerUrl(), 'absent'), /has no database .*\/absent: create it/],
  ['the address is none', () => 'postgres://[secret', /an address that is no postgres:\/\/ URL/],
])('says in one sentence that %s, without the password', async (_name, url, sentence) => {
  const error = await openDatabase(url()).then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  expect(error?.message).toMatch(sentence);
  expect(error?.message).toMatch(/DATABASE_URL/);
  expect(error?.message).not.toContain('secret');
});
