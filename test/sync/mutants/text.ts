import { gzipSync } from 'node:zlib';
import { encode } from 'iconv-lite';
import { type Dice, damaged, type Mutation } from './mutation';
import { asWritten, gb18030, mark, SAMPLED_ROWS, type Sample, textOf, utf8 } from './sample';

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

/** Exchange files as plain text. */
export const TEXT_MUTATIONS: Mutation[] = [
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
  ['a mark twice', 'LINES', (sample) => ({ bytes: Buffer.concat([mark, mark, utf8(sample)]), isIntact: true })],
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
    'a quote opened',
    'LINES',
    (sample, dice) => {
      const [header = '', ...lines] = textOf(sample).split(/(?<=\n)/);
      const row = dice(SAMPLED_ROWS);
      const cells = (lines[row] as string).split(',');
      const cell = dice(cells.length);
      return header + lines.with(row, cells.with(cell, `"${cells[cell]}`).join(',')).join('');
    },
  ],
  [
    'quotes around some',
    'LINES',
    (sample, dice) => {
      const [header = '', ...lines] = textOf(sample).split(/(?<=\n)/);
      return (
        header +
        lines.map((line) => line.replace(/,(?=[^,]*\n)/, [',', ',"', '",', ',"",'][dice(4)] as string)).join('')
      );
    },
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
  ['the end of the header lost', 'FAILED', (sample) => textOf(sample).replace('\n', '')],
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
