import type { Database } from '../../src/db/database';
import { freshnessIn } from '../../src/subgraph/freshness';
import { testDatabase } from '../support/database';
import { deliver, smallCity } from '../support/small-city';

describe('freshness', () => {
  let database: Database;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  test('is the end of the last complete delivery of each kind, and remembered for a second', async () => {
    let now = 0;
    const read = freshnessIn(database.pool, () => now);
    expect((await read()).size).toBe(0);
    const { death, household } = smallCity();
    await deliver(database, { death: death ?? [], household: household ?? [] });
    expect((await read()).size).toBe(0);
    now = 1_000;
    const fresh = await read();
    expect([...fresh.keys()].sort()).toEqual(['death', 'household']);
    await database.pool.query(`update sync.run set state = 'FAILED', finished_at = '2099-01-01' where kind = 'death'`);
    now = 2_000;
    expect([...(await read()).keys()]).toEqual(['household']);
  });

  test('says since when a kind is late, delivered before or never', async () => {
    await database.pool.query(
      `insert into sync.expected select kind, kind, '0 2 * * *', 120, '2026-06-01' from unnest('{household,claim,poverty}'::text[]) kind`,
    );
    await database.pool.query(
      `insert into sync.late select kind, '2026-06-29T18:00:00Z', now() from unnest('{household,claim}'::text[]) kind`,
    );
    const fresh = await freshnessIn(database.pool)();
    const since = '2026-06-29T18:00:00Z';
    expect(fresh.get('household')).toEqual({ at: expect.stringMatching(/^\d{4}-/), lateSince: since });
    expect(fresh.get('claim')).toEqual({ at: null, lateSince: since });
    expect(fresh.has('poverty')).toBe(false);
  });

  test('is not remembered when it could not be read', async () => {
    const read = freshnessIn(database.pool, () => 0);
    await database.pool.query('alter table sync.run rename to hidden');
    await expect(read()).rejects.toThrow();
    await database.pool.query('alter table sync.hidden rename to run');
    await expect(read()).resolves.toBeInstanceOf(Map);
  });
});
