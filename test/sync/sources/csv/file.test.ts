import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { encode } from 'iconv-lite';
import { exportedCell } from '../../../../src/sync/csv-cell';
import { openExchangeFile } from '../../../../src/sync/sources/csv/file';
import type { FileLimits } from '../../../../src/sync/sources/limits';
import { SourceFault, type SourceRow } from '../../../../src/sync/sources/source';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'heyan-file-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

async function read(bytes: Buffer | string, options: { name?: string; limits?: Partial<FileLimits> } = {}) {
  const file = path.join(directory, options.name ?? 'death.csv');
  writeFileSync(file, bytes);
  const { encoding, columns, rows } = await openExchangeFile(file, { limits: options.limits });
  const all: SourceRow[] = [];
  for await (const batch of rows) all.push(...batch);
  return { encoding, columns, rows: all.map(({ line, cells, fault }) => cells ?? `${line}: ${fault}`) };
}

const mark = Buffer.from([0xef, 0xbb, 0xbf]);
const text = 'name,place\n张伟,怀远\n买买提·艾力,蚌埠\n';
const rows = [
  ['张伟', '怀远'],
  ['买买提·艾力', '蚌埠'],
];

describe('the same rows come out of', () => {
  test.each<[string, Buffer, string, string?]>([
    ['UTF-8', Buffer.from(text), 'utf-8'],
    ['UTF-8 with a byte order mark', Buffer.concat([mark, Buffer.from(text)]), 'utf-8'],
    ['GB18030', encode(text, 'gb18030'), 'gb18030'],
    [
      'GB18030 with a byte order mark',
      Buffer.concat([Buffer.from([0x84, 0x31, 0x95, 0x33]), encode(text, 'gb18030')]),
      'gb18030',
    ],
    ['CRLF', Buffer.from(text.replaceAll('\n', '\r\n')), 'utf-8'],
    ['mixed line ends', Buffer.from(text.replace('\n', '\r\n')), 'utf-8'],
    ['no last line end', Buffer.from(text.trimEnd()), 'utf-8'],
    ['empty lines between', Buffer.from(text.replaceAll('\n', '\n\r\n')), 'utf-8'],
    ['gzip', gzipSync(text), 'utf-8', 'death.csv.gz'],
    [
      'gzip in two members',
      Buffer.concat([gzipSync(text.slice(0, 20)), gzipSync(text.slice(20))]),
      'utf-8',
      'death.csv.gz',
    ],
    ['gzip filled up with zeros', Buffer.concat([gzipSync(text), Buffer.alloc(10_000)]), 'utf-8', 'death.csv.gz'],
    ['gzip of GB18030', gzipSync(encode(text, 'gb18030')), 'gb18030', 'death.csv.gz'],
  ])('%s', async (...[, bytes, encoding, name]) => {
    expect(await read(bytes, { name })).toEqual({ encoding, columns: ['name', 'place'], rows });
  });
});

describe('the encoding is that of the whole file', () => {
  const many = Array.from({ length: 300 }, (_, i) => `张伟${i},怀远\n`).join('');
  test('one broken byte leaves a UTF-8 file UTF-8 and costs one row', async () => {
    const bytes = Buffer.from(`name,place\n${many}`);
    bytes[bytes.indexOf('张伟7,') + 1] = 0x20;
    const got = await read(bytes);
    expect(got.encoding).toBe('utf-8');
    expect(got.rows.filter((row) => typeof row === 'string')).toEqual(['9: the line is not valid UTF-8']);
    expect(got.rows).toHaveLength(300);
  });
  test('one broken byte in the only row', async () => {
    const bytes = Buffer.from('name,place\n张伟,怀远\n');
    bytes[13] = 0x41;
    expect(await read(bytes)).toMatchObject({ encoding: 'utf-8', rows: ['2: the line is not valid UTF-8'] });
  });
  test('one broken byte in a GB18030 file costs one row', async () => {
    const bytes = encode(`name,place\n${many}`, 'gb18030');
    bytes[bytes.indexOf(encode('张伟7,', 'gb18030')) + 1] = 0xff;
    const got = await read(bytes);
    expect(got.encoding).toBe('gb18030');
    expect(got.rows.filter((row) => typeof row === 'string')).toEqual(['9: the line is not valid GB18030']);
  });
  test.each(['通,瓦', '联通,怀远', '张,王', '𠮷野,㐂'])('GB18030: %s', async (row) => {
    expect(await read(encode(`name,place\n${row}\n`, 'gb18030'))).toMatchObject({
      encoding: 'gb18030',
      rows: [row.split(',')],
    });
  });
  test.each(['é,ü', '阿·力,x', '𠮷野,㐂'])('UTF-8: %s', async (row) => {
    expect(await read(`name,place\n${row}\n`)).toMatchObject({ encoding: 'utf-8', rows: [row.split(',')] });
  });
  test('Chinese only in the last of many rows', async () => {
    const ascii = 'abcdefgh,ijklmnop\n'.repeat(60_000);
    const { encoding, rows: got } = await read(encode(`name,place\n${ascii}张伟,怀远\n`, 'gb18030'));
    expect([encoding, got.at(-1)]).toEqual(['gb18030', ['张伟', '怀远']]);
  });
});

