import type { Database } from '../../src/db/database';
import { foundHub } from '../../src/hub/founding';
import { Agency, Agreement, agreementsIn } from '../../src/sharing/agreement';
import { testDatabase } from '../support/database';

describe('agreements from the database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await testDatabase({ entities: [Agency, Agreement] });
    await foundHub(database.dataSource, '2026-06-30');
  });
  afterAll(() => database.close());

  const states = (agreements: readonly Agreement[]) => [...new Set(agreements.map(({ state }) => state))];

  test("are an agency's own, in every state, and remembered for less than a second", async () => {
    let now = 0;
    const read = agreementsIn(database.dataSource, () => now);
    expect(await read('nobody')).toEqual([]);
    const before = await read('social-security');
    expect(before.map(({ agency }) => agency)).toEqual(before.map(() => 'social-security'));
    expect(states(before)).toEqual(['APPROVED']);
    await database.pool.query(`update sharing.agreement set state = 'REVOKED' where agency = 'social-security'`);
    expect(states(await read('social-security'))).toEqual(['APPROVED']);
    now = 999;
    expect(states(await read('social-security'))).toEqual(['REVOKED']);
  });

  test('are not remembered when they could not be read', async () => {
    const read = agreementsIn(database.dataSource, () => 0);
    await database.pool.query('alter table sharing.agreement rename to hidden');
    await expect(read('tax')).rejects.toThrow();
    await database.pool.query('alter table sharing.hidden rename to agreement');
    await expect(read('tax')).resolves.toEqual([]);
  });
});
