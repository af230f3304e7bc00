/**
 * Operations over several bureaus, made at random, against another gateway over the same services: `@apollo/gateway`, which plans and carries out by
 * itself. `HEYAN_SEED=100` begins with another operation, `HEYAN_OPERATIONS=5000` tries so many.
 */
import { isDeepStrictEqual } from 'node:util';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { bureaus } from '../../src/bureaus/bureau';
import { compose } from '../../src/gateway/compose';
import { callersSchema } from '../../src/gateway/gateway';
import { openPlanner, type RunPlan } from '../../src/gateway/plan';
import { defaultsOf } from '../../src/sharing/selection';
import { freshnessIn } from '../../src/subgraph/freshness';
import type { Subgraph } from '../../src/subgraph/subgraph';
import { bareSubgraph, nobodysPassage } from '../support/bare-subgraph';
import { testDatabase } from '../support/database';
import { BING, deliver, HOSPITAL, JIA, keyOf, smallCity, YI } from '../support/small-city';
import { randomOperation } from './random-operations';

const FIRST = Number(process.env.HEYAN_SEED ?? 1);
const OPERATIONS = Number(process.env.HEYAN_OPERATIONS ?? 150);
jest.setTimeout(60_000 + OPERATIONS * 500);

const ROOTS = {
  person: `idNumber: "${JIA.old}"`,
  persons: `ids: ["${keyOf(JIA.number)}", "${keyOf(YI.number)}", "${keyOf(BING.number)}", "${keyOf(JIA.number)}"]`,
  claims: `institutionCode: "${HOSPITAL}", first: 5`,
};
/** Bureaus whose failing leaves the others something to say. */
const FAILING = ['death', 'claim', 'enrollment', 'retirement', 'poverty', 'contribution', null] as const;

describe('operations over several bureaus', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let schema: GraphQLSchema;
  let run: RunPlan;
  let other: ApolloServer;
  let failing: string | null = null;
  beforeAll(async () => {
    database = await testDatabase();
    await deliver(database, smallCity());
    const freshness = freshnessIn(database.pool);
    const subgraphs = bureaus().map((bureau) => troubled(bareSubgraph(bureau, database, freshness)));
    // graphql-jit loses fields that stand twice, once under a condition; the other gateway asks for them so.
    const theirs = bureaus().map((bureau) => troubled(bareSubgraph(bureau, database, freshness, byGraphqlJs)));
    const graph = compose(subgraphs);
    schema = callersSchema(graph);
    run = openPlanner(graph.supergraph, subgraphs);
    other = new ApolloServer({
      gateway: new ApolloGateway({
        supergraphSdl: graph.supergraph,
        buildService: ({ name }) => sourceOf(theirs.find((one) => one.name === name) as Subgraph),
      }),
      stopOnTerminationSignals: false,
    });
    await other.start();
  });
  afterAll(async () => {
    await other.stop();
    await database.close();
  });

  function troubled(subgraph: Subgraph): Subgraph {
    return {
      ...subgraph,
      execute: (request) =>
        subgraph.name === failing
          ? Promise.resolve({ data: null, errors: [new GraphQLError('it is down')] })
          : subgraph.execute(request),
    };
  }

  function sourceOf(subgraph: Subgraph) {
    const documents = new Map<string, DocumentNode>();
    return {
      async process({ request: { query = '', variables } }: { request: { query?: string; variables?: object } }) {
        const document = documents.get(query) ?? parse(query);
        documents.set(query, document);
        const given = variables as Record<string, unknown>;
        return (await subgraph.execute({ document, variables: given, passage: nobodysPassage() })) as never;
      },
    };
  }

  async function ask(query: string, variables: Record<string, unknown>): Promise<ExecutionResult> {
    return run({ document: parse(query), variables, passage: nobodysPassage() });
  }

  async function askOther(query: string, variables: Record<string, unknown>): Promise<ExecutionResult> {
    // It leaves the defaults of variables out of what it asks.
    const defaults = defaultsOf(getOperationAST(parse(query)) as OperationDefinitionNode);
    const { body } = await other.executeOperation({ query, variables: { ...defaults, ...variables } });
    if (body.kind !== 'single') throw new Error('more than one answer');
    return body.singleResult as ExecutionResult;
  }

  test(`${OPERATIONS} at random get the same data, also with a bureau down`, async () => {
    for (let seed = FIRST; seed < FIRST + OPERATIONS; seed++) {
      const { query, variables } = randomOperation(schema, seed, ROOTS);
      expect(validate(schema, parse(query))).toEqual([]);
      failing = FAILING[seed % FAILING.length] ?? null;
      const told = await Promise.all([ask(query, variables), askOther(query, variables)]);
      const [ours, theirs] = told.map(({ data, errors }) => ({
        // Nothing is told as such by the other.
        data: JSON.parse(JSON.stringify(data), (_key, value) => (value === 'UNKNOWN' ? null : value)),
        hasErrors: errors !== undefined,
      }));
      // The other also asks bureaus of which everything is left out.
      if (!isDeepStrictEqual(ours?.data, theirs?.data) || (ours?.hasErrors && !theirs?.hasErrors))
        throw new Error(`of operation ${seed}, ${query} with ${JSON.stringify(variables)}, without ${failing}, they say
          ${JSON.stringify(ours)}
          ${JSON.stringify(theirs)}`);
    }
  });
});

function byGraphqlJs(schema: GraphQLSchema, document: DocumentNode) {
  return (contextValue: object, variableValues: Record<string, unknown>) =>
    execute({ schema, document, contextValue, variableValues });
}
