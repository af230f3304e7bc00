import { buildSchema, type OperationDefinitionNode, parse, print } from 'graphql';
import { type Call, callsOf } from '../../src/gateway/calls';
import { fieldsOf } from '../../src/gateway/fields';
import { readJoins } from '../../src/gateway/joins';
import { defaultsOf } from '../../src/sharing/selection';

/** Three bureaus: `a` finds persons and hands on their keys, `b` has deaths and `c` claims, which name two persons. */
const SUPERGRAPH = `
  directive @join__graph(name: String!, url: String) on ENUM_VALUE
  directive @join__type(graph: join__Graph!, key: String) repeatable on OBJECT
  directive @join__field(graph: join__Graph, requires: String, external: Boolean) repeatable on FIELD_DEFINITION
  enum join__Graph { A @join__graph(name: "a") B @join__graph(name: "b") C @join__graph(name: "c") }
  type Query @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
    person(id: ID!): Person @join__field(graph: A)
    deaths(first: Int): [Death!] @join__field(graph: B)
    claims(first: Int): [Claim!] @join__field(graph: C)
  }
  type Mutation @join__type(graph: A) @join__type(graph: B) { one: Int @join__field(graph: A) two: Int @join__field(graph: B) }
  type Person @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: C, key: "id") {
    id: ID!
    name: String @join__field(graph: A)
    keys: [ID!] @join__field(graph: A) @join__field(graph: B, external: true) @join__field(graph: C, external: true)
    day: String @join__field(graph: A) @join__field(graph: B, external: true)
    deaths(first: Int): [Death!] @join__field(graph: B, requires: "keys day")
    claims: [Claim!] @join__field(graph: C, requires: "keys")
  }
  type Death @join__type(graph: B) { day: String person: Person }
  type Claim @join__type(graph: C) { day: String person: Person owner: Person }`;

function callsIn(query: string, variables: Record<string, unknown> = {}): readonly Call[] {
  const document = parse(query);
  const operation = document.definitions[0] as OperationDefinitionNode;
  const fields = fieldsOf(buildSchema(SUPERGRAPH), document, operation, { ...defaultsOf(operation), ...variables });
  return callsOf(readJoins(SUPERGRAPH), operation, fields);
}

/** `SERVICE [<after>] document`, on one line. */
function told(calls: readonly Call[]): string[] {
  return calls.map(({ service, document, after }) => {
    const text = print(document).replace('($__told: [_Any!]!)', '').replace(/\s+/g, ' ');
    return `${service} [${after.map((one) => calls.indexOf(one))}] ${text}`;
  });
}

const TOLD = '_entities(representations: $__told)';

test.each<[string, string, string[]]>([
  ['what one bureau has is one call, as it was asked', '{ person(id: "1") { id n: name __typename } }', ['a [] { person(id: "1") { id n: name __typename } }']],
  ['what another has is asked of it, by key and what it requires', '{ person(id: "1") { name deaths(first: 2) { day } } }', [
    'a [] { person(id: "1") { name id keys day } }',
    `b [0] query { ${TOLD} { ... on Person { deaths(first: 2) { day } } } }`,
  ]],
  ['what is required is had of whoever gives it, before', '{ claims { person { deaths { day } } } }', [
    'c [] { claims { person { id } } }',
    `a [0] query { ${TOLD} { ... on Person { keys day } } }`,
    `b [0,1] query { ${TOLD} { ... on Person { deaths { day } } } }`,
  ]],
  ['nobody waits for what they do not need', '{ claims { person { name claims { day } deaths { day } } } }', [
    'c [] { claims { person { id } } }',
    `a [0] query { ${TOLD} { ... on Person { name keys day } } }`,
    `c [0,1] query { ${TOLD} { ... on Person { claims { day } } } }`,
    `b [0,1] query { ${TOLD} { ... on Person { deaths { day } } } }`,
  ]],
  ['two places are one call where they can be', '{ claims { person { name } owner { name } } }', [
    'c [] { claims { person { id } owner { id } } }',
    'a [0] query ($__told0: [_Any!]!, $__told1: [_Any!]!) { _e0: _entities(representations: $__told0) { ... on Person { name } } _e1: _entities(representations: $__told1) { ... on Person { name } } }',
  ]],
  ['a person of a record of a person', '{ person(id: "1") { claims { owner { claims { day } } } } }', [
    'a [] { person(id: "1") { id keys } }',
    `c [0] query { ${TOLD} { ... on Person { claims { owner { id } } } } }`,
    `a [1] query { ${TOLD} { ... on Person { keys } } }`,
    `c [1,2] query { ${TOLD} { ... on Person { claims { day } } } }`,
  ]],
  ['fields that are answered as one are one', 'query { claims { day } claims { ...D day } } fragment D on Claim { day person { id } }', ['c [] { claims { day person { id } } }']],
  ['an object whose fields are all left out is there', '{ claims { day @skip(if: true) } }', ['c [] { claims { __typename } }']],
  ['changes are made one behind the other', 'mutation { one two again: one }', ['a [] mutation { one }', 'b [0] mutation { two }', 'a [1] mutation { again: one }']],
])('%s', (_, query, expected) => {
  expect(told(callsIn(query))).toEqual(expected);
}); // biome-ignore format: rows

test('variables go where they are used, and conditions are settled before', () => {
  const query =
    'query($n: Int = 1, $id: ID!, $with: Boolean!) { person(id: $id) { name @skip(if: $with) deaths(first: $n) @include(if: $with) { day } } }';
  const [a, b, ...others] = callsIn(query, { with: true, id: '1' });
  expect([a?.variables, b?.variables, others]).toEqual([['id'], ['n'], []]);
  expect(told(callsIn(query, { with: false, id: '1' }))).toEqual([
    'a [] query ($id: ID!) { person(id: $id) { name } }',
  ]);
});

test.each([
  ['an interface', 'interface Thing { id: ID! }', /Thing is an interface/],
  ['a key of two fields', 'type Thing @join__type(graph: A, key: "id day") { id: ID! }', /found by more than one field/],
  ['what is required of another', 'type Thing @join__type(graph: A) { id: ID! x: Int @join__field(graph: A, requires: "y { z }") }', /more than plain fields/],
  ['services that wait for each other', 'type Thing @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID! x: Int @join__field(graph: A, requires: "y") y: Int @join__field(graph: B, requires: "z") z: Int @join__field(graph: A) }', /wait for each other's Thing: A, B/i],
])('a graph with %s is refused when it is read', (_, more, message) => {
  expect(() => readJoins(`${SUPERGRAPH}\n${more}`)).toThrow(message);
}); // biome-ignore format: rows
