import { AuditUnavailable, openAuditLog } from '../../src/audit/append';
import type { Database } from '../../src/db/database';
import { listen } from '../../src/gateway/listen';
import { readinessOf } from '../../src/gateway/ready';
import { auditRecord } from '../audit/log-fixture';
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

  test('after a record that could not be written: tried anew each time, until one can be, and none is left behind', async () => {
    const one = await testDatabase({ poolSize: 1 });
    let now = 0;
    const audit = openAuditLog(one.pool);
    const ready = readinessOf(one.pool, () => (now += 1_000), audit.failures);
    // Nothing less than a record shows it: what is asked of the log without one is answered as ever.
    await one.pool.query(
      `create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'no room' using errcode = '53100'; end $$`,
    );
    await one.pool.query(
      'create trigger full_disk before insert on audit.record for each row execute function full_disk()',
    );
    expect(await ready()).toBeNull();
    await expect(audit.append(auditRecord())).rejects.toThrow(AuditUnavailable);
    expect([await ready(), await ready()]).toEqual(['AUDIT_UNWRITABLE', 'AUDIT_UNWRITABLE']);
    await one.pool.query('drop trigger full_disk on audit.record');
    expect([await ready(), await ready()]).toEqual([null, null]);
    expect((await one.pool.query('select count(*) from audit.record')).rows[0].count).toBe('0');
    await one.close();
  });

  test('"ready" is remembered until a record fails, "not ready" for its second', async () => {
    const one = await testDatabase({ poolSize: 1 });
    let failed = 0;
    let now = 0;
    const ready = readinessOf(
      one.pool,
      () => now,
      () => failed,
    );
    expect(await ready()).toBeNull();
    await one.pool.query('alter table audit.record rename to hidden');
    expect(await ready()).toBeNull();
    failed += 1;
    expect(await ready()).toBe('AUDIT_UNWRITABLE');
    await one.pool.query('alter table audit.hidden rename to record');
    failed += 1;
    expect(await ready()).toBe('AUDIT_UNWRITABLE');
    now += 1_000;
    expect(await ready()).toBeNull();
    await one.close();
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

  test('who was refused, since nobody could look up whose token it is, does not hear that all is well', async () => {
    const lost = await testHub({ elapsed: () => 0 });
    const http = await serve(lost);
    try {
      const ready = async () => (await (await fetch(`${http.url}/readyz`)).json()) as object;
      expect(await ready()).toEqual({ status: 'ready' });
      await lost.database.close();
      expect(await ready()).toEqual({ status: 'ready' });
      const refused = await http.ask('{ rules { code } }');
      expect([refused.status, refused.body.errors[0].extensions.code]).toEqual([503, 'AUDIT_UNAVAILABLE']);
      expect(await ready()).toEqual({ status: 'unready', code: 'DATABASE_UNREACHABLE' });
    } finally {
      await http.close();
      await lost.close();
    }
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
