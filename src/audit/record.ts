/**
 * One audit record: who asked what, why, under which agreement, and whom it reached. Never a shared value, never a name. Its canonical text
 * is the leaf of a Merkle tree (RFC 6962, section 2.1), and the hash of the leaf is the receipt that the answer carries.
 */
import { hash } from 'node:crypto';

/** What is kept of one operation. Keys are hex, times ISO 8601 in UTC. */
export interface AuditRecord {
  /** Made at random: no two records are the same, however alike their operations, and no receipt can be guessed. */
  id: string;
  /** ISO 8601, UTC. */
  at: string;
  agency: string;
  officer: string | null;
  purpose: string;
  case: string | null;
  operation: { hash: string; name: string | null };
  /** `kind.field:VERB`, sorted. */
  footprint: readonly string[];
  /** Those the decision rests on, and those that the operation changed. */
  agreements: readonly string[];
  decision: 'GRANTED' | 'REFUSED' | 'INVALID' | 'FAILED';
  /** What was refused, as `kind.field:VERB:REASON`. */
  refusals: readonly string[];
  /** Keys of the persons reached, in hex, sorted. */
  persons: readonly string[];
  /** Stretches of change feeds: they name the persons in them exactly. */
  feeds: readonly { kind: string; from: string; to: string }[];
  /** The last complete delivery of each kind served. */
  freshness: Readonly<Record<string, string | null>>;
  errors: number;
  /** Hashes (`documentHash`) of the documents that the answer held; absent when it held none. Whoever has one can prove that it was given so. */
  documents?: readonly string[];
}

export type HashName = 'sha256' | 'sm3';

/** Canonical JSON (RFC 8785) of the strings, integers, arrays and objects an audit record is made of. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value))
    return value.some((item) => typeof item === 'object')
      ? `[${value.map(canonicalJson).join(',')}]`
      : JSON.stringify(value);
  const members = value as Readonly<Record<string, unknown>>;
  let text = '{';
  for (const key of Object.keys(members).sort())
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${canonicalJson(members[key])}`;
  return `${text}}`;
}

/** The hash of a leaf: `H(0x00 || leaf)` (RFC 6962, section 2.1). */
export function leafHash(leaf: string, name: HashName): Buffer {
  return hash(name, `\0${leaf}`, 'buffer');
}
