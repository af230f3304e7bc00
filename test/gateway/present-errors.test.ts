import { buildSchema, GraphQLError, parse, validate } from 'graphql';
import { presentErrors, presentInvalid } from '../../src/gateway/present-errors';

const VALUE = '340303194605071015';

describe('an error of a bureau', () => {
  test.each<[string, GraphQLError, object]>([
    [
      'written for callers',
      new GraphQLError('first must be …', { extensions: { code: 'BAD_USER_INPUT' } }),
      { message: 'first must be …', code: 'BAD_USER_INPUT' },
    ],
    [
      'a refusal, with all it says',
      new GraphQLError('no', { extensions: { code: 'NOT_SHARED', reason: 'FIELD', serviceName: 'DEATH' } }),
      { message: 'no', code: 'NOT_SHARED', reason: 'FIELD' },
    ],
    [
      "a driver's",
      new GraphQLError(`invalid input ${VALUE}`, { originalError: new Error(VALUE) }),
      { message: 'The answer could not be made; try again later', code: 'UNAVAILABLE', bureau: null },
    ],
    [
      "a driver's, of a bureau that is known",
      new GraphQLError(VALUE, { extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', serviceName: 'DEATH' } }),
      {
        message: 'The death bureau could not answer; this is not the same as no record',
        code: 'UNAVAILABLE',
        bureau: 'death',
      },
    ],
    [
      'with a value in its extensions',
      new GraphQLError('x', { extensions: { code: 'INTERNAL', detail: VALUE } }),
      { message: 'The answer could not be made; try again later', code: 'UNAVAILABLE', bureau: null },
    ],
  ])('%s', (_, error, expected) => {
    const reported: unknown[] = [];
    const [told] = presentErrors({ data: null, errors: [error] }, (one) => reported.push(one)).errors ?? [];
    expect({ message: told?.message, ...told?.extensions }).toEqual(expected);
    expect(reported).toEqual((expected as { code: string }).code === 'UNAVAILABLE' ? [error] : []);
  });
});

describe('an error of a request that is no valid operation repeats no value', () => {
  const schema = buildSchema(
    'enum E { ONE } scalar Date input I { s: String! } type Query { f(s: String, n: Int, b: Boolean, i: ID, e: E, o: I, x: Float): String }',
  );
  const errors = (query: string): GraphQLError[] => {
    try {
      return [...validate(schema, parse(query))];
    } catch (error) {
      return [error as GraphQLError];
    }
  };
  test.each([
    [`{ f(s: ${VALUE}) }`], [`{ f(n: "${VALUE}") }`], [`{ f(n: ${VALUE}) }`], [`{ f(b: "${VALUE}") }`], [`{ f(i: { a: "${VALUE}" }) }`],
    [`{ f(i: [${VALUE}]) }`], [`{ f(e: "${VALUE}") }`], [`{ f(e: N${VALUE}) }`], [`{ f(o: "${VALUE}") }`], [`{ f(o: { s: ${VALUE} }) }`], [`{ f(x: "${VALUE}") }`],
    [`{ f(s: "a" "${VALUE}") }`], [`{ "${VALUE}" }`], [`"${VALUE}`], [`{ f ${VALUE} }`], [`${VALUE}`], [`{ f(s: "\\q${VALUE}") }`], [`{ f(n: ${VALUE}A) }`], [`"${VALUE}" { f }`],
  ])('%s', (query) => {
    const told = errors(query).map((error) =>
      presentInvalid({ message: error.message, extensions: { code: error.message.startsWith('Syntax') ? 'GRAPHQL_PARSE_FAILED' : 'GRAPHQL_VALIDATION_FAILED' } }, { originalError: error }),
    );
    expect(told.length).toBeGreaterThan(0);
    expect(JSON.stringify(told)).not.toContain(VALUE.slice(0, 8));
    for (const { message } of told) expect(message.length).toBeGreaterThan(10);
  }); // biome-ignore format: a table
});

test('nesting that overflows the stack of the parser is too deep, as what it still bears is', () => {
  const overflow = (depth: number): number => 1 + overflow(depth + 1);
  let thrown: unknown;
  try {
    overflow(0);
  } catch (error) {
    thrown = error;
  }
  const { message } = thrown as Error;
  const told = presentInvalid({ message, extensions: { code: 'GRAPHQL_PARSE_FAILED' } }, { originalError: thrown });
  expect(told).toEqual({
    message: expect.stringMatching(/too many levels: at most \d+$/),
    extensions: { code: 'TOO_DEEP' },
  });
});
