import { gzipSync } from 'node:zlib';
import { damaged, type Mutant, type Mutation } from './mutation';
import { textOf, utf8 } from './sample';

const packed = (bytes: Buffer | string, more: Partial<Mutant> = {}): Mutant => ({ bytes, ending: '.csv.gz', ...more });

/** Compressed exchange files. */
export const GZIP_MUTATIONS: Mutation[] = [
  [
    'gzip cut short',
    'FAILED',
    (sample, dice) => packed(gzipSync(textOf(sample)).subarray(0, 1 + dice(gzipSync(textOf(sample)).length - 1))),
  ],
  [
    'gzip damaged',
    'ANY',
    (sample, dice) =>
      packed(
        damaged(gzipSync(textOf(sample)), dice, 1, () => [1, Buffer.from([dice(256)])]),
        { isIntact: true },
      ),
  ],
  [
    'gzip in members',
    'LINES',
    (sample, dice) => {
      const bytes = utf8(sample);
      const at = dice(bytes.length);
      return packed(Buffer.concat([gzipSync(bytes.subarray(0, at)), gzipSync(''), gzipSync(bytes.subarray(at))]), {
        isIntact: true,
      });
    },
  ],
  [
    'gzip filled up with zeros',
    'LINES',
    (sample, dice) => packed(Buffer.concat([gzipSync(textOf(sample)), Buffer.alloc(dice(2_000))]), { isIntact: true }),
  ],
  [
    'gzip with something behind it',
    'FAILED',
    (sample, dice) =>
      packed(
        Buffer.concat([
          gzipSync(textOf(sample)),
          Buffer.alloc(1 + dice(100)),
          dice(2) ? gzipSync('more') : Buffer.from('more'),
        ]),
      ),
  ],
  [
    'gzip with a broken second member',
    'FAILED',
    (sample) =>
      packed(Buffer.concat([gzipSync(textOf({ ...sample, rows: [] })), gzipSync(textOf(sample)).fill(0x20, 0, 1)])),
  ],
  ['gzip that is none', 'FAILED', (sample) => packed(textOf(sample))],
  ['gzip twice', 'FAILED', (sample) => packed(gzipSync(gzipSync(textOf(sample))))],
  ['gzip as plain text', 'FAILED', (sample) => gzipSync(textOf(sample))],
  [
    'a gzip bomb',
    'FAILED',
    (sample) =>
      packed(gzipSync(textOf(sample) + 'a,b\n'.repeat(500_000)), { limits: { compressedFreeBytes: 1_000_000 } }),
  ],
  [
    'a gzip bomb in one line',
    'FAILED',
    (sample) =>
      packed(gzipSync(Buffer.concat([utf8(sample), Buffer.alloc(3_000_000)])), {
        limits: { compressedFreeBytes: 1_000_000 },
      }),
  ],
];
