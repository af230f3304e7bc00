import { buildSchema, parse } from 'graphql';
import { answerChecks } from '../../src/federation/check-answer';

const SCHEMA = buildSchema(`
  scalar Date  scalar DateTime  scalar Money  scalar Decimal  scalar _Any
  enum Status { VALID VOIDED }
  enum Answer { YES NO UNKNOWN }
  type Person { id: ID!  name: String  keys: [ID]  deaths: [Death!]  aliveOn(date: Date!): Answer }
  type Death { sourceId: ID!  day: Date  at: DateTime  status: Status!  cost: Money  share: Decimal  count: Int  ratio: Float  isLate: Boolean  person: Person }
  union Thing = Person | Death
  type Query { person: Person  deaths: [Death!]!  thing: Thing }
`);
const check = answerChecks(SCHEMA);
const faultOf = (query: string, data: unknown, variables = {}, hasErrors = false) =>
  check(parse(query))(data, variables, hasErrors);

const ENTITIES = 'query($r: [_Any!]!) { _entities(representations: $r) { ... on Person { deaths { sourceId } } } }';
const TWO = { r: [{ __typename: 'Person', id: 'a' }, { __typename: 'Person', id: 'b' }] }; // biome-ignore format: a row

test.each<[string, string, unknown, object?, boolean?]>([
  ['values of every type', '{ deaths { sourceId day at status cost share count ratio isLate } }',
    { deaths: [{ sourceId: '1', day: '2026-06-30', at: '2026-06-30T00:00:00.123456Z', status: 'VALID', cost: '-1.50', share: '0.25', count: -3, ratio: 0.5, isLate: true }] }],
  ['years, where no more is shared', '{ deaths { day at } }', { deaths: [{ day: '2026', at: '2026' }] }],
  ['null where it may be', '{ person { name deaths { day } } deaths { day } }', { person: { name: null, deaths: [] }, deaths: [{ day: null }] }],
  ['no person at all', '{ person { name } }', { person: null }],
  ['a list of texts that is null', '{ person { keys } }', { person: { keys: null } }],
  ['an alias', '{ p: person { n: name } }', { p: { n: '金' } }],
  ['__typename', '{ person { __typename name } }', { person: { __typename: 'Person', name: null } }],
  ['a type of several', '{ thing { __typename ... on Death { day } ... on Person { name } } }', { thing: { __typename: 'Death', day: null } }],
  ['what was left out by @include', 'query($i: Boolean!) { person { name @include(if: $i) id } }', { person: { id: 'a' } }, { i: false }],
  ['what was left out in one place and asked for in another', 'query($i: Boolean!) { person { ...f @include(if: $i) name } } fragment f on Person { name id }', { person: { name: null } }, { i: false }],
  ['what a default lets in', 'query($i: Boolean = true, $o: Boolean! = false) { person { name @include(if: $i) id @include(if: $o) } }', { person: { name: null } }],
  ['what @skip let in', 'query($i: Boolean!) { person { id @skip(if: $i) } }', { person: { id: 'a' } }, { i: false }],
  ['entities in the order asked', ENTITIES, { _entities: [{ deaths: [] }, { deaths: [{ sourceId: '1' }] }] }, TWO],
  ['entities beside errors', ENTITIES, { _entities: [null, { deaths: null }] }, TWO, true],
  ['no data beside errors', '{ person { name } }', null, {}, true],
])('clean: %s', (...[, query, data, variables, hasErrors]) => {
  expect(faultOf(query, data, variables, hasErrors)).toBeUndefined();
}); // biome-ignore format: rows

