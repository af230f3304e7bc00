/**
 * A token as text: what its header and claims say before anything of it is believed. Everything that two readers could read differently is
 * no token: base64url that is not canonical (RFC 4648, 3.5), a name given twice (RFC 7515, 4; RFC 7519, 4), a header that brings its own key
 * (`jwk`, `jku`, `x5u`, `x5c`) or its own rules (`crit`, `b64`).
 */
const TOKEN_LENGTH_MAX = 8_192;
const TEXT_LENGTH_MAX = 256;
const FORBIDDEN_HEADERS = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc'];

export interface TokenText {
  /** Text of at most 256 characters. */
  algorithm: string;
  keyId: string | undefined;
  issuer: string;
}

/** Reads a token, or null when it is none. */
export function readToken(token: string): TokenText | null {
  if (token.length > TOKEN_LENGTH_MAX) return null;
  const [head, body, signature, ...more] = token.split('.');
  if (!head || !body || !signature || more.length > 0) return null;
  if (![head, body, signature].every(isCanonical)) return null;
  const header = readObject(head);
  const claims = readObject(body);
  if (!header || !claims || FORBIDDEN_HEADERS.some((name) => Object.hasOwn(header, name))) return null;
  const { alg, kid } = header;
  const { iss } = claims;
  if (!isText(alg) || !isText(iss) || !(kid === undefined || isText(kid))) return null;
  return { algorithm: alg, keyId: kid, issuer: iss };
}

/** Text that is neither empty nor long, without control characters. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= TEXT_LENGTH_MAX && !/\p{Cc}/u.test(value);
}

function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}

function readObject(part: string): Record<string, unknown> | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(part, 'base64url'));
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && !hasNameTwice(text) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Whether an object of a JSON text, at any depth, has a name twice: `JSON.parse` would quietly take the last. */
function hasNameTwice(json: string): boolean {
  const open: Set<string>[] = [];
  for (const [part, name] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (part === '{') open.push(new Set());
    else if (part === '}') open.pop();
    else if (name) {
      const read = JSON.parse(name) as string;
      if (open.at(-1)?.has(read)) return true;
      open.at(-1)?.add(read);
    }
  }
  return false;
}
