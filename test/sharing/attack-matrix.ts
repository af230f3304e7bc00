/**
 * The attack matrix: every shared field of the composed graph by every route and in every shape, each asked by a caller that is granted everything
 * but that field. Generated from the composed schema, so that a new field is attacked at once.
 */
import { buildSchema, parse } from 'graphql';
import { readShareMap } from '../../src/sharing/footprint';
import {
  type Answer,
  type Attempt,
  agree,
  type Counter,
  everything,
  inTurns,
  openCounter,
  type Terms,
} from '../support/callers';
import { ANSWERS, type CanaryCity, plantCanaries } from '../support/canaries';
import { type TestHub, testHub } from '../support/hub';
import { faultsOfRefusal, findIn, leaksOf } from '../support/leak';
import {
  type Arguments,
  asked,
  type Graph,
  nest,
  type Position,
  type Route,
  type Step,
  usesOnTheWay,
  walk,
} from '../support/routes';
import type { Shape as HubShape } from '../support/shape';
import { everythingBut, openBeside, requests, SHAPES, type Shape } from './attack-shapes';

export const GRANTED = 'granted-everything';

/** One attack. */
export interface Cell {
  name: string;
  agency: string;
  /** The field it must not see, as agreements name it. */
  withheld: string;
  position: Position;
  shape: Shape;
  attempt: Attempt;
}

export interface Matrix {
  hub: TestHub;
  city: CanaryCity;
  graph: Graph;
  counter: Counter;
  given: Arguments;
  /** Lets the hub forget what it remembers for a moment: agreements and how fresh records are. */
  forget(): void;
  /** Sets the hub's clock. */
  setTime(time: string): void;
  canariesOf(position: Position, name?: string): readonly unknown[];
  close(): Promise<void>;
}

/** A hub with the city of canaries, and an agency that is granted everything. Its bureaus are where `shape` says. */
export async function openMatrix(shape?: HubShape): Promise<Matrix> {
  let time = Date.parse('2026-06-30T10:00:00+08:00');
  // Nothing is written while it is asked, so that what is remembered for a moment may be remembered for good.
  let elapsed = 0;
  const hub = await testHub({ now: () => new Date(time), elapsed: () => elapsed, shape });
  const city = await plantCanaries(hub.database);
  const graph = walk(readShareMap(buildSchema(hub.hub.gateway.graph.api), parse(hub.hub.gateway.graph.supergraph)));
  const counter = await openCounter(hub);
  await agree(hub, new Map<string, Terms>([[GRANTED, (kind) => [everything(kind)]]]));
  const given = argumentsFor(city.known);
  const setTime = (at: string) => {
    time = Date.parse(at);
  };
  const access = await leaveAccess(hub, counter, city, setTime);
  return {
    hub,
    city,
    graph,
    counter,
    given,
    setTime,
    forget() {
      elapsed += 10_000;
    },
    canariesOf(position, name = position.needs[0] as string) {
      if (position.isAnswer) return ANSWERS;
      if (name.endsWith('.*'))
        return namesOf(graph, name).flatMap((one) => access.get(one) ?? city.canaries.get(one) ?? []);
      const canary = access.get(name) ?? city.canaries.get(name);
      if (!canary) throw new Error(`${name} has no canary: give it one in test/support/canaries.ts`);
      return canary;
    },
    async close() {
      await counter.close();
      await hub.close();
    },
  };
}

/** Of a kind whose records nobody may see, the fields by which one is told from another. */
function namesOf(graph: Graph, presence: string): string[] {
  const kind = presence.slice(0, -1);
  const names = new Set(graph.positions.filter(({ isAnswer }) => !isAnswer).flatMap(({ needs }) => needs));
  return [...names].filter((name) => name.startsWith(kind) && /\.(sourceId|id|at)$/.test(name));
}

/** Arguments that lead to the canaries. */
export function argumentsFor(known: CanaryCity['known']): Arguments {
  const byField: Readonly<Record<string, Record<string, unknown>>> = {
    'Query.person': { id: known.person },
    'Query.persons': { ids: [known.person] },
    'Query.claim': { sourceId: known.claim },
    'Query.claims': { institutionCode: known.institution },
    'Query.finding': { id: known.finding },
    ...reviewing(known.finding, 70_311),
    'Query.agreement': { id: 'none' },
    'Person.paidFor': { period: '2025', scheme: 'RESIDENT' },
  };
  const day = { date: '2026-01-01' };
  const page = { first: 5 };
  return ({ type, field }: Step) => {
    if (type === 'Person' && field === 'accesses') return { first: 1_000 };
    return { ...page, ...(type === 'Person' && /On$/.test(field) && day), ...byField[`${type}.${field}`] };
  };
}

