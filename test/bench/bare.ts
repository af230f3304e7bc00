/**
 * The product's gateway and resolvers with sharing and audit taken out: the same Fastify, Apollo Server, planner, compiled operations, loaders
 * and statements, and nobody who asks who it is, what may be seen, or writes down what was.
 */
import { ApolloServer } from '@apollo/server';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import helmet from '@fastify/helmet';
import fastify from 'fastify';
import { buildSchema as buildGraph, type DocumentNode, type ExecutionResult, getOperationAST, parse } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { buildSchemaSync, createResolversMap, type NonEmptyArray } from 'type-graphql';
import { type Bureau, bureaus } from '../../src/bureaus/bureau';
import type { BureauContext } from '../../src/bureaus/context';
import { type Database, openDatabase } from '../../src/db/database';
import { compose } from '../../src/gateway/compose';
import { openPlanner } from '../../src/gateway/plan';
import { footprintOf } from '../../src/sharing/footprint';
import { passage } from '../../src/sharing/passage';
import { WITHOUT_LIMIT } from '../../src/sharing/scope';
import { buildSchema, type Subgraph } from '../../src/subgraph/subgraph';
import { SAMPLE_KEY } from '../support/hub';

const NOBODY = { agency: '', officer: null, purpose: '', case: null };

export async function serveBare(databaseUrl: string): Promise<{ url: string; close(): Promise<void> }> {
  const database = await openDatabase(databaseUrl);
  const subgraphs = bureaus().map((bureau) => bareSubgraph(bureau, database));
  const graph = compose(subgraphs);
  const run = await openPlanner(graph.supergraph, subgraphs);
  const schema = buildGraph(graph.api, { assumeValid: true, assumeValidSDL: true });
  const uses = { uses: [], untagged: [], own: false, introspection: false };
  const executor = ({
    document,
    request,
  }: {
    document: DocumentNode;
    request: { variables?: Record<string, unknown> };
  }) => run({ document, variables: request.variables ?? {}, passage: passage(NOBODY, uses, []) });
  const server = new ApolloServer({
    gateway: {
      onSchemaLoadOrUpdate(callback: (loaded: object) => void) {
        callback({ apiSchema: schema, coreSupergraphSdl: graph.supergraph });
        return () => {};
      },
      load: async () => ({ executor }),
      stop: async () => {},
    } as never,
    persistedQueries: false,
    stopOnTerminationSignals: false,
  });
  await server.start();
  const app = fastify();
  await app.register(helmet, { contentSecurityPolicy: false, hsts: false });
  app.route({ url: '/graphql', method: ['GET', 'POST'], handler: fastifyApolloHandler(server as never) as never });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    async close() {
      await app.close();
      await server.stop();
      await database.close();
    },
  };
}

/** A bureau's service without its guard: every field is granted to everybody. */
function bareSubgraph(bureau: Bureau, database: Database): Subgraph {
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
  const prepared = new WeakMap<
    DocumentNode,
    { run: (context: object, variables: object) => unknown; fields: Map<string, string[]> }
  >();

  function prepare(document: DocumentNode, name: string | undefined) {
    const operation = getOperationAST(document, name);
    const compiled = compileQuery(schema, document, name);
    if (!operation || !isCompiledQuery(compiled)) throw new Error('the operation could not be compiled');
    const fields = new Map<string, string[]>();
    for (const { kind, field } of footprintOf(map, document, operation, 'bureau').uses)
      fields.set(kind, [...new Set([...(fields.get(kind) ?? []), field])]);
    const made = { fields, run: (context: object, variables: object) => compiled.query(undefined, context, variables) };
    prepared.set(document, made);
    return made;
  }

  return {
    name: bureau.name,
    sdl,
    async execute({ document, operationName, variables }) {
      const { run, fields } = prepared.get(document) ?? prepare(document, operationName);
      const context: BureauContext = {
        caller: NOBODY,
        pool: database.pool,
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
