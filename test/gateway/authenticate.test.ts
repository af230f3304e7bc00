import {
  constants,
  createHash,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  sign,
  verify,
} from 'node:crypto';
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
import { testDatabase } from '../support/database';
import { base64, compact, type Signs, type TestKey, testKey } from '../support/tokens';

const NOW = new Date('2026-06-30T02:00:00Z');
const seconds = NOW.getTime() / 1_000;
const KEYS = { RS256: testKey('RS256', 'r'), ES256: testKey('ES256', 'e'), EdDSA: testKey('EdDSA', 'd') };
const RSA = KEYS.RS256;
const EC = KEYS.ES256;
const ED = KEYS.EdDSA;

const CLAIMS = { iss: 'bureau', sub: 'tax', aud: 'hub', iat: seconds - 60, exp: seconds + 600, jti: 'one' };
const headerOf = ({ algorithm, kid }: TestKey) => ({ alg: algorithm, typ: 'at+jwt', kid });
/** A token that is good but for what is changed. `undefined` leaves a claim out. */
const token = (key: TestKey, claims: object = {}, header: object = {}, signs: Signs = key.signs) =>
  compact({ ...headerOf(key), ...header }, { ...CLAIMS, ...claims }, signs);
/** A good header and good claims under a signature of our making. */
const signedBy = (key: TestKey, signs: Signs, header: object = {}) => token(key, {}, header, signs);

/** Numbers as the bytes of an ECDSA signature in JWS: r and s, 32 bytes each (RFC 7518, 3.4). */
const bytes = (value: bigint, length = 32) => Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');
const number = (given: Buffer) => BigInt(`0x${given.toString('hex')}`);
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The issuer's key, had it signed a block that is not padded as PKCS #1 (RFC 8017, 9.2) says. */
function rsaBlock(text: string, block: (digest: Buffer) => Buffer[]): Buffer {
  const parts = Buffer.concat(block(createHash('sha256').update(text).digest()));
  const padded = Buffer.concat([Buffer.alloc(Math.max(0, 256 - parts.length)), parts]);
  return privateEncrypt({ key: RSA.privateKey, padding: constants.RSA_NO_PADDING }, padded);
}
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');
const filled = (type: number, fill: number, length: number) =>
  Buffer.concat([Buffer.from([0, type]), Buffer.alloc(length, fill), Buffer.from([0])]);

/** Every form of a public key that somebody could take for the secret of HS256. */
function formsOf({ publicKey, jwk }: TestKey): Buffer[] {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const parts = [jwk.n, jwk.x, jwk.y].filter((part) => part !== undefined);
  return [
    ...[pem, pem.trim(), pem.replaceAll('\n', '\r\n'), pem.replace(/-----.*-----|\n/g, ''), JSON.stringify(jwk), ''],
    ...parts,
  ]
    .map((text) => Buffer.from(text))
    .concat(der, ...parts.map((part) => Buffer.from(part, 'base64url')));
}

const hmac =
  (secret: Buffer, hash = 'sha256'): Signs =>
  (text) =>
    createHmac(hash, secret).update(text).digest();

type Kind = [name: string, make: () => string];
const each = (name: string, make: (key: TestKey) => string): Kind[] =>
  Object.values(KEYS).map((key) => [`${key.algorithm}: ${name}`, () => make(key)]);

const CONFUSION: Kind[] = [
  ...['none', 'None', 'NONE', 'nOnE', '', 'none ', 'null'].flatMap((alg) => [
    ...each(`algorithm ${JSON.stringify(alg)} without signature`, (key) =>
      signedBy(key, () => Buffer.alloc(0), { alg }),
    ),
    ...each(`algorithm ${JSON.stringify(alg)} with a signature`, (key) => token(key, {}, { alg })),
  ]),
  ...[null, 1, ['RS256'], { RS256: 1 }, undefined].flatMap((alg) =>
    each(`algorithm ${JSON.stringify(alg)}`, (key) => token(key, {}, { alg })),
  ),
  ...['rs256', 'RS256 ', 'es256', 'eddsa', 'EDDSA', 'Ed25519', 'ed25519'].flatMap((alg) =>
    each(`algorithm ${JSON.stringify(alg)}`, (key) => token(key, {}, { alg })),
  ),
  ...['HS256', 'HS384', 'HS512'].flatMap((alg) =>
    Object.values(KEYS).flatMap((key) =>
      formsOf(key).map(
        (secret, form): Kind => [
          `${alg} by the public key of ${key.algorithm}, form ${form}`,
          () => signedBy(key, hmac(secret, `sha${alg.slice(2)}`), { alg }),
        ],
      ),
    ),
  ),
  ...Object.values(KEYS).flatMap((key) =>
    (['RS256', 'ES256', 'EdDSA'] as const)
      .filter((alg) => alg !== key.algorithm)
      .map((alg): Kind => [`${key.algorithm} called ${alg}`, () => token(key, {}, { alg })]),
  ),
];

