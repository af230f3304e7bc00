import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { findDelivery, openDeliveryFile } from '../../../src/sync/sources/delivery';
import { workbookOfTexts } from '../../support/workbook';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'heyan-files-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (name: string, content: string | Buffer = '') => writeFileSync(path.join(directory, name), content);

test('a kind has one file in one of three forms; what else is there is told', async () => {
  for (const name of ['claim.csv', 'claim_line.csv.gz', 'death.xlsx', 'notes.txt', 'Poverty.csv']) write(name);
  for (const name of ['poverty.csv', 'poverty.xlsx', 'retirement.csv', 'retirement.csv.gz', 'retirement.xlsx'])
    write(name);
  mkdirSync(path.join(directory, 'old'));
  const { files, warnings } = await findDelivery(directory, [
    'claim',
    'claim_line',
    'death',
    'household',
    'poverty',
    'retirement',
  ]);
  expect(Object.fromEntries(files)).toEqual({
    claim: { path: path.join(directory, 'claim.csv') },
    claim_line: { path: path.join(directory, 'claim_line.csv.gz') },
    death: { path: path.join(directory, 'death.xlsx') },
    poverty: { fault: 'poverty.csv and poverty.xlsx are both there: remove the one that does not count' },
    retirement: {
      fault: 'retirement.csv and retirement.csv.gz and retirement.xlsx are all there: remove those that do not count',
    },
  });
  expect(warnings).toEqual(
    ['Poverty.csv', 'notes.txt', 'old'].map(
      (name) => `${name} is no exchange file (<kind>.csv, .csv.gz or .xlsx) and was ignored`,
    ),
  );
});

describe('the manifest', () => {
  const digest = 'a'.repeat(64);
  test('is no exchange file, and what it names and is not there is a fault', async () => {
    write('claim.csv');
    write('manifest.csv', `file,rows,sha256\nclaim.csv,1,${digest}\ndeath.csv.gz,1,${digest}\nother.csv,1,${digest}\n`);
    const { files, manifest, warnings } = await findDelivery(directory, ['claim', 'death']);
    expect([Object.fromEntries(files), manifest?.rows('claim.csv'), warnings]).toEqual([
      {
        claim: { path: path.join(directory, 'claim.csv') },
        death: { fault: 'death.csv.gz is named in manifest.csv and is not there: deliver it again' },
      },
      1,
      [],
    ]);
  });
  test('that is broken is a fault of every file', async () => {
    write('claim.csv');
    write('death.csv');
    write('manifest.csv', 'file,rows,sha256\nclaim.csv,one,x\n');
    const { files, manifest } = await findDelivery(directory, ['claim', 'death', 'poverty']);
    const fault = { fault: 'manifest.csv is broken on line 2, rows is no number: write it again' };
    expect([Object.fromEntries(files), manifest]).toEqual([{ claim: fault, death: fault }, null]);
  });
});

test.each<[string, string | Buffer]>([
  ['death.csv', 'a,b\n1,张伟\n'],
  ['death.csv.gz', gzipSync('a,b\n1,张伟\n')],
  [
    'death.xlsx',
    workbookOfTexts([
      ['a', 'b'],
      ['1', '张伟'],
    ]),
  ],
])('%s is opened by its ending', async (name, content) => {
  write(name, content);
  const { columns, rows, close } = await openDeliveryFile(path.join(directory, name));
  const all = [];
  for await (const batch of rows) all.push(...batch);
  await close();
  expect([columns, all]).toEqual([['a', 'b'], [{ line: 2, raw: '1,张伟', cells: ['1', '张伟'] }]]);
});
