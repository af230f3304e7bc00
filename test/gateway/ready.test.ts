import type { Database } from '../../src/db/database';
import { listen } from '../../src/gateway/listen';
import { readinessOf } from '../../src/gateway/ready';
import { testDatabase } from '../support/database';
import { serve } from '../support/http';
import { type TestHub, testHub } from '../support/hub';

describe('readiness', () => {
  let database: Database;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  const wrong: readonly [string, string, string, string][] = [
    ['a migration is missing', 'DATABASE_NOT_MIGRATED', `update migrations set name = 'x' || name where id = 3`, `update migrations set name = substr(name, 2) where id = 3`],
    ['nothing was migrated', 'DATABASE_NOT_MIGRATED', 'alter table migrations rename to hidden', 'alter table hidden rename to migrations'],
    ['the audit log is gone', 'AUDIT_UNWRITABLE', 'alter table audit.record rename to hidden', 'alter table audit.hidden rename to record'],
    ['nothing may be written', 'AUDIT_UNWRITABLE', 'set session characteristics as transaction read only', 'set session characteristics as transaction read write'],
  ]; // biome-ignore format: a table
  test.each(wrong)('%s: %s, and ready again when it is mended', async (_, code, breakIt, mendIt) => {
    let now = 0;
    const one = await testDatabase({ poolSize: 1 });
    try {
      const ready = readinessOf(one.pool, () => now);
      expect(await ready()).toBeNull();
      await one.pool.query(breakIt);
      expect(await ready()).toBeNull();
      now += 1_000;
      expect(await ready()).toBe(code);
      await one.pool.query(mendIt);
      now += 1_000;
      expect(await ready()).toBeNull();
    } finally {
      await one.close();
    }
  });

  test('a newer version’s migrations do not make an older one unready', async () => {
    await database.pool.query(`insert into migrations (timestamp, name) values (9999999999999, 'Later9999999999999')`);
    expect(await readinessOf(database.pool)()).toBeNull();
  });

  test('looking takes no number of the log', async () => {
    const count = async () => (await database.pool.query('select count(*) from audit.record')).rows[0];
    const before = await count();
    await readinessOf(database.pool)();
    expect(await count()).toEqual(before);
  });

  test('a database that cannot be asked, and one that does not answer', async () => {
    const gone = await testDatabase();
    await gone.close();
    expect(await readinessOf(gone.pool)()).toBe('DATABASE_UNREACHABLE');
    const busy = await testDatabase({ poolSize: 1 });
    const held = await busy.pool.connect();
    expect(await readinessOf(busy.pool)()).toBe('DATABASE_UNREACHABLE');
    held.release();
    await busy.close();
  });
});

describe('over HTTP', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await testHub();
  });
  afterAll(() => hub.close());

  test.each([
    [null, 200, { status: 'ready' }],
    ['AUDIT_UNWRITABLE' as const, 503, { status: 'unready', code: 'AUDIT_UNWRITABLE' }],
  ])('%s is answered with %i', async (code, status, body) => {
    const at = await listen(hub.hub.gateway, { host: '127.0.0.1', port: 0, pages: null, ready: async () => code });
    const answer = await fetch(`${at.url}/readyz`);
    expect([answer.status, await answer.json()]).toEqual([status, body]);
    expect((await fetch(`${at.url}/healthz`)).status).toBe(200);
    await at.close();
  });

  test('while it stops it is unready and alive, and what was begun is answered', async () => {
    const http = await serve(hub);
    const closed = http.close({ lingerMilliseconds: 400, idleMilliseconds: 0, answerMilliseconds: 5_000 });
    const [ready, alive, asked] = await Promise.all([
      fetch(`${http.url}/readyz`),
      fetch(`${http.url}/healthz`),
      http.ask('{ __typename }'),
    ]);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'unready', code: 'STOPPING' }]);
    expect([alive.status, asked.status, asked.headers.get('connection')]).toEqual([200, 200, 'close']);
    await closed;
    await expect(fetch(`${http.url}/healthz`)).rejects.toThrow();
  });
});