test.each<[string, string, unknown, string, object?]>([
  ['no data', '{ person { name } }', null, 'data is no object'],
  ['a list for data', '{ person { name } }', [], 'data is no object'],
  ['half an object', '{ person { id name } }', { person: { id: 'a' } }, 'person.name is missing'],
  ['half an answer', '{ person { id } deaths { day } }', { person: null }, 'deaths is missing'],
  ['what was not asked for', '{ person { id } }', { person: { id: 'a', name: 'b' } }, 'person has fields that were not asked for'],
  ['what was left out', 'query($i: Boolean!) { person { id name @include(if: $i) } }', { person: { id: 'a', name: 'b' } }, 'person.name was not asked for', { i: false }],
  ['what a default asks for', 'query($i: Boolean = true) { person { id name @include(if: $i) } }', { person: { id: 'a' } }, 'person.name is missing'],
  ['a name that every object has', '{ person { id } }', JSON.parse('{"person":{"id":"a","__proto__":{"x":1}}}'), 'person has fields that were not asked for'],
  ['a number for a text', '{ person { name } }', { person: { name: 1 } }, 'person.name is no String'],
  ['a number for an ID', '{ person { id } }', { person: { id: 7 } }, 'person.id is no ID'],
  ['null where none may be', '{ person { id } }', { person: { id: null } }, 'person.id is null'],
  ['null in a list that has none', '{ deaths { day } }', { deaths: [null] }, 'deaths is null'],
  ['a list that is null and no error', '{ person { deaths { day } } }', { person: { deaths: null } }, 'person.deaths is null and no error says why'],
  ['an object for a list', '{ deaths { day } }', { deaths: {} }, 'deaths is no list'],
  ['a list for an object', '{ person { id } }', { person: [] }, 'person is no object'],
  ['a text for an object', '{ person { id } }', { person: 'a' }, 'person is no object'],
  ['a code that is none', '{ deaths { status } }', { deaths: [{ status: 'DEAD' }] }, 'deaths.status is no Status'],
  ['an answer that is none', '{ person { aliveOn(date: "2026-01-01") } }', { person: { aliveOn: 'MAYBE' } }, 'person.aliveOn is no Answer'],
  ['a day that does not exist', '{ deaths { day } }', { deaths: [{ day: '2026-02-30' }] }, 'deaths.day is no Date'],
  ['a time without zone', '{ deaths { at } }', { deaths: [{ at: '2026-06-30T00:00:00' }] }, 'deaths.at is no DateTime'],
  ['money as a number', '{ deaths { cost } }', { deaths: [{ cost: 1.5 }] }, 'deaths.cost is no Money'],
  ['money with one decimal', '{ deaths { cost } }', { deaths: [{ cost: '1.5' }] }, 'deaths.cost is no Money'],
  ['a fraction for a whole number', '{ deaths { count } }', { deaths: [{ count: 1.5 }] }, 'deaths.count is no Int'],
  ['a number beyond 32 bits', '{ deaths { count } }', { deaths: [{ count: 2_147_483_649 }] }, 'deaths.count is no Int'],
  ['a text for a boolean', '{ deaths { isLate } }', { deaths: [{ isLate: 'false' }] }, 'deaths.isLate is no Boolean'],
  ["another type's name", '{ person { __typename } }', { person: { __typename: 'Death' } }, "person.__typename is another type's name"],
  ['a type of several that does not say which', '{ thing { ... on Death { day } } }', { thing: { day: null } }, 'thing does not say which type it is'],
  ['too few entities', ENTITIES, { _entities: [{ deaths: [] }] }, '_entities has 1 entities for 2', TWO],
  ['an entity that is null and no error', ENTITIES, { _entities: [{ deaths: [] }, null] }, '_entities is no object', TWO],
  ['an entity of wrong types', ENTITIES, { _entities: [{ deaths: [{ sourceId: 1 }] }, { deaths: [] }] }, '_entities.deaths.sourceId is no ID', TWO],
])('no answer: %s', (...[, query, data, fault, variables]) => {
  expect(faultOf(query, data, variables)).toBe(fault);
}); // biome-ignore format: rows

test('a fault repeats no value', () => {
  expect(faultOf('{ person { name } }', { person: { name: 34030319460507 } })).not.toMatch(/3403/);
});
