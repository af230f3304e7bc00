import { cut, progress, table, width } from '../../src/cli/print';

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

test.each([
  ['short', 5, 'short'],
  ['too long', 7, 'too l…'],
  ['死亡信息', 8, '死亡信息'],
  ['死亡信息', 7, '死亡…'],
  ['a死亡信息', 7, 'a死亡…'],
  ['xy', 0, '…'],
])('%j cut to %i places: %j', (text, places, expected) => {
  expect(cut(text, places)).toBe(expected);
  expect(width('死a')).toBe(3);
});

describe('progress', () => {
  const shown = (isTTY: boolean, columns = 100) => {
    const written: string[] = [];
    let time = 0;
    const bar = progress({ now: () => time, stream: { isTTY, columns, write: (text) => written.push(text) } });
    return {
      written,
      /** Shows a step so many milliseconds after the last. */
      step(milliseconds: number, shown: Parameters<typeof bar.show>[0]) {
        time += milliseconds;
        bar.show(shown);
        return written.at(-1)?.replace('\r\u001b[K', '');
      },
      done: bar.done,
    };
  };
  const CLAIMS = { what: 'claim.csv', doing: 'reading' };

  test('on a terminal a bar is drawn over: percent, rows, rate and time left', () => {
    const { step, written, done } = shown(true);
    expect(step(50, { ...CLAIMS, count: 0, share: 0 })).toBeUndefined();
    expect(step(50, { ...CLAIMS, count: 2_000, share: 0.02 })).toBe(
      'claim.csv: reading  [--------------------]  2 %  2,000 rows',
    );
    expect(step(4_950, { ...CLAIMS, count: 500_000, share: 0.25 })).toBe(
      'claim.csv: reading  [#####---------------]  25 %  500,000 rows  100,000 rows/s  0:15 left',
    );
    expect(step(10_000, { ...CLAIMS, count: 1_500_000, share: 0.999 })).toBe(
      'claim.csv: reading  [####################]  99 %  1,500,000 rows  100,000 rows/s  0:01 left',
    );
    done();
    expect(written.at(-1)).toBe('\r\u001b[K');
    expect(written.every((text) => text.startsWith('\r\u001b[K') && !text.includes('\n'))).toBe(true);
  });

  test('it is drawn ten times a second at most', () => {
    const { step, written } = shown(true);
    for (let i = 0; i < 100; i++) step(10, { what: 'a', count: i });
    expect(written).toHaveLength(10);
  });

  test('a line is cut to the terminal, so that the next draws over it', () => {
    const { step } = shown(true, 20);
    const text = step(100, { what: '死亡信息登记.csv', count: 1 }) as string;
    expect([text, width(text) < 20]).toEqual(['死亡信息登记.csv …', true]);
  });

  test('without a whole there is no bar, no percent and no time left', () => {
    const { step } = shown(true);
    step(1_000, { what: 'sql:mysql://h:3306/d t', count: 1_000 });
    expect(step(2_000, { what: 'sql:mysql://h:3306/d t', count: 11_000 })).toBe(
      'sql:mysql://h:3306/d t  11,000 rows  5,000 rows/s',
    );
  });

  test('the rate is of what is worked on, also while nothing more comes', () => {
    const { step } = shown(true);
    step(1_000, { ...CLAIMS, count: 0, share: 0 });
    step(10_000, { ...CLAIMS, count: 100_000, share: 1 });
    expect(step(10_000, { what: 'claim.csv', doing: 'writing', count: 100_000 })).toBe(
      'claim.csv: writing  100,000 rows  5,000 rows/s',
    );
    expect(step(100, { what: 'death.csv', doing: 'reading', count: 10 })).toBe('death.csv: reading  10 rows');
    expect(step(2_000, { what: 'death', doing: 'following', count: 10, unit: 'changes' })).toBe(
      'death: following  10 changes',
    );
  });

  test('elsewhere one line in ten seconds', () => {
    const { step, written, done } = shown(false);
    for (let second = 1; second <= 30; second++)
      step(1_000, { ...CLAIMS, count: second * 1_000, share: second / 7_200 });
    done();
    expect(written).toEqual([
      'claim.csv: reading, 0 %, 10,000 rows, 1,000 rows/s, 1:59:50 left\n',
      'claim.csv: reading, 0 %, 20,000 rows, 1,000 rows/s, 1:59:40 left\n',
      'claim.csv: reading, 0 %, 30,000 rows, 1,000 rows/s, 1:59:30 left\n',
    ]);
  });

  test('a text is shown as it is', () => {
    expect(shown(false).step(10_000, 'waiting')).toBe('waiting\n');
  });
});
