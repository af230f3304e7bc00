import { buildSchema, getOperationAST, parse } from 'graphql';
import { footprintOf, nameOfUse, readShareMap } from '../../src/sharing/footprint';

const SDL = `
  directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT
  type Query {
    person: Person @tag(name: "kind/any") @tag(name: "verb/LOOKUP")
    deaths(status: String): DeathPage @tag(name: "kind/death") @tag(name: "presence") @tag(name: "verb/LIST") @tag(name: "reads/status")
    deathFeed: DeathPage @tag(name: "kind/death") @tag(name: "presence") @tag(name: "verb/FEED")
    bare: Person
    sensitive: String @tag(name: "sensitivity/OPEN")
    thing: Thing @tag(name: "open")
    either: Either @tag(name: "open")
    _entities: [Either] 
  }
  type Person {
    id: ID @tag(name: "open")
    name: String @tag(name: "kind/household") @tag(name: "sensitivity/PERSONAL")
    deaths(first: Int): [Death] @tag(name: "kind/death") @tag(name: "presence")
    secret: String
  }
  type DeathPage { edges: [Death] @tag(name: "open") }
  type Death @tag(name: "provider/civil-affairs") {
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

function told(query: string, name?: string): string {
  const parsed = parse(query);
  const operation = getOperationAST(parsed, name);
  if (!operation) throw new Error('no operation');
  const { uses, untagged, introspection } = footprintOf(map, parsed, operation);
  return [...uses.map(nameOfUse), ...untagged.map((field) => `!${field}`), ...(introspection ? ['?'] : [])].join(' ');
}

const P = 'any.*:LOOKUP';

test.each<[string, string, string]>([
  ['structure alone', '{ __typename }', ''],
  ['a person key', '{ person { id } }', P],
  ['a field', '{ person { name } }', `${P} household.name:LOOKUP`],
  ['an alias is the field it stands for', '{ person { id: name } }', `${P} household.name:LOOKUP`],
  [
    'a link is presence, and its fields are theirs',
    '{ person { deaths { status } } }',
    `${P} death.*:LOOKUP death.status:LOOKUP`,
  ],
  [
    'a link to a person is a field to grant',
    '{ deathFeed { edges { person { id } } } }',
    'death.*:FEED death.person:FEED',
  ],
  [
    'the verb is the root field’s, all the way down',
    '{ deathFeed { edges { person { name deaths { status } } } } }',
    'death.*:FEED death.person:FEED death.status:FEED household.name:FEED',
  ],
  [
    'an argument that filters reads its field',
    '{ deaths { edges { deathDate } } }',
    'death.*:LIST death.deathDate:LIST death.status:LIST',
  ],
  [
    'two root fields, two verbs',
    '{ deaths { edges { status } } deathFeed { edges { status } } }',
    'death.*:FEED death.*:LIST death.status:FEED death.status:LIST',
  ],
  ['an inline fragment', '{ person { ... on Person { name } } }', `${P} household.name:LOOKUP`],
  ['an inline fragment without a type', '{ person { ... { name } } }', `${P} household.name:LOOKUP`],
  [
    'fragments in fragments',
    '{ person { ...a } } fragment a on Person { ...b } fragment b on Person { deaths { ...c } } fragment c on Death { status }',
    `${P} death.*:LOOKUP death.status:LOOKUP`,
  ],
  [
    'a fragment under two verbs counts for each',
    '{ person { deaths { ...c } } deathFeed { edges { ...c } } } fragment c on Death { status }',
    `${P} death.*:FEED death.*:LOOKUP death.status:FEED death.status:LOOKUP`,
  ],
  [
    'fragments in a circle end',
    '{ person { ...a } } fragment a on Person { name ...b } fragment b on Person { ...a }',
    `${P} household.name:LOOKUP`,
  ],
  ['@include(if: false) changes nothing', '{ person { name @include(if: false) } }', `${P} household.name:LOOKUP`],
  [
    '@skip by variable changes nothing',
    'query($no: Boolean!) { person { ... @skip(if: $no) { name } } }',
    `${P} household.name:LOOKUP`,
  ],
  ['a field without a tag', '{ person { secret } }', `${P} !Person.secret`],
  ['a root field without a tag', '{ bare { id } }', '!Query.bare'],
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
  ['the schema', '{ __schema { types { name } } }', '?'],
  ['the schema and a field', '{ __type(name: "Person") { name } person { id } }', `${P} ?`],
  ['names of every object', '{ constructor: person { __proto__: id } }', P],
])('%s', (_, query, expected) => {
  expect(told(query)).toBe(expected);
});

test('of a document with several operations, the one that is asked for', () => {
  const query = 'query A { person { id } } query B { deaths { edges { status } } }';
  expect(told(query, 'A')).toBe(P);
  expect(told(query, 'B')).toBe('death.*:LIST death.status:LIST');
});

test('the provider of a kind stands on its type', () => {
  expect(map.provider('death')).toBe('civil-affairs');
  expect(map.provider('household')).toBeNull();
  expect(map.provider('constructor')).toBeNull();
});
