/**
 * The public keys of an issuer (JSON Web Key Set, RFC 7517): given as they are, in a file, or at an address. Each key serves one algorithm,
 * which the key itself settles, so that no token can choose how it is checked.
 */
import { readFileSync, statSync } from 'node:fs';
import { type CryptoKey, importJWK, type JWK } from 'jose';

/** What tokens may be signed by. Symmetric algorithms and `none` are not among them and cannot be added. */
export const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** Keys that a token of this algorithm and, when it names one, this key id may be signed by; none when the set cannot be had. */
export type FindKeys = (algorithm: Algorithm, keyId: string | undefined) => Promise<readonly CryptoKey[]>;

interface Key {
  algorithm: Algorithm;
  keyId: string | undefined;
  key: CryptoKey;
}

/** Fetched keys are believed this long; a key that an issuer withdrew stops working then. */
const BELIEVED_MILLISECONDS = 600_000;
/** A token that names a key we have not seen has the set fetched again, but not more often than this: strangers can name any key. */
const REFETCH_MILLISECONDS = 30_000;
/** After a fetch that failed, the next one waits. */
const RETRY_MILLISECONDS = 5_000;
const FETCH_MILLISECONDS = 5_000;
const SET_BYTES_MAX = 262_144;
const KEYS_MAX = 50;
/** Keys tried for one token that names none. */
const TRIED_MAX = 5;
const RSA_BITS_MIN = 2_048;
const RSA_BITS_MAX = 8_192;

/** One known key. */
export function oneKey(key: CryptoKey, algorithm: Algorithm, keyId: string): FindKeys {
  return async (...asked) => matching([{ algorithm, keyId, key }], ...asked);
}

/** Keys of a file, which is read again when it has changed. While it cannot be read, it holds none. */
export function keysInFile(file: string): FindKeys {
  let read: { version: string; keys: Promise<readonly Key[]> } | undefined;
  return async (...asked) => {
    const version = versionOf(file);
    if (version !== read?.version) read = { version, keys: keysRead(file).catch(() => []) };
    return matching(await read.keys, ...asked);
  };
}

/** Keys at an address, kept for ten minutes by a clock that nobody sets back, and fetched earlier for a key not seen before. */
export function keysAt(address: string, elapsed: () => number): FindKeys {
  let known: { at: number; keys: readonly Key[] } | undefined;
  let failedAt: number | undefined;
  let underWay: Promise<void> | undefined;
  const fetchAgain = (): Promise<void> => {
    if (failedAt !== undefined && elapsed() < failedAt + RETRY_MILLISECONDS) return Promise.resolve();
    underWay ??= fetchText(address)
      .then(keysOf)
      .then(
        (keys) => {
          known = { at: elapsed(), keys };
          failedAt = undefined;
        },
        () => {
          failedAt = elapsed();
        },
      )
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
  const believed = () => (known && elapsed() < known.at + BELIEVED_MILLISECONDS ? known : undefined);
  return async (...asked) => {
    if (!believed()) await fetchAgain();
    const found = matching(believed()?.keys ?? [], ...asked);
    if (found.length > 0 || !known || elapsed() < known.at + REFETCH_MILLISECONDS) return found;
    await fetchAgain();
    return matching(believed()?.keys ?? [], ...asked);
  };
}

function matching(keys: readonly Key[], algorithm: Algorithm, keyId: string | undefined): CryptoKey[] {
  return keys
    .filter((one) => one.algorithm === algorithm && (keyId === undefined || one.keyId === keyId))
    .slice(0, TRIED_MAX)
    .map(({ key }) => key);
}

/** The usable keys of a set. Keys for other uses and of other kinds are passed over; private parts are dropped. */
async function keysOf(text: string): Promise<readonly Key[]> {
  const set = JSON.parse(text) as { keys?: unknown };
  if (!Array.isArray(set?.keys)) throw new Error('no key set');
  const keys = await Promise.all(set.keys.slice(0, KEYS_MAX).map((jwk) => readKey(jwk as JWK).catch(() => null)));
  return keys.filter((key) => key !== null);
}

async function readKey(jwk: JWK): Promise<Key | null> {
  const algorithm = algorithmOf(jwk);
  if (!algorithm || (jwk.use ?? 'sig') !== 'sig' || !(jwk.key_ops ?? ['verify']).includes('verify')) return null;
  const key = (await importJWK(publicParts(jwk), algorithm)) as CryptoKey;
  const { modulusLength } = key.algorithm as { modulusLength?: number };
  if (modulusLength !== undefined && (modulusLength < RSA_BITS_MIN || modulusLength > RSA_BITS_MAX)) return null;
  return { algorithm, keyId: jwk.kid, key };
}

/**
 * The public keys that a partner hands in, as they are to be kept: a key set or one key, of which only the public parts are taken.
 * @throws one sentence when the text holds none that tokens may be signed by, or holds a private key, which then is private no longer
 */
export async function publicKeySet(text: string): Promise<{ keys: JWK[] }> {
  const read = parsed(text) as { keys?: unknown } | null;
  const given = (Array.isArray(read?.keys) ? read.keys : [read]) as JWK[];
  if (given.some((jwk) => jwk && (jwk.d !== undefined || jwk.k !== undefined)))
    throw new Error(
      'it holds a private or secret key, which must never be handed out: make a new one and give its public part',
    );
  const usable = await Promise.all(given.slice(0, KEYS_MAX).map((jwk) => readKey(jwk).catch(() => null)));
  const keys = given.filter((_, place) => usable[place]);
  if (keys.length === 0)
    throw new Error(`it holds no key for signatures by ${ALGORITHMS.join(', ')}: give a JSON Web Key Set (RFC 7517)`);
  return { keys: keys.map(publicParts) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function publicParts({ kty, crv, x, y, n, e, kid }: JWK): JWK {
  const given = Object.entries({ kty, crv, x, y, n, e, kid }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as JWK;
}

function algorithmOf({ kty, crv, alg }: JWK): Algorithm | null {
  if (kty === 'RSA') return (alg ?? 'RS256') === 'RS256' ? 'RS256' : null;
  if (kty === 'EC' && crv === 'P-256') return (alg ?? 'ES256') === 'ES256' ? 'ES256' : null;
  // RFC 9864 gives EdDSA with this curve the name Ed25519.
  if (kty === 'OKP' && crv === 'Ed25519') return ['EdDSA', 'Ed25519'].includes(alg ?? 'EdDSA') ? 'EdDSA' : null;
  return null;
}

/** Changes whenever the file does; empty when there is none. */
function versionOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : '';
}

async function keysRead(file: string): Promise<readonly Key[]> {
  const { size } = statSync(file);
  if (size > SET_BYTES_MAX) throw new Error('the key set is too long');
  return keysOf(readFileSync(file, 'utf8'));
}

async function fetchText(address: string): Promise<string> {
  const response = await fetch(address, {
    redirect: 'error',
    signal: AbortSignal.timeout(FETCH_MILLISECONDS),
    headers: { accept: 'application/jwk-set+json, application/json' },
  });
  if (response.status !== 200 || !response.body) throw new Error(`status ${response.status}`);
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > SET_BYTES_MAX) throw new Error('the key set is too long');
  }
  return text;
}
