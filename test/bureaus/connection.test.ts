import { connect, readCursor, writeCursor } from '../../src/bureaus/connection';

const cursorOf = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each([[['2026-01-01', 'JS1'] as const], [['', '核验"\\'] as const], [['12', ''] as const]])(
  'a cursor of %j reads back',
  (position) => {
    expect(readCursor(writeCursor(position))).toEqual(position);
    expect(writeCursor(position)).toMatch(/^[\w-]+$/);
  },
);

test.each([
  '', 'zzz', '====', '核验', cursorOf('text'), cursorOf(['one']), cursorOf(['one', 'two', 'three']), cursorOf([1, 2]), cursorOf(null), cursorOf({ 0: 'a', 1: 'b', length: 2 }), cursorOf(['a', null]),
])('%j is no cursor', (cursor) => {
  expect(() => readCursor(cursor)).toThrow(expect.objectContaining({ message: expect.stringMatching(/^after is not a cursor/), extensions: { code: 'BAD_USER_INPUT' } }));
}); // biome-ignore format: a table

const rows = (...ids: string[]) => ids.map((id) => ({ position: ['1', id] as const, node: id }));

test.each<[string, string[], number, string | null, object]>([
  [
    'an empty first page',
    [],
    2,
    null,
    { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
  ],
  [
    'a full last page',
    ['a', 'b'],
    2,
    'x',
    {
      hasNextPage: false,
      hasPreviousPage: true,
      startCursor: writeCursor(['1', 'a']),
      endCursor: writeCursor(['1', 'b']),
    },
  ],
  [
    'one row more than the page',
    ['a', 'b', 'c'],
    2,
    null,
    {
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: writeCursor(['1', 'a']),
      endCursor: writeCursor(['1', 'b']),
    },
  ],
])('%s', (_, ids, size, after, pageInfo) => {
  const page = connect(rows(...ids), size, after);
  expect(page.edges.map(({ node }) => node)).toEqual(ids.slice(0, size));
  expect(page.pageInfo).toEqual(pageInfo);
});
