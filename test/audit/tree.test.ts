import { createHash } from 'node:crypto';
import { type HashName } from '../../src/audit/record';
import {
  consistencyRanges,
  inclusionRanges,
  openFrontier,
  type Range,
  rootOfInclusion,
  rootsOfConsistency,
  rootsOfRanges,
} from '../../src/audit/tree';

/** The leaves, roots and proofs of the reference implementation of RFC 6962 (google/certificate-transparency, merkle_tree_test.cc). */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const hashOf = (bytes: Buffer, hash: HashName = 'sha256') =>
  createHash(hash)
    .update(Buffer.from([0]))
    .update(bytes)
    .digest();
const HASHES = LEAVES.map((leaf) => hashOf(Buffer.from(leaf, 'hex')));

/** MTH of RFC 6962, 2.1, as it is written there. */
function naiveRoot(leaves: readonly Buffer[], hash: HashName): Buffer {
  if (leaves.length === 0) return createHash(hash).digest();
  if (leaves.length === 1) return leaves[0] as Buffer;
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1));
  const [left, right] = [naiveRoot(leaves.slice(0, k), hash), naiveRoot(leaves.slice(k), hash)];
  return createHash(hash)
    .update(Buffer.from([1]))
    .update(left)
    .update(right)
    .digest();
}

/** PATH of RFC 6962, 2.1.1. */
function naivePath(m: number, leaves: readonly Buffer[], hash: HashName): Buffer[] {
  if (leaves.length === 1) return [];
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return m < k
    ? [...naivePath(m, leaves.slice(0, k), hash), naiveRoot(leaves.slice(k), hash)]
    : [...naivePath(m - k, leaves.slice(k), hash), naiveRoot(leaves.slice(0, k), hash)];
}

/** SUBPROOF of RFC 6962, 2.1.2. */
function naiveProof(m: number, leaves: readonly Buffer[], whole: boolean, hash: HashName): Buffer[] {
  if (m === leaves.length) return whole ? [] : [naiveRoot(leaves, hash)];
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return m <= k
    ? [...naiveProof(m, leaves.slice(0, k), whole, hash), naiveRoot(leaves.slice(k), hash)]
    : [...naiveProof(m - k, leaves.slice(k), false, hash), naiveRoot(leaves.slice(0, k), hash)];
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const partsOf = (ranges: readonly Range[], leaves: readonly Buffer[], hash: HashName = 'sha256') =>
  rootsOfRanges(ranges, each(leaves), hash);
const hex = (hashes: readonly Buffer[]) => hashes.map((one) => one.toString('hex'));

describe('known answers of RFC 6962', () => {
  test('the root of no leaves is the hash of nothing', () => {
    expect(openFrontier('sha256').root().toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  test('roots of 1 to 8 leaves', () => {
    const frontier = openFrontier('sha256');
    const roots = HASHES.map((leaf) => {
      frontier.append(leaf);
      return frontier.root();
    });
    expect(hex(roots)).toEqual(ROOTS);
  });

  test.each<[number, number, string[]]>([
    [0, 1, []],
    [0, 8, [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ]],
    [5, 8, [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]],
    [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
    [1, 5, [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ]],
  ])('the audit path of leaf %i of %i', async (index, size, expected) => {
    const path = await partsOf(inclusionRanges(index, size), HASHES);
    expect(hex(path)).toEqual(expected);
    const root = rootOfInclusion(HASHES[index] as Buffer, index, size, path, 'sha256');
    expect(root?.toString('hex')).toBe(ROOTS[size - 1]);
  }); // biome-ignore format: a table

  test.each<[number, number, string[]]>([
    [1, 1, []],
    [1, 8, [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ]],
    [6, 8, [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]],
    [2, 5, [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ]],
  ])('the consistency proof of %i and %i', async (first, size, expected) => {
    const proof = await partsOf(consistencyRanges(first, size), HASHES);
    expect(hex(proof)).toEqual(expected);
    const roots = rootsOfConsistency(first, size, Buffer.from(ROOTS[first - 1] as string, 'hex'), proof, 'sha256');
    expect(hex(roots ?? [])).toEqual([ROOTS[first - 1], ROOTS[size - 1]]);
  }); // biome-ignore format: a table
});

describe.each(['sha256', 'sm3'] as const)('by %s, against the definition', (hash) => {
  const SIZE_MAX = 34;
  const leaves = Array.from({ length: SIZE_MAX }, (_, i) => hashOf(Buffer.from(`leaf ${i}`), hash));
  const sizes = Array.from({ length: SIZE_MAX }, (_, i) => i + 1);

  test('the root of every size, also from a frontier that was kept', () => {
    let frontier = openFrontier(hash);
    for (const size of sizes) {
      frontier.append(leaves[size - 1] as Buffer);
      expect(frontier.root()).toEqual(naiveRoot(leaves.slice(0, size), hash));
      frontier = openFrontier(hash, frontier);
    }
  });

  test('every audit path, and no wrong leaf, place or sibling passes', async () => {
    for (const size of sizes) {
      const [tree, root] = [leaves.slice(0, size), naiveRoot(leaves.slice(0, size), hash)];
      for (let index = 0; index < size; index++) {
        const path = await partsOf(inclusionRanges(index, size), tree, hash);
        expect(path).toEqual(naivePath(index, tree, hash));
        const from = (leaf: number, at: number, given: readonly Buffer[]) =>
          rootOfInclusion(leaves[leaf] as Buffer, at, size, given, hash);
        expect(from(index, index, path)).toEqual(root);
        expect(from((index + 1) % SIZE_MAX, index, path)).not.toEqual(root);
        if (size > 1) expect(from(index, (index + 1) % size, path)).not.toEqual(root);
        if (path.length > 1) expect(from(index, index, [...path].reverse())).not.toEqual(root);
        expect(from(index, index, [...path, root])).toBeUndefined();
        if (path.length > 0) expect(from(index, index, path.slice(1))).not.toEqual(root);
      }
    }
  });

  test('every consistency proof, and none from another beginning', async () => {
    for (const size of sizes) {
      const tree = leaves.slice(0, size);
      for (let first = 1; first <= size; first++) {
        const [before, after] = [naiveRoot(tree.slice(0, first), hash), naiveRoot(tree, hash)];
        const proof = await partsOf(consistencyRanges(first, size), tree, hash);
        expect(proof).toEqual(naiveProof(first, tree, true, hash));
        expect(rootsOfConsistency(first, size, before, proof, hash)).toEqual([before, after]);
        const another = rootsOfConsistency(
          first,
          size,
          leaves[0] as Buffer,
          proof.map(() => before),
          hash,
        );
        if (first > 1) expect(another?.[0].equals(before) && another[1].equals(after)).toBeFalsy();
      }
    }
  });
});

test.each([
  ['a leaf beyond the tree', () => inclusionRanges(3, 3)],
  ['a larger tree as the beginning', () => consistencyRanges(4, 3)],
  ['an empty tree as the beginning', () => consistencyRanges(0, 3)],
  ['peaks of another size', () => openFrontier('sha256', { size: 3, peaks: [] })],
])('%s is a mistake of ours', (_, act) => {
  expect(act).toThrow();
});

test('a log that is shorter than the proof is told of', async () => {
  await expect(partsOf(inclusionRanges(0, 8), HASHES.slice(0, 7))).rejects.toThrow('ends at 7 records');
});
