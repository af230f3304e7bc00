import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'graphql';
import { requirementsOf } from '../../src/gateway/required';

const brings = requirementsOf(readFileSync(path.join(__dirname, '../../schema.graphql'), 'utf8'));
const DEATHS = parse('query($r: [_Any!]!) { _entities(representations: $r) { ... on Person { deaths { day } } } }');
const ACCESSES = parse(
  'query($r: [_Any!]!) { _entities(representations: $r) { ...p } } fragment p on Person { accesses { id } }',
);
const NAME = parse('query($r: [_Any!]!) { _entities(representations: $r) { ... on Person { name } } }');

const person = (more: object) => ({ __typename: 'Person', id: 'a', ...more });
test.each<[string, string, typeof DEATHS, object[], string[], boolean]>([
  ['all of it', 'death', DEATHS, [person({ keys: ['a'], knownAt: '2026-01-01' })], [], true],
  ['what is null because nobody asked for a day', 'death', DEATHS, [person({ keys: ['a'] })], [], true],
  ['the same when another bureau failed', 'death', DEATHS, [person({ keys: ['a'] })], ['claim'], true],
  ['a day that the register could not tell', 'death', DEATHS, [person({ keys: ['a'] })], ['household'], false],
  ['keys that the register could not tell', 'death', DEATHS, [person({ knownAt: '2026-01-01' })], ['household'], false],
  ['no keys of one of them', 'death', DEATHS, [person({ keys: ['a'] }), person({ knownAt: '2026-01-01' })], [], false],
  ['nothing of it, in a fragment of its own', 'hub', ACCESSES, [person({})], [], false],
  ['nothing, for what needs nothing', 'household', NAME, [person({})], ['household'], true],
  ['nothing, of another type', 'death', DEATHS, [{ __typename: 'Death', sourceId: '1' }], ['household'], true],
  ['no representations', 'death', DEATHS, [], ['household'], true],
])('a call brings %s', (_, subgraph, document, r, failed, expected) => {
  expect(brings(subgraph, document, { r }, new Set(failed))).toBe(expected);
}); // biome-ignore format: rows
