import { buildSchema, GraphQLError, type OperationDefinitionNode, parse } from 'graphql';
import { askedFor } from '../../src/gateway/asked-for';
import { type Field, fieldsOf } from '../../src/gateway/fields';
import { sayUnknown } from '../../src/gateway/unknown';
import { defaultsOf } from '../../src/sharing/selection';

const SCHEMA = buildSchema(`
  enum Answer { YES NO UNKNOWN }
  type Person { id: ID!  name: String  aliveOn(day: String): Answer  claims: [Claim] }
  type Claim { person: Person }
  type Query { person: Person  persons: [Person]!  claims: [Claim] }
`);
const ERRORS = [['person'], ['claims']].map((path) => new GraphQLError('down', { path }));

function fieldsIn(query: string): readonly Field[] {
  const document = parse(query);
  const operation = document.definitions[0] as OperationDefinitionNode;
  return fieldsOf(SCHEMA, document, operation, defaultsOf(operation));
}

function said(query: string, data: Record<string, unknown>, errors: readonly GraphQLError[]): unknown {
  const fields = fieldsIn(query);
  const asked = askedFor(fields, data);
  return asked && sayUnknown(fields, asked, errors);
}

test.each<[string, string, Record<string, unknown>, object | null]>([
  ['an answer that is missing', '{ person { name aliveOn } }', { person: { name: 'x', aliveOn: null } }, { person: { name: 'x', aliveOn: 'UNKNOWN' } }],
  ['under an alias, in a fragment, in a list', '{ claims { person { ...f } } } fragment f on Person { a: aliveOn }', { claims: [{ person: { a: null } }, null] }, { claims: [{ person: { a: 'UNKNOWN' } }, null] }],
  ['an answer that is there', '{ person { aliveOn } }', { person: { aliveOn: 'NO' } }, { person: { aliveOn: 'NO' } }],
  ['of a person whose register is down', '{ person { name aliveOn } }', { person: null }, { person: { name: null, aliveOn: 'UNKNOWN' } }],
  ['of a person who would have to have a key', '{ person { id aliveOn } }', { person: null }, { person: null }],
  ['what is no answer', '{ person { name claims { person { name } } } }', { person: { name: null, claims: null } }, { person: { name: null, claims: null } }],
  ['what was not asked for', '{ person { name aliveOn @include(if: false) } }', { person: { name: null } }, { person: { name: null } }],
  ['what a default asks for', 'query($i: Boolean = true) { person { name aliveOn @include(if: $i) } }', { person: { name: null } }, { person: { name: null, aliveOn: 'UNKNOWN' } }],
  ['with the types that Apollo Client asks for', '{ person { __typename aliveOn } }', { person: null }, { person: { __typename: 'Person', aliveOn: 'UNKNOWN' } }],
  ['nothing from any bureau', '{ __typename person { aliveOn } claims { person { name } } }', {}, { __typename: 'Query', person: { aliveOn: 'UNKNOWN' }, claims: null }],
  ['nothing of what can not be null', '{ person { aliveOn } persons { name } }', {}, null],
])('beside an error: %s', (_, query, data, expected) => {
  expect(said(query, data, ERRORS)).toEqual(expected);
}); // biome-ignore format: rows

test('what a bureau refused is not unknown, and not a request that was wrong either', () => {
  const errors = [new GraphQLError('no', { extensions: { code: 'NOT_SHARED' } })];
  expect(said('{ person { aliveOn } }', {}, errors)).toEqual({ person: null });
});

test('who is nobody does not become somebody who is not known', () => {
  const claims = () => [{ person: null }, { person: null }];
  const errors = [new GraphQLError('down', { path: ['claims', 1, 'person'] })];
  const unknown = { person: { aliveOn: 'UNKNOWN' } };
  expect(said('{ claims { person { aliveOn } } }', { claims: claims() }, errors)).toEqual({
    claims: [{ person: null }, unknown],
  });
});

test('without an error nothing is touched', () => {
  expect(said('{ person { aliveOn } }', { person: null }, [])).toEqual({ person: null });
});
