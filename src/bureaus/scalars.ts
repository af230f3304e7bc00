/**
 * The graph's own scalars. All travel as text: a civil day has no time zone, and yuan with two decimals have no binary fraction.
 */
import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { isDay, readInstant } from './calendar';

function textScalar(
  name: string,
  description: string,
  accepts: (text: string) => boolean,
): GraphQLScalarType<string, string> {
  const parse = (value: unknown): string => {
    if (typeof value === 'string' && accepts(value)) return value;
    throw new GraphQLError(`not a ${name}: expected ${description}`);
  };
  return new GraphQLScalarType<string, string>({
    name,
    description,
    serialize: (value) => value as string,
    parseValue: parse,
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined),
  });
}

export const DateScalar = textScalar(
  'Date',
  'a civil day, YYYY-MM-DD; where an agreement shows the year only, YYYY · 日期',
  isDay,
);
export const DateTimeScalar = textScalar(
  'DateTime',
  'an instant, ISO 8601 with offset; where an agreement shows the year only, YYYY · 时间',
  (text) => readInstant(text) !== undefined,
);
export const MoneyScalar = textScalar('Money', 'yuan with two decimals, as text · 人民币元', (text) =>
  /^\d{1,12}\.\d{2}$/.test(text),
);
export const DecimalScalar = textScalar('Decimal', 'a decimal number, as text · 小数', (text) =>
  /^-?\d{1,12}(\.\d{1,4})?$/.test(text),
);
