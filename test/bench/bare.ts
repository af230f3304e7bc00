/**
 * The product's gateway and resolvers with sharing and audit taken out: the same HTTP, Apollo Server, limits, variables, planner, compiled operations, loaders,
 * statements and freshness, and nobody who asks who it is, what may be seen, or writes down what was.
 */
import { parse } from 'graphql';
import { bureaus } from '../../src/bureaus/bureau';
import { openDatabase } from '../../src/db/database';
import { type Answer, answerBy } from '../../src/gateway/answer';
import { compose } from '../../src/gateway/compose';
import type { Door } from '../../src/gateway/door';
import { callersSchema, gatewayOver } from '../../src/gateway/gateway';
import { listen } from '../../src/gateway/listen';
import { openPlanner } from '../../src/gateway/plan';
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
  const watch = UNWATCHED;
  const answer = answerBy(openPlanner(graph.supergraph, subgraphs), { schema, watch });
  const gateway = await gatewayOver(openDoor(answer), {
    graph,
    schema,
    map: readShareMap(schema, parse(graph.supergraph)),
    watch,
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
function openDoor(answer: Answer): Door {
  return {
    async enter(_caller, operation) {
      const here = nobodysPassage();
      const result = await answer(operation, here);
      return { ...result, extensions: { freshness: Object.fromEntries([...here.reached.freshness].sort()) } };
    },
    turnAway: async () => '',
  };
}
