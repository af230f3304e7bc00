import { parseJson, pathOf, propertyAt, valueAt } from '../../../../src/sync/sources/http/json';

describe('numbers of more than 15 digits keep them, as text', () => {
  test.each<[string, unknown]>([
    ['{"id":340321194901011234}', { id: '340321194901011234' }],
    ['{"id": -340321194901011234 }', { id: '-340321194901011234' }],
    ['[1234567890123456,1]', ['1234567890123456', 1]],
    ['[ 12345678.123456789 ]', ['12345678.123456789']],
    ['[1234567890123456e3]', ['1234567890123456e3']],
    ['{"a":[[\t9007199254740993]]}', { a: [['9007199254740993']] }],
    ['9007199254740993', '9007199254740993'],
    ['{"cursor":1845678901234567890,"n":12.30}', { cursor: '1845678901234567890', n: 12.3 }],
  ])('%s', (text, value) => expect(parseJson(text)).toEqual(value));
});

describe('everything else is what JSON.parse makes of it', () => {
  test.each([
    '[123456789012345, 12.30, 1e300, 0.1, -0, 5E-3]',
    '{"id":"340321194901011234","text":" ,1234567890123456"}',
    '["a quote \\" ,1234567890123456, and \\\\", 123456789012345]',
    '["\\\\\\"", ":1234567890123456"]',
    '{"k 12345678901234567":"[1234567890123456"}',
    '[]',
    '"1234567890123456"',
  ])('%s', (text) => expect(parseJson(text)).toEqual(JSON.parse(text)));

  test('in 2,000 random values, strings full of quotes, backslashes and digits among them', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const pieces = ['"', '\\', ',', ': ', '[', '1234567890123456', '340321194901011234', '\n', '亡', '{', ' '];
    const text = () => Array.from({ length: random(6) }, () => pieces[random(pieces.length)]).join('');
    const value = (depth: number): unknown => {
      const kind = random(depth > 3 ? 3 : 5);
      if (kind === 0) return text();
      if (kind === 1) return random(1_000_000) / 100;
      if (kind === 2) return `${random(10)}${random(1_000_000_000)}${random(1_000_000_000)}`;
      const parts = Array.from({ length: random(4) }, () => [text(), value(depth + 1)] as const);
      return kind === 3 ? parts.map(([, part]) => part) : Object.fromEntries(parts);
    };
    for (let i = 0; i < 2_000; i++) {
      // One long number stands outside of strings, so that the slow way is taken.
      const made = { first: 1, made: value(0) };
      const json = JSON.stringify(made, undefined, random(2)).replace(
        '"first":',
        '"long": 1234567890123456789,"first":',
      );
      const { long, ...rest } = parseJson(json) as Record<string, unknown>;
      expect([long, rest]).toEqual(['1234567890123456789', made]);
    }
  });
});

test.each([
  '',
  '{',
  '{"a":}',
  '{"a":"12345678901234567',
  '[1234567890123456',
  '[01234567890123456]',
  '[1 2]',
  '\u0000',
])('what is no JSON is refused: %j', (text) => expect(() => parseJson(text)).toThrow(SyntaxError));

test.each<[string, unknown]>([
  ['', { data: { items: [{ a: 1 }] }, 'a.b': 2 }],
  ['data.items', [{ a: 1 }]],
  ['data.items.0.a', 1],
  ['data.missing', undefined],
  ['data.items.0.a.b', undefined],
  ['constructor', undefined],
  ['data.__proto__', undefined],
])('the value at the path %j', (path, value) => {
  expect(valueAt({ data: { items: [{ a: 1 }] }, 'a.b': 2 }, pathOf(path))).toEqual(value);
});

test('a property of exactly the name comes before the path', () => {
  const row = { 'a.b': 1, a: { b: 2, c: 3 } };
  expect(['a.b', 'a.c', 'a.d', 'b', 'toString'].map((column) => propertyAt(row, column))).toEqual([
    1,
    3,
    undefined,
    undefined,
    undefined,
  ]);
});
