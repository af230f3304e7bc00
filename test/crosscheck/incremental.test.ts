/** A run over the touched leaves the bytes that a run over everyone leaves, increment after increment. */
import { check } from '../../src/crosscheck/run';
import type { Database } from '../../src/db/database';
import { seededRandom } from '../../src/demo/random';
import { testDatabase } from '../support/database';
import { increment, take, wholeCity } from './increments';
import { DELIVERED, markFollowed } from './plant';
import { randomCity } from './random-city';

const INCREMENTS = Number(process.env.HEYAN_INCREMENTS ?? 50);

let touched: Database;
let whole: Database;

beforeEach(async () => {
  [touched, whole] = await Promise.all([testDatabase(), testDatabase()]);
});

afterEach(() => Promise.all([touched.close(), whole.close()]));

type Left = Record<string, string[]>;

/** Everything a run leaves, but when it ran and how long it took. */
async function left(database: Database): Promise<Left> {
  const tables = {
    finding: 'id',
    finding_before: 'finding_id, until_run',
    finding_event: 'finding_id, version',
    standing: 'rule',
  };
  const entries = Object.entries(tables).map(async ([table, order]) => {
    const { rows } = await database.pool.query<{ row: string }>(
      `select t::text as row from crosscheck.${table} t order by ${order}`,
    );
    return [table, rows.map(({ row }) => row)];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Rows that only one of the two has. */
function differences(one: Left, other: Left): string[] {
  const only = (mine: Left, theirs: Left, sign: string) =>
    Object.keys(mine).flatMap((table) => {
      const known = new Set(theirs[table]);
      return (mine[table] as string[]).filter((row) => !known.has(row)).map((row) => `${sign} ${table} ${row}`);
    });
  return [...only(one, other, 'touched'), ...only(other, one, 'everyone')];
}

const dayAfter = (day: string, days: number) =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

test(`after each of ${INCREMENTS} increments`, async () => {
  const seed = Number(process.env.HEYAN_SEED ?? 7);
  const { chance, int } = seededRandom(seed);
  const city = randomCity(seed, 120);
  for (const database of [touched, whole]) {
    await markFollowed(database);
    await take(database, wholeCity(city), { city, firstRevision: 1 });
    await database.pool.query('analyze');
  }
  let asOf = '2025-12-20';
  let revision = 100_000;
  const checked: (number | null)[] = [];
  for (let n = 0; n <= INCREMENTS; n++) {
    const changes = increment(city, seed * 1_000 + n, int(0, 6));
    asOf = dayAfter(asOf, int(0, 9));
    // Now and then a feed is behind, or only some rules are asked for.
    const behind = chance(0.1) ? ['contribution'] : [];
    const rules = chance(0.1) ? ['D1', 'E0', 'D11'] : undefined;
    const reports = await Promise.all(
      [touched, whole].map(async (database) => {
        await take(database, changes, { city, firstRevision: revision });
        await database.pool.query(`update matching.progress set behind = kind = any($1::text[])`, [behind]);
        const now = () => new Date(Date.parse('2026-07-01T18:00:00Z') + n * 86_400_000);
        return check({ database, asOf, rules, freshness: DELIVERED, touchedOnly: database === touched, now });
      }),
    );
    revision += changes.length;
    checked.push(reports[0]?.persons as number | null);
    const [one, other] = [await left(touched), await left(whole)];
    expect({ n, asOf, differences: differences(one, other) }).toEqual({ n, asOf, differences: [] });
  }
  // It would be no news of runs that checked everyone.
  expect(checked.filter((persons) => persons !== null).length).toBeGreaterThan(INCREMENTS * 0.6);
  expect(Math.max(...checked.map((persons) => persons ?? 0))).toBeLessThan(60);
}, 300_000);
