/**
 * Proving that one record is in the log: its text, and the audit path (RFC 6962, section 2.1.1) from it to the root of a signed tree head. The
 * proof stands alone; `verifier.ts` checks it without the database.
 */
import type { Pool } from 'pg';
import type { Head } from './head';
import { type Log, leafHashes } from './log';
import { inclusionRanges, rootOfInclusion, rootsOfRanges } from './tree';

export interface Proof {
  /** The leaf hash, hex. */
  receipt: string;
  /** The record as canonical JSON: what was hashed. */
  leaf: string;
  /** Its place in the log, from 0. */
  index: number;
  /** Size of the tree: that of the head. */
  size: number;
  /** Hashes from the leaf's sibling up, hex. */
  path: string[];
  head: Head;
}

/**
 * The proof of a record under a head that covers it.
 * @throws a sentence: no such record, not covered by the head, or the log no longer leads to the head's root
 */
export async function prove(pool: Pool, { hash }: Log, head: Head, receipt: string): Promise<Proof> {
  if (!/^[0-9a-f]{64}$/.test(receipt))
    throw new Error('A receipt has 64 hex digits: take it from extensions.receipt of an answer');
  const { rows } = await pool.query<{ seq: string; leaf: string }>(
    'select seq, leaf from audit.record where leaf_hash = $1 order by seq limit 1',
    [Buffer.from(receipt, 'hex')],
  );
  const found = rows[0];
  if (!found)
    throw new Error(
      `The audit log holds no record of receipt ${receipt}: compare it with the answer's extensions.receipt`,
    );
  const index = Number(found.seq) - 1;
  if (index >= head.size)
    throw new Error(`The newest tree head covers ${head.size} records; this is ${found.seq}: run heyan audit head`);
  const path = await rootsOfRanges(inclusionRanges(index, head.size), leafHashes(pool, 1, head.size), hash);
  const root = rootOfInclusion(Buffer.from(receipt, 'hex'), index, head.size, path, hash);
  if (root?.toString('hex') !== head.root)
    throw new Error(`The log does not lead to the root of the tree head of ${head.at}: run heyan audit verify`);
  return { receipt, leaf: found.leaf, index, size: head.size, path: path.map((one) => one.toString('hex')), head };
}