/** Arguments of the mutations that review findings. */
export function reviewing(id: string, version: number): Record<string, Record<string, unknown>> {
  const findings = [{ id, version }];
  return {
    'Mutation.takeUpFindings': { findings },
    'Mutation.decideFindings': { findings, outcome: 'LEGITIMATE', reason: 'an attack' },
    'Mutation.giveBackFindings': { findings },
  };
}

const CANARY_AGENCY = 'canary-access-agency';

/** One look at the person that nobody else's looks like, for the record of accesses is shared too. */
async function leaveAccess(
  hub: TestHub,
  { ask }: Counter,
  { known }: CanaryCity,
  setTime: (at: string) => void,
): Promise<Map<string, readonly unknown[]>> {
  const at = '2026-06-29T03:07:11.113Z';
  setTime(at);
  const purpose = 'CANARY_ACCESS_PURPOSE';
  await agree(hub, new Map<string, Terms>([[CANARY_AGENCY, (kind) => [everything(kind)]]]), { purposes: [purpose] });
  const answer = await ask(
    CANARY_AGENCY,
    { query: `{ person(id: "${known.person}") { aliveOn(date: "2026-01-01") } }` },
    purpose,
    {
      officer: 'canary-access-officer',
      case: 'CANARY-ACCESS-CASE',
    },
  );
  setTime('2026-06-30T10:00:00+08:00');
  return new Map(
    Object.entries({
      at, agency: CANARY_AGENCY, officer: 'canary-access-officer', purpose, case: 'CANARY-ACCESS-CASE', kinds: 'death', verbs: 'VERIFY',
      receipt: answer.body.extensions.receipt,
    }).map(([name, value]) => [`access.${name}`, [value]] as const), // biome-ignore format: a row
  );
}

/** What the positive control missed: values that a caller who is granted everything does not see. Without it the matrix could not fail. */
export async function controls(matrix: Matrix): Promise<string[]> {
  const { graph, counter, given } = matrix;
  const ends = [...new Set(graph.positions.map(({ type }) => type))].filter((end) => end !== 'Query');
  const asks = ends.flatMap((end) => graph.routesTo(end).map((route) => ({ end, route })));
  const missed = await inTurns(asks, async ({ end, route }) => {
    const positions = graph.positions.filter(({ type }) => type === end);
    const inside = positions.map((position) => asked(graph, position, given)).join(' ');
    const answer = await counter.ask(GRANTED, { query: `{ ${nest(graph, route, inside, given)} }` });
    if (answer.body?.errors) return [`${nameOf(route)}: ${answer.text.slice(0, 300)}`];
    return positions
      .filter((position) =>
        position.needs.some((need) => findIn(answer.body.data, matrix.canariesOf(position, need)).length === 0),
      )
      .map((position) => `${nameOf(route)}.${position.field} shows no canary`);
  });
  return missed.flat();
}

export function nameOf({ steps }: Route): string {
  return steps.map(({ field }) => field).join('.');
}

/** The same in every shape that shows something, for one field of each type: a shape that is no valid document would attack nothing. */
export async function shapeControls(matrix: Matrix): Promise<string[]> {
  const { graph, counter, given } = matrix;
  const firsts = [...new Map([...graph.positions].reverse().map((position) => [position.type, position])).values()];
  const asks = firsts.flatMap((position) =>
    graph
      .routesTo(position.type)
      .slice(0, 1)
      .flatMap((route) =>
        SHAPES.filter(({ shows }) => shows).map((shape) => ({
          position,
          shape,
          attempt: shape.write({ graph, route, position, given }),
        })),
      ),
  );
  const missed = await inTurns(asks, async ({ position, shape, attempt }) => {
    const answer = await counter.ask(GRANTED, attempt);
    if (findIn(answer.body?.data, matrix.canariesOf(position)).length > 0) return [];
    return [`${position.type}.${position.field}, ${shape.name}: ${answer.text.slice(0, 200)}`];
  });
  return missed.flat();
}

/** Every name that can be withheld. */
export function names({ graph }: Matrix): string[] {
  return [...new Set(graph.positions.flatMap(({ needs }) => needs))].sort();
}

export const agencyWithout = (name: string) => `without-${name.replace('*', 'any').replaceAll('_', '-').toLowerCase()}`;

/** For each name an agency that is granted everything but it. */
export function termsWithout(withheld: string): Terms {
  return (kind) => {
    if (withheld === `${kind.kind}.*`) return [];
    const clause = everything(kind);
    return [{ ...clause, fields: clause.fields.filter((field) => `${kind.kind}.${field}` !== withheld) }];
  };
}

