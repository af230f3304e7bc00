/**
 * Proving that records are in the log: the text of each, and the audit path (RFC 6962, section 2.1.1) from it to the root of a signed tree head.
 * A proof stands alone; `verifier.ts` checks it without the database.
 */
import type { Pool } from 'pg';
import type { Head } from './head';
import { type Log, leafHashes } from './log';
import { inclusionRanges, type Range, rootOfInclusion, rootsOfRanges } from './tree';

/** One record and its way to the root of a head. */
export interface Inclusion {
  /** The leaf hash, hex. */
  receipt: string;
  /** The record as canonical JSON: what was hashed. */
  leaf: string;
  /** Its place in the log, from 0. */
  index: number;
  /** Hashes from the leaf's sibling up, hex. */
  path: string[];
}

export interface Proof extends Inclusion {
  /** Size of the tree: that of the head. */
  size: number;
  head: Head;
}

/**
 * The proof of a record under a head that covers it.
 * @throws a sentence: no such record, not covered by the head, or the log no longer leads to the head's root
 */
export async function prove(pool: Pool, log: Log, head: Head, receipt: string): Promise<Proof> {
  const [one] = await proveAll(pool, log, head, [receipt]);
  return { ...(one as Inclusion), size: head.size, head };
}

/**
 * The proofs of several records under one head, in the order of their receipts. The log is read once for all of them.
 * @throws as `prove`
 */
export async function proveAll(
  pool: Pool,
  { hash }: Log,
  head: Head,
  receipts: readonly string[],
): Promise<Inclusion[]> {
  const found = await recordsOf(pool, receipts, head);
  const wanted = found.map(({ index }) => inclusionRanges(index, head.size));
  const ranges = new Map(wanted.flat().map((range) => [nameOf(range), range]));
  const roots = await rootsOfRanges([...ranges.values()], leafHashes(pool, 1, head.size), hash);
  const rootOf = new Map([...ranges.keys()].map((name, place) => [name, roots[place] as Buffer]));
  return found.map(({ receipt, leaf, index }, place) => {
    const path = (wanted[place] as Range[]).map((range) => rootOf.get(nameOf(range)) as Buffer);
    const root = rootOfInclusion(Buffer.from(receipt, 'hex'), index, head.size, path, hash);
    if (root?.toString('hex') !== head.root)
      throw new Error(`The log does not lead to the root of the tree head of ${head.at}: run heyan audit verify`);
    return { receipt, leaf, index, path: path.map((one) => one.toString('hex')) };
  });
}

async function recordsOf(pool: Pool, receipts: readonly string[], head: Head): Promise<Omit<Inclusion, 'path'>[]> {
  if (!receipts.every((receipt) => /^[0-9a-f]{64}$/.test(receipt)))
    throw new Error('A receipt has 64 hex digits: take it from extensions.receipt of an answer');
  const { rows } = await pool.query<{ receipt: string; seq: string; leaf: string }>(
    `select distinct on (leaf_hash) encode(leaf_hash, 'hex') as receipt, seq, leaf from audit.record
     where leaf_hash = any($1::bytea[]) order by leaf_hash, seq`,
    [receipts.map((receipt) => Buffer.from(receipt, 'hex'))],
  );
  const byReceipt = new Map(rows.map((row) => [row.receipt, row]));
  return receipts.map((receipt) => {
    const found = byReceipt.get(receipt);
    if (!found)
      throw new Error(
        `The audit log holds no record of receipt ${receipt}: compare it with the answer's extensions.receipt`,
      );
    const index = Number(found.seq) - 1;
    if (index >= head.size)
      throw new Error(`The newest tree head covers ${head.size} records; this is ${found.seq}: run heyan audit head`);
    return { receipt, leaf: found.leaf, index };
  });
}

function nameOf([start, end]: Range): string {
  return `${start}:${end}`;
}
