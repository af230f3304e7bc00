import { HTTP_LIMITS } from '../../../../src/sync/sources/http/limits';
import { columnsOf, sourceRow } from '../../../../src/sync/sources/http/values';

const layout = (columns: readonly string[]) => ({ columns, offset: '+08:00', key: 'id' });
const read = (value: unknown) => {
  const { cells, fault } = sourceRow({ id: 'D1', value }, 1, layout(['value']));
  return fault ?? cells?.[0];
};

describe('a value becomes a cell', () => {
  test.each<[unknown, string]>([
    ['张伟', '张伟'],
    ['', ''],
    [' blanks stay ', ' blanks stay '],
    [undefined, ''],
    [null, ''],
    [true, 'true'],
    [false, 'false'],
    [12.3, '12.3'],
    [-0, '0'],
    [[], ''],
    [['a', 1, true, null], 'a;1;true;'],
    ['2026-06-30 08:00', '2026-06-30 08:00+08:00'],
    ['2026-06-30T08:00:00', '2026-06-30T08:00:00+08:00'],
    ['2026-06-30T08:00:00.123', '2026-06-30T08:00:00.123+08:00'],
    [['2026-06-30T08:00:00'], '2026-06-30T08:00:00+08:00'],
    ['2026-06-30T08:00:00Z', '2026-06-30T08:00:00Z'],
    ['2026-06-30', '2026-06-30'],
    ['20260630', '20260630'],
    ['at 2026-06-30 08:00', 'at 2026-06-30 08:00'],
    ['a line\nand a tab\t', 'a line\nand a tab\t'],
  ])('%j is %j', (value, cell) => expect(read(value)).toBe(cell));
});

describe('or makes its row a fault', () => {
  test.each<[unknown, RegExp]>([
    [{ a: 1 }, /^value is an object: /],
    [[{ a: 1 }], /^value is a list of which one is an object/],
    [[['a']], /^value is a list of which one is an object/],
    [['a;b'], /^value is a list of which one holds a semicolon/],
    ['a\u0000b', /^value holds a control character$/],
    [['a\u0007'], /^value is a list of which one holds a control character$/],
    ['\ud842', /^value holds half a character/],
    [Number.POSITIVE_INFINITY, /^value is a number that is too large$/],
  ])('%j', (value, fault) => expect(read(value)).toMatch(fault));

  test.each([1, 'text', null, true, [1]])('a row that is no object: %j', (row) => {
    const made = sourceRow(row, 4, layout(['id']));
    expect(made).toMatchObject({ line: 4, fault: 'the row is no JSON object' });
    expect([made.raw, 'sourceId' in made]).toEqual([JSON.stringify(row), true]);
  });

  test('with its key as far as it can be told, and never its values', () => {
    const faulty = (id: unknown) => sourceRow({ id, value: { secret: 1 } }, 1, layout(['id', 'value']));
    expect(
      [faulty('D1'), faulty(17), faulty({}), faulty(''), faulty('x'.repeat(201))].map((row) => row.sourceId),
    ).toEqual(['D1', '17', undefined, undefined, undefined]);
    expect(faulty('D1').fault).not.toContain('secret');
    expect(faulty('D1').cells).toBeUndefined();
  });
});

describe('columns', () => {
  test('are those of all rows, in the order they come, objects within as a.b', () => {
    const rows = [{ b: 1, person: { name: 'x', home: { code: 1 } } }, { a: 1, b: 2 }, 'no row', { 'c.d': [1] }];
    const columns = columnsOf(rows, HTTP_LIMITS);
    expect(columns).toEqual(['b', 'person.name', 'person.home.code', 'a', 'c.d']);
    expect(rows.map((row) => sourceRow(row, 1, layout(columns)).cells)).toEqual([
      ['1', 'x', '1', '', ''],
      ['2', '', '', '1', ''],
      undefined,
      ['', '', '', '', '1'],
    ]);
  });

  test('null alone is a column only where no row has an object', () => {
    expect(columnsOf([{ a: null, b: null }, { a: { c: 1 } }], HTTP_LIMITS)).toEqual(['a.c', 'b']);
  });

  test('that are asked for are there, and what else a row holds may be of any shape', () => {
    const row = { id: 'D1', attachments: [{ size: 1 }], noise: '\u0000' };
    expect(sourceRow(row, 1, layout(['id', 'place'])).cells).toEqual(['D1', '']);
  });

  test('that nobody reads make no row a fault', () => {
    const row = { id: 'D1', attachments: [{ size: 1 }] };
    const needing = (...names: string[]) => ({ ...layout(['id', 'attachments']), needed: new Set(names) });
    expect(sourceRow(row, 1, needing('id')).cells).toEqual(['D1', '']);
    expect(sourceRow(row, 1, needing('id', 'attachments')).fault).toMatch(/^attachments is a list/);
  });

  test.each<[string, unknown, RegExp]>([
    ['too many', Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`p${i}`, 1])), /more than 500 different/],
    ['too long a name', { ['x'.repeat(201)]: 1 }, /longer than 200 characters/],
  ])('%s are a fault of the register', (_, row, message) => {
    expect(() => columnsOf([row], HTTP_LIMITS)).toThrow(message);
  });

  test('a row nested without end costs itself', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = { a: deep };
    const [column] = columnsOf([deep], HTTP_LIMITS);
    expect(column).toBe(Array(10).fill('a').join('.'));
    const { fault, raw } = sourceRow(deep, 1, layout([column as string]));
    expect([fault, raw]).toEqual([expect.stringMatching(/is an object/), expect.stringMatching(/nested too deeply/)]);
  });

  test('no name reaches beyond the row itself', () => {
    const row = JSON.parse('{"__proto__":{"x":1},"constructor":"c"}');
    const columns = columnsOf([row], HTTP_LIMITS);
    expect(columns).toEqual(['__proto__.x', 'constructor']);
    expect(sourceRow(row, 1, layout([...columns, 'toString', 'constructor.name'])).cells).toEqual(['1', 'c', '', '']);
  });
});
