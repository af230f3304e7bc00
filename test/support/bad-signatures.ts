/** Signatures that are none, of the kinds that the public Wycheproof vectors for JWS, ECDSA and RSA hold. */
import { constants, createHash, privateEncrypt, sign } from 'node:crypto';
import { EC, ED, each, type Kind, RSA, signedBy, token } from './good-token';
import type { Signs, TestKey } from './tokens';

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
export const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');
export const filled = (type: number, fill: number, length: number) =>
  Buffer.concat([Buffer.from([0, type]), Buffer.alloc(length, fill), Buffer.from([0])]);

export const pss: Signs = (text) =>
  sign('sha256', Buffer.from(text), { key: RSA.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
export const rsa = (block: (digest: Buffer) => Buffer[]): string => signedBy(RSA, (text) => rsaBlock(text, block));
const ecdsa = (r: bigint, s: bigint): Kind => [
  `ES256: r ${r.toString(16)}, s ${s.toString(16)}`,
  () => signedBy(EC, () => Buffer.concat([bytes(r), bytes(s)])),
];
export const changedSignature = (key: TestKey, change: (signature: Buffer) => Buffer) =>
  signedBy(key, (text) => change(key.signs(text)));

export const SIGNATURES: Kind[] = [
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
