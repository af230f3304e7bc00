import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { watchStatements } from '../support/statements';

const SQUARES =
  'select (asked.place - 1)::int, asked.n * asked.n from unnest($1::int[]) with ordinality asked(n, place)';
const COLORS =
  'select t.* from unnest($1::int[]) asked(n) cross join lateral (select * from painted where painted.n = asked.n limit $2) t';

let database: Database;
beforeEach(async () => {
  database = await testDatabase();
  await database.pool.query(
    `create table painted (n int primary key, color text); insert into painted values (1, 'red'), (2, 'blue')`,
  );
});
afterEach(() => database.close());

const sleepers = async () => {
  const { rows } = await database.pool.query<{ pid: number }>(
    `select pid from pg_stat_activity where datname = current_database() and query like '%pg_sleep(30)%' and pid <> pg_backend_pid()`,
  );
  return rows.map(({ pid }) => pid);
};

test('each is given its own rows, however many are under way', async () => {
  const asked = Array.from({ length: 500 }, (_, i) => i);
  const answers = await Promise.all(asked.map((n) => database.lookup(SQUARES, [[n, n + 1]])));
  expect(answers).toEqual(
    asked.map((n) => [
      [0, n * n],
      [1, (n + 1) ** 2],
    ]),
  );
});

test('one that fails leaves its neighbours their answers', async () => {
  const asked = [0, 1, 0, 2, 0].map((divisor) => database.lookup<[number]>('select 10 / $1::int', [divisor]));
  const answers = await Promise.allSettled(asked);
  expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value[0]?.[0] : answer.reason.code))).toEqual([
    '22012',
    10,
    '22012',
    5,
    '22012',
  ]);
});

test('a text that is no statement fails each time, and the same text may work later', async () => {
  const text = 'select color from later where n = $1::int';
  await expect(database.lookup(text, [1])).rejects.toMatchObject({ code: '42P01' });
  await expect(database.lookup(text, [1])).rejects.toMatchObject({ code: '42P01' });
  await database.pool.query(`create table later as select 1 as n, 'green' as color`);
  expect(await database.lookup(text, [1])).toEqual([['green']]);
});

test('a table that was changed under its plan is planned anew', async () => {
  expect(await database.lookup(COLORS, [[1, 2], 5])).toHaveLength(2);
  await database.pool.query('alter table painted add column shade int default 7');
  expect(await database.lookup(COLORS, [[1], 5])).toEqual([[1, 'red', 7]]);
  expect(await database.lookup(COLORS, [[2], 5])).toEqual([[2, 'blue', 7]]);
});

test('a connection that was lost fails what waits on it, and the next one works', async () => {
  await database.lookup(COLORS, [[1], 5]);
  const waiting = Promise.allSettled([database.lookup('select color, pg_sleep(30)::text from painted', [])]);
  const before = await new Promise<number[]>((resolve, reject) => {
    const look = () => sleepers().then((found) => (found.length > 0 ? resolve(found) : setImmediate(look)), reject);
    look();
  });
  for (const pid of before) await database.pool.query('select pg_terminate_backend($1)', [pid]);
  expect(await waiting).toMatchObject([{ status: 'rejected' }]);
  expect(await database.lookup(COLORS, [[1], 5])).toEqual([[1, 'red']]);
  expect(await database.lookup(COLORS, [[2], 5])).toEqual([[2, 'blue']]);
});

test.each([
  ['next to nothing', 'analyze painted'],
  ['much', `insert into painted select n, 'grey' from generate_series(3, 20000) n; analyze painted`],
])('a plan goes by the index, also when the table holds %s', async (_, filled) => {
  await database.pool.query(filled);
  const plan = await database.lookup<[string]>(`explain ${COLORS}`, [[1], 5]);
  expect(plan.flat().join('\n')).toContain('Index Scan using painted_pkey');
});

test('more texts than are kept are answered all the same', async () => {
  const texts = Array.from({ length: 250 }, (_, i) => `select ${i} + $1::int`);
  for (const round of [1, 2])
    expect((await Promise.all(texts.map((text) => database.lookup<[number]>(text, [round])))).flat(2)).toEqual(
      texts.map((_, i) => i + round),
    );
});

test('after it is closed nothing is asked', async () => {
  const last = database.lookup(COLORS, [[1], 5]);
  await database.close();
  expect(await last).toEqual([[1, 'red']]);
  const watched = watchStatements(database);
  await expect(database.lookup(COLORS, [[1], 5])).rejects.toThrow('closed');
  watched.stop();
  expect(watched.texts).toEqual([]);
});
