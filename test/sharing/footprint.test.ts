import { buildSchema, getOperationAST, parse } from 'graphql';
import { footprintOf, nameOfUse, readShareMap } from '../../src/sharing/footprint';

const SDL = `
  directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT
  type Query {
    person: Person @tag(name: "open") @tag(name: "verb/LOOKUP")
    agreements: String @tag(name: "own")
    deaths(status: String): DeathPage @tag(name: "kind/death") @tag(name: "presence") @tag(name: "verb/LIST") @tag(name: "reads/status")
    deathFeed: DeathPage @tag(name: "kind/death") @tag(name: "presence") @tag(name: "verb/FEED")
    bare: Person
    sensitive: String @tag(name: "sensitivity/OPEN")
    thing: Thing @tag(name: "open")
    either: Either @tag(name: "open")
    _entities: [Either] 
  }
  type Person {
    id: ID @tag(name: "handle")
    alive: String @tag(name: "kind/death") @tag(name: "verb/VERIFY") @tag(name: "also/household.alive")
    registered: String @tag(name: "kind/household") @tag(name: "as/alive") @tag(name: "verb/VERIFY")
    name: String @tag(name: "kind/household") @tag(name: "sensitivity/PERSONAL")
    deaths(first: Int): [Death] @tag(name: "kind/death") @tag(name: "presence")
    secret: String
  }
  type DeathPage { edges: [Death] @tag(name: "open") }
  type Death @tag(name: "provider/civil-affairs") @tag(name: "districts") {
    deathDate: String @tag(name: "kind/death")
    status: String @tag(name: "kind/death")
    person: Person @tag(name: "kind/death") @tag(name: "sensitivity/PERSONAL")
    secret: String
  }
  interface Thing { name: String }
  type Stone implements Thing { name: String @tag(name: "kind/stone") }
  union Either = Person | Death
`;
const document = parse(SDL);
const map = readShareMap(buildSchema(SDL), document);

function told(query: string, name?: string, within?: 'graph' | 'bureau'): string {
  const parsed = parse(query);
  const operation = getOperationAST(parsed, name);
  if (!operation) throw new Error('no operation');
  const { uses, untagged, own, introspection } = footprintOf(map, parsed, operation, within);
  const marks = [...(own ? ['own'] : []), ...(introspection ? ['?'] : [])];
  const named = uses.map((use) => `${nameOfUse(use)}${use.exact ? '=' : ''}`);
  return [...named, ...untagged.map((field) => `!${field}`), ...marks].join(' ');
}

const P = 'any.*:LOOKUP';

test.each<[string, string, string]>([
  ['structure alone', '{ __typename }', ''],
  ['a person key', '{ person { id } }', P],
  ['a field', '{ person { name } }', 'household.name:LOOKUP'],
  ['an alias is the field it stands for', '{ person { id: name } }', 'household.name:LOOKUP'],
  [
    'a link is presence, and its fields are theirs',
    '{ person { deaths { status } } }',
    'death.*:LOOKUP death.status:LOOKUP',
  ],
  [
    'a link to a person is a field to grant',
    '{ deathFeed { edges { person { id } } } }',
    'any.*:FEED death.*:FEED death.person:FEED',
  ],
  [
    'the verb is the root field’s, all the way down',
    '{ deathFeed { edges { person { name deaths { status } } } } }',
    'death.*:FEED death.person:FEED death.status:FEED household.name:FEED',
  ],
  [
    'an argument that filters reads its field',
    '{ deaths { edges { deathDate } } }',
    'death.*:LIST death.deathDate:LIST death.status:LIST=',
  ],
  [
    'two root fields, two verbs',
    '{ deaths { edges { status } } deathFeed { edges { status } } }',
    'death.*:FEED death.*:LIST death.status:FEED death.status:LIST=',
  ],
  ['an inline fragment', '{ person { ... on Person { name } } }', 'household.name:LOOKUP'],
  ['an inline fragment without a type', '{ person { ... { name } } }', 'household.name:LOOKUP'],
  [
    'fragments in fragments',
    '{ person { ...a } } fragment a on Person { ...b } fragment b on Person { deaths { ...c } } fragment c on Death { status }',
    'death.*:LOOKUP death.status:LOOKUP',
  ],
  [
    'a fragment under two verbs counts for each',
    '{ person { deaths { ...c } } deathFeed { edges { ...c } } } fragment c on Death { status }',
    'death.*:FEED death.*:LOOKUP death.status:FEED death.status:LOOKUP',
  ],
  [
    'fragments in a circle end',
    '{ person { ...a } } fragment a on Person { name ...b } fragment b on Person { ...a }',
    'household.name:LOOKUP',
  ],
  ['@include(if: false) changes nothing', '{ person { name @include(if: false) } }', 'household.name:LOOKUP'],
  [
    '@skip by variable changes nothing',
    'query($no: Boolean!) { person { ... @skip(if: $no) { name } } }',
    'household.name:LOOKUP',
  ],
  ['a field without a tag', '{ person { secret } }', '!Person.secret'],
  ['a root field without a tag', '{ bare { name } }', 'household.name:LOOKUP !Query.bare'],
  ['a field whose tags name no kind', '{ sensitive }', '!Query.sensitive'],
  ['a field of an interface', '{ thing { name } }', '!Thing.name'],
  ['a field of what implements it', '{ thing { ... on Stone { name } } }', 'stone.name:LOOKUP'],
  [
    'members of a union',
    '{ either { __typename ... on Person { name } ... on Death { secret } } }',
    'household.name:LOOKUP !Death.secret',
  ],
  [
    'entities, by fragment',
    '{ _entities { ...p } } fragment p on Person { deaths { status } }',
    'death.*:LOOKUP death.status:LOOKUP',
  ],
  ['a person and nothing of them', '{ person { __typename } }', ''],
  ["the caller's own affairs", '{ agreements }', 'own'],
  ['what rests on two bureaus', '{ person { alive } }', 'death.alive:VERIFY household.alive:VERIFY'],
  [
    'a verb of a field holds for it alone',
    '{ person { alive name } }',
    'death.alive:VERIFY household.alive:VERIFY household.name:LOOKUP',
  ],
  ['the schema', '{ __schema { types { name } } }', '?'],
  ['the schema and a field', '{ __type(name: "Person") { name } person { id } }', `${P} ?`],
  ['names of every object', '{ constructor: person { __proto__: id } }', P],
])('%s', (_, query, expected) => {
  expect(told(query)).toBe(expected);
});

test('of a document with several operations, the one that is asked for', () => {
  const query = 'query A { person { id } } query B { deaths { edges { status } } }';
  expect(told(query, 'A')).toBe(P);
  expect(told(query, 'B')).toBe('death.*:LIST death.status:LIST=');
});

test('the provider of a kind stands on its type', () => {
  expect(map.provider('death')).toBe('civil-affairs');
  expect(map.provider('household')).toBeNull();
  expect(map.provider('constructor')).toBeNull();
});

test('a bureau answers for its own records alone, and hands keys to whoever is to find the person by them', () => {
  expect(told('{ person { id alive registered } }', undefined, 'bureau')).toBe(
    'death.alive:VERIFY household.alive:VERIFY',
  );
  expect(told('{ person { id alive } }', undefined, 'bureau')).toBe('death.alive:VERIFY');
});

test('whether records belong to districts stands on their type', () => {
  expect(map.hasDistricts('death')).toBe(true);
  expect(map.hasDistricts('household')).toBe(false);
});
