import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, isEnumType, isInputObjectType, isObjectType, isSpecifiedScalarType, parse } from 'graphql';
import { bureaus, recordKinds } from '../../src/bureaus/bureau';
import { composedGraph } from '../../src/cli/compose';
import { compose, keyNames } from '../../src/gateway/compose';
import { hubPart } from '../../src/hub/hub';
import { readShareMap } from '../../src/sharing/footprint';
import { sdlOf } from '../../src/subgraph/subgraph';

const parts = [...bureaus(), hubPart].map((part) => ({ name: part.name, sdl: sdlOf(part) }));
const { api, supergraph } = compose(parts);
const schema = buildSchema(api, { assumeValid: true, assumeValidSDL: true });
const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'));
const map = readShareMap(schema, parse(supergraph));

test('schema.graphql is the composed graph (npm run golden rewrites it)', () => {
  expect(readFileSync(path.join(__dirname, '../../schema.graphql'), 'utf8')).toBe(composedGraph());
});

const fields = types.flatMap((type) =>
  isObjectType(type) ? Object.values(type.getFields()).map((field) => ({ type, field })) : [],
);

test('there is a graph to look at', () => {
  expect(fields.length).toBeGreaterThan(150);
});

test.each(fields.map(({ type, field }) => [`${type.name}.${field.name}`, type.name, field.name] as const))(
  '%s carries a tag that says what must be granted',
  (_, type, field) => {
    const tags = map.tagsOf(type, field);
    expect(tags?.open || tags?.own || tags?.handle || tags?.kind !== undefined).toBe(true);
  },
);

test('every kind that a tag names has a provider, and every kind of record is one of them', () => {
  const kinds = new Set(fields.flatMap(({ type, field }) => map.tagsOf(type.name, field.name)?.kind ?? []));
  kinds.delete('any');
  expect([...kinds].sort()).toEqual([...recordKinds().map(({ kind }) => kind), 'access', 'finding'].sort());
  for (const kind of recordKinds()) expect([kind.kind, map.provider(kind.kind)]).toEqual([kind.kind, kind.provider]);
});

test("every root field has a verb, except the caller's own affairs", () => {
  const roots = Object.keys(schema.getQueryType()?.getFields() ?? {});
  const isOwn = (root: string) => map.tagsOf('Query', root)?.own === true;
  expect(roots.filter((root) => !isOwn(root) && map.tagsOf('Query', root)?.verb === undefined)).toEqual([]);
});

const described: [string, string | null | undefined][] = types.flatMap((type) => {
  if (isSpecifiedScalarType(type) || ['Query', 'Mutation'].includes(type.name)) return [];
  const inside = isObjectType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : [];
  const values = isEnumType(type) ? type.getValues() : [];
  return [type, ...inside, ...values].map((one): [string, string | null | undefined] => [
    one === type ? type.name : `${type.name}.${one.name}`,
    one.description,
  ]);
});
const roots = [schema.getQueryType(), schema.getMutationType()]
  .flatMap((type) => Object.values(type?.getFields() ?? {}))
  .flatMap((root): [string, string | null | undefined][] => [
    [root.name, root.description],
    ...root.args.map((arg): [string, string | null | undefined] => [`${root.name}(${arg.name})`, arg.description]),
  ]);

test.each([...described, ...roots])('%s is described in both languages', (_, description) => {
  expect(description).toMatch(/[\u4e00-\u9fff]/);
  expect(description).toMatch(/[A-Za-z]{2}/);
});

test('keys that bureaus hand each other are not in the graph that callers see, and neither are federation’s own fields', () => {
  expect(api).not.toMatch(/^ *keys[(:]|_entities|_service|join__/m);
});

test('shared fields are nullable, keys excepted: a bureau that is down takes nothing else along', () => {
  const records = recordKinds().map(({ type }) => type);
  const strict = fields.filter(
    ({ type, field }) => [...records, 'Person'].includes(type.name) && String(field.type).endsWith('!'),
  );
  expect(new Set(strict.map(({ field }) => field.name))).toEqual(new Set(['id', 'sourceId', 'revision']));
});

test('parts that do not fit together are told with every reason', () => {
  const broken = [...parts, { name: 'stray', sdl: 'type Query { person: Int }' }];
  expect(() => compose(broken)).toThrow(/^The graph does not compose:\n {2}\S/);
});

test('the names that bureaus find each other’s records by', () => {
  const places = ['claim', 'contribution', 'death', 'enrollment', 'household', 'poverty', 'retirement'];
  expect([...keyNames(supergraph)].sort()).toEqual(
    ['id', 'keys', 'knownAt', 'registeredActive', 'registeredNames', ...places.map((kind) => `${kind}Places`)].sort(),
  );
});
