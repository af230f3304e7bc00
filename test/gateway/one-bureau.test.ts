import { buildSchema, getOperationAST, parse } from 'graphql';
import { readBureaus } from '../../src/gateway/one-bureau';

/** Two bureaus: `a` finds persons and hands on their keys, `b` has what it knows of them. */
const SUPERGRAPH = `
  directive @join__type(graph: join__Graph!, key: String) repeatable on OBJECT
  directive @join__field(graph: join__Graph, requires: String, external: Boolean) repeatable on FIELD_DEFINITION
  directive @inaccessible on ENUM_VALUE
  enum join__Graph { A B }
  enum Status { VALID VOID }
  type Query @join__type(graph: A) @join__type(graph: B) {
    person(id: ID!): Person @join__field(graph: A)
    deaths(first: Int): [Death!] @join__field(graph: B)
  }
  type Person @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
    id: ID!
    name: String @join__field(graph: A)
    keys: [ID!] @join__field(graph: A) @join__field(graph: B, external: true)
    deaths: [Death!] @join__field(graph: B, requires: "keys")
  }
  type Death @join__type(graph: B) { day: String status: Status person: Person }`;

function bureauOf(query: string, supergraph = SUPERGRAPH, name?: string): string | undefined {
  const document = parse(query);
  const operation = getOperationAST(document, name);
  if (!operation) throw new Error('no operation');
  return readBureaus(buildSchema(supergraph))(document, operation);
}

test.each([
  ['{ person(id: "1") { id name keys } }', 'A'],
  ['{ deaths { day status person { id } } }', 'B'],
  [
    '{ one: deaths { ...Day } two: deaths { ... on Death { day } ... { status __typename } } } fragment Day on Death { day }',
    'B',
  ],
])('%s is answered by %s alone', (query, bureau) => {
  expect(bureauOf(query)).toBe(bureau);
});

test.each([
  ['of two root fields of two bureaus', '{ person(id: "1") { id } deaths { day } }'],
  ['of a field another bureau has', '{ person(id: "1") { deaths { day } } }'],
  ['of a field that is only known from another', '{ deaths { person { keys } } }'],
  [
    'of a field that needs another, inside a fragment',
    '{ deaths { ...Whom } } fragment Whom on Death { person { name } }',
  ],
])('an operation %s is planned', (_name, query) => {
  expect(bureauOf(query)).toBeUndefined();
});

test('of several operations, the one that is asked for counts', () => {
  const query = 'query One { deaths { day } } query Two { person(id: "1") { deaths { day } } }';
  expect(bureauOf(query, SUPERGRAPH, 'One')).toBe('B');
  expect(bureauOf(query, SUPERGRAPH, 'Two')).toBeUndefined();
});

test('where a value is to be hidden from callers, every answer goes by the planner', () => {
  expect(bureauOf('{ deaths { day } }', SUPERGRAPH.replace('VOID', 'VOID @inaccessible'))).toBeUndefined();
});