describe('a file that cannot be taken says why', () => {
  const zeros = gzipSync(`name,place\n${'a,b\n'.repeat(500_000)}`);
  test.each<[string, Buffer | string, RegExp, string?, Partial<FileLimits>?]>([
    ['empty', '', /is empty/],
    [
      'only carriage returns',
      'name,place\ra,b\rc,d\r',
      /control character in its first line: lines must end with LF or CRLF/,
    ],
    ['NUL in the header', 'na\u0000me,place\n', /control character in its first line/],
    [
      'gzip and then something else',
      Buffer.concat([gzipSync(text), Buffer.alloc(9), gzipSync(text)]),
      /goes on behind the end/,
      'death.csv.gz',
    ],
    [
      'gzip and then nothing for long',
      Buffer.concat([gzipSync(text), Buffer.alloc(70_000)]),
      /goes on behind the end/,
      'death.csv.gz',
    ],
    ['an empty first line', '\nname,place\n', /empty first line/],
    ['a broken header', 'na"me,place\n', /header that cannot be read/],
    ['too many columns', `${'a,'.repeat(600)}b\n`, /more than 500 columns/],
    ['UTF-16', Buffer.from('\ufeffname,place\n', 'utf16le'), /is UTF-16/],
    ['no gzip', 'name,place\n', /broken or cut short/, 'death.csv.gz'],
    ['cut gzip', gzipSync(text).subarray(0, 30), /broken or cut short/, 'death.csv.gz'],
    ['a decompression bomb', zeros, /200-fold/, 'death.csv.gz', { compressedFreeBytes: 100_000 }],
    ['more bytes than allowed', text.repeat(10), /more than 100 bytes/, 'death.csv', { fileBytesMax: 100 }],
  ])('%s', async (...[, bytes, reason, name, limits]) => {
    const failure = await read(bytes, { name, limits }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SourceFault);
    expect((failure as Error).message).toMatch(reason);
  });
});

test('what was exported is read as it was; its text in quarantine is as delivered', async () => {
  const values = ['=1+1', "'=1+1", "'x", '-5', '-5+5', '@a', '\t=1', '＋1', "''"];
  const lines = values.map((value) => `${exportedCell(value)},b\n`).join('');
  expect((await read(`name,place\n${lines}`)).rows).toEqual(values.map((value) => [value, 'b']));
  const file = path.join(directory, 'raw.csv');
  writeFileSync(file, `name,place\n'=1,b\n`);
  for await (const [row] of (await openExchangeFile(file)).rows)
    if (row) expect([row.raw, row.cells]).toEqual(["'=1,b", ['=1', 'b']]);
});

describe('a line costs only itself', () => {
  test('when it is too long', async () => {
    const long = 'x'.repeat(700_000);
    for (const limits of [{ lineBytesMax: 100 }, { lineBytesMax: 300_000 }]) {
      const { rows: got } = await read(`name,place\na,b\n${long},c\nd,e\n${long}`, { limits });
      const fault = `the line is longer than ${limits.lineBytesMax} bytes`;
      expect(got).toEqual([['a', 'b'], `3: ${fault}`, ['d', 'e'], `5: ${fault}`]);
    }
  });
  test.each([
    ['NUL', '\u0000'],
    ['a bell', '\u0007'],
    ['a carriage return alone', '\rx'],
    ['a C1 control', '\u0085'],
  ])('when a cell holds %s', async (_, character) => {
    const { rows: got } = await read(`name,place\na,b\nc,d${character}e\nf,g\n`);
    expect(got).toEqual([['a', 'b'], '3: place holds a control character', ['f', 'g']]);
  });
});
