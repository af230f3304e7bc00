import { canonicalJson, leafHash } from '../../src/audit/record';

test.each<[string, unknown, string]>([
  ['names sorted, at every depth', { b: 1, a: { d: 2, c: 3 } }, '{"a":{"c":3,"d":2},"b":1}'],
  ['arrays keep their order', [3, 1, 2], '[3,1,2]'],
  ['no blanks', { a: [1, { b: null }] }, '{"a":[1,{"b":null}]}'],
  ['only what must be escaped is', { a: '核验/"\\\n\u0001' }, '{"a":"核验/\\"\\\\\\n\\u0001"}'],
  [
    'names by UTF-16 code unit (RFC 8785, 3.2.3)',
    { '\u20ac': 1, '\r': 2, '\ufb33': 3, 1: 4, '\ud83d\ude00': 5 },
    '{"\\r":2,"1":4,"€":1,"😀":5,"\ufb33":3}',
  ],
  ['nothing', {}, '{}'],
])('canonical JSON: %s', (_, value, expected) => {
  expect(canonicalJson(value)).toBe(expected);
});

test('the order in which a record was put together does not change its text', () => {
  expect(canonicalJson({ x: 1, y: [{ p: true, q: 'r' }] })).toBe(canonicalJson({ y: [{ q: 'r', p: true }], x: 1 }));
});

test.each([
  ['', 'sha256', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  ['L123456', 'sha256', '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56'],
] as const)('the leaf hash of %j under %s (RFC 6962, 2.1; RFC 9162 test vector)', (leaf, hash, expected) => {
  expect(leafHash(leaf, hash).toString('hex')).toBe(expected);
});

test('a leaf in SM3 has its own hash, and is not the bare hash of its text', () => {
  expect(leafHash('abc', 'sm3').toString('hex')).not.toBe(
    '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
  );
  expect(leafHash('abc', 'sm3')).toHaveLength(32);
});
