import { buildSchema, GraphQLError, type OperationDefinitionNode, parse } from 'graphql';
import { sayUnknown } from '../../src/gateway/unknown';

const SCHEMA = buildSchema(`
  enum Answer { YES NO UNKNOWN }
  type Person { id: ID!  name: String  aliveOn(day: String): Answer  claims: [Claim] }
  type Claim { person: Person }
  type Query { person: Person  claims: [Claim] }
`);
const ERRORS = [new GraphQLError('down')];

test.each<[string, string, object | null, object | null]>([
  ['an answer that is missing', '{ person { name aliveOn } }', { person: { name: 'x', aliveOn: null } }, { person: { name: 'x', aliveOn: 'UNKNOWN' } }],
  ['under an alias, in a fragment, in a list', '{ claims { person { ...f } } } fragment f on Person { a: aliveOn }', { claims: [{ person: { a: null } }, null] }, { claims: [{ person: { a: 'UNKNOWN' } }, null] }],
  ['an answer that is there', '{ person { aliveOn } }', { person: { aliveOn: 'NO' } }, { person: { aliveOn: 'NO' } }],
  ['of a person whose register is down', '{ person { name aliveOn } }', { person: null }, { person: { name: null, aliveOn: 'UNKNOWN' } }],
  ['of a person who would have to have a key', '{ person { id aliveOn } }', { person: null }, { person: null }],
  ['what is no answer', '{ person { name claims { person { name } } } }', { person: { name: null, claims: null } }, { person: { name: null, claims: null } }],
  ['what was not asked for', '{ person { name aliveOn @include(if: false) } }', { person: { name: null } }, { person: { name: null } }],
  ['no data at all', '{ person { aliveOn } }', null, null],
])('beside an error: %s', (_, query, data, expected) => {
  const document = parse(query);
  const operation = document.definitions[0] as OperationDefinitionNode;
  const result = { data: data as Record<string, unknown> | null, errors: ERRORS };
  expect(sayUnknown(SCHEMA, document, operation, {}, result).data).toEqual(expected);
}); // biome-ignore format: rows

test('without an error nothing is touched', () => {
  const document = parse('{ person { aliveOn } }');
  const data = { person: null };
  expect(sayUnknown(SCHEMA, document, document.definitions[0] as OperationDefinitionNode, {}, { data }).data).toBe(
    data,
  );
  expect(data).toEqual({ person: null });
});
