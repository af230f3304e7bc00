import { buildSchema, execute, type GraphQLSchema, parse } from 'graphql';
import { type GuardedContext, guardRootFields } from '../../src/sharing/shield';

let ran: string[];
function guarded(): GraphQLSchema {
  ran = [];
  const schema = buildSchema(
    'type Query { one: Part two: String } type Mutation { three: String } type Part { inside: String }',
  );
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      field.resolve = () => {
        ran.push(field.name);
        return field.name === 'one' ? { inside: 'secret' } : 'secret';
      };
    }
  }
  return guardRootFields(schema);
}

const PASS = () => undefined;
const DENY = () => new Error('no');
const THROW = () => {
  throw new Error('broken');
};

test.each<[string, string, GuardedContext['refusal'], string[]]>([
  ['passes', '{ one { inside } two }', PASS, ['one', 'two']],
  ['refuses a query', '{ one { inside } two }', DENY, []],
  ['refuses under an alias', '{ two: one { inside } }', DENY, []],
  ['refuses a mutation', 'mutation { three }', DENY, []],
  ['refuses when the question itself fails', '{ two }', THROW, []],
])('%s, before any resolver runs', async (_, query, refusal, expected) => {
  const result = await execute({ schema: guarded(), document: parse(query), contextValue: { refusal } });
  expect(ran).toEqual(expected);
  expect(JSON.stringify(result.data).includes('secret')).toBe(expected.length > 0);
  expect(result.errors === undefined).toBe(expected.length > 0);
});

test('asks anew for each operation: what passed once does not pass again', async () => {
  const schema = guarded();
  const ask = (refusal: GuardedContext['refusal']) =>
    execute({ schema, document: parse('{ two }'), contextValue: { refusal } });
  expect((await ask(PASS)).data).toEqual({ two: 'secret' });
  expect((await ask(DENY)).data).toEqual({ two: null });
});
