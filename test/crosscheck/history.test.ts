/** The history of findings, of those too that were found before there was one. */
import { FindingLife1764000000061 } from '../../migrations/1764000000061-finding-life';
import { findingById } from '../../src/crosscheck/finding';
import { historyOf } from '../../src/crosscheck/history';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';

const EVIDENCE = JSON.stringify({ records: [] });
const at = (run: number) => `2026-06-0${run}T18:00:00Z`;

describe('findings of before', () => {
  let database: Database;
  beforeAll(async () => {
    database = await testDatabase();
    const migration = new FindingLife1764000000061();
    const runner = database.dataSource.createQueryRunner();
    await migration.down(runner);
    for (let run = 1; run <= 4; run++)
      await runner.query(`insert into crosscheck.run (as_of, is_full, started_at) values ('2026-06-30', true, $1)`, [
        at(run),
      ]);
    const states: Record<string, string[]> = {
      once: ['OPEN'],
      gone: ['OPEN', 'WITHDRAWN'],
      back: ['OPEN', 'OPEN', 'WITHDRAWN', 'OPEN'],
    };
    for (const [id, lives] of Object.entries(states)) {
      await runner.query(
        `insert into crosscheck.finding values ($1, 'D1', 1, 'claim', $1, null, 1, null, 'CLAIM', 'VERIFY', $2, $3, $4, $5, 1, $6)`,
        [id, lives.at(-1), EVIDENCE, at(1), at(lives.length), lives.length],
      );
      for (const [place, state] of lives.slice(0, -1).entries())
        await runner.query(
          `insert into crosscheck.finding_before values ($1, $2, 1, null, 1, null, 'CLAIM', 'VERIFY', $3, $4, $5, $6)`,
          [id, place + 2, state, EVIDENCE, at(place + 1), place + 1],
        );
    } // biome-ignore format: rows
    await migration.up(runner);
    await runner.release();
  });
  afterAll(() => database.close());

  const lines = async (id: string) =>
    ((await historyOf(database, [id], { first: 10 })).get(id) ?? []).map(({ version, act, toState, run, at: when }) =>
      [version, act, toState, run, when].join(' '),
    );

  test.each<[string, string[], object]>([
    ['once', [`1 FOUND OPEN 1 ${at(1)}`], { version: 1, isSupported: true, withdrawnBecause: null }],
    [
      'gone',
      [`1 FOUND OPEN 1 ${at(1)}`, `2 WITHDRAWN WITHDRAWN 2 ${at(2)}`],
      { version: 2, isSupported: false, withdrawnBecause: { records: [], run: '2' } },
    ],
    [
      'back',
      [
        `1 FOUND OPEN 1 ${at(1)}`,
        `2 CHANGED OPEN 2 ${at(2)}`,
        `3 WITHDRAWN WITHDRAWN 3 ${at(3)}`,
        `4 SUPPORTED OPEN 4 ${at(4)}`,
      ],
      { version: 4, isSupported: true, withdrawnBecause: null },
    ],
  ])('%s: their life is told from what they were', async (id, expected, finding) => {
    expect(await lines(id)).toEqual(expected);
    expect(await findingById(database, id)).toMatchObject(finding);
  });

  test('of several at once, of each so many, behind a version', async () => {
    const found = await historyOf(database, ['back', 'none', 'gone'], { first: 2, after: 1 });
    expect([...found].map(([id, events]) => [id, events.map(({ version }) => version)])).toEqual([
      ['back', [2, 3]],
      ['gone', [2]],
    ]);
  });
});
