import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FileLimits } from '../../../../src/sync/sources/limits';
import { SourceFault, type SourceRow } from '../../../../src/sync/sources/source';
import { openWorkbook } from '../../../../src/sync/sources/workbook/workbook';
import {
  columnName,
  rowsXml,
  type WorkbookContent,
  workbookFiles,
  workbookOf,
  workbookOfTexts,
  zipOf,
} from '../../../support/workbook';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'heyan-workbook-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

async function open(bytes: Buffer, limits?: Partial<FileLimits>, onRead?: (read: number) => void) {
  const file = path.join(directory, 'death.xlsx');
  writeFileSync(file, bytes);
  return openWorkbook(file, { limits, onRead });
}

async function read(bytes: Buffer, limits?: Partial<FileLimits>) {
  const opened = await open(bytes, limits);
  const all: SourceRow[] = [];
  try {
    for await (const batch of opened.rows) all.push(...batch);
  } finally {
    await opened.close();
  }
  return {
    columns: opened.columns,
    warnings: opened.warnings,
    rows: all.map(({ line, cells, fault }) => cells ?? `${line}: ${fault}`),
    all,
  };
}

const sheet = (rows: string, more: Partial<WorkbookContent> = {}) => workbookOf({ sheets: [rows], ...more });
const header = rowsXml([['source_id', 'value']]);

test('texts, as an exchange file would hold them', async () => {
  const rows = [
    ['张伟', '怀远'],
    ['买买提·艾力', '𠮷野<&>"'],
    ['', 'b'],
    ['a', ''],
    [' a ', 'line\nend'],
    ["'=1+1", "''x"],
  ];
  const got = await read(workbookOfTexts([['name ', ' place'], ...rows]));
  expect(got).toMatchObject({
    columns: ['name', 'place'],
    warnings: [],
    rows: [...rows.slice(0, 5), ['=1+1', "''x"]],
  });
  expect(got.all.map(({ line, raw }) => [line, raw])).toEqual([
    [2, '张伟,怀远'],
    [3, '买买提·艾力,"𠮷野<&>"""'],
    [4, ',b'],
    [5, 'a'],
    [6, ' a ,"line\nend"'],
    [7, "'=1+1,''x"],
  ]);
});

