/**
 * A signed tree head: the hub's word that the log held these records, in this order, at this time. It is kept outside the database, so that
 * whoever rewrites the log there is found out. The fingerprints of the leaves since the head before it are signed too: they name the first
 * bad record even when the log was rewritten so that everything in the database agrees.
 *
 *     {"algorithm":"ed25519","at":"2026-06-30T02:00:00.000Z","hash":"sha256","keyId":"…","leaves":"…","log":"…","publicKey":"…",
 *      "root":"…","signature":"…","size":3}
 *
 * One line of a checkpoint file, canonical JSON (RFC 8785). Signed is the same text without `algorithm`, `keyId`, `publicKey`, `signature`.
 */
import { canonicalJson, type HashName } from './record';
import { type PublicKey, type Signer, verifySignature } from './signing';

export interface HeadBody {
  /** Id of the log. */
  log: string;
  /** Records covered: numbers 1 to `size`. */
  size: number;
  /** Root of the Merkle tree over them, hex. */
  root: string;
  hash: HashName;
  /** ISO 8601, UTC. */
  at: string;
  /** The first 8 bytes of each leaf hash since the head before, one after the other, base64. */
  leaves: string;
}

export interface Head extends HeadBody, PublicKey {
  keyId: string;
  signature: string;
}

export const FINGERPRINT_BYTES = 8;

/** Leaves of one head: its line stays below 50 KB, and more leaves make more heads. */
export const LEAVES_PER_HEAD_MAX = 4_096;

/** A line that is longer is none of ours. */
export const LINE_CHARACTERS_MAX = 100_000;

const FORM = {
  log: /^[0-9a-f]{32}$/,
  root: /^[0-9a-f]{64}$/,
  hash: /^(sha256|sm3)$/,
  at: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  leaves: /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  algorithm: /^(ed25519|sm2)$/,
  keyId: /^[0-9a-f]{16}$/,
  publicKey: /^[0-9a-f]{64,130}$/,
  signature: /^[0-9a-f]{128}$/,
} as const;

/** Signs a head. */
export function signHead(body: HeadBody, signer: Signer): Head {
  const { algorithm, keyId, publicKey } = signer;
  return { ...body, algorithm, keyId, publicKey, signature: signer.sign(signedText(body)) };
}

/** Whether the head was signed by one of these keys. */
export function isSignedBy(head: Head, keys: readonly PublicKey[]): boolean {
  const key = keys.find(({ algorithm, publicKey }) => algorithm === head.algorithm && publicKey === head.publicKey);
  return key !== undefined && verifySignature(key, signedText(head), head.signature);
}

/** A line of a checkpoint file. Throws a sentence when it is no head. */
export function readHead(line: string): Head {
  let head: Head;
  try {
    head = JSON.parse(line);
  } catch {
    throw new Error('it is not JSON');
  }
  for (const [name, form] of Object.entries(FORM)) {
    const value: unknown = head?.[name as keyof typeof FORM];
    if (typeof value !== 'string' || !form.test(value)) throw new Error(`its ${name} is not one of a tree head`);
  }
  const leaves = leafCount(head);
  if (!Number.isSafeInteger(head.size) || head.size < 1) throw new Error('its size is not one of a tree head');
  if (!Number.isInteger(leaves) || leaves < 1 || leaves > head.size || leaves > LEAVES_PER_HEAD_MAX)
    throw new Error('its leaves do not fit its size');
  return head;
}

/** How many leaves the head has fingerprints of: the last ones before `size`. */
export function leafCount(head: HeadBody): number {
  return Buffer.byteLength(head.leaves, 'base64') / FINGERPRINT_BYTES;
}

/** The fingerprint of a record, by its number, or undefined when this head has none of it. */
export function fingerprintOf(head: HeadBody, seq: number): Buffer | undefined {
  const place = seq - (head.size - leafCount(head)) - 1;
  if (place < 0 || seq > head.size) return undefined;
  return Buffer.from(head.leaves, 'base64').subarray(place * FINGERPRINT_BYTES, (place + 1) * FINGERPRINT_BYTES);
}

function signedText({ log, size, root, hash, at, leaves }: HeadBody): string {
  return canonicalJson({ log, size, root, hash, at, leaves });
}
