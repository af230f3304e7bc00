import type { FileLimits } from '../../../src/sync/sources/limits';
import { rowsXml, workbookFiles, workbookOf, workbookOfTexts, zipOf } from '../../support/workbook';
import type { Dice, Mutant, Mutation } from './mutation';
import { type Sample, utf8 } from './sample';

const workbook = (bytes: Buffer, rows?: number, limits?: Partial<FileLimits>): Mutant => ({
  bytes,
  ending: '.xlsx',
  rows,
  limits,
});
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

/** Workbooks. */
export const WORKBOOK_MUTATIONS: Mutation[] = [
  ['a workbook', 'LINES', (sample) => ({ ...workbook(workbookOfTexts(table(sample))), isIntact: true })],
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
      return { ...workbook(bytes), isIntact: true };
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
        undefined,
        { compressedFreeBytes: 1_000_000 },
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
        sample.rows.length,
      ),
  ],
  [
    'cells with errors',
    'LINES',
    (sample, dice) => workbook(withCell(sample, dice, ' t="e"><f>A1/0</f><v>#DIV/0!</v>'), sample.rows.length),
  ],
  [
    'numbers that lost digits',
    'LINES',
    (sample, dice) => workbook(withCell(sample, dice, '><v>3.40302197410037E+17</v>'), sample.rows.length),
  ],
  [
    'days as numbers',
    'LINES',
    (sample, dice) => workbook(withCell(sample, dice, ' s="1"><v>45731</v>'), sample.rows.length),
  ],
  [
    'rows far away',
    'LINES',
    (sample) => ({
      ...workbook(
        workbookOf({ sheets: [rowsXml(table(sample).slice(0, 1)) + rowsXml(table(sample).slice(1), 900_000)] }),
      ),
      isIntact: true,
    }),
  ],
  [
    'cells out of place',
    'FAILED',
    (sample) => workbook(workbookOf({ sheets: [`${rowsXml(table(sample))}<row r="1"/>`] })),
  ],
];
