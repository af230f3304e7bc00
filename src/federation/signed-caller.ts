/**
 * Who asks, as the hub tells a bureau on its own premises: a signed statement (JWS, RFC 7515; Ed25519, RFC 8037) that holds for seconds, for
 * one bureau and for one body. The bureau believes nothing of a call that is not in it or covered by the hash in it, and takes it once.
 */
import { createHash, randomUUID } from 'node:crypto';
import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { keyKeptAs } from '../gateway/issuer';
import type { FindKeys } from '../gateway/key-set';
import { isText, readToken } from '../gateway/token';
import type { Caller } from '../sharing/caller';

/** How long a statement holds: a call takes milliseconds, and two clocks are apart by less than this. */
const HOLDS_SECONDS = 30;
/** How far the hub's clock may be from the bureau's. */
const TOLERANCE_SECONDS = 30;
/** Statements remembered until they no longer hold; with more, new ones are refused rather than taken twice. */
const REMEMBERED_MAX = 200_000;

const ISSUER = 'heyan-hub';
const TYPE = 'heyan-call+jwt';
const ALGORITHM = 'EdDSA';

/** What is said of one call. */
export interface Statement {
  /** Name of the bureau it is for. */
  bureau: string;
  caller: Caller;
  /** The body that is sent: operation, variables, the footprint that was decided on and the agreements that granted it; see call.ts. */
  body: string;
}

export interface CallSigner {
  /** The public key as bureaus keep it: a JSON Web Key Set (RFC 7517). */
  keys: { keys: readonly JWK[] };
  /** A statement and its number, which the answer must bear. */
  sign(statement: Statement): Promise<{ token: string; id: string }>;
}

/** Who signs for the hub whose key stands in `<dataDirectory>/keys/calls.json` (mode 0600); it is made at first use. */
export async function openCallSigner(dataDirectory: string, now: () => Date = () => new Date()): Promise<CallSigner> {
  const jwk = await keyKeptAs(dataDirectory, 'calls');
  const privateKey = await importJWK(jwk, ALGORITHM);
  const { d: _secret, key_ops: _uses, ext: _ext, ...publicJwk } = jwk;
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    keys: { keys: [{ ...publicJwk, kid, use: 'sig', alg: ALGORITHM }] },
    async sign({ bureau, caller, body }) {
      const id = randomUUID();
      const iat = Math.floor(now().getTime() / 1_000);
      const claims: JWTPayload = {
        iss: ISSUER,
        aud: bureau,
        jti: id,
        iat,
        exp: iat + HOLDS_SECONDS,
        sub: caller.agency,
        ...(caller.officer !== null && { act: { sub: caller.officer } }),
        purpose: caller.purpose,
        ...(caller.case !== null && { case: caller.case }),
        body: hashOf(body),
      };
      const token = await new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid }).sign(privateKey);
      return { token, id };
    },
  };
}

/** What a bureau believes of a call whose body it has not read yet. */
export interface Believed {
  id: string;
  caller: Caller;
  /** Second since 1970 from which nobody takes it any more. */
  until: number;
  bodyHash: string;
}

/** Whoever does not bring a statement that holds. Nobody learns from the answer what was wrong with theirs. */
export class NotTheHub extends Error {
  constructor() {
    super('A statement of the hub that holds is required with each call');
  }
}

export interface CallVerifier {
  /** What the `authorization` header states, signed by a key of a hub, for this bureau, now. Rejects with `NotTheHub`. */
  believe(authorization: string | undefined, bureau: string): Promise<Believed>;
  /** Takes the call with its body, once. Throws `NotTheHub` when the body is another, or the call was taken before. */
  take(believed: Believed, body: Buffer): void;
}

/** Verifies by the bureau's own list of hub keys. */
export function callVerifier(hubs: readonly FindKeys[], now: () => Date = () => new Date()): CallVerifier {
  const taken = takenOnce();
  return {
    async believe(authorization, bureau) {
      const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
      const said = token === undefined ? null : readToken(token);
      if (!token || said?.algorithm !== ALGORITHM || said.keyId === undefined) throw new NotTheHub();
      for (const findKeys of hubs)
        for (const key of await findKeys(ALGORITHM, said.keyId)) {
          const payload = await verified(token, key, bureau, now());
          const believed = payload && believedOf(payload, now());
          if (believed) return believed;
        }
      throw new NotTheHub();
    },
    take({ id, until, bodyHash }, body) {
      if (hashOf(body) !== bodyHash || !taken(id, until, now().getTime() / 1_000)) throw new NotTheHub();
    },
  };
}

async function verified(token: string, key: CryptoKey, bureau: string, now: Date): Promise<JWTPayload | null> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: ISSUER,
      audience: bureau,
      requiredClaims: ['sub', 'exp', 'iat', 'jti', 'purpose', 'body'],
      currentDate: now,
      clockTolerance: TOLERANCE_SECONDS,
    });
    return payload;
  } catch {
    return null;
  }
}

function believedOf(payload: JWTPayload, now: Date): Believed | null {
  const { jti, iat = 0, exp = 0, sub, act, purpose, case: caseNumber, body, aud } = payload;
  const officer = act === undefined ? null : (act as { sub?: unknown } | null)?.sub;
  // One for several bureaus could be shown to each by any of the others, and one that holds long could be shown late.
  const isForUs =
    typeof aud === 'string' && exp - iat <= HOLDS_SECONDS && iat <= now.getTime() / 1_000 + TOLERANCE_SECONDS;
  if (!isForUs || !isText(jti) || !isText(sub) || !isText(purpose) || !isText(body)) return null;
  if (!(officer === null || isText(officer)) || !(caseNumber === undefined || isText(caseNumber))) return null;
  const caller = { agency: sub, officer, purpose, case: caseNumber ?? null };
  return { id: jti, caller, until: exp + TOLERANCE_SECONDS, bodyHash: body };
}

/** Whether a number is seen for the first time. Numbers are forgotten when what they stand on no longer holds. */
function takenOnce(): (id: string, until: number, now: number) => boolean {
  const taken = new Map<string, number>();
  return (id, until, now) => {
    // In the order in which they came, which is nearly the order in which they end.
    for (const [old, end] of taken) {
      if (end > now) break;
      taken.delete(old);
    }
    if (taken.has(id) || taken.size >= REMEMBERED_MAX) return false;
    taken.set(id, until);
    return true;
  };
}

function hashOf(body: string | Buffer): string {
  return createHash('sha256').update(body).digest('base64url');
}
