/**
 * From token and headers to a caller. Whoever is not known gets one constant answer, before anything they sent is parsed.
 */
import { type CryptoKey, type JWTPayload, jwtVerify } from 'jose';
import type { Caller } from '../sharing/caller';
import type { TrustedIssuer } from './issuers';
import type { Algorithm } from './key-set';
import type { ReadStanding } from './revocation';
import { isText, readToken, type TokenText } from './token';

/** Nobody learns from the answer what was wrong with their token. */
export class Unauthenticated extends Error {
  constructor() {
    super('A valid access token is required');
  }
}

/** No purpose, no service. Who it was is known, and recorded. */
export class PurposeRequired extends Error {
  readonly code = 'PURPOSE_REQUIRED';
  constructor(readonly caller: Caller) {
    super('Header x-purpose is required: a purpose code of your agreement');
  }
}

/** A case number is what reviews rest on: one that cannot be read is not quietly left out. */
export class CaseMalformed extends Error {
  readonly code = 'CASE_MALFORMED';
  constructor(readonly caller: Caller) {
    super('Header x-case is not a case number: up to 100 letters, digits and ._/()-〔〕, percent-encoded or UTF-8');
  }
}

export interface Credentials {
  /** `Bearer <token>`. */
  authorization?: string;
  purpose?: string;
  case?: string;
}

export type Authenticate = (credentials: Credentials) => Promise<Caller>;

const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
/** Characters of an officer's name or number. */
export const OFFICER_LENGTH_MAX = 100;

const CASE = /^[\p{L}\p{N}〔（(][\p{L}\p{N}._/()（）〔〕\- ]{0,99}$/u;

export interface Trust {
  /** Whose tokens are taken. */
  issuers: readonly TrustedIssuer[];
  standing: ReadStanding;
  now(): Date;
}

/**
 * Checks tokens: JWT access tokens (RFC 9068) of a known issuer, signed by its key with the key's own algorithm, for our audience, for an
 * agency that the issuer may speak for, within their times, and not revoked.
 * @returns the caller; rejects with `Unauthenticated`, `PurposeRequired` or `CaseMalformed`, and with the database's own error when it
 *   cannot be asked whether the token still stands
 */
export function authenticator(trust: Trust): Authenticate {
  const remembered: Remembered = new Map();
  return async ({ authorization, purpose, case: caseNumber }) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    const caller = token && (await callerOf(token, trust, remembered));
    if (!caller) throw new Unauthenticated();
    if (!purpose || !CODE.test(purpose)) throw new PurposeRequired({ ...caller, purpose: '', case: null });
    if (caseNumber && !CASE.test(caseNumber)) throw new CaseMalformed({ ...caller, purpose, case: null });
    return { ...caller, purpose, case: caseNumber || null };
  };
}

async function callerOf(
  token: string,
  trust: Trust,
  remembered: Remembered,
): Promise<Pick<Caller, 'agency' | 'officer'> | null> {
  const known = remembered.get(token);
  const said = known?.said ?? readToken(token);
  const issuer = said && trust.issuers.find(({ name }) => name === said.issuer);
  const algorithm = issuer?.algorithms.find((one) => one === said?.algorithm);
  if (!said || !issuer || !algorithm) return null;
  const claims = await verified(token, { said, issuer, algorithm, now: trust.now(), remembered });
  if (!claims || !isTimely(claims, issuer, trust.now())) return null;
  const { sub, jti, iat = 0, client_id: client, act } = claims;
  if (!isText(sub) || !isText(jti) || !issuer.speaksFor(sub) || !isActor(act)) return null;
  const from = await trust.standing({ agency: sub, jti, client: issuer.isOurs && isText(client) ? client : null });
  // Another's clock may be ahead of ours: what it issued just before a revocation must not look as if issued after.
  if (from === null || iat - issuer.toleranceSeconds < from) return null;
  return { agency: sub, officer: act?.sub ?? null };
}

/**
 * Tokens that a key was seen to have signed: an agency shows the same one for hours, and reading it and checking its signature anew was a
 * twentieth of a request. They are known by the key itself, so whoever withdraws it, or gives another by its name, withdraws them.
 */
type Remembered = Map<string, { said: TokenText; key: CryptoKey; claims: JWTPayload }>;
/** The oldest go first. */
const REMEMBERED_MAX = 10_000;

interface Check {
  said: TokenText;
  issuer: TrustedIssuer;
  algorithm: Algorithm;
  now: Date;
  remembered: Remembered;
}

/** The claims, when one of the issuer's keys signed them for us; nothing is told of why not. */
async function verified(token: string, check: Check): Promise<JWTPayload | null> {
  const { said, issuer, algorithm, now, remembered } = check;
  const { name, audience, toleranceSeconds } = issuer;
  const known = remembered.get(token);
  for (const key of await issuer.findKeys(algorithm, said.keyId)) {
    if (known?.key === key && known.claims.aud === audience)
      return isInForce(known.claims, issuer, now) ? known.claims : null;
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [algorithm],
        typ: 'at+jwt',
        issuer: name,
        audience,
        requiredClaims: ['sub', 'exp', 'iat', 'jti'],
        currentDate: now,
        clockTolerance: toleranceSeconds,
      });
      // A token for several audiences could be shown to us by any of the others.
      if (Array.isArray(payload.aud) && payload.aud.length !== 1) continue;
      if (remembered.size >= REMEMBERED_MAX) remembered.delete(remembered.keys().next().value as string);
      remembered.set(token, { said, key, claims: payload });
      return payload;
    } catch {
      // Another key of the set may be the one.
    }
  }
  return null;
}

/** What of a signed token changes with time: its end and its beginning (RFC 7519, 4.1.4 and 4.1.5). */
function isInForce({ exp = 0, nbf = 0 }: JWTPayload, { toleranceSeconds }: TrustedIssuer, now: Date): boolean {
  const seconds = Math.floor(now.getTime() / 1_000);
  return exp > seconds - toleranceSeconds && nbf <= seconds + toleranceSeconds;
}

/** What `jose` leaves open: a token from the future, one that ends before it begins, and one that holds for ever. */
function isTimely({ iat = Number.NaN, exp = Number.NaN }: JWTPayload, issuer: TrustedIssuer, now: Date): boolean {
  const isPast = iat >= 0 && iat <= now.getTime() / 1_000 + issuer.toleranceSeconds;
  return isPast && exp > iat && exp - iat <= issuer.lifetimeSecondsMax;
}

/** The officer for whom the agency acts (`act`, RFC 8693, 4.1). An officer that cannot be read is not quietly left out. */
function isActor(act: unknown): act is { sub: string } | undefined {
  if (act === undefined) return true;
  const sub = (act as { sub?: unknown } | null)?.sub;
  return isText(sub) && sub.length <= OFFICER_LENGTH_MAX;
}
