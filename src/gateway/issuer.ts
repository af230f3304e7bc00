/**
 * The hub's own issuers of tokens: one whose signing key stands in the data directory, for agencies that bring no issuer of their own, and
 * one whose key never leaves this process, for the hub's own jobs. Tokens are JWT access tokens (RFC 9068), signed by Ed25519 (RFC 8037).
 */
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';

export const ISSUER = 'heyan';
export const AUDIENCE = 'heyan';

/** The issuer of tokens that jobs of this process ask with. No configured issuer may bear this name, or `heyan`. */
export const JOBS_ISSUER = 'heyan-jobs';

/** How long a token holds unless told: a working day. */
const TOKEN_SECONDS = 12 * 3_600;

export interface Issuer {
  /** Its name: the tokens' `iss`. */
  name: string;
  publicKey: CryptoKey;
  /** Name of the key (RFC 7638): the tokens' `kid`. */
  keyId: string;
  /** For the token address, which signs by the same key. */
  privateJwk: JWK;
  /** A signed token for an agency and, optionally, an officer in it. */
  issue(agency: string, officer?: string | null, seconds?: number): Promise<string>;
}

/** The issuer whose key stands in `<dataDirectory>/keys/issuer.json` (mode 0600); it is made at the first start. */
export async function openIssuer(dataDirectory: string, now: () => Date = () => new Date()): Promise<Issuer> {
  return issuerOf(ISSUER, await keyKeptAs(dataDirectory, 'issuer'), now);
}

/** The private key of Ed25519 in `<dataDirectory>/keys/<name>.json` (mode 0600); it is made at the first start. */
export async function keyKeptAs(dataDirectory: string, name: string): Promise<JWK> {
  const file = path.join(dataDirectory, 'keys', `${name}.json`);
  if (!existsSync(file)) writeOnce(file, JSON.stringify(await newKey()));
  return JSON.parse(readFileSync(file, 'utf8')) as JWK;
}

/** The issuer of this process's jobs: its key is made now and kept nowhere, so nobody outside can speak as a job. */
export async function openJobsIssuer(now: () => Date): Promise<Issuer> {
  return issuerOf(JOBS_ISSUER, await newKey(), now);
}

async function issuerOf(name: string, jwk: JWK, now: () => Date): Promise<Issuer> {
  const privateKey = await importJWK(jwk, 'EdDSA');
  const { d: _secret, ...publicJwk } = jwk;
  const keyId = await calculateJwkThumbprint(publicJwk);
  return {
    name,
    publicKey: (await importJWK(publicJwk, 'EdDSA')) as CryptoKey,
    keyId,
    privateJwk: jwk,
    issue: (agency, officer, seconds = TOKEN_SECONDS) =>
      new SignJWT(claimsOf(name, agency, officer ?? null, seconds, now()))
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: keyId })
        .sign(privateKey),
  };
}

/** What a token of an issuer of ours says. Its times have parts of a second (RFC 7519, 2), so that a revocation knows before from after. */
export function claimsOf(
  issuer: string,
  agency: string,
  officer: string | null,
  seconds: number,
  now: Date,
): JWTPayload {
  const iat = now.getTime() / 1_000;
  const act = officer === null ? {} : { act: { sub: officer } };
  return { ...act, iss: issuer, sub: agency, aud: AUDIENCE, iat, exp: iat + seconds, jti: randomUUID() };
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return exportJWK(privateKey);
}

/** The file appears with its whole content or not at all; when another process of this directory was first, its key is the key. */
function writeOnce(file: string, content: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const proposed = `${file}.${randomUUID()}`;
  writeFileSync(proposed, content, { mode: 0o600, flush: true });
  chmodSync(proposed, 0o600);
  try {
    linkSync(proposed, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(proposed);
  }
}
