/** Tokens as an issuer, or somebody who is none, could write them: every part by hand. */
import { generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';

export type Signs = (text: string) => Buffer;

export interface TestKey {
  algorithm: 'RS256' | 'ES256' | 'EdDSA';
  kid: string;
  publicKey: KeyObject;
  privateKey: KeyObject;
  jwk: JsonWebKey;
  signs: Signs;
}

/** A key pair of an issuer; `kid` is its name in the key set. */
export function testKey(algorithm: TestKey['algorithm'], kid: string): TestKey {
  const { publicKey, privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
      : algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  return {
    algorithm,
    kid,
    publicKey,
    privateKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' },
    signs: (text) =>
      sign(algorithm === 'EdDSA' ? null : 'sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}

export function base64(value: string | object | Buffer): string {
  if (Buffer.isBuffer(value)) return value.toString('base64url');
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** A compact JWS (RFC 7515, 7.1) of parts that are objects, JSON text, or bytes. */
export function compact(header: string | object, claims: string | object | Buffer, signs: Signs): string {
  const text = `${base64(header)}.${base64(claims)}`;
  return `${text}.${base64(signs(text))}`;
}
