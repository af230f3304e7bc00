import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encode } from 'iconv-lite';
import { readManifest } from '../../../src/sync/sources/manifest';
import { SourceFault } from '../../../src/sync/sources/source';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'heyan-manifest-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (name: string, content: string | Buffer) => writeFileSync(path.join(directory, name), content);
const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const digest = sha256('a\n1\n');

test('a delivery without one has none', async () => {
  expect(await readManifest(directory)).toBeNull();
});

describe('is understood', () => {
  const upper = digest.toUpperCase();
  test.each<[string, string | Buffer]>([
    ['as it is', `file,rows,sha256\ndeath.csv,1,${digest}\n`],
    ['in another order, with other columns', `sha256,备注,file,rows\n${digest},x,death.csv,1`],
    [
      'with a byte order mark, CRLF, blanks and capitals',
      `\ufefffile,rows,sha256\r\n death.csv , 1 ,${upper} \r\n\r\n`,
    ],
    ['in GB18030', encode(`file,rows,sha256,备注\ndeath.csv,1,${digest},张伟\n`, 'gb18030')],
    ['in quotes', `"file","rows","sha256"\n"death.csv","1","${digest}"\n`],
  ])('%s', async (_, content) => {
    write('manifest.csv', content);
    write('death.csv', 'a\n1\n');
    const manifest = await readManifest(directory);
    expect([manifest?.files, manifest?.rows('death.csv'), await manifest?.check('death.csv')]).toEqual([
      ['death.csv'],
      1,
      undefined,
    ]);
  });
});

test('what is delivered is what it says, or it is refused', async () => {
  const names = ['death.csv', 'claim.csv.gz', 'poverty.xlsx', 'notes.txt'];
  write('manifest.csv', ['file,rows,sha256', ...names.map((name) => `${name},1,${digest}`)].join('\n'));
  write('death.csv', 'a\n2\n');
  write('retirement.csv', 'a\n1\n');
  const manifest = await readManifest(directory);
  expect(await manifest?.check('death.csv')).toBe(
    'is not the file that manifest.csv names, its SHA-256 is another: deliver both again',
  );
  expect(await manifest?.check('retirement.csv')).toBe(
    'is not named in manifest.csv: deliver it with a manifest that names it',
  );
  expect(manifest?.rows('retirement.csv')).toBeUndefined();
  expect(manifest?.missing(['death', 'claim', 'poverty', 'notes'])).toEqual(['claim.csv.gz', 'poverty.xlsx']);
  expect(manifest?.missing(['claim'])).toEqual(['claim.csv.gz']);
});

describe('a broken one is a fault with its line', () => {
  const head = 'file,rows,sha256\n';
  const good = `death.csv,1,${digest}\n`;
  test.each<[string, string | Buffer, RegExp]>([
    ['empty', '', /is empty/],
    ['without a column', 'file,rows\n', /line 1, the column sha256 is missing: write it again/],
    ['without two', 'file\n', /line 1, the column rows, sha256 is missing/],
    ['with a column twice', 'file,rows,sha256,rows\n', /line 1, the column rows is there twice/],
    ['a file twice', `${head}${good}${good}`, /line 3, the file is named before/],
    ['a path', `${head}../death.csv,1,${digest}\n`, /line 2, file is no name of a file beside it/],
    ['a folder', `${head}..,1,${digest}\n`, /line 2, file is no name/],
    ['itself', `${head}manifest.csv,1,${digest}\n`, /line 2, file is no name/],
    ['no name', `${head},1,${digest}\n`, /line 2, file is no name/],
    ['no number', `${head}${good}\ndeath.csv.gz,one,${digest}\n`, /line 4, rows is no number/],
    ['a negative number', `${head}death.csv,-1,${digest}\n`, /line 2, rows is no number/],
    ['a short digest', `${head}death.csv,1,${digest.slice(1)}\n`, /line 2, sha256 is not 64 hexadecimal digits/],
    ['a line cut short', `${head}death.csv,1\n`, /line 2, the line has 2 cells/],
    ['a quote left open', `${head}"death.csv,1,${digest}\n`, /line 2, a quote opened/],
    ['NUL', `${head}death\u0000.csv,1,${digest}\n`, /line 2, file holds a control character/],
    ['UTF-16', Buffer.from(`\ufeff${head}`, 'utf16le'), /is UTF-16/],
    [
      'too many lines',
      head + Array.from({ length: 1_001 }, (_, at) => `f${at}.csv,1,${digest}\n`).join(''),
      /line 1002, it names more than 1000 files/,
    ],
    ['too long', `${head}${'x'.repeat(2_000_000)}`, /holds more than 1048576 bytes/],
  ])('%s', async (_, content, reason) => {
    write('manifest.csv', content);
    const failure = await readManifest(directory).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SourceFault);
    expect((failure as Error).message).toMatch(reason);
  });

  test('a directory of that name, or a delivery that is not there', async () => {
    await expect(readManifest(path.join(directory, 'nowhere'))).rejects.toThrow(/cannot be looked for \(ENOENT\)/);
  });
});
