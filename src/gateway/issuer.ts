/**
 * The embedded issuer: a signing key in the data directory, and tokens for agencies. Larger installations bring their own issuer.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';

export const ISSUER = 'heyan';
export const AUDIENCE = 'heyan';

/** How long a token holds unless told: a working day. */
const TOKEN_SECONDS = 12 * 3_600;

export interface Issuer {
  publicKey: CryptoKey;
  /** A signed token (JWT, RFC 7519; EdDSA, RFC 8037) for an agency and, optionally, an officer in it. */
  issue(agency: string, officer?: string | null, seconds?: number): Promise<string>;
}

/** The issuer whose key stands in `<dataDirectory>/keys/issuer.json` (mode 0600); it is made at the first start. */
export async function openIssuer(dataDirectory: string): Promise<Issuer> {
  const file = path.join(dataDirectory, 'keys', 'issuer.json');
  if (!existsSync(file)) await writeKey(file);
  const jwk = JSON.parse(readFileSync(file, 'utf8')) as JWK;
  const privateKey = await importJWK(jwk, 'EdDSA');
  const { d: _secret, ...publicJwk } = jwk;
  const publicKey = (await importJWK(publicJwk, 'EdDSA')) as CryptoKey;
  return {
    publicKey,
    issue: (agency, officer, seconds = TOKEN_SECONDS) =>
      new SignJWT(officer ? { act: { sub: officer } } : {})
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
        .setSubject(agency)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(`${seconds} s`)
        .sign(privateKey),
  };
}

async function writeKey(file: string): Promise<void> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, JSON.stringify(await exportJWK(privateKey)), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    // Another process of this directory was first: its key is the key.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  chmodSync(file, 0o600);
}
