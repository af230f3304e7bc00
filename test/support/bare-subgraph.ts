/** The bureaus' services without sharing: what they do when nobody asks who it is, what may be seen, or writes down what was. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type DocumentNode, type ExecutionResult, type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { buildSchemaSync, createResolversMap, type NonEmptyArray } from 'type-graphql';
import type { Bureau } from '../../src/bureaus/bureau';
import type { BureauContext } from '../../src/bureaus/context';
import type { Database } from '../../src/db/database';
import { footprintOf } from '../../src/sharing/footprint';
import { passage } from '../../src/sharing/passage';
import { WITHOUT_LIMIT } from '../../src/sharing/scope';
import type { ReadFreshness } from '../../src/subgraph/freshness';
import { buildSchema, type Subgraph } from '../../src/subgraph/subgraph';
import { SAMPLE_KEY } from './hub';

const NOBODY = { agency: '', officer: null, purpose: '', case: null };

/** The passage of nobody in particular. */
export function nobodysPassage() {
  return passage(NOBODY, { uses: [], untagged: [], own: false, introspection: false });
}

/** A bureau's service without its guard: every field is granted to everybody. Compiled by graphql-jit, or run by graphql-js. */
export function bareSubgraph(
  bureau: Bureau,
  database: Database,
  freshness: ReadFreshness,
  runBy: (schema: GraphQLSchema, document: DocumentNode, operationName?: string) => RunDocument = compiled,
): Subgraph {
  const { sdl, map } = buildSchema(bureau);
  const resolvers = createResolversMap(
    buildSchemaSync({ resolvers: bureau.resolvers as NonEmptyArray<Function>, orphanedTypes: [], validate: false }),
  ) as Record<string, object>;
  for (const [type, find] of Object.entries(bureau.references ?? {}))
    resolvers[type] = {
      ...resolvers[type],
      __resolveReference: (reference: object, context: object) => find(reference as never, context as never),
    };
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never });
  const prepared = new WeakMap<DocumentNode, { run: RunDocument; fields: Map<string, string[]> }>();

  function prepare(document: DocumentNode, name: string | undefined) {
    const operation = getOperationAST(document, name);
    if (!operation) throw new Error('no such operation');
    const fields = new Map<string, string[]>();
    for (const { kind, field } of footprintOf(map, document, operation, 'bureau').uses)
      fields.set(kind, [...new Set([...(fields.get(kind) ?? []), field])]);
    const made = { fields, run: runBy(schema, document, name) };
    prepared.set(document, made);
    return made;
  }

  return {
    name: bureau.name,
    sdl,
    async execute({ document, operationName, variables, passage: { reached } }) {
      const { run, fields } = prepared.get(document) ?? prepare(document, operationName);
      const fresh = await freshness();
      for (const kind of fields.keys()) if (kind !== 'any') reached.freshness.set(kind, fresh.get(kind)?.at ?? null);
      const context: BureauContext = {
        caller: NOBODY,
        pool: database.pool,
        lookup: database.lookup,
        hubKey: () => SAMPLE_KEY,
        fields: (kind) => fields.get(kind) ?? [],
        scope: () => WITHOUT_LIMIT,
        validAsOf: () => null,
        reachPersons: () => {},
        countsPersons: false,
        reachFeed: () => {},
        reachAgreement: () => {},
        handOut: () => {},
        loaders: new Map(),
      };
      return (await run(context, variables ?? {})) as ExecutionResult;
    },
  };
}

type RunDocument = (context: object, variables: Record<string, unknown>) => unknown;

function compiled(schema: GraphQLSchema, document: DocumentNode, operationName?: string): RunDocument {
  const made = compileQuery(schema, document, operationName);
  if (!isCompiledQuery(made)) throw new Error('the operation could not be compiled');
  return (context, variables) => made.query(undefined, context, variables);
}