describe('a cell', () => {
  const sharedTexts =
    '<si><t>张</t></si><si><r><t>买买</t></r><r><rPr/><t xml:space="preserve"> 提</t></r><rPh><t>ma</t></rPh></si><si><t>_x0041_&#134071;<![CDATA[<b>]]></t></si>';
  const formats = [
    14,
    'yyyy"年"m"月"d"日";@',
    22,
    17,
    '[$-804]yyyy"年"m"月"',
    '000000',
    '0.00_ ',
    '#,##0.00" days"',
    20,
    '[h]:mm',
    57,
  ];
  const [day, chinese, minute, month, chineseMonth, zeros, cents, words, clock, hours, builtInMonth] = formats.map(
    (_, at) => at + 1,
  );
  const cell = (value: string, style?: number, type?: string) =>
    `<c r="B2"${style === undefined ? '' : ` s="${style}"`}${type ? ` t="${type}"` : ''}>${value}</c>`;
  const v = (value: number | string, style?: number, type?: string) => cell(`<v>${value}</v>`, style, type);

  test.each<[name: string, xml: string, text: string | RegExp, from1904?: boolean]>([
    ['shared', v(0, undefined, 's'), '张'],
    ['rich, without its reading aid', v(1, 0, 's'), '买买 提'],
    ['escaped, with a rare character and CDATA', v(2, 0, 's'), 'A𠮷<b>'],
    ['shared that is not there', v(3, 0, 's'), /holds something that no spreadsheet writes/],
    ['inline', cell('<is><t>a</t></is>', undefined, 'inlineStr'), 'a'],
    ['inline and rich', cell('<is><r><t>a</t></r><r><t>b</t></r><rPh><t>c</t></rPh></is>', 0, 'inlineStr'), 'ab'],
    ['in pieces', cell('<is><t>a<!-- -->b</t></is>', 0, 'inlineStr'), 'ab'],
    ['whole', v(42), '42'],
    ['fraction', v('12.34'), '12.34'],
    ['calculated fraction', v('0.30000000000000004', cents), '0.3'],
    ['exponent', v('1.2345E4'), '12345'],
    ['small', v('1E-7'), '0.0000001'],
    ['negative', v('-5'), '-5'],
    ['15 digits', v('340302741003730'), '340302741003730'],
    [
      '18 digits, the last lost',
      v('3.40302197410037E+17'),
      /value holds a number of more than 15 digits.*format the column as text/,
    ],
    ['16 digits', v('1234567890123456'), /more than 15 digits/],
    ['no number', v('abc'), /holds something that no spreadsheet writes/],
    ['leading zeros that are shown', v(302, zeros), '000302'],
    ['an amount', v('5', words), '5'],
    ['a day', v(45731, day), '2025-03-15'],
    ['a day in Chinese', v(45731, chinese), '2025-03-15'],
    ['a time', v(45731.354166666664, minute), '2025-03-15T08:30:00+08:00'],
    ['a time to the millisecond', v(45731.3541724537, minute), '2025-03-15T08:30:00.500+08:00'],
    ['midnight', v(45731, minute), '2025-03-15'],
    ['a month', v(45717, month), '2025-03'],
    ['a month in Chinese', v(45717, chineseMonth), '2025-03'],
    ['a month in a built-in form of Chinese', v(45717, builtInMonth), '2025-03'],
    ['a day shown as a month', v(45731, month), '2025-03-15'],
    ['a day from 1904', v(44269, day), '2025-03-15', true],
    ['the first day', v(1, day), '1900-01-01'],
    ['before the false leap day', v(59, day), '1900-02-28'],
    ['the false leap day', v(60, day), /formatted as a day and holds none that exists/],
    ['behind it', v(61, day), '1900-03-01'],
    ['the last day', v(2958465, day), '9999-12-31'],
    ['behind the last day', v(2958466, day), /holds none that exists/],
    ['a time of day', v(0.5, clock), /holds a time without a day/],
    ['hours', v(0.5, hours), /holds a time without a day/],
    ['an ISO day', v('2025-03-15T00:00:00', day, 'd'), '2025-03-15'],
    ['an ISO time', v('2025-03-15T08:30:00', day, 'd'), '2025-03-15T08:30:00+08:00'],
    ['an ISO time with its offset', v('2025-03-15T08:30:00Z', day, 'd'), '2025-03-15T08:30:00Z'],
    ['true', v(1, 0, 'b'), 'TRUE'],
    ['false', v(0, 0, 'b'), 'FALSE'],
    ['an error', v('#N/A', 0, 'e'), '2: value holds the error #N/A: mend it in the spreadsheet'],
    ['an error of its own', v('张伟', 0, 'e'), /value holds an error/],
    ['a formula with its result', cell('<f>A1&amp;"x"</f><v>ax</v>', 0, 'str'), 'ax'],
    ['a formula with an empty result', cell('<f>""</f><v></v>', 0, 'str'), ''],
    ['a formula with a number', cell('<f>1+1</f><v>2</v>'), '2'],
    ['a formula without its result', cell('<f>1+1</f>'), /holds a formula without its result/],
    ['a formula with an error', cell('<f>1/0</f><v>#DIV/0!</v>', 0, 'e'), /holds the error #DIV\/0!/],
    ['an unknown kind of cell', v('1', 0, 'z'), /holds something that no spreadsheet writes/],
    ['an unknown style', v('1', 99), '1'],
    ['formatted and empty', cell('', day), ''],
    ['a control character', cell('<is><t>a_x0007_b</t></is>', 0, 'inlineStr'), '2: value holds a control character'],
    [
      'a text beyond any cell',
      cell(`<is><t>${'x'.repeat(40_000)}</t></is>`, 0, 'inlineStr'),
      /holds more than 32767 characters/,
    ],
  ])('%s', async (...[, xml, text, from1904]) => {
    const rows = `${header}<row r="2"><c r="A2" t="inlineStr"><is><t>S1</t></is></c>${xml}</row>`;
    const { rows: got, all } = await read(sheet(rows, { sharedTexts, formats, from1904 }));
    const [row] = got;
    if (typeof row === 'string') {
      expect(row).toMatch(text);
      expect(all[0]).toMatchObject({ sourceId: 'S1', raw: expect.stringMatching(/^S1,/) });
    } else expect(row).toEqual(['S1', text]);
  });
});

describe('rows', () => {
  test('keep the number they have in the sheet; blank ones and gaps are none', async () => {
    const rows = `<row r="3"/>${rowsXml([['source_id', 'value']], 4)}<row r="6"><c r="A6" s="1"/></row>${rowsXml(
      [
        ['a', ' '],
        [' ', ''],
        ['', 'b'],
      ],
      9,
    )}<row r="1048576"><c r="A1048576"><v>1</v></c></row>`;
    const { all } = await read(sheet(rows));
    expect(all.map(({ line, cells }) => [line, cells])).toEqual([
      [9, ['a', ' ']],
      [11, ['', 'b']],
      [1_048_576, ['1', '']],
    ]);
  });

  test('may leave out their places', async () => {
    const text = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`;
    const rows = `<row>${text('a')}${text('b')}</row><row r="5">${text('c')}<c r="B5"><v>1</v></c></row><row>${text('d')}</row>`;
    const { columns, all } = await read(sheet(rows));
    expect([columns, ...all.map(({ line, cells }) => [line, cells])]).toEqual([
      ['a', 'b'],
      [5, ['c', '1']],
      [6, ['d', '']],
    ]);
  });

  test('with more cells than the header are a fault each, formatted edges are not', async () => {
    const rows = `${header}${rowsXml([['a', 'b', '', 'c']], 2)}<row r="3"><c r="A3"><v>1</v></c><c r="XFD3" s="0"/></row><row r="4"><c r="XFD4"><v>1</v></c></row>`;
    expect((await read(sheet(rows))).rows).toEqual([
      '2: the row has more than 2 cells',
      ['1', ''],
      '4: the row has more than 500 columns',
    ]);
  });

  test('that are too long are a fault each', async () => {
    const { rows, all } = await read(
      workbookOfTexts([
        ['a', 'b'],
        ['1', 'x'.repeat(3_000)],
        ['2', 'y'],
      ]),
      {
        recordCharactersMax: 2_500,
      },
    );
    expect(rows).toEqual(['2: the row is longer than 2500 characters', ['2', 'y']]);
    expect((all[0] as SourceRow).raw.length).toBeLessThanOrEqual(2_000);
  });

  test('come out the same however many there are', async () => {
    const many = Array.from({ length: 5_000 }, (_, at) => [`S${at}`, `张伟${at}`]);
    const { rows, all } = await read(workbookOfTexts([['source_id', 'name'], ...many]));
    expect(rows).toEqual(many);
    expect(all.map(({ line }) => line)).toEqual(many.map((_, at) => at + 2));
  });
});

describe('sheets', () => {
  const other = rowsXml([['x']]);
  test.each<[string, WorkbookContent, string[]]>([
    ['alone', { sheets: [header] }, []],
    ['an empty one behind', { sheets: [header, '', '<row r="1"/>'] }, []],
    [
      'others with rows',
      { sheets: [header, '', other, other] },
      [3, 4].map((at) => `sheet ${at} has rows too and was ignored: only the first sheet counts`),
    ],
    [
      'hidden ones, also before',
      { sheets: [other, header], hidden: [0] },
      ['a hidden sheet has rows too and was ignored: only the first sheet counts'],
    ],
  ])('%s', async (_, content, warnings) => {
    expect(await read(workbookOf(content))).toMatchObject({ columns: ['source_id', 'value'], warnings });
  });
});

test('another dialect: prefixes, absolute targets, the strict namespaces', async () => {
  const files = workbookFiles({ sheets: [header + rowsXml([['a', 'b']], 2)] });
  const strict = Object.fromEntries(
    Object.entries(files).map(([name, xml]) => [
      name,
      xml
        .replaceAll(
          'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
          'http://purl.oclc.org/ooxml/officeDocument/relationships',
        )
        .replaceAll('Target="worksheets', 'Target="/xl/worksheets')
        .replace(/<(\/?)(worksheet|sheetData|row|c|is|t)\b/g, '<$1x:$2'),
    ]),
  );
  expect(await read(zipOf(strict))).toMatchObject({ columns: ['source_id', 'value'], rows: [['a', 'b']] });
});

describe('a workbook that cannot be taken says why', () => {
  const files = workbookFiles({ sheets: [header], sharedTexts: '<si><t>a</t></si>' });
  const sheetFile = 'xl/worksheets/sheet1.xml';
  const withSheet = (change: (xml: string) => string | Buffer) =>
    zipOf({ ...files, [sheetFile]: change(files[sheetFile] as string) });
  const good = zipOf(files);
  const zeros = '<row r="9"><c r="A9"><v>1</v></c></row>'.replace('<v>', `<v>${'0'.repeat(8_000_000)}`);
  const many = Object.fromEntries(Array.from({ length: 2_001 }, (_, at) => [`x${at}`, '']));

  test.each<[string, Buffer, RegExp, Partial<FileLimits>?]>([
    ['empty', Buffer.alloc(0), /broken or cut short/],
    ['no archive', Buffer.from('source_id,value\n'), /broken or cut short/],
    ['cut short', good.subarray(0, good.length - 30), /broken or cut short/],
    ['an old workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /old workbook or under a password/],
    ['under a password', zipOf(files, { [sheetFile]: { isEncrypted: true } }), /under a password/],
    ['a flipped byte', zipOf(files, { [sheetFile]: { crc32: 1 } }), /broken or cut short/],
    ['another archive', zipOf({ 'a.txt': 'a' }), /is an archive, but no workbook/],
    ['without its sheet', zipOf({ ...files, [sheetFile]: '' }), /its XML is malformed/],
    ['without any sheet', workbookOf({ sheets: [] }), /has no sheet/],
    ['only hidden sheets', workbookOf({ sheets: [header], hidden: [0] }), /has no sheet/],
    [
      'an empty sheet',
      workbookOf({ sheets: [''] }),
      /is empty: the first row of its first sheet must name the columns/,
    ],
    [
      'a header with an error',
      sheet('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>'),
      /header that cannot be read.*#N\/A/,
    ],
    [
      'too wide a header',
      sheet(rowsXml([Array.from({ length: 501 }, (_, at) => columnName(at))])),
      /more than 500 columns/,
    ],
    ['too many entries', zipOf(many), /more than 2000 files/],
    ['one name twice', zipOf({ ...files, [sheetFile.toUpperCase()]: '' }), /broken or cut short/],
    [
      'a bomb',
      withSheet((xml) => xml.replace('</sheetData>', `${zeros}</sheetData>`)),
      /grows more than 200-fold/,
      { compressedFreeBytes: 1_000_000 },
    ],
    [
      'a bomb that denies it',
      zipOf({ ...files, [sheetFile]: `<worksheet>${zeros}` }, { [sheetFile]: { uncompressedSize: 500 } }),
      /broken or cut short/,
    ],
    ['too many bytes', good, /more than 100 bytes once decompressed/, { workbookBytesMax: 100 }],
    ['too many shared texts', good, /has a part of more than 20 bytes/, { sharedTextBytesMax: 20 }],
    [
      'too many characters from few bytes',
      workbookOf({
        sheets: [header + '<row><c t="s"><v>0</v></c></row>'.repeat(2_000)],
        sharedTexts: `<si><t>${'x'.repeat(3_000)}</t></si>`,
      }),
      /spells out more than 2000000 characters/,
      { workbookBytesMax: 2_000_000 },
    ],
    [
      'entities',
      withSheet((xml) =>
        xml.replace('<worksheet', '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet'),
      ),
      /declares a document type/,
    ],
    ['an unknown entity', withSheet((xml) => xml.replace('value', '&value;')), /unknown entity/],
    ['a character that is none', withSheet((xml) => xml.replace('value', '&#x110000;')), /unknown entity/],
    [
      'a text without an end',
      withSheet((xml) => xml.replace('value', 'x'.repeat(2_000_000))),
      /a text beyond any cell/,
    ],
    ['nested without an end', withSheet(() => '<a>'.repeat(100_000)), /nested too deeply/],
    ['broken XML', withSheet((xml) => xml.replace('</row>', '</now>')), /its XML is malformed/],
    [
      'an attribute without quotes',
      withSheet((xml) => xml.replace('t="inlineStr"', 't=inlineStr')),
      /its XML is malformed/,
    ],
    ['UTF-16', withSheet((xml) => Buffer.from(`\ufeff${xml}`, 'utf16le')), /is not UTF-8/],
    ['a broken character', withSheet((xml) => Buffer.from(xml.replace('value', '\u00e9'), 'latin1')), /is not UTF-8/],
    ['rows out of order', sheet('<row r="2"/><row r="1"/>'), /out of place/],
    ['a row beyond the last', sheet('<row r="1048577"/>'), /out of place/],
    ['a row nowhere', sheet('<row r="x"/>'), /out of place/],
    ['cells out of order', sheet('<row r="1"><c r="B1"/><c r="A1"/></row>'), /out of place/],
    ['a column beyond the last', sheet('<row r="1"><c r="XFE1"/></row>'), /out of place/],
    ['a cell of another row', sheet('<row r="1"><c r="A2"/></row>'), /out of place/],
  ])('%s', async (...[, bytes, reason, limits]) => {
    const failure = await read(bytes, limits).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SourceFault);
    expect((failure as Error).message).toMatch(reason);
  });

  test('not there, or a directory', async () => {
    await expect(openWorkbook(path.join(directory, 'nowhere.xlsx'))).rejects.toThrow(/cannot be read \(ENOENT\)/);
    await expect(openWorkbook(directory)).rejects.toThrow(/is not a regular file/);
  });
});

test('how far the file has been read grows to nearly its size; closing twice, or without reading, is fine', async () => {
  const many = Array.from({ length: 3_000 }, (_, at) => [`S${at}`, `张伟${at}`]);
  const bytes = workbookOfTexts([['source_id', 'name'], ...many]);
  const read: number[] = [];
  const opened = await open(bytes, {}, (so) => read.push(so));
  for await (const _ of opened.rows);
  await opened.close();
  await opened.close();
  expect(read).toEqual([...read].sort((a, b) => a - b));
  expect(read.at(-1)).toBeGreaterThan(bytes.length * 0.8);
  expect(read.at(-1)).toBeLessThanOrEqual(bytes.length);
  const unread = await open(bytes);
  await unread.close();
});
