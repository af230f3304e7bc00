import { decodeJwt } from 'jose';
import type { Database } from '../../src/db/database';
import { revokeAllOf, revokeToken, standingIn } from '../../src/gateway/revocation';
import { testDatabase } from '../support/database';
import { type Served, serve } from '../support/http';
import { type TestHub, testHub } from '../support/hub';

// A hub takes seconds to open, or its many clients to be made, on a machine that does other things too.
jest.setTimeout(30_000);

const NOW = new Date('2026-06-30T02:00:00.400Z');

describe('what stands', () => {
  let database: Database;
  let elapsed: number;
  beforeEach(async () => {
    elapsed = 0;
    database = await testDatabase();
    await database.pool.query("insert into sharing.agency values ('tax', 'Tax', '税务'), ('other', 'Other', '其他')");
    await database.pool.query("insert into sharing.client (id, agency, secret_hash) values ('tax', 'tax', 'x')");
  });
  afterEach(() => database.close());
  const named = (changes: object = {}) => ({ agency: 'tax', jti: 'one', client: 'tax', ...changes });
  const read = () => standingIn(database.pool, () => elapsed).read;

  test.each<[string, (pool: Database['pool']) => Promise<unknown>, object, number | null]>([
    ['nothing happened', async () => undefined, {}, 0],
    ['no such agency', async () => undefined, { agency: 'ghost' }, null],
    ['a client of another issuer', async () => undefined, { client: null }, 0],
    ['revoked', (pool) => revokeToken(pool, 'one', 'me', NOW), {}, null],
    ['another revoked', (pool) => revokeToken(pool, 'two', 'me', NOW), {}, 0],
    [
      'revoked twice',
      (pool) => revokeToken(pool, 'one', 'me', NOW).then(() => revokeToken(pool, 'one', 'you', NOW)),
      {},
      null,
    ],
    ['all of the agency revoked', (pool) => revokeAllOf(pool, 'tax', NOW), {}, 1_782_784_800.401],
    ["all of another's revoked", (pool) => revokeAllOf(pool, 'other', NOW), {}, 0],
    [
      'all revoked, then again by a clock that is behind',
      (pool) => revokeAllOf(pool, 'tax', NOW).then(() => revokeAllOf(pool, 'tax', new Date(0))),
      {},
      1_782_784_800.401,
    ],
    ['suspended', (pool) => pool.query("update sharing.agency set suspended_at = now() where code = 'tax'"), {}, null],
    ['client disabled', (pool) => pool.query('update sharing.client set disabled_at = now()'), {}, null],
    [
      'client disabled, of another issuer',
      (pool) => pool.query('update sharing.client set disabled_at = now()'),
      { client: null },
      0,
    ],
  ])('%s', async (_, happen, changes, expected) => {
    await happen(database.pool);
    expect(await read()(named(changes))).toBe(expected);
  });

  test('is remembered for half a second', async () => {
    const standing = read();
    expect(await standing(named())).toBe(0);
    await revokeToken(database.pool, 'one', 'me', NOW);
    elapsed = 499;
    expect(await standing(named())).toBe(0);
    expect(await standing(named({ client: null }))).toBeNull();
    elapsed = 500;
    expect(await standing(named())).toBeNull();
  });

  test('what could not be read is not remembered', async () => {
    const standing = read();
    await database.pool.query('alter table sharing.revoked_token rename to away');
    await expect(standing(named())).rejects.toThrow();
    await database.pool.query('alter table sharing.away rename to revoked_token');
    expect(await standing(named())).toBe(0);
  });

  test('a revocation is kept until no token of its time can hold, and then forgotten', async () => {
    await revokeToken(database.pool, 'one', 'me', NOW);
    const { rows } = await database.pool.query('select until, by from sharing.revoked_token');
    expect(rows).toEqual([{ until: '2026-07-31T02:00:00.4Z', by: 'me' }]);
    await revokeToken(database.pool, 'two', 'me', new Date('2026-08-01T00:00:00Z'));
    const { rows: left } = await database.pool.query('select jti from sharing.revoked_token');
    expect(left).toEqual([{ jti: 'two' }]);
  });

  test('an agency that is not registered has nothing to revoke', async () => {
    await expect(revokeAllOf(database.pool, 'ghost', NOW)).rejects.toThrow(/^"ghost" is not a registered agency/);
  });
});

describe('a revocation bites on the next request', () => {
  let hub: TestHub;
  let http: Served;
  let now = NOW;
  beforeAll(async () => {
    hub = await testHub({ now: () => now });
    http = await serve(hub);
  });
  afterAll(async () => {
    await http.close();
    await hub.close();
  });
  const status = async (token: string) =>
    (await http.ask('{ __typename }', {}, { authorization: `Bearer ${token}` })).status;

  test('of one token', async () => {
    const [one, other] = [await hub.hub.issuer.issue('tax'), await hub.hub.issuer.issue('tax')];
    expect([await status(one), await status(other)]).toEqual([200, 200]);
    await revokeToken(hub.database.pool, decodeJwt(one).jti as string, 'me', now);
    expect([await status(one), await status(other)]).toEqual([401, 200]);
  });

  test('of all that an agency has; what is issued afterwards holds', async () => {
    const [old, others] = [await hub.hub.issuer.issue('tax'), await hub.hub.issuer.issue('civil-affairs')];
    await revokeAllOf(hub.database.pool, 'tax', now);
    expect([await status(old), await status(await hub.hub.issuer.issue('tax')), await status(others)]).toEqual([
      401, 401, 200,
    ]);
    now = new Date(now.getTime() + 1);
    expect([await status(old), await status(await hub.hub.issuer.issue('tax'))]).toEqual([401, 200]);
  });
});
