import { type GraphQLScalarType, parseValue } from 'graphql';
import { DateScalar, DateTimeScalar, DecimalScalar, MoneyScalar } from '../../src/bureaus/scalars';

const takes = (scalar: GraphQLScalarType, value: unknown): boolean => {
  try {
    return scalar.parseValue(value) === value;
  } catch (error) {
    // What was sent is never repeated.
    expect((error as Error).message).toMatch(new RegExp(`^not a ${scalar.name}: expected `));
    return false;
  }
};

test.each<[GraphQLScalarType, unknown[], unknown[]]>([
  [DateScalar, ['2026-06-30'], ['20260630', '2026-06-31', 20260630, null, true, {}, ['2026-06-30']]],
  [DateTimeScalar, ['2026-06-30T10:00:00+08:00', '2026-06-30'], ['2026-06-30T10:00:00', 'now', 0, new Date(0)]],
  [MoneyScalar, ['0.00', '999999999999.99'], ['1', '1.0', '-1.00', '1.000', '1e2', 1, '9999999999999.00', ' 1.00']],
  [DecimalScalar, ['1', '-1.5', '0.1234'], ['.5', '1.', '1.23456', '1e2', 1.5, '+1']],
])('%s', (scalar, good, bad) => {
  expect(good.filter((value) => !takes(scalar, value))).toEqual([]);
  expect(bad.filter((value) => takes(scalar, value))).toEqual([]);
});

test('literals are read as values are, and only as strings', () => {
  const literal = (text: string) => DateScalar.parseLiteral(parseValue(text), {});
  expect(literal('"2026-06-30"')).toBe('2026-06-30');
  for (const text of ['20260630', '"2026-06-31"', 'null', 'TODAY', '{ day: 1 }'])
    expect(() => literal(text)).toThrow(/^not a Date/);
});

test('what comes from the database goes out as it is', () => {
  expect(MoneyScalar.serialize('12.50')).toBe('12.50');
});
