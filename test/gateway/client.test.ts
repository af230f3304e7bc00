import type { Database } from '../../src/db/database';
import { disableClient, findClient, hashSecret, isSecretOf, makeClient } from '../../src/gateway/client';
import { Agency, suspendAgency } from '../../src/sharing/agency';
import { testDatabase } from '../support/database';
import { testKey } from '../support/tokens';

describe('clients', () => {
  let database: Database;
  beforeEach(async () => {
    database = await testDatabase({ entities: [Agency] });
    await database.pool.query("insert into sharing.agency values ('tax', 'Tax', '税务')");
  });
  afterEach(() => database.close());
  const made = (name: string | null, agency = 'tax', jwks: object | null = null) =>
    makeClient(database.pool, { agency, name, jwks: jwks as never });

  test('bear the code of their agency, and a name when it has several; each has its own secret', async () => {
    const [one, other] = [await made(null), await made('nightly')];
    expect([one.id, other.id]).toEqual(['tax', 'tax/nightly']);
    expect(one.secret).toMatch(/^[\w-]{43}$/);
    expect(one.secret).not.toBe(other.secret);
    const { agency, secretHash } = (await findClient(database.pool, 'tax/nightly')) ?? {};
    expect([agency, await isSecretOf(secretHash as string, other.secret as string)]).toEqual(['tax', true]);
    expect(await isSecretOf(secretHash as string, one.secret as string)).toBe(false);
  });

  test('have a key instead of a secret, and never both', async () => {
    const jwks = { keys: [testKey('ES256', 'k').jwk] };
    expect(await made('by-key', 'tax', jwks)).toEqual({ id: 'tax/by-key', secret: null });
    expect(await findClient(database.pool, 'tax/by-key')).toEqual({
      id: 'tax/by-key',
      agency: 'tax',
      secretHash: null,
      jwks,
    });
    await expect(
      database.pool.query(`update sharing.client set secret_hash = 'x' where id = 'tax/by-key'`),
    ).rejects.toThrow(/check/);
  });

  test.each<[string, string | null, string, RegExp]>([
    ['an agency that is not registered', null, 'ghost', /^"ghost" is not a registered agency/],
    ['an empty name', '', 'tax', /^"" is no name of a client/],
    ['a name in capitals', 'Nightly', 'tax', /^"Nightly" is no name of a client/],
    ['a name with a slash', 'a/b', 'tax', /is no name of a client/],
    ['a long name', 'x'.repeat(64), 'tax', /is no name of a client/],
    ['a name that is taken', 'nightly', 'tax', /^Client tax\/nightly exists, and its secret cannot be told again/],
  ])('are not made: %s', async (_, name, agency, sentence) => {
    const first = await made('nightly');
    await expect(made(name, agency)).rejects.toThrow(sentence);
    const { secretHash } = (await findClient(database.pool, 'tax/nightly')) ?? {};
    expect(await isSecretOf(secretHash as string, first.secret as string)).toBe(true);
  });

  test('are not found when disabled, or their agency is suspended', async () => {
    await made('one');
    await made('two');
    await disableClient(database.pool, 'tax/one');
    expect([await findClient(database.pool, 'tax/one'), (await findClient(database.pool, 'tax/two'))?.id]).toEqual([
      null,
      'tax/two',
    ]);
    await suspendAgency(database.dataSource, 'tax', true);
    expect(await findClient(database.pool, 'tax/two')).toBeNull();
    await expect(disableClient(database.pool, 'ghost')).rejects.toThrow(/^There is no client "ghost"/);
    await expect(made('one')).rejects.toThrow(/^Client tax\/one exists/);
  });

  test.each([
    ['secret', 'secret', true],
    ['secret', 'secret ', false],
    ['secret', 'Secret', false],
    ['secret', '', false],
    ['', '', true],
    ['x'.repeat(256), 'x'.repeat(257), false],
    ['x'.repeat(256), 'x'.repeat(256), true],
  ])('the hash of %j is of %j: %j', async (secret, given, expected) => {
    expect(await isSecretOf(await hashSecret(secret), given)).toBe(expected);
  });

  test('two hashes of one secret differ', async () => {
    expect(await hashSecret('secret')).not.toBe(await hashSecret('secret'));
  });
});