const stranger = (key: TestKey) => testKey(key.algorithm, key.kid);
const OTHER_KEYS: Kind[] = [
  ...each("another's key", (key) => signedBy(key, stranger(key).signs)),
  ...each("another's key, which the token brings", (key) => {
    const other = stranger(key);
    return signedBy(key, other.signs, { jwk: other.jwk });
  }),
  ...each('the right key, which the token brings', (key) => token(key, {}, { jwk: key.jwk })),
  ...['jku', 'x5u'].flatMap((name) =>
    each(`${name} of another`, (key) => signedBy(key, stranger(key).signs, { [name]: `${elsewhere}/keys` })),
  ),
  ...['jku', 'x5u'].flatMap((name) =>
    each(`${name} with the right key`, (key) => token(key, {}, { [name]: `${elsewhere}/keys` })),
  ),
  ...each('x5c of another', (key) => {
    const other = stranger(key);
    const certificate = other.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    return signedBy(key, other.signs, { x5c: [certificate] });
  }),
  ...[
    'unknown',
    '../../../../dev/null',
    '/dev/null',
    'file:///etc/passwd',
    "' or 1=1 --",
    "x' union select 'secret",
    '$(id)',
    '',
    ' ',
    'r\u0000',
    'x'.repeat(5_000),
    1,
    null,
    {},
    ['r', 'e', 'd'],
  ].flatMap((kid) => each(`kid ${JSON.stringify(kid).slice(0, 30)}`, (key) => token(key, {}, { kid }))),
  ['ES256 by a key of P-384', () => signedBy(EC, ofCurve('P-384'))],
  ['ES256 by a key of secp256k1', () => signedBy(EC, ofCurve('secp256k1'))],
  ['ES384', () => signedBy(EC, ofCurve('P-384', 'sha384'), { alg: 'ES384' })],
  ['ES512', () => signedBy(EC, ofCurve('P-521', 'sha512'), { alg: 'ES512' })],
  ['ES256K', () => signedBy(EC, ofCurve('secp256k1'), { alg: 'ES256K' })],
  [
    'Ed448',
    () => {
      const { privateKey } = generateKeyPairSync('ed448');
      return signedBy(ED, (text) => sign(null, Buffer.from(text), privateKey));
    },
  ],
];

function ofCurve(namedCurve: string, hash = 'sha256'): Signs {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve });
  return (text) => sign(hash, Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
}

