/**
 * The bureaus attacked from inside: each asked as the gateway asks it, with a passage that says whatever the attacker likes. This is what a gateway
 * with a mistake, or anyone who gets past it, would do.
 */
import { getOperationAST, parse } from 'graphql';
import { bureaus } from '../../src/bureaus/bureau';
import { type RecordClass, recordKind } from '../../src/bureaus/record';
import { agreementsIn } from '../../src/sharing/agreement';
import type { Caller } from '../../src/sharing/caller';
import { type Footprint, footprintOf, type ShareMap, type Use } from '../../src/sharing/footprint';
import { passage } from '../../src/sharing/passage';
import { freshnessIn } from '../../src/subgraph/freshness';
import { buildSchema, openSubgraph, type Subgraph } from '../../src/subgraph/subgraph';
import { inTurns, PURPOSE } from '../support/callers';
import { SAMPLE_DAY, SAMPLE_KEY } from '../support/hub';
import { findIn } from '../support/leak';
import { asked, type Graph, nest, type Route, walk } from '../support/routes';
import { signerFor } from '../support/shape';
import { watchStatements } from '../support/statements';
import { agencyWithout, type Matrix, nameOf } from './attack-matrix';

interface Inside {
  subgraph: Subgraph;
  map: ShareMap;
  graph: Graph;
}

/** Every bureau, opened over the database that it has its records in. */
export function openInside({ hub }: Matrix): Inside[] {
  return bureaus().map((bureau) => {
    const { kind } = recordKind(bureau.records[0] as RecordClass);
    const { pool, lookup, dataSource } = hub.keeping(kind);
    const means = {
      pool,
      lookup,
      hubKey: () => SAMPLE_KEY,
      agreements: agreementsIn(dataSource, { keys: [signerFor(hub, kind)], now: () => 0 }),
      freshness: freshnessIn(pool, () => 0),
      today: () => SAMPLE_DAY,
    };
    const { map } = buildSchema(bureau);
    return { subgraph: openSubgraph(bureau, means), map, graph: walk(map) };
  });
}

interface Call {
  name: string;
  withheld: string;
  inside: Inside;
  query: string;
  canaries: readonly unknown[];
  forge(honest: Footprint): Footprint;
}

/** What an attacker may say that was decided on: all that is asked, nothing, all but what is withheld, and the same by every other verb. */
const FORGERIES: readonly (readonly [string, (withheld: string) => Call['forge']])[] = [
  ['a passage that claims it', () => (honest) => honest],
  ['an empty passage', () => (honest) => ({ ...honest, uses: [] })],
  [
    'a passage without it',
    (withheld) => (honest) => ({
      ...honest,
      uses: honest.uses.filter((use) => `${use.kind}.${use.field}` !== withheld),
    }),
  ],
  [
    'a passage for another verb',
    () => (honest) => ({ ...honest, uses: honest.uses.map((use): Use => ({ ...use, verb: 'AGGREGATE' })) }),
  ],
];

/** Every field of every bureau, by its own root fields and by `_entities`, with forged passages. */
export function calls(matrix: Matrix, insides: readonly Inside[]): Call[] {
  return insides.flatMap((inside) =>
    inside.graph.positions.flatMap((position) => {
      const { graph } = inside;
      const routes: Route[] = [
        ...graph.routesTo(position.type).filter(({ steps }) => !/^_/.test(steps[0]?.field ?? '')),
        ...entityRoutes(graph, position.type),
      ];
      // What an answer rests on in another bureau is that bureau's to refuse.
      const own = position.needs.filter((need) => inside.map.provider(need.split('.')[0] as string) !== null);
      return routes.flatMap((route) =>
        own.flatMap((withheld) =>
          FORGERIES.map(([forgery, forge]) => ({
            name: `${withheld} at ${inside.subgraph.name} by ${nameOf(route)}.${position.field}, ${forgery}`,
            withheld,
            inside,
            query: written(matrix, graph, route, asked(graph, position, matrix.given)),
            canaries: matrix.canariesOf(position, withheld),
            forge: forge(withheld),
          })),
        ),
      );
    }),
  );
}

/** From a person whom the gateway hands on. */
function entityRoutes(graph: Graph, end: string): Route[] {
  if (end === 'Person') return [{ verb: 'LOOKUP', steps: [ENTITY], end }];
  const links = graph.positions.filter(({ type, isLink }) => type === 'Person' && isLink);
  return links.flatMap(({ type, field }): Route[] => {
    const below = graph.routesFrom({ type, field }).find((route) => route.end === end);
    return below ? [{ verb: 'LOOKUP', steps: [ENTITY, ...below.steps], end }] : [];
  });
}

const ENTITY = { type: 'Query', field: '_entities' };

function written(matrix: Matrix, graph: Graph, route: Route, leaf: string): string {
  const [first, ...rest] = route.steps;
  if (first !== ENTITY) return `query { ${nest(graph, route, leaf, matrix.given)} }`;
  return `query($r: [_Any!]!) { _entities(representations: $r) { ... on Person { ${nest(graph, { steps: rest }, leaf, matrix.given)} } } }`;
}

/** What bureaus answered to forged passages that they must not. */
export async function answeredInside(
  matrix: Matrix,
  all: readonly Call[],
  agencyOf = agencyWithout,
): Promise<string[]> {
  const { person } = matrix.city.known;
  const variables = {
    r: [{ __typename: 'Person', id: person, keys: [person], registeredNames: [], registeredActive: true }],
  };
  const watch = watchStatements(matrix.hub.database);
  const found = await inTurns(all, async ({ name, withheld, inside, query, canaries, forge }) => {
    const document = parse(query);
    const operation = getOperationAST(document);
    if (!operation) throw new Error('no operation');
    const caller: Caller = { agency: agencyOf(withheld), officer: null, purpose: PURPOSE, case: 'T-1' };
    const here = passage(caller, forge(footprintOf(inside.map, document, operation, 'bureau')));
    const result = await inside.subgraph.execute({ document, variables, passage: here });
    const answer = JSON.parse(JSON.stringify(result));
    const faults = findIn(answer, canaries);
    const codes = (answer.errors ?? []).map(({ extensions }: { extensions?: { code?: string } }) => extensions?.code);
    if (codes.length === 0 || codes.some((code: string) => code !== 'NOT_SHARED'))
      faults.push(`errors ${JSON.stringify(answer.errors)}`);
    if (here.reached.persons.size > 0) faults.push('reached a person');
    return faults.map((fault) => `${name}: ${fault}`);
  });
  watch.stop();
  return [...found.flat(), ...watch.ofBureaus().map((sql) => `statement: ${sql}`)];
}
