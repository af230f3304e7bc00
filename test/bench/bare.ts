/**
 * The product's gateway and resolvers with sharing and audit taken out: the same HTTP, Apollo Server, limits, planner, compiled operations, loaders,
 * statements and freshness, and nobody who asks who it is, what may be seen, or writes down what was.
 */
import { parse } from 'graphql';
import { bureaus } from '../../src/bureaus/bureau';
import { openDatabase } from '../../src/db/database';
import { compose } from '../../src/gateway/compose';
import type { Door } from '../../src/gateway/door';
import { callersSchema, gatewayOver } from '../../src/gateway/gateway';
import { listen } from '../../src/gateway/listen';
import { openPlanner, type RunPlan } from '../../src/gateway/plan';
import { UNWATCHED } from '../../src/gateway/watch';
import { readShareMap } from '../../src/sharing/footprint';
import { freshnessIn } from '../../src/subgraph/freshness';
import { bareSubgraph, nobodysPassage } from '../support/bare-subgraph';

export async function serveBare(databaseUrl: string): Promise<{ url: string; close(): Promise<void> }> {
  const database = await openDatabase(databaseUrl);
  const freshness = freshnessIn(database.pool);
  const subgraphs = bureaus().map((bureau) => bareSubgraph(bureau, database, freshness));
  const graph = compose(subgraphs);
  const schema = callersSchema(graph);
  const gateway = await gatewayOver(openDoor(openPlanner(graph.supergraph, subgraphs)), {
    graph,
    schema,
    map: readShareMap(schema, parse(graph.supergraph)),
    watch: UNWATCHED,
    authenticate: async () => nobodysPassage().caller,
    now: () => new Date(),
    report: (error) => process.stderr.write(`${error}\n`),
  });
  const listening = await listen(gateway, { host: '127.0.0.1', port: 0, pages: null });
  return {
    url: listening.url,
    async close() {
      await listening.close();
      await gateway.close();
      await database.close();
    },
  };
}

/** A door that stands open, and nobody who writes down who went through. */
function openDoor(run: RunPlan): Door {
  return {
    async enter(_caller, { document, operationName, variables }) {
      const here = nobodysPassage();
      const result = await run({ document, operationName: operationName ?? undefined, variables, passage: here });
      return { ...result, extensions: { freshness: Object.fromEntries([...here.reached.freshness].sort()) } };
    },
    turnAway: async () => '',
  };
}
