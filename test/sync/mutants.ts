/** Damaged exchange files, each with what is damaged about it and what may become of it. The same seed gives the same files. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { decode, encode } from 'iconv-lite';
import type { RunState } from '../../src/sync/report';
import type { FileLimits } from '../../src/sync/sources/limits';
import { rowsXml, workbookFiles, workbookOf, workbookOfTexts, zipOf } from '../support/workbook';
import { sampleCity } from './delivery';

/** A few rows of a kind of the sample city, all touched at one time. */
export interface Sample {
  kind: string;
  columns: string[];
  rows: string[][];
}

/** What a mutation makes of a sample: a file of the same kind, by default `<kind>.csv`. */
export interface Mutant {
  bytes: Buffer | string;
  ending?: '.csv' | '.csv.gz' | '.xlsx';
  /** Other files beside it. */
  beside?: Record<string, Buffer | string>;
  limits?: Partial<FileLimits>;
  /** Share of rows that may be in quarantine; nearly all unless told. */
  quarantineLimit?: number;
}

/** What may become of a mutant; `LINES` stands for COMPLETE or REJECTED: whatever is wrong, it costs lines and not the file. */
type Fate = 'ANY' | 'LINES' | Exclude<RunState, 'RUNNING' | 'INTERRUPTED'>;
type Dice = (below: number) => number;
type Mutation = [name: string, fate: Fate, make: (sample: Sample, dice: Dice) => Mutant | Mutant['bytes']];

const SAMPLED_ROWS = 8;
const GB18030_KINDS = ['poverty', 'claim'];

export function sampleOf(kind: string): Sample {
  const bytes = readFileSync(path.join(sampleCity, `delivery/${kind}.csv`));
  const text = decode(bytes, GB18030_KINDS.includes(kind) ? 'gb18030' : 'utf8');
  const [columns, ...rows] = parse(text, { bom: true }) as string[][];
  const quoted = rows.filter((cells) => cells.some((cell) => /[",\n]/.test(cell))).slice(0, 2);
  return { kind, columns: columns as string[], rows: [...rows.slice(0, SAMPLED_ROWS), ...quoted] };
}

/** The same rows, touched at another time. */
export function touched({ kind, columns, rows }: Sample, updatedAt: string): Sample {
  const at = columns.indexOf('updated_at');
  return { kind, columns, rows: rows.map((cells) => cells.with(at, updatedAt)) };
}

export function textOf({ columns, rows }: Pick<Sample, 'columns' | 'rows'>, lineEnd = '\n'): string {
  const line = (cells: readonly string[]) =>
    cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
  return [columns, ...rows].map((cells) => line(cells) + lineEnd).join('');
}

const utf8 = (sample: Sample) => Buffer.from(textOf(sample));
const gb18030 = (sample: Sample) => encode(textOf(sample), 'gb18030');
const asWritten = (sample: Sample) => (GB18030_KINDS.includes(sample.kind) ? gb18030(sample) : utf8(sample));
const mark = Buffer.from([0xef, 0xbb, 0xbf]);

function spliced(bytes: Buffer, at: number, gone: number, put: Buffer | string): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(put as string), bytes.subarray(at + gone)]);
}

/** Damages bytes behind the header so many times. */
function damaged(bytes: Buffer, dice: Dice, times: number, put: () => [gone: number, put: Buffer | string]): Buffer {
  let now = bytes;
  for (let i = 0; i < times; i++) {
    const head = now.indexOf('\n') + 1;
    now = spliced(now, head + dice(now.length - head), ...put());
  }
  return now;
}

/** Puts something into a cell of a column that is a free text. */
function withText({ kind, columns, rows }: Sample, dice: Dice, text: string): Sample {
  const at = columns.findIndex((column) =>
    ['address', 'name', 'certificate_no', 'item_name', 'employer_code'].includes(column),
  );
  const row = dice(rows.length);
  return { kind, columns, rows: rows.map((cells, i) => (i === row ? cells.with(at < 0 ? 0 : at, text) : cells)) };
}

function withoutColumn({ kind, columns, rows }: Sample, at: number): Sample {
  return { kind, columns: columns.toSpliced(at, 1), rows: rows.map((cells) => cells.toSpliced(at, 1)) };
}

