import { constants, type KeyObject, verify } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Database } from '../../src/db/database';
import {
  type Authenticate,
  authenticator,
  CaseMalformed,
  PurposeRequired,
  Unauthenticated,
} from '../../src/gateway/authenticate';
import type { TrustedIssuer } from '../../src/gateway/issuers';
import { type Algorithm, oneKey } from '../../src/gateway/key-set';
import { standingIn } from '../../src/gateway/revocation';
import { CLAIM_KINDS, FORMS } from '../support/bad-claims';
import { CONFUSION, otherKeys } from '../support/bad-keys';
import { changedSignature, DIGEST_INFO, filled, pss, rsa, SIGNATURES } from '../support/bad-signatures';
import { testDatabase } from '../support/database';
import {
  CLAIMS,
  EC,
  ED,
  each,
  headerOf,
  KEYS,
  type Kind,
  NOW,
  RSA,
  seconds,
  signedBy,
  token,
} from '../support/good-token';
import { compact, type TestKey, testKey } from '../support/tokens';

// Some hundred tokens are made and asked about in one test.
jest.setTimeout(30_000);

describe('a caller', () => {
  let database: Database;
  let server: Server;
  let visits = 0;
  let elsewhere: string;
  let ask: Authenticate;
  beforeAll(async () => {
    database = await testDatabase();
    await database.pool.query(
      "insert into sharing.agency values ('tax', 'Tax', '税务'), ('civil-affairs', 'C', '民政')",
    );
    server = createServer((_request, response) => {
      visits += 1;
      response.end('{"keys":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    elsewhere = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    ask = authenticator({ issuers: [issuer()], standing: standingIn(database.pool).read, now: () => NOW });
  });
  afterAll(async () => {
    server.close();
    await database.close();
  });

  function issuer(changes: Partial<TrustedIssuer> = {}): TrustedIssuer {
    const sets = Object.values(KEYS).map((key) => oneKey(key.publicKey as never, key.algorithm, key.kid));
    return {
      name: 'bureau',
      audience: 'hub',
      algorithms: ['RS256', 'ES256', 'EdDSA'],
      findKeys: async (...asked) => (await Promise.all(sets.map((find) => find(...asked)))).flat(),
      speaksFor: (agency) => ['tax', 'ghost'].includes(agency),
      lifetimeSecondsMax: 86_400,
      toleranceSeconds: 30,
      isOurs: false,
      ...changes,
    };
  }
  const known = (given: string, more: object = {}) =>
    ask({ authorization: `Bearer ${given}`, purpose: 'REVIEW', ...more });

  test('is who the token says, for the purpose and case of the headers', async () => {
    expect(await known(token(ED, { act: { sub: '王五' } }), { case: '皖医保〔2026〕12号' })).toEqual({
      agency: 'tax',
      officer: '王五',
      purpose: 'REVIEW',
      case: '皖医保〔2026〕12号',
    });
    expect(await known(token(RSA))).toEqual({ agency: 'tax', officer: null, purpose: 'REVIEW', case: null });
  });

  test.each<Kind>([
    ...each('a good one', (key) => token(key)),
    ...each('typ in full', (key) => token(key, {}, { typ: 'application/at+jwt' })),
    ...each('typ in other letters', (key) => token(key, {}, { typ: 'AT+JWT' })),
    ...each('no kid', (key) => token(key, {}, { kid: undefined })),
    ...each('a list of one audience', (key) => token(key, { aud: ['hub'] })),
    ...each('other headers', (key) => token(key, {}, { cty: 'x', x5t: 'AAAA', foo: { bar: [1] } })),
    ...each('other claims', (key) => token(key, { scope: 'a b', realm_access: { roles: ['x'] }, __proto__: { a: 1 } })),
    ...each('clocks within the tolerance', (key) => token(key, { iat: seconds + 29, nbf: seconds + 29 })),
    ...each('just ended, within the tolerance', (key) => token(key, { exp: seconds - 29 })),
    ...each('a whole day', (key) => token(key, { iat: seconds, exp: seconds + 86_400 })),
    ...each('parts of a second', (key) => token(key, { iat: seconds - 0.5 })),
    ...each('blanks in the JSON', (key) =>
      compact(JSON.stringify(headerOf(key), null, 2), JSON.stringify(CLAIMS, null, '\t'), key.signs),
    ),
    ...each('the same name in different objects', (key) => token(key, { act: { sub: 'a' }, b: [{ c: 1 }, { c: 1 }] })),
    ...each('text that looks like names', (key) => token(key, { x: '{"sub":"a","sub":"b"}' })),
  ])('a token is taken: %s', async (_, make) => {
    await expect(known(make())).resolves.toMatchObject({ agency: 'tax' });
  });

  test.each<[string, () => Kind[], number]>([
    ['whose algorithm is confused', () => CONFUSION, 100],
    ["under another's key", () => otherKeys(elsewhere), 60],
    ['whose signature is none', () => SIGNATURES, 50],
    ['whose claims do not hold', () => CLAIM_KINDS, 190],
    ['whose form is loose', () => FORMS, 90],
  ])('a token %s is refused', async (_, kindsOf, atLeast) => {
    const kinds = kindsOf();
    expect(kinds.length).toBeGreaterThanOrEqual(atLeast);
    const taken: string[] = [];
    for (const [name, make] of kinds) {
      const told = await known(make()).then(
        () => 'taken',
        (error: Error) => (error instanceof Unauthenticated ? error.message : String(error)),
      );
      if (told !== 'A valid access token is required') taken.push(`${name}: ${told}`);
    }
    expect(taken).toEqual([]);
    expect(visits).toBe(0);
  });

  test('the signatures that must fail are near misses: what they are made of is good', async () => {
    const block = rsa((digest) => [filled(1, 255, 202), DIGEST_INFO, digest]);
    await expect(known(block)).resolves.toMatchObject({ agency: 'tax' });
    await expect(known(changedSignature(EC, (signature) => signature))).resolves.toMatchObject({ agency: 'tax' });
    const [head, body, signature] = signedBy(RSA, pss).split('.') as [string, string, string];
    const padding = { key: RSA.publicKey as KeyObject, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    expect(verify('sha256', Buffer.from(`${head}.${body}`), padding, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  test.each<[Algorithm[], Algorithm[]]>([
    [['RS256'], ['RS256']],
    [
      ['ES256', 'EdDSA'],
      ['ES256', 'EdDSA'],
    ],
  ])('an issuer that signs by %j is believed by these alone', async (algorithms, expected) => {
    const strict = authenticator({
      issuers: [issuer({ algorithms })],
      standing: standingIn(database.pool).read,
      now: () => NOW,
    });
    const taken = [];
    for (const key of Object.values(KEYS)) {
      const isTaken = await strict({ authorization: `Bearer ${token(key)}`, purpose: 'REVIEW' }).catch(() => null);
      if (isTaken) taken.push(key.algorithm);
    }
    expect(taken).toEqual(expected);
  });

  test('two issuers: each speaks for its own agencies, by its own keys', async () => {
    const other = testKey('ES256', 'e');
    const both = authenticator({
      issuers: [
        issuer(),
        issuer({
          name: 'other',
          speaksFor: (agency) => agency === 'civil-affairs',
          findKeys: oneKey(other.publicKey as never, 'ES256', 'e'),
        }),
      ],
      standing: standingIn(database.pool).read,
      now: () => NOW,
    });
    const taken = async (key: TestKey, iss: string, sub: string) => {
      const authorization = `Bearer ${token(key, { iss, sub })}`;
      return (await both({ authorization, purpose: 'REVIEW' }).catch(() => null))?.agency ?? null;
    };
    expect(await taken(EC, 'bureau', 'tax')).toBe('tax');
    expect(await taken(other, 'other', 'civil-affairs')).toBe('civil-affairs');
    expect(await taken(EC, 'bureau', 'civil-affairs')).toBeNull();
    expect(await taken(other, 'other', 'tax')).toBeNull();
    expect(await taken(other, 'bureau', 'tax')).toBeNull();
    expect(await taken(EC, 'other', 'civil-affairs')).toBeNull();
  });

  describe('a token that was taken before', () => {
    const good = token(ED, { nbf: seconds - 60 });
    const at = { now: NOW, issuers: [] as TrustedIssuer[], ask: null as unknown as Authenticate };
    const again = async (given = good) =>
      (await at.ask({ authorization: `Bearer ${given}`, purpose: 'REVIEW' }).catch(() => null))?.agency ?? null;
    const after = (offset: number) => new Date(NOW.getTime() + offset * 1_000);
    beforeEach(async () => {
      Object.assign(at, { now: NOW, issuers: [issuer()] });
      at.ask = authenticator({ issuers: at.issuers, standing: standingIn(database.pool).read, now: () => at.now });
      expect(await again()).toBe('tax');
    });

    test.each<[string, number, string | null]>([
      ['until it ends', 629, 'tax'],
      ['not after it ended', 630, null],
      ['not before it began', -91, null],
    ])('is taken again %s', async (_, offset, expected) => {
      at.now = after(offset);
      expect(await again()).toBe(expected);
      at.now = NOW;
      expect(await again()).toBe('tax');
    });

    test('is not taken with a changed signature, nor its signature for other claims', async () => {
      const [header, claims, signature = ''] = good.split('.');
      const [, others] = token(ED, { nbf: seconds - 60, jti: 'two' }).split('.');
      expect(
        await again([header, claims, `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`].join('.')),
      ).toBeNull();
      expect(await again([header, others, signature].join('.'))).toBeNull();
    });

    test.each<[string, Partial<TrustedIssuer>]>([
      ['its key', { findKeys: async () => [] }],
      ['its audience', { audience: 'another' }],
      ['its algorithm', { algorithms: ['RS256'] }],
      ['its agency', { speaksFor: () => false }],
    ])('is not taken when the issuer has lost %s', async (_, change) => {
      Object.assign(at.issuers[0] as TrustedIssuer, change);
      expect(await again()).toBeNull();
    });

    test('is not taken by a key read anew that did not sign it', async () => {
      const other = testKey('EdDSA', 'd');
      Object.assign(at.issuers[0] as TrustedIssuer, { findKeys: oneKey(other.publicKey as never, 'EdDSA', 'd') });
      expect(await again()).toBeNull();
    });
  });

  test.each([
    undefined,
    '',
    'Basic dGF4',
    'Bearer',
    'Bearer  ',
    `Token ${token(ED)}`,
    `Bearer ${token(ED)} x`,
    `Bearer  ${token(ED)}`,
  ])('authorization %# is refused', async (authorization) => {
    await expect(ask({ authorization, purpose: 'REVIEW' })).rejects.toThrow(Unauthenticated);
  });

  test.each([undefined, '', 'review', 'A B', 'A'.repeat(65), "A';--"])('purpose %j is no purpose', async (purpose) => {
    await expect(known(token(ED), { purpose })).rejects.toThrow(PurposeRequired);
  });

  test('whoever is not known is told so before being told of a missing purpose', async () => {
    await expect(known('a.b.c', { purpose: undefined })).rejects.toThrow(Unauthenticated);
  });

  test.each(['a\nb', ' a', 'x'.repeat(101), '<b>', '\u0000'])('case %j is no case number', async (number) => {
    await expect(known(token(ED), { case: number })).rejects.toThrow(CaseMalformed);
  });

  test('a database that cannot be asked is no answer about the token', async () => {
    const broken = authenticator({
      issuers: [issuer()],
      standing: () => Promise.reject(new Error('gone')),
      now: () => NOW,
    });
    await expect(broken({ authorization: `Bearer ${token(ED)}`, purpose: 'REVIEW' })).rejects.toThrow('gone');
    await expect(broken({ authorization: `Bearer ${token(ED, { aud: 'x' })}`, purpose: 'REVIEW' })).rejects.toThrow(
      Unauthenticated,
    );
  });
});
