import { parse, print } from 'graphql';
import { sentOperations } from '../../src/federation/sent-operation';

const one = (text: string) => print(parse(text));

test.each<[string, string, string | undefined, string, object]>([
  ['all of it', 'query A($a: ID!) { claim(sourceId: $a) { status } }', undefined, 'query A($a: ID!) { claim(sourceId: $a) { status } }', { a: '1' }],
  ['nothing that was not declared', '{ rules { code } }', undefined, '{ rules { code } }', {}],
  ['no variable that is not read', 'query($a: ID, $b: Int) { feed(first: $b) { seq } }', undefined, 'query($b: Int) { feed(first: $b) { seq } }', { b: 2 }],
  ['what a fragment reads', 'query($a: ID) { ...F } fragment F on Query { claim(sourceId: $a) { status } }', undefined, 'query($a: ID) { ...F } fragment F on Query { claim(sourceId: $a) { status } }', { a: '1' }],
  ['what a condition reads', 'query($y: Boolean!, $a: ID) { rules @include(if: $y) { code } }', undefined, 'query($y: Boolean!) { rules @include(if: $y) { code } }', { y: true }],
  ['the operation that is meant', 'query A($a: ID) { claim(sourceId: $a) { ...F } } query B($b: Int) { feed(first: $b) { seq } } fragment F on Claim { status }', 'B', 'query B($b: Int) { feed(first: $b) { seq } }', { b: 2 }],
])('%s travels', (_, document, name, query, variables) => {
  const sent = sentOperations()(parse(document), name);
  expect(print(parse(sent.query))).toBe(one(query));
  expect(sent.variables({ a: '1', b: 2, y: true, secret: '340303' })).toEqual(variables);
}); // biome-ignore format: a table