/** The cells of a matrix: each name × each place where it is used × each route × shapes. */
export function cells({ graph, given }: Matrix, isWanted: (name: string) => boolean = () => true): Cell[] {
  return graph.positions.flatMap((position, place) =>
    requests({ graph, position, given }, place).flatMap(({ route, shape }) =>
      position.needs.filter(isWanted).map((withheld) => ({
        name: `${withheld} by ${nameOf(route)}, ${shape.name}`,
        agency: agencyWithout(withheld),
        withheld,
        position,
        shape,
        attempt: shape.write({ graph, route, position, given }),
      })),
    ),
  );
}

/** What cells showed or answered that they must not. */
export async function offences(matrix: Matrix, all: readonly Cell[]): Promise<string[]> {
  const found = await inTurns(all, async (cell) => {
    const answer = await matrix.counter.ask(cell.agency, cell.attempt);
    return offencesOf(cell, answer, matrix.canariesOf(cell.position, cell.withheld)).map(
      (what) => `${cell.name}: ${what}`,
    );
  });
  return found.flat();
}

function offencesOf({ withheld, shape }: Cell, answer: Answer, canaries: readonly unknown[]): string[] {
  const leaks = leaksOf(answer, canaries);
  if (shape.outcome === 'NOTHING') return leaks;
  const isMeant = (field: string) =>
    withheld.endsWith('.*') ? field.startsWith(withheld.slice(0, -1)) : field === withheld;
  return [...leaks, ...faultsOfRefusal(answer, isMeant)];
}

/** Mutations that need an agreement, asked by callers who are granted everything but one of the fields they use: what they were answered. */
export async function changesWithout({ graph, given, counter }: Matrix): Promise<string[]> {
  const asks = graph.changes.flatMap((change) => change.needs.map((withheld) => ({ change, withheld })));
  const found = await inTurns(asks, async ({ change, withheld }) => {
    const attempt = { query: `mutation { ${asked(graph, change, given)} }` };
    const answer = await counter.ask(agencyWithout(withheld), attempt);
    const isMeant = (field: string) =>
      withheld.endsWith('.*') ? field.startsWith(withheld.slice(0, -1)) : field === withheld;
    return faultsOfRefusal(answer, isMeant).map((fault) => `${change.field} without ${withheld}: ${fault}`);
  });
  return found.flat();
}

/** Names whose values another name tells too, by its nature: whoever is granted the one knows the other. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  // A line names its claim.
  'claim.sourceId': ['claim_line.claimSourceId'],
  'claim_line.claimSourceId': ['claim.sourceId'],
  // A finding names its rule by the rule's code.
  'finding.rule': ['finding.code'],
  'finding.code': ['finding.rule'],
  // A page says no of itself too, whether more follows.
  'finding.isSupported': [],
};

/** Everything else on the way to a field that is withheld: what is granted beside it must not tell it either. */
export async function tellTales(matrix: Matrix, withheld: string): Promise<string[]> {
  const { graph, given, counter } = matrix;
  const isSame = ({ needs }: Position) => needs.some((need) => need === withheld || SAME[withheld]?.includes(need));
  const positions = graph.positions.filter(
    ({ needs, isLink, isAnswer }) => !isLink && !isAnswer && needs.includes(withheld),
  );
  const asks = positions.flatMap((position) => {
    const routes = graph.routesTo(position.type).filter((route) => !usesOnTheWay(graph, route).has(withheld));
    // The shortest way of each verb: what stands on it beside the field is the same on longer ones.
    return [...new Map([...routes].reverse().map((route) => [route.verb, route])).values()].map((route) => ({
      position,
      route,
    }));
  });
  const told = await inTurns(asks, async ({ position, route }) => {
    const inside = everythingBut(graph, position.type, isSame, given);
    const beside = (type: string) => openBeside(graph, type, isSame);
    const query = `{ ${nest(graph, route, inside, given, SAME[withheld] ? {} : { beside })} }`;
    const answer = await counter.ask(agencyWithout(withheld), { query });
    if (answer.body?.errors) return [`${withheld} by ${nameOf(route)}: ${answer.text.slice(0, 200)}`];
    // How fresh a kind is comes with every answer, whoever asks.
    const { freshness: _served, ...extensions } = answer.body.extensions;
    const places = leaksOf({ ...answer, body: { ...answer.body, extensions } }, matrix.canariesOf(position, withheld));
    return places
      .filter((place) => !isPlaceInLog(withheld, place))
      .map((place) => `${withheld} by ${nameOf(route)}: ${place}`);
  });
  return told.flat();
}

/** A revision is the place of a record in the change log, and who may follow the log is told where in it they are. */
function isPlaceInLog(withheld: string, place: string): boolean {
  return withheld.endsWith('.revision') && /Changes(\.endCursor|\.changes\[\d+\]\.seq)$/.test(place);
}