const TEXT_MUTATIONS: Mutation[] = [
  [
    'flipped bytes',
    'ANY',
    (sample, dice) => damaged(asWritten(sample), dice, 1 + dice(6), () => [1, Buffer.from([dice(256)])]),
  ],
  [
    'flipped bits in the header',
    'ANY',
    (sample, dice) => {
      const bytes = asWritten(sample);
      const at = dice(bytes.indexOf('\n'));
      bytes[at] = (bytes[at] as number) ^ (1 << dice(8));
      return bytes;
    },
  ],
  ['bytes lost', 'ANY', (sample, dice) => damaged(asWritten(sample), dice, 1 + dice(3), () => [1 + dice(40), ''])],
  [
    'bytes doubled',
    'ANY',
    (sample, dice) => damaged(asWritten(sample), dice, 1 + dice(3), () => [0, Buffer.alloc(1 + dice(40), dice(256))]),
  ],
  ['cut short', 'ANY', (sample, dice) => asWritten(sample).subarray(0, dice(asWritten(sample).length))],
  [
    'cut short within the rows',
    'LINES',
    (sample, dice) => {
      const bytes = asWritten(sample);
      const head = bytes.indexOf('\n') + 1;
      return bytes.subarray(0, head + dice(bytes.length - head));
    },
  ],
  ['NUL', 'LINES', (sample, dice) => damaged(asWritten(sample), dice, 1 + dice(4), () => [dice(2), '\u0000'])],
  [
    'a page of NUL',
    'LINES',
    (sample, dice) => damaged(asWritten(sample), dice, 1, () => [dice(100), Buffer.alloc(4_096)]),
  ],
  [
    'control characters',
    'LINES',
    (sample, dice) => damaged(utf8(sample), dice, 1 + dice(4), () => [0, String.fromCharCode(1 + dice(31))]),
  ],
  ['UTF-16 with a mark', 'FAILED', (sample) => Buffer.from(`\ufeff${textOf(sample)}`, 'utf16le')],
  ['UTF-16 without one', 'FAILED', (sample) => Buffer.from(textOf(sample), 'utf16le')],
  [
    'UTF-16, the big end first',
    'FAILED',
    (sample, dice) => Buffer.from(`${dice(2) ? '\ufeff' : ''}${textOf(sample)}`, 'utf16le').swap16(),
  ],
  [
    'GB18030 with half characters',
    'LINES',
    (sample, dice) => damaged(gb18030(sample), dice, 1 + dice(4), () => [0, Buffer.from([0x81 + dice(0x7d)])]),
  ],
  [
    'Latin-1 in UTF-8',
    'LINES',
    (sample, dice) => damaged(utf8(sample), dice, 1 + dice(4), () => [0, Buffer.from('é', 'latin1')]),
  ],
  ['Latin-1 throughout', 'LINES', (sample) => Buffer.from(textOf(sample).replaceAll(/[^\n -~]/g, 'é'), 'latin1')],
  [
    'two encodings, line by line',
    'LINES',
    (sample, dice) =>
      Buffer.concat(
        textOf(sample)
          .split(/(?<=\n)/)
          .map((line, at) => (at > 0 && dice(2) ? encode(line, 'gb18030') : Buffer.from(line))),
      ),
  ],
  ['a mark twice', 'LINES', (sample) => Buffer.concat([mark, mark, utf8(sample)])],
  ['marks among the rows', 'LINES', (sample, dice) => damaged(utf8(sample), dice, 2, () => [0, mark])],
  [
    'the mark of another encoding',
    'ANY',
    (sample, dice) =>
      dice(2)
        ? Buffer.concat([mark, gb18030(sample)])
        : Buffer.concat([Buffer.from([0x84, 0x31, 0x95, 0x33]), utf8(sample)]),
  ],
  [
    'mixed line ends',
    'LINES',
    (sample, dice) => textOf(sample).replaceAll('\n', () => ['\n', '\r\n', '\n\n', '\r\n\n\r\n'][dice(4)] as string),
  ],
  [
    'carriage returns of their own',
    'ANY',
    (sample, dice) => textOf(sample).replaceAll('\n', () => ['\n', '\r', '\n\r', '\r\r\n'][dice(4)] as string),
  ],
  ['only carriage returns', 'FAILED', (sample) => textOf(sample, '\r')],
  [
    'other ends of lines',
    'ANY',
    (sample, dice) => textOf(sample).replaceAll('\n', () => ['\n', '\u2028', '\u0085', '\v'][dice(4)] as string),
  ],
  ['quotes torn', 'LINES', (sample, dice) => damaged(asWritten(sample), dice, 1 + dice(3), () => [dice(2), '"'])],
  [
    'quotes around some',
    'LINES',
    (sample, dice) => textOf(sample).replace(/,(?=[^,]*\n)/g, () => [',', ',"', '",', ',"",'][dice(4)] as string),
  ],
  [
    'lines of another width',
    'LINES',
    (sample, dice) => damaged(asWritten(sample), dice, 1 + dice(3), () => [0, ','.repeat(1 + dice(30))]),
  ],
  ['600 cells in a line', 'LINES', (sample) => `${textOf(sample)}${'a,'.repeat(599)}b\n`],
  [
    'a long line',
    'LINES',
    (sample, dice) => ({
      bytes: damaged(utf8(sample), dice, 1, () => [0, 'x'.repeat(20_000)]),
      limits: { lineBytesMax: 15_000 },
    }),
  ],
  ['a long line without an end', 'LINES', (sample) => ({ bytes: `${textOf(sample)}${'x'.repeat(1_200_000)}` })],
  [
    'formulas',
    'LINES',
    (sample, dice) =>
      textOf(
        withText(
          sample,
          dice,
          ['=1+1', '+1', "-2+3+cmd|' /C calc'!A0", '@SUM(A1)', '\t=1', "'=1", '＝1', '=HYPERLINK("x")'][
            dice(8)
          ] as string,
        ),
      ),
  ],
  [
    'lines twice',
    'LINES',
    (sample, dice) => textOf({ ...sample, rows: sample.rows.flatMap((cells) => (dice(2) ? [cells, cells] : [cells])) }),
  ],
  [
    'the header among the rows',
    'LINES',
    (sample) => textOf({ ...sample, rows: [sample.columns, ...sample.rows, sample.columns] }),
  ],
  ['two files in one', 'LINES', (sample) => Buffer.concat([mark, utf8(sample), mark, utf8(sample)])],
  [
    'too many bad rows',
    'REJECTED',
    (sample) => ({ bytes: textOf({ ...sample, rows: [...sample.rows, ...sample.rows] }), quarantineLimit: 0.2 }),
  ],
  ['empty', 'FAILED', (_, dice) => ['', '\n', '\r\n', '\ufeff', '\n\n\n', ' ', '\u0000'][dice(7)] as string],
  ['no rows', 'COMPLETE', (sample, dice) => textOf({ ...sample, rows: [] }).slice(0, dice(2) ? -1 : undefined)],
  ['no header', 'FAILED', (sample) => textOf(sample).slice(textOf({ ...sample, rows: [] }).length)],
  [
    'a required column lost',
    'FAILED',
    (sample, dice) =>
      textOf(withoutColumn(sample, sample.columns.indexOf(['source_id', 'updated_at'][dice(2)] as string))),
  ],
  ['any column lost', 'ANY', (sample, dice) => textOf(withoutColumn(sample, dice(sample.columns.length)))],
  [
    'a column twice',
    'FAILED',
    (sample) =>
      textOf({ columns: [...sample.columns, 'source_id'], rows: sample.rows.map((cells) => [...cells, 'x']) }),
  ],
  [
    '600 columns',
    'FAILED',
    (sample) =>
      textOf({ columns: [...sample.columns, ...Array.from({ length: 600 }, (_, at) => `c${at}`)], rows: sample.rows }),
  ],
  [
    'two forms of one kind',
    'FAILED',
    (sample) => ({ bytes: textOf(sample), beside: { [`${sample.kind}.csv.gz`]: gzipSync(textOf(sample)) } }),
  ],
];

