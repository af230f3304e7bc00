import { pageSize } from '../../src/bureaus/bad-input';

test.each([
  [undefined, 100],
  [null, 100],
  [1, 1],
  [5_000, 5_000],
])('first %s gives a page of %s', (first, expected) => {
  expect(pageSize(first, 100, 5_000)).toBe(expected);
});

test.each([0, -1, 5_001, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('first %s is refused with its limits', (first) => {
  expect(() => pageSize(first, 100, 5_000)).toThrow(
    expect.objectContaining({ message: 'first must be between 1 and 5000', extensions: { code: 'BAD_USER_INPUT' } }),
  );
});
