import { notedSchemas, noteSchemas, schemaHash } from '../../src/federation/schema-hash';

const SCHEMA = `
"""A death · 死亡"""
type Death @key(fields: "id") { id: ID! "When · 何时" deathDate: Date @tag(name: "kind/death") }
scalar Date
type Query { deaths(first: Int = 5): [Death!]! }`;

describe('a schema’s hash', () => {
  test.each([
    ['another description', SCHEMA.replace('A death', 'One death').replace('"When · 何时"', '')],
    ['another order', `scalar Date ${SCHEMA.replace('scalar Date', '')}`],
    ['another order of fields', SCHEMA.replace('id: ID! "When · 何时" deathDate: Date @tag(name: "kind/death")', 'deathDate: Date @tag(name: "kind/death") id: ID!')],
    ['other spaces', SCHEMA.replaceAll('\n', '  \n ')],
  ])('%s changes nothing', (_, other) => expect(schemaHash(other)).toBe(schemaHash(SCHEMA))); // biome-ignore format: a table

  test.each([
    ['a field more', SCHEMA.replace('id: ID!', 'id: ID! place: String')],
    ['a field less', SCHEMA.replace('id: ID!', '')],
    ['another type', SCHEMA.replace('deathDate: Date', 'deathDate: String')],
    ['another tag', SCHEMA.replace('kind/death', 'own')],
    ['another default', SCHEMA.replace('first: Int = 5', 'first: Int = 6')],
    ['another key', SCHEMA.replace('"id"', '"deathDate"')],
  ])('%s changes it', (_, other) => expect(schemaHash(other)).not.toBe(schemaHash(SCHEMA)));

  test('is noted in a supergraph, and read from it', () => {
    const hashes = { death: schemaHash(SCHEMA), claim: schemaHash('type Query { x: Int }') };
    expect(notedSchemas(noteSchemas('type Query { a: Int }', hashes))).toEqual(hashes);
    expect(notedSchemas('type Query { a: Int }\n')).toEqual({});
  });
});
