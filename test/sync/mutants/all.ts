/** Damaged deliveries, each with what is damaged about it and what may become of it. The same seed gives the same files. */
import { createHash } from 'node:crypto';
import { GZIP_MUTATIONS } from './gzip';
import type { Mutant, Mutation } from './mutation';
import { type Sample, textOf } from './sample';
import { TEXT_MUTATIONS } from './text';
import { WORKBOOK_MUTATIONS } from './workbook';

const digestOf = (sample: Sample) => createHash('sha256').update(textOf(sample)).digest('hex');
const manifestOf = (sample: Sample, rows: number | string, sha256: string, file = `${sample.kind}.csv`): Mutant => ({
  bytes: textOf(sample),
  beside: { 'manifest.csv': `file,rows,sha256\n${file},${rows},${sha256}\n` },
});

const MANIFEST_MUTATIONS: Mutation[] = [
  [
    'a manifest',
    'COMPLETE',
    (sample) => ({ ...manifestOf(sample, sample.rows.length, digestOf(sample).toUpperCase()), isIntact: true }),
  ],
  ['a manifest of more rows', 'FAILED', (sample) => manifestOf(sample, sample.rows.length + 1, digestOf(sample))],
  ['a manifest of another file', 'FAILED', (sample) => manifestOf(sample, sample.rows.length, 'a'.repeat(64))],
  ['a manifest without the file', 'FAILED', (sample) => manifestOf(sample, 1, 'a'.repeat(64), 'other.csv')],
  ['a broken manifest', 'FAILED', (sample, dice) => manifestOf(sample, dice(2) ? 'x' : 1, 'b')],
];

export const MUTATIONS: readonly Mutation[] = [
  ...TEXT_MUTATIONS,
  ...GZIP_MUTATIONS,
  ...WORKBOOK_MUTATIONS,
  ...MANIFEST_MUTATIONS,
];
