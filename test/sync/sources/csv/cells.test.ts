import { type CsvRecord, cutRecords } from '../../../../src/sync/sources/csv/cells';
import type { Line } from '../../../../src/sync/sources/csv/lines';
import { FILE_LIMITS } from '../../../../src/sync/sources/limits';

const NOT_CLOSED = 'a quote opened in this line is not closed';
const INSIDE = 'a quote stands inside a cell that does not begin with one';
const AFTER = 'text follows a closing quote';

function linesOf(text: string): Line[] {
  return text.split('\n').map((line, at) => ({ number: at + 2, text: line }));
}

function cut(text: string, limits = FILE_LIMITS): (string[] | string)[] {
  const records: CsvRecord[] = [];
  expect(cutRecords(linesOf(text), 3, true, limits, records)).toEqual([]);
  return records.map(({ line, cells, fault }) => cells ?? `${line}: ${fault}`);
}

describe('records of three cells', () => {
  test.each<[string, string, (string[] | string)[]]>([
    ['bare cells', 'a,b,c', [['a', 'b', 'c']]],
    ['empty cells', ',,', [['', '', '']]],
    ['empty lines are no records', 'a,b,c\n\n', [['a', 'b', 'c']]],
    ['quoted cells', '"a","b","c"', [['a', 'b', 'c']]],
    ['a quoted empty cell at the end', 'a,b,""', [['a', 'b', '']]],
    ['a comma in quotes', 'a,"b,b",c', [['a', 'b,b', 'c']]],
    ['doubled quotes', 'a,"say ""b""",c', [['a', 'say "b"', 'c']]],
    ['only doubled quotes', 'a,"""",c', [['a', '"', 'c']]],
    [
      'a line end in quotes',
      'a,"b\nb",c\nd,e,f',
      [
        ['a', 'b\nb', 'c'],
        ['d', 'e', 'f'],
      ],
    ],
    ['two cells over line ends', '"a\na","b\nb",c', [['a\na', 'b\nb', 'c']]],
    ['an empty line in quotes', '"a\n\na",b,c', [['a\n\na', 'b', 'c']]],
    ['too few cells', 'a,b\nd,e,f', ['2: the line has 2 cells, the header has 3', ['d', 'e', 'f']]],
    ['too many cells', 'a,b,c,d\nd,e,f', ['2: the line has more than 3 cells', ['d', 'e', 'f']]],
    ['text after a closing quote', 'a,"b"7,c\nd,e,f', [`2: ${AFTER}`, ['d', 'e', 'f']]],
    ['a quote inside a bare cell', 'a,3"4,c\nd,"e",f', [`2: ${INSIDE}`, ['d', 'e', 'f']]],
    ['a blank before a quote', 'a, "b",c', [`2: ${INSIDE}`]],
    [
      'a quote never closed costs its line',
      'a,"b,c\nd,e,f\ng,"h",i',
      [`2: ${NOT_CLOSED}`, ['d', 'e', 'f'], ['g', 'h', 'i']],
    ],
    ['never closed, twice', 'a,"b,c\nd,"e,f\ng,h,i', [`2: ${NOT_CLOSED}`, `3: ${NOT_CLOSED}`, ['g', 'h', 'i']]],
    [
      'closed far away with the wrong number of cells',
      'a,"b,c\nd,e,f\ng,h,"',
      [`2: ${NOT_CLOSED}`, ['d', 'e', 'f'], `4: ${NOT_CLOSED}`],
    ],
  ])('%s', (_, text, expected) => {
    const got = cut(text).map((record) =>
      typeof record === 'string' ? record.replace(/, the header has 3$/, '') : record,
    );
    expect(got).toEqual(
      expected.map((record) => (typeof record === 'string' ? record.replace(/, the header has 3$/, '') : record)),
    );
  });
});

test('a cell that runs further than the limit is taken for one that is never closed', () => {
  const text = `a,"${'b\n'.repeat(50)}b",c\nd,e,f`;
  expect(cut(text)).toHaveLength(2);
  const records = cut(text, { ...FILE_LIMITS, recordCharactersMax: 40 });
  expect(records[0]).toBe(`2: ${NOT_CLOSED}`);
  expect(records.at(-1)).toEqual(['d', 'e', 'f']);
});

test('records come out the same wherever the lines are cut into batches', () => {
  const lines = linesOf('a,b,c\n"d\nd","e\n\ne",f\ng,"h,i\nj,k,l\n"m",n,"o\no"\np,q');
  const whole: CsvRecord[] = [];
  cutRecords(lines, 3, true, FILE_LIMITS, whole);
  for (let size = 1; size <= lines.length; size++) {
    const records: CsvRecord[] = [];
    let rest: Line[] = [];
    for (let at = 0; at < lines.length; at += size) {
      rest = cutRecords([...rest, ...lines.slice(at, at + size)], 3, false, FILE_LIMITS, records);
    }
    cutRecords(rest, 3, true, FILE_LIMITS, records);
    expect(records).toEqual(whole);
  }
});

test('a line that cannot be read makes the record it belongs to unreadable, and no other', () => {
  const lines = linesOf('a,"b\nb",c\nd,e,f');
  lines[1] = { ...(lines[1] as Line), fault: 'the line is not valid UTF-8' };
  const records: CsvRecord[] = [];
  cutRecords(lines, 3, true, FILE_LIMITS, records);
  expect(records.map(({ line, fault }) => [line, fault])).toEqual([
    [2, 'the line is not valid UTF-8'],
    [4, undefined],
  ]);
});