const packed = (bytes: Buffer | string, more: Partial<Mutant> = {}): Mutant => ({ bytes, ending: '.csv.gz', ...more });

const GZIP_MUTATIONS: Mutation[] = [
  [
    'gzip cut short',
    'FAILED',
    (sample, dice) => packed(gzipSync(textOf(sample)).subarray(0, 1 + dice(gzipSync(textOf(sample)).length - 1))),
  ],
  [
    'gzip damaged',
    'ANY',
    (sample, dice) => packed(damaged(gzipSync(textOf(sample)), dice, 1, () => [1, Buffer.from([dice(256)])])),
  ],
  [
    'gzip in members',
    'LINES',
    (sample, dice) => {
      const bytes = utf8(sample);
      const at = dice(bytes.length);
      return packed(Buffer.concat([gzipSync(bytes.subarray(0, at)), gzipSync(''), gzipSync(bytes.subarray(at))]));
    },
  ],
  [
    'gzip filled up with zeros',
    'LINES',
    (sample, dice) => packed(Buffer.concat([gzipSync(textOf(sample)), Buffer.alloc(dice(2_000))])),
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

const workbook = (bytes: Buffer, more: Partial<Mutant> = {}): Mutant => ({ bytes, ending: '.xlsx', ...more });
const table = ({ columns, rows }: Sample) => [columns, ...rows];

/** The table with the XML of one cell in place of another, so that its row is one of a workbook's own. */
function withCell(sample: Sample, dice: Dice, xml: string): Buffer {
  const row = 2 + dice(sample.rows.length);
  const first = new RegExp(`<c r="([A-Z]+${row})"[^>]*>.*?</c>`);
  return workbookOf({
    sheets: [rowsXml(table(sample)).replace(first, (_, place) => `<c r="${place}"${xml}</c>`)],
    formats: [14],
  });
}

const WORKBOOK_MUTATIONS: Mutation[] = [
  ['a workbook', 'LINES', (sample) => workbook(workbookOfTexts(table(sample)))],
  [
    'a workbook cut short',
    'FAILED',
    (sample, dice) => workbook(workbookOfTexts(table(sample)).subarray(0, dice(1_500))),
  ],
  [
    'a workbook damaged',
    'ANY',
    (sample, dice) => {
      const bytes = workbookOfTexts(table(sample));
      for (let i = 0; i <= dice(4); i++) bytes[dice(bytes.length)] = dice(256);
      return workbook(bytes);
    },
  ],
  ['a workbook that is none', 'FAILED', (sample) => workbook(utf8(sample))],
  ['a workbook named as text', 'FAILED', (sample) => workbookOfTexts(table(sample))],
  ['an empty workbook', 'FAILED', (_, dice) => workbook(dice(2) ? workbookOf({ sheets: [''] }) : Buffer.alloc(0))],
  [
    'a zip bomb',
    'FAILED',
    (sample) => {
      const files = workbookFiles({ sheets: [rowsXml(table(sample))] });
      return workbook(
        zipOf({ ...files, 'xl/worksheets/sheet1.xml': `${files['xl/worksheets/sheet1.xml']}${' '.repeat(4_000_000)}` }),
        { limits: { compressedFreeBytes: 1_000_000 } },
      );
    },
  ],
  [
    'a zip bomb that denies it',
    'FAILED',
    (sample) => {
      const files = workbookFiles({ sheets: [rowsXml(table(sample))] });
      const sheet = 'xl/worksheets/sheet1.xml';
      return workbook(
        zipOf(
          { ...files, [sheet]: `${files[sheet]}${' '.repeat(4_000_000)}` },
          { [sheet]: { uncompressedSize: 5_000 } },
        ),
      );
    },
  ],
  [
    'formula cells',
    'LINES',
    (sample, dice) =>
      workbook(
        withCell(sample, dice, [' t="str"><f>A1</f><v>x</v>', '><f>1+1</f>', '><f>1+1</f><v>2</v>'][dice(3)] as string),
      ),
  ],
  [
    'cells with errors',
    'LINES',
    (sample, dice) => workbook(withCell(sample, dice, ' t="e"><f>A1/0</f><v>#DIV/0!</v>')),
  ],
  [
    'numbers that lost digits',
    'LINES',
    (sample, dice) => workbook(withCell(sample, dice, '><v>3.40302197410037E+17</v>')),
  ],
  ['days as numbers', 'LINES', (sample, dice) => workbook(withCell(sample, dice, ' s="1"><v>45731</v>'))],
  [
    'rows far away',
    'LINES',
    (sample) =>
      workbook(workbookOf({ sheets: [rowsXml(table(sample).slice(0, 1)) + rowsXml(table(sample).slice(1), 900_000)] })),
  ],
  [
    'cells out of place',
    'FAILED',
    (sample) => workbook(workbookOf({ sheets: [`${rowsXml(table(sample))}<row r="1"/>`] })),
  ],
];

const manifestOf = (sample: Sample, rows: number | string, sha256: string, file = `${sample.kind}.csv`): Mutant => ({
  bytes: textOf(sample),
  beside: { 'manifest.csv': `file,rows,sha256\n${file},${rows},${sha256}\n` },
});

const MANIFEST_MUTATIONS: Mutation[] = [
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

/** Mulberry32: the same numbers for the same seed, everywhere. */
export function diceOf(seed: number): Dice {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
