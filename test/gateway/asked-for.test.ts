import { buildSchema, type OperationDefinitionNode, parse } from 'graphql';
import { askedFor } from '../../src/gateway/asked-for';
import { fieldsOf } from '../../src/gateway/fields';
import { openPlanner } from '../../src/gateway/plan';
import { nobodysPassage } from '../support/bare-subgraph';

const GRAPH = `
  directive @inaccessible on ENUM_VALUE
  directive @join__graph(name: String!, url: String) on ENUM_VALUE
  directive @join__type(graph: join__Graph!, key: String) repeatable on OBJECT
  enum join__Graph { A @join__graph(name: "a") }
  enum Status { VALID SEALED @inaccessible }
  type Query @join__type(graph: A) { person: Person  persons: [Person!]! }
  type Person @join__type(graph: A) { id: ID!  name: String  status: Status  states: [Status!]  friends: [Person] }`;

function taken(query: string, data: Record<string, unknown>): unknown {
  const document = parse(query);
  const operation = document.definitions[0] as OperationDefinitionNode;
  return askedFor(fieldsOf(buildSchema(GRAPH), document, operation, {}), data);
}

test.each<[string, string, Record<string, unknown>, unknown]>([
  ['what records are found by is left out', '{ person { name } }', { person: { id: 'a', keys: ['b'], name: 'x' } }, { person: { name: 'x' } }],
  ['in the order that was asked for', '{ person { name id } }', { person: { id: 'a', name: 'x' } }, { person: { name: 'x', id: 'a' } }],
  ['types are told by the graph', '{ __typename person { t: __typename } }', { person: {} }, { __typename: 'Query', person: { t: 'Person' } }],
  ['what did not come in is null', '{ person { name friends { name } } }', { person: { id: 'a' } }, { person: { name: null, friends: null } }],
  ['an object without what it must have is null', '{ person { id } }', { person: { name: 'x' } }, { person: null }],
  ['a list of objects that must be there is null without one of them', '{ persons { id } }', { persons: [{ id: 'a' }, {}] }, null],
  ['another list goes without it', '{ person { friends { id } } }', { person: { friends: [{ id: 'a' }, {}] } }, { person: { friends: [{ id: 'a' }, null] } }],
  ['a value that callers may not see is null', '{ person { status } }', { person: { status: 'SEALED' } }, { person: { status: null } }],
  ['and takes its list along', '{ person { states } }', { person: { states: ['VALID', 'SEALED'] } }, { person: { states: null } }],
])('%s', (_, query, data, expected) => {
  expect(JSON.stringify(taken(query, data))).toBe(JSON.stringify(expected));
}); // biome-ignore format: rows

test('of one bureau alone, too, nobody sees what they may not', async () => {
  const data = { person: { status: 'SEALED', states: ['VALID'] } };
  const run = openPlanner(GRAPH, [{ name: 'a', sdl: '', execute: async () => ({ data }) }]);
  const asked = { document: parse('{ person { status states } }'), variables: {}, passage: nobodysPassage() };
  expect((await run(asked)).data).toEqual({ person: { status: null, states: ['VALID'] } });
});
