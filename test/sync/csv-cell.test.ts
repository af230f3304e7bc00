import { exportedCell, importedCell } from '../../src/sync/csv-cell';
import { type CsvRecord, cutRecords } from '../../src/sync/sources/csv/cells';
import { FILE_LIMITS } from '../../src/sync/sources/limits';

describe('written', () => {
  test.each([
    ['张伟', '张伟'],
    ['', ''],
    ['2025-03-15', '2025-03-15'],
    ['12.50', '12.50'],
    ['-5', '-5'],
    ['-5.25', '-5.25'],
    ["O'Neill", "O'Neill"],
    ["'quoted'", "'quoted'"],
    ["'", "'"],
    ['a=b', 'a=b'],
    ['=1+1', "'=1+1"],
    ["=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"],
    ['+8655212345678', "'+8655212345678"],
    ['-1+1', "'-1+1"],
    ['-', "'-"],
    ['--5', "'--5"],
    ['-5\n', `"'-5\n"`],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', `"'\r=1"`],
    ['\n=1', `"'\n=1"`],
    ['＝1', "'＝1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠x', "'＠x"],
    ["'=1", "''=1"],
    ["''-5", "'''-5"],
    ["'-5", "''-5"],
    ['a,b', '"a,b"'],
    ['say "b"', '"say ""b"""'],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  ])('%j as %j', (value, cell) => {
    expect(exportedCell(value)).toBe(cell);
  });
});

test('read again, every value is what it was', () => {
  const marks = ['', "'", "''", '=', '+', '-', '@', '\t', '\r\n', '＝', '－', '5', '-5', '"', ',', 'x', ' '];
  const values = marks.flatMap((first) => marks.flatMap((second) => marks.map((third) => first + second + third)));
  expect(values.length).toBeGreaterThan(4_000);
  for (const value of values) {
    const line = `${exportedCell(value)},end`;
    const records: CsvRecord[] = [];
    cutRecords(
      line.split('\n').map((text, at) => ({ number: at + 1, text })),
      2,
      true,
      FILE_LIMITS,
      records,
    );
    expect(records.map(({ cells }) => cells?.map(importedCell))).toEqual([[value, 'end']]);
  }
});

test('no two values are written alike, and none is taken for a formula', () => {
  const values = ['=1', "'=1", "''=1", '-1', "'-1", '－1', "'－1", '1', "'1"];
  const cells = values.map(exportedCell);
  expect(new Set(cells).size).toBe(values.length);
  expect(cells.filter((cell) => /^["]?[=+@\t\r＝＋－＠]|^-(?!\d+$)/.test(cell))).toEqual([]);
});
