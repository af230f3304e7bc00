/** Tokens that would have another algorithm, or another key, believed. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { EC, ED, each, KEYS, type Kind, signedBy, token } from './good-token';
import { type Signs, type TestKey, testKey } from './tokens';

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

export const CONFUSION: Kind[] = [
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

const STRANGERS = Object.values(KEYS).map(({ algorithm, kid }) => testKey(algorithm, kid));
/** Somebody else's key of the same name and algorithm. */
const stranger = ({ algorithm }: TestKey) => STRANGERS.find((key) => key.algorithm === algorithm) as TestKey;
/** Some name an address, at which nobody may ever look. */
export const otherKeys = (elsewhere: string): Kind[] => [
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
