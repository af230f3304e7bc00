import { buildSchema, parse, validate } from 'graphql';
import { keyAliasRule, LIMITS, limitsRule } from '../../src/gateway/limits';

const schema = buildSchema('type Query { a: Query b: Query c: String }');
const codes = (query: string) =>
  validate(schema, parse(query, { noLocation: true }), [limitsRule]).map(({ extensions }) => [
    extensions.code,
    (extensions.http as { status: number }).status,
  ]);

const nested = (levels: number, inside = 'c') => `${'{ a '.repeat(levels - 1)}{ ${inside} }${' }'.repeat(levels - 1)}`;
const many = (count: number, text: (i: number) => string) => Array.from({ length: count }, (_, i) => text(i)).join(' ');

test.each<[string, string, string | undefined]>([
  ['12 levels', nested(LIMITS.depth), undefined],
  ['13 levels', nested(LIMITS.depth + 1), 'TOO_DEEP'],
  ['13 levels, by inline fragments', nested(LIMITS.depth + 1, '... on Query { c }'), 'TOO_DEEP'],
  ['12 levels and a fragment of 2', `${nested(LIMITS.depth, '...f')} fragment f on Query { a { c } }`, 'TOO_DEEP'],
  ['2 levels and a fragment of 11', `{ a { ...f } } fragment f on Query ${nested(LIMITS.depth - 1)}`, undefined],
  ['2 levels and a fragment of 12', `{ a { ...f } } fragment f on Query ${nested(LIMITS.depth)}`, 'TOO_DEEP'],
  ['500 levels', nested(500), 'TOO_DEEP'],
  ['50 aliases', `{ a { ${many(LIMITS.aliases, (i) => `x${i}: c`)} } }`, undefined],
  ['51 aliases', `{ a { ${many(LIMITS.aliases + 1, (i) => `x${i}: c`)} } }`, 'TOO_MANY_ALIASES'],
  [
    '51 aliases, half of them in a fragment',
    `{ a { ${many(26, (i) => `x${i}: c`)} ...f } } fragment f on Query { ${many(25, (i) => `y${i}: c`)} }`,
    'TOO_MANY_ALIASES',
  ],
  ['51 __typename', `{ a { ${many(LIMITS.aliases + 1, () => '__typename')} } }`, 'TOO_MANY_ALIASES'],
  ['20 root fields', `{ ${many(LIMITS.rootFields, () => 'c')} }`, undefined],
  ['21 root fields', `{ ${many(LIMITS.rootFields + 1, () => 'c')} }`, 'TOO_MANY_ROOT_FIELDS'],
  [
    '21 root fields through fragments',
    `{ ...f c } fragment f on Query { ...g ... on Query { ${many(10, () => 'c')} } } fragment g on Query { ${many(10, () => 'c')} }`,
    'TOO_MANY_ROOT_FIELDS',
  ],
  ['20 directives', `{ a { ${many(20, () => 'c @include(if: true)')} } }`, undefined],
  ['21 directives', `{ a { ${many(21, () => 'c @include(if: true)')} } }`, 'TOO_MANY_DIRECTIVES'],
  ['4,000 fields', `{ a { ${many(LIMITS.fields - 1, () => 'c')} } }`, undefined],
  ['4,001 fields', `{ a { ${many(LIMITS.fields, () => 'c')} } }`, 'TOO_MANY_FIELDS'],
  [
    '2 to the 200th fields in 200 fragments',
    `{ a { ...f0 } } ${many(200, (i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`)} fragment f200 on Query { c }`,
    'TOO_MANY_FIELDS',
  ],
  [
    'fragments in a circle',
    '{ a { ...f } } fragment f on Query { a { ...g } } fragment g on Query { ...f }',
    undefined,
  ],
  ['constructor as an alias', '{ constructor: c }', 'RESERVED_NAME'],
  ['toString as an alias, deep inside', '{ a { toString: a { c } } }', 'RESERVED_NAME'],
  ['prototype, call and length, which only functions have', '{ prototype: a { call: c length: c } }', undefined],
  ['__proto__ as an alias', '{ __proto__: c }', 'RESERVED_NAME'],
  ['__typename as an alias', '{ a { __typename: c } }', 'RESERVED_NAME'],
  ['another name of GraphQL itself as an alias', '{ __x: a { c } }', 'RESERVED_NAME'],
  ['what bureaus are told under as a variable', 'query($__told: Int) { c }', 'RESERVED_NAME'],
  ['__proto__ as a variable', 'query($__proto__: Int) { c }', 'RESERVED_NAME'],
])('%s', (_, query, expected) => {
  expect(codes(query)).toEqual(expected ? [[expected, 400]] : []);
});

test.each<[string, string | undefined]>([
  ['{ id: c }', 'RESERVED_NAME'],
  ['{ a { ... { keys: b { c } } } }', 'RESERVED_NAME'],
  ['{ id: id }', undefined],
  ['{ id keys }', undefined],
  ['{ x: id }', undefined],
])('with keys id and keys, the alias in %s', (query, expected) => {
  const keyed = buildSchema('type Query { a: Query b: Query c: String id: ID keys: ID }');
  const rule = keyAliasRule(new Set(['id', 'keys']));
  const told = validate(keyed, parse(query), [rule]).map(({ extensions }) => extensions.code);
  expect(told).toEqual(expected ? [expected] : []);
});

test('each operation of a document is measured, and the rest of a document told once', () => {
  expect(codes(`query A ${nested(13)} query B ${nested(13)}`)).toHaveLength(2);
  expect(codes(`{ a { ${many(200, (i) => `x${i}: c`)} } }`)).toHaveLength(1);
});