const pss: Signs = (text) =>
  sign('sha256', Buffer.from(text), { key: RSA.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
const rsa = (block: (digest: Buffer) => Buffer[]): string => signedBy(RSA, (text) => rsaBlock(text, block));
const ecdsa = (r: bigint, s: bigint): Kind => [
  `ES256: r ${r.toString(16)}, s ${s.toString(16)}`,
  () => signedBy(EC, () => Buffer.concat([bytes(r), bytes(s)])),
];
const changedSignature = (key: TestKey, change: (signature: Buffer) => Buffer) =>
  signedBy(key, (text) => change(key.signs(text)));

const SIGNATURES: Kind[] = [
  ...each('empty', (key) => signedBy(key, () => Buffer.alloc(0))),
  ...each('cut short', (key) => changedSignature(key, (signature) => signature.subarray(0, -1))),
  ...each('a zero appended', (key) =>
    changedSignature(key, (signature) => Buffer.concat([signature, Buffer.alloc(1)])),
  ),
  ...each('a zero put before', (key) =>
    changedSignature(key, (signature) => Buffer.concat([Buffer.alloc(1), signature])),
  ),
  ...each('twice', (key) => changedSignature(key, (signature) => Buffer.concat([signature, signature]))),
  ...each('all zero', (key) => changedSignature(key, (signature) => Buffer.alloc(signature.length))),
  ...each('all ones', (key) => changedSignature(key, (signature) => Buffer.alloc(signature.length, 255))),
  ...each('one bit changed', (key) =>
    changedSignature(key, (signature) => {
      signature[10] = (signature[10] as number) ^ 1;
      return signature;
    }),
  ),
  ...each('of another token', (key) => {
    const [head, body] = token(key).split('.');
    return [head, body, token(key, { jti: 'two' }).split('.')[2]].join('.');
  }),
  ...[0n, 1n, P256_ORDER - 1n, P256_ORDER].flatMap((r) =>
    [0n, 1n, P256_ORDER - 1n, P256_ORDER].map((s) => ecdsa(r, s)),
  ),
  ['ES256: in DER', () => signedBy(EC, (text) => sign('sha256', Buffer.from(text), EC.privateKey))],
  [
    'ES256: r and s with 33 bytes each',
    () =>
      changedSignature(EC, (signature) =>
        Buffer.concat([Buffer.alloc(1), signature.subarray(0, 32), Buffer.alloc(1), signature.subarray(32)]),
      ),
  ],
  [
    'ES256: r beyond the order of the curve',
    () =>
      changedSignature(EC, (signature) =>
        Buffer.concat([
          bytes(number(signature.subarray(0, 32)) + P256_ORDER, 33),
          Buffer.alloc(1),
          signature.subarray(32),
        ]),
      ),
  ],
  ['ES256: of another hash', () => signedBy(EC, (text) => sign('sha384', Buffer.from(text), EC.privateKey))],
  [
    'EdDSA: s beyond the order of the group',
    () =>
      changedSignature(ED, (signature) => {
        const s = number(Buffer.from(signature.subarray(32)).reverse()) + ED25519_ORDER;
        return Buffer.concat([signature.subarray(0, 32), bytes(s).reverse()]);
      }),
  ],
  ['RS256: padded as PS256', () => signedBy(RSA, pss)],
  ['PS256', () => signedBy(RSA, pss, { alg: 'PS256' })],
  ['RS384', () => signedBy(RSA, (text) => sign('sha384', Buffer.from(text), RSA.privateKey), { alg: 'RS384' })],
  ['RS256: by SHA-1', () => signedBy(RSA, (text) => sign('sha1', Buffer.from(text), RSA.privateKey))],
  ['RS256: type 2 of padding', () => rsa((digest) => [filled(2, 255, 202), DIGEST_INFO, digest])],
  ['RS256: type 0 of padding', () => rsa((digest) => [filled(0, 255, 202), DIGEST_INFO, digest])],
  ['RS256: padded with zeros', () => rsa((digest) => [filled(1, 0, 202), DIGEST_INFO, digest])],
  ['RS256: no padding at all', () => rsa((digest) => [DIGEST_INFO, digest])],
  ['RS256: the bare digest', () => rsa((digest) => [filled(1, 255, 221), digest])],
  [
    'RS256: little padding, then more after the digest',
    () => rsa((digest) => [filled(1, 255, 8), DIGEST_INFO, digest, Buffer.alloc(194)]),
  ],
  [
    'RS256: the algorithm without its NULL',
    () =>
      rsa((digest) => [
        filled(1, 255, 204),
        Buffer.from('302f300b0609608648016503040201', 'hex'),
        Buffer.from('0420', 'hex'),
        digest,
      ]),
  ],
  [
    'RS256: lengths in long form',
    () =>
      rsa((digest) => [filled(1, 255, 201), Buffer.from('308131300d060960864801650304020105000420', 'hex'), digest]),
  ],
  [
    'RS256: greater than the modulus',
    () =>
      changedSignature(RSA, (signature) =>
        bytes(number(signature) + number(Buffer.from(RSA.jwk.n as string, 'base64url')), 257),
      ),
  ],
];

const CLAIM_KINDS: Kind[] = (
  [
    ['typ JWT', {}, { typ: 'JWT' }],
    ['no typ', {}, { typ: undefined }],
    ['typ of an ID token', {}, { typ: 'id+jwt' }],
    ['typ with more after it', {}, { typ: 'at+jwt; x' }],
    ['typ that is no text', {}, { typ: ['at+jwt'] }],
    ['another audience', { aud: 'elsewhere' }],
    ['no audience', { aud: undefined }],
    ['an empty audience', { aud: '' }],
    ['audiences without us', { aud: ['elsewhere'] }],
    ['audiences, we among them', { aud: ['elsewhere', 'hub'] }],
    ['audiences, we twice', { aud: ['hub', 'hub'] }],
    ['an empty list of audiences', { aud: [] }],
    ['an audience that only begins like ours', { aud: 'hub.evil' }],
    ['an audience in other letters', { aud: 'HUB' }],
    ['another issuer', { iss: 'elsewhere' }],
    ['no issuer', { iss: undefined }],
    ['an issuer in other letters', { iss: 'Bureau' }],
    ['an issuer with a blank', { iss: 'bureau ' }],
    ['a list of issuers', { iss: ['bureau'] }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject that is no text', { sub: 7 }],
    ['a subject of the issuer, in other letters', { sub: 'Tax' }],
    ['an agency that the issuer may not speak for', { sub: 'civil-affairs' }],
    ['an agency that the issuer may speak for and nobody registered', { sub: 'ghost' }],
    ['no id', { jti: undefined }],
    ['an empty id', { jti: '' }],
    ['an id that is no text', { jti: 5 }],
    ['ended', { exp: seconds - 31 }],
    ['ended long ago', { exp: 1 }],
    ['no end', { exp: undefined }],
    ['an end in words', { exp: '2030-01-01' }],
    ['an end as text', { exp: String(seconds + 600) }],
    ['an end that is null', { exp: null }],
    ['an end in milliseconds', { exp: (seconds + 600) * 1_000 }],
    ['an end beyond what holds a number', { exp: 1e300 }],
    ['a negative end', { exp: -seconds }],
    ['more than a day', { iat: seconds, exp: seconds + 86_401 }],
    ['not before soon', { nbf: seconds + 31 }],
    ['not before, as text', { nbf: String(seconds - 60) }],
    ['not before, null', { nbf: null }],
    ['issued in the future', { iat: seconds + 31 }],
    ['issued far in the future', { iat: seconds + 1e9, exp: seconds + 1e9 + 60 }],
    ['issued in milliseconds', { iat: (seconds - 60) * 1_000, exp: seconds * 1_000 }],
    ['no time of issue', { iat: undefined }],
    ['time of issue as text', { iat: String(seconds - 60) }],
    ['issued after it ends', { iat: seconds + 20, exp: seconds + 10 }],
    ['issued before time', { iat: -1 }],
    ['an officer without a name', { act: {} }],
    ['an officer as bare text', { act: '王五' }],
    ['an officer that is null', { act: null }],
    ['an officer with an empty name', { act: { sub: '' } }],
    ['an officer with two names', { act: { sub: ['王五', '赵六'] } }],
    ['an officer with too long a name', { act: { sub: '王'.repeat(101) } }],
    ['an officer with a line break', { act: { sub: '王\n五' } }],
    ['an unknown critical extension', {}, { crit: ['exp2'], exp2: 1 }],
    ['a critical extension that is not there', {}, { crit: ['exp2'] }],
    ['an empty list of critical extensions', {}, { crit: [] }],
    ['critical extensions that are no list', {}, { crit: 'exp' }],
    ['critical extensions that are null', {}, { crit: null }],
    ['a critical registered name', {}, { crit: ['alg'] }],
    ['a payload that is not encoded', {}, { crit: ['b64'], b64: false }],
    ['a payload that says it is encoded', {}, { crit: ['b64'], b64: true }],
    ['b64 alone', {}, { b64: false }],
    ['compressed', {}, { zip: 'DEF' }],
    ['encrypted', {}, { enc: 'A128GCM' }],
  ] as [string, object, object?][]
).flatMap(([name, claims, header]) => each(name, (key) => token(key, claims, header)));

const json = (value: object) => JSON.stringify(value).slice(1, -1);
/** Signed as they are, so that nothing but the form of the text can be what is refused. */
const written = (key: TestKey, header: string, claims: string) => {
  const text = `${header}.${claims}`;
  return `${text}.${base64(key.signs(text))}`;
};
const FORMS: Kind[] = [
  ...each('algorithm twice, none first', (key) => compact(`{"alg":"none",${json(headerOf(key))}}`, CLAIMS, key.signs)),
  ...each('algorithm twice, the same', (key) =>
    compact(`{"alg":"${key.algorithm}",${json(headerOf(key))}}`, CLAIMS, key.signs),
  ),
  ...each('a claim twice', (key) => compact(headerOf(key), `{"sub":"civil-affairs",${json(CLAIMS)}}`, key.signs)),
  ...each('a claim twice, once spelt in escapes', (key) =>
    compact(headerOf(key), `{"s\\u0075b":"civil-affairs",${json(CLAIMS)}}`, key.signs),
  ),
  ...each('a name twice deep inside', (key) =>
    compact(headerOf(key), `{"act":{"sub":"a","sub" : "b"},${json(CLAIMS)}}`, key.signs),
  ),
  ...each('claims that are a list', (key) => compact(headerOf(key), [CLAIMS], key.signs)),
  ...each('claims that are text', (key) => compact(headerOf(key), '"tax"', key.signs)),
  ...each('claims that are null', (key) => compact(headerOf(key), 'null', key.signs)),
  ...each('claims that are no JSON', (key) => compact(headerOf(key), 'sub=tax', key.signs)),
  ...each('claims with more after them', (key) => compact(headerOf(key), `${JSON.stringify(CLAIMS)}{}`, key.signs)),
  ...each('claims that are no UTF-8', (key) =>
    compact(
      headerOf(key),
      Buffer.concat([Buffer.from(`{"x":"`), Buffer.from([0xff]), Buffer.from(`",${json(CLAIMS)}}`)]),
      key.signs,
    ),
  ),
  ...each('claims behind a byte order mark', (key) =>
    compact(headerOf(key), `\ufeff${JSON.stringify(CLAIMS)}`, key.signs),
  ),
  ...each('a header that is a list', (key) => compact([headerOf(key)], CLAIMS, key.signs)),
  ...each('unused bits in the payload', (key) => written(key, base64(headerOf(key)), looseBits(CLAIMS))),
  ...each('unused bits in the header', (key) => written(key, looseBits(headerOf(key)), base64(CLAIMS))),
  ...each('padding with =', (key) => written(key, base64(headerOf(key)), `${looseBits(CLAIMS).slice(0, -1)}Q==`)),
  ...each('base64 with + and /', (key) =>
    written(
      key,
      base64(headerOf(key)),
      Buffer.from(JSON.stringify({ ...CLAIMS, x: '???>>>' }))
        .toString('base64')
        .replace(/=+$/, ''),
    ),
  ),
  ...each('a blank in the header', (key) => token(key).replace('.', ' .')),
  ...each('a line break in the payload', (key) => token(key).replace('.', '.\n')),
  ...each('a tab in the signature', (key) => token(key).replace(/\.([^.]*)$/, '.\t$1')),
  ...each('a question mark in the signature', (key) => `${token(key).slice(0, -1)}?`),
  ...each('the payload altered', (key) => {
    const [head, , signature] = token(key).split('.');
    return [head, base64({ ...CLAIMS, jti: 'two' }), signature].join('.');
  }),
  ...each('the header altered', (key) => {
    const [, body, signature] = token(key).split('.');
    return [base64({ ...headerOf(key), x: 1 }), body, signature].join('.');
  }),
  ...each('no header', (key) => token(key).replace(/^[^.]*/, '')),
  ...each('no payload', (key) => token(key).replace(/\.[^.]*\./, '..')),
  ...each('an empty payload, signed', (key) => compact(headerOf(key), '', key.signs)),
  ...each('no signature and no dot', (key) => token(key).split('.').slice(0, 2).join('.')),
  ...each('payload alone', (key) => token(key).split('.')[1] as string),
  ...each('a fourth part', (key) => `${token(key)}.x`),
  ...each('an empty fourth part', (key) => `${token(key)}.`),
  ...each('five parts, as if encrypted', (key) => `${token(key)}.x.y`),
  ...each('JSON serialisation', (key) => {
    const [head, payload, signature] = token(key).split('.');
    return JSON.stringify({ protected: head, payload, signature });
  }),
  ...each('too long', (key) => token(key, { x: 'x'.repeat(8_000) })),
  ['words', () => 'let me in'],
  ['nothing', () => ''],
];

/** Canonical base64url whose last character is changed in the bits that decode to nothing. */
function looseBits(value: object): string {
  const text = [value, { ...value, x: 1 }, { ...value, x: 12 }]
    .map(base64)
    .find((one) => one.length % 4 !== 0) as string;
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return `${text.slice(0, -1)}${alphabet[alphabet.indexOf(text.at(-1) as string) + 1]}`;
}

let elsewhere = '';

describe('a caller', () => {
  let database: Database;
  let server: Server;
  let visits = 0;
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
    ask = authenticator({ issuers: [issuer()], standing: standingIn(database.pool), now: () => NOW });
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

  test.each<[string, Kind[], number]>([
    ['whose algorithm is confused', CONFUSION, 100],
    ["under another's key", OTHER_KEYS, 60],
    ['whose signature is none', SIGNATURES, 50],
    ['whose claims do not hold', CLAIM_KINDS, 190],
    ['whose form is loose', FORMS, 90],
  ])('a token %s is refused', async (_, kinds, atLeast) => {
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
      standing: standingIn(database.pool),
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
      standing: standingIn(database.pool),
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
