/**
 * The hash of a document that the hub hands out, as the audit record of the answer names it: a document is an object of parts, each part is
 * hashed as canonical JSON (RFC 8785), and the hashes, under the names of their parts, are hashed once more. So whoever checks a document that
 * was changed learns which part.
 *
 *     documentHash({ a: 1, b: [] }, hash) = H('{"a":"' + H('1') + '","b":"' + H('[]') + '"}')
 */
import { createHash } from 'node:crypto';
import { canonicalJson, type HashName } from './record';

/** The hash of each part, hex. */
export function partHashes(document: object, hash: HashName): Record<string, string> {
  return Object.fromEntries(
    Object.entries(document).map(([name, part]) => [name, hashOf(canonicalJson(part), hash)] as const),
  );
}

/** The hash of the whole, hex. */
export function documentHash(document: object, hash: HashName): string {
  return hashOf(canonicalJson(partHashes(document, hash)), hash);
}

function hashOf(text: string, hash: HashName): string {
  return createHash(hash).update(text, 'utf8').digest('hex');
}
