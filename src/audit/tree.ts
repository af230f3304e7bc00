/**
 * The Merkle tree over the audit log, as RFC 6962, section 2.1, defines it: the hash of a leaf is `H(0x00 || leaf)`, of a node
 * `H(0x01 || left || right)`, and a tree of n leaves splits at the largest power of two below n. Leaves are given by their hashes.
 *
 * Which parts of the log a proof is made of (`inclusionRanges`, `consistencyRanges`) is separate from reading them, so that a proof over a
 * log of millions reads it once, in order, in flat memory.
 */
import { createHash } from 'node:crypto';
import type { HashName } from './record';

/** Leaves from `start` (counted from 0) up to but not including `end`. */
export type Range = readonly [start: number, end: number];

const NODE = Buffer.from([1]);

/** The hash of a node: `H(0x01 || left || right)`. */
export function nodeHash(left: Buffer, right: Buffer, hash: HashName): Buffer {
  return createHash(hash).update(NODE).update(left).update(right).digest();
}

/** The right edge of a growing tree: one hash per complete subtree. It is all that a larger tree's root needs of the leaves before. */
export interface Frontier {
  /** Leaves so far. */
  readonly size: number;
  /** The roots of the complete subtrees, largest first: one per 1 in the binary form of `size`. */
  readonly peaks: readonly Buffer[];
  /** Takes the next leaf, by its hash. */
  append(leafHash: Buffer): void;
  /** The root over all leaves so far; of none, the hash of nothing. */
  root(): Buffer;
}

/** The frontier of an empty tree, or of one that was kept. Throws when `peaks` do not fit the size. */
export function openFrontier(
  hash: HashName,
  kept: { size: number; peaks: readonly Buffer[] } = { size: 0, peaks: [] },
): Frontier {
  if (kept.peaks.length !== onesOf(kept.size)) throw new Error(`A tree of ${kept.size} leaves has other peaks`);
  const peaks = [...kept.peaks];
  let size = kept.size;
  return {
    get size() {
      return size;
    },
    get peaks() {
      return [...peaks];
    },
    append(leafHash) {
      peaks.push(leafHash);
      // A subtree is complete for each 1 at the end of the size before.
      for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
        const [left, right] = peaks.splice(-2) as [Buffer, Buffer];
        peaks.push(nodeHash(left, right, hash));
      }
      size += 1;
    },
    root() {
      if (size === 0) return createHash(hash).digest();
      return peaks.reduceRight((right, left) => nodeHash(left, right, hash));
    },
  };
}

/** The parts whose roots are the audit path of a leaf (RFC 6962, 2.1.1), in its order: from the leaf up. */
export function inclusionRanges(index: number, size: number): Range[] {
  if (!(index >= 0 && index < size)) throw new Error(`A tree of ${size} leaves has no leaf ${index}`);
  const ranges: Range[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      ranges.push([middle, end]);
      end = middle;
    } else {
      ranges.push([start, middle]);
      start = middle;
    }
  }
  return ranges.reverse();
}

/** The parts whose roots prove that the tree of `first` leaves is the beginning of the one of `size` (RFC 6962, 2.1.2), in its order. */
export function consistencyRanges(first: number, size: number): Range[] {
  if (!(first >= 1 && first <= size)) throw new Error(`No tree of ${first} leaves begins one of ${size}`);
  const ranges: Range[] = [];
  let [start, end] = [0, size];
  // SUBPROOF(m, D[n], b) of the RFC, from the top down.
  while (first < end) {
    const middle = start + splitOf(end - start);
    if (first <= middle) {
      ranges.push([middle, end]);
      end = middle;
    } else {
      ranges.push([start, middle]);
      start = middle;
    }
  }
  // The verifier knows the first root itself, and is not told it again.
  if (start > 0) ranges.push([start, end]);
  return ranges.reverse();
}

/** The root that an audit path leads to from a leaf, or undefined when the path has another length (RFC 9162, 2.1.3.2). */
export function rootOfInclusion(
  leafHash: Buffer,
  index: number,
  size: number,
  path: readonly Buffer[],
  hash: HashName,
): Buffer | undefined {
  if (!(index >= 0 && index < size)) return undefined;
  let [here, last] = [index, size - 1];
  let root = leafHash;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (here % 2 === 1 || here === last) {
      root = nodeHash(sibling, root, hash);
      while (here % 2 === 0 && here !== 0) [here, last] = [half(here), half(last)];
    } else root = nodeHash(root, sibling, hash);
    [here, last] = [half(here), half(last)];
  }
  return last === 0 ? root : undefined;
}

/** The roots of the smaller and the larger tree that a consistency proof leads to; undefined when it has another length (RFC 9162, 2.1.4.2). */
export function rootsOfConsistency(
  first: number,
  size: number,
  firstRoot: Buffer,
  proof: readonly Buffer[],
  hash: HashName,
): readonly [first: Buffer, second: Buffer] | undefined {
  if (!(first >= 1 && first <= size)) return undefined;
  if (first === size) return proof.length === 0 ? [firstRoot, firstRoot] : undefined;
  const path = Number.isInteger(Math.log2(first)) ? [firstRoot, ...proof] : [...proof];
  let [here, last] = [first - 1, size - 1];
  while (here % 2 === 1) [here, last] = [half(here), half(last)];
  const begin = path.shift();
  if (!begin) return undefined;
  let [before, after] = [begin, begin];
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (here % 2 === 1 || here === last) {
      before = nodeHash(sibling, before, hash);
      after = nodeHash(sibling, after, hash);
      while (here % 2 === 0 && here !== 0) [here, last] = [half(here), half(last)];
    } else after = nodeHash(after, sibling, hash);
    [here, last] = [half(here), half(last)];
  }
  return last === 0 ? [before, after] : undefined;
}

/**
 * The roots of ranges of the log, read once and in order. Ranges of one tree that hold a leaf lie in each other, so few are open at a time,
 * however many proofs they are made for.
 */
export async function rootsOfRanges(
  ranges: readonly Range[],
  leafHashes: AsyncIterable<Buffer>,
  hash: HashName,
): Promise<Buffer[]> {
  const places = ranges.map((range) => ({ range, frontier: openFrontier(hash) }));
  const waiting = [...places].sort((a, b) => b.range[0] - a.range[0]);
  const end = Math.max(0, ...ranges.map(([, last]) => last));
  let open: typeof places = [];
  let index = 0;
  for await (const leafHash of leafHashes) {
    if (index >= end) break;
    while (waiting.at(-1)?.range[0] === index) open.push(waiting.pop() as (typeof places)[number]);
    for (const { frontier } of open) frontier.append(leafHash);
    index += 1;
    if (open.some(({ range }) => range[1] === index)) open = open.filter(({ range }) => range[1] > index);
  }
  if (index < end) throw new Error(`The log ends at ${index} records; the proof needs ${end}`);
  return places.map(({ frontier }) => frontier.root());
}

/** The largest power of two below n. */
function splitOf(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

/** Sizes may pass 2³¹, where JavaScript's shifts end. */
function half(n: number): number {
  return Math.floor(n / 2);
}

function onesOf(n: number): number {
  return n.toString(2).replaceAll('0', '').length;
}
