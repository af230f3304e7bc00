/**
 * From token and headers to a caller. Whoever is not known gets one constant answer, before anything they sent is parsed.
 */
import { type CryptoKey, jwtVerify } from 'jose';
import type { Caller } from '../sharing/caller';
import { AUDIENCE, ISSUER } from './issuer';

/** Nobody learns from the answer what was wrong with their token. */
export class Unauthenticated extends Error {
  constructor() {
    super('A valid access token is required');
  }
}

/** No purpose, no service. */
export class PurposeRequired extends Error {
  readonly code = 'PURPOSE_REQUIRED';
  constructor() {
    super('Header x-purpose is required: a purpose code of your agreement');
  }
}

/** A case number is what reviews rest on: one that cannot be read is not quietly left out. */
export class CaseMalformed extends Error {
  readonly code = 'CASE_MALFORMED';
  constructor() {
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
const CASE = /^[\p{L}\p{N}〔（(][\p{L}\p{N}._/()（）〔〕\- ]{0,99}$/u;

/** Checks tokens of one issuer: signature by its key and algorithm alone, type, issuer, audience, times. */
export function authenticator(publicKey: CryptoKey): Authenticate {
  return async ({ authorization, purpose, case: caseNumber }) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw new Unauthenticated();
    const { payload } = await jwtVerify(token, publicKey, {
      algorithms: ['EdDSA'],
      typ: 'at+jwt',
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'exp', 'iat'],
    }).catch(() => {
      throw new Unauthenticated();
    });
    if (!payload.sub) throw new Unauthenticated();
    if (!purpose || !CODE.test(purpose)) throw new PurposeRequired();
    if (caseNumber && !CASE.test(caseNumber)) throw new CaseMalformed();
    const officer = (payload.act as { sub?: unknown } | undefined)?.sub;
    return {
      agency: payload.sub,
      officer: typeof officer === 'string' ? officer : null,
      purpose,
      case: caseNumber || null,
    };
  };
}
