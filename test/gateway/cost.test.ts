import { buildSchema, getOperationAST, parse } from 'graphql';
import { costOf, meterCosts } from '../../src/gateway/cost';

const schema = buildSchema(`
  type Query { person(id: ID): Person persons(ids: [ID!]!): [Person] claims(first: Int, after: String): ClaimConnection deathChanges(first: Int): DeathChanges }
  type Person { id: ID name: String deaths: [Death!] claims(first: Int): ClaimConnection }
  type Death { status: String person: Person }
  type ClaimConnection { edges: [ClaimEdge!]! pageInfo: PageInfo! }
  type ClaimEdge { cursor: String node: Claim }
  type Claim { amount: String person: Person lines(first: Int): ClaimConnection }
  type PageInfo { hasNextPage: Boolean }
  type DeathChanges { changes: [Change!]! endCursor: String }
  type Change { seq: ID record: Death }
`);

function cost(query: string, variables = {}): number {
  const document = parse(query);
  const operation =
    getOperationAST(document, null) ?? document.definitions.find((one) => one.kind === 'OperationDefinition');
  if (operation?.kind !== 'OperationDefinition') throw new Error('no operation');
  return costOf(schema, document, operation, variables);
}

test.each<[string, string, Record<string, unknown>, number]>([
  ['a field', '{ __typename }', {}, 1],
  ['fields of one record', '{ person(id: "a") { id name } }', {}, 3],
  ['a list without pages', '{ person { deaths { status } } }', {}, 1 + 1 + 10],
  ['a list in a list', '{ person { deaths { person { deaths { status } } } } }', {}, 1 + 1 + 10 * (1 + 1 + 10)],
  ['ids, written out', '{ persons(ids: ["a", "b", "c"]) { name } }', {}, 1 + 3],
  ['ids, by variable', 'query($ids: [ID!]!) { persons(ids: $ids) { name } }', { ids: ['a', 'b'] }, 1 + 2],
  ['a page unless told', '{ claims { edges { node { amount } } } }', {}, 1 + 100 * (1 + 1 + 1)],
  ['a page of seven', '{ claims(first: 7) { edges { node { amount } } } }', {}, 1 + 7 * 3],
  ['a page by variable', 'query($n: Int) { claims(first: $n) { edges { node { amount } } } }', { n: 7 }, 1 + 7 * 3],
  ['a page by a default', 'query($n: Int = 7) { claims(first: $n) { edges { node { amount } } } }', {}, 1 + 7 * 3],
  ['a page of a feed unless told', '{ deathChanges { changes { seq } } }', {}, 1 + 1_000 * 2],
  [
    'pages in pages',
    '{ claims(first: 7) { edges { node { lines(first: 5) { edges { node { amount } } } } } } }',
    {},
    1 + 7 * (2 + 1 + 5 * 3),
  ],
  ['a negative page', '{ claims(first: -5) { edges { cursor } } }', {}, 1 + 2],
  [
    'a fragment counts wherever it is spread',
    '{ a: person { ...f } b: person { ...f } } fragment f on Person { id name }',
    {},
    6,
  ],
  ['an inline fragment', '{ person { ... on Person { id } ... { name } } }', {}, 3],
])('%s', (_, query, variables, expected) => {
  expect(cost(query, variables)).toBe(expected);
});

test('an operation may cost so much, and an agency so much a minute; another agency and the next minute are free', () => {
  let now = new Date('2026-06-30T10:00:10Z');
  const meter = meterCosts({ cost: 10, costPerMinute: 25 }, () => now);
  const code = (agency: string, units: number) => {
    try {
      meter(agency, units);
      return 'passes';
    } catch (error) {
      const { code: said, http } = (error as { extensions: { code: string; http: { status: number } } }).extensions;
      return `${said} ${http.status}`;
    }
  };
  expect([code('a', 10), code('a', 11), code('a', 10), code('a', 6), code('a', 5), code('a', 1), code('b', 10)]).toEqual([
    'passes', 'TOO_COSTLY 400', 'passes', 'TOO_MUCH_PER_MINUTE 400', 'passes', 'TOO_MUCH_PER_MINUTE 400', 'passes',
  ]); // biome-ignore format: one line of answers
  now = new Date('2026-06-30T10:01:00Z');
  expect(code('a', 10)).toBe('passes');
});
