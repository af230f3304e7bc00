import { table } from '../../src/cli/print';

test.each<[string, string[], (string | number)[][], string[]]>([
  [
    'numbers to the right, text to the left',
    ['kind', 'rows'],
    [
      ['death', 5],
      ['claim_line', 12_345],
    ],
    ['kind         rows', 'death           5', 'claim_line  12345'],
  ],
  [
    'Chinese characters take two places',
    ['name', 'n'],
    [
      ['张伟', 1],
      ['ab', 2],
    ],
    ['name  n', '张伟  1', 'ab    2'],
  ],
  ['a column with one text is text', ['n'], [[1], ['-']], ['n', '1', '-']],
  ['nothing but a head', ['a', 'b'], [], ['a  b']],
])('%s', (_, head, rows, lines) => {
  expect(table(head, rows).split('\n')).toEqual(lines);
});
