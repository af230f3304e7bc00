/** A token that is good, to be made bad in one thing. */
import { compact, type Signs, type TestKey, testKey } from './tokens';

export const NOW = new Date('2026-06-30T02:00:00Z');
export const seconds = NOW.getTime() / 1_000;
export const KEYS = { RS256: testKey('RS256', 'r'), ES256: testKey('ES256', 'e'), EdDSA: testKey('EdDSA', 'd') };
export const RSA = KEYS.RS256;
export const EC = KEYS.ES256;
export const ED = KEYS.EdDSA;

export const CLAIMS = { iss: 'bureau', sub: 'tax', aud: 'hub', iat: seconds - 60, exp: seconds + 600, jti: 'one' };
export const headerOf = ({ algorithm, kid }: TestKey) => ({ alg: algorithm, typ: 'at+jwt', kid });
/** A token that is good but for what is changed. `undefined` leaves a claim out. */
export const token = (key: TestKey, claims: object = {}, header: object = {}, signs: Signs = key.signs) =>
  compact({ ...headerOf(key), ...header }, { ...CLAIMS, ...claims }, signs);
/** A good header and good claims under a signature of our making. */
export const signedBy = (key: TestKey, signs: Signs, header: object = {}) => token(key, {}, header, signs);

/** What a token is called in a table, and how it is made. */
export type Kind = [name: string, make: () => string];
export const each = (name: string, make: (key: TestKey) => string): Kind[] =>
  Object.values(KEYS).map((key) => [`${key.algorithm}: ${name}`, () => make(key)]);
