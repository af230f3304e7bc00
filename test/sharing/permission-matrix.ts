/**
 * The permission matrix: what each agency sees for each of its purposes, field by field and verb by verb. Every mark is what the real gateway
 * answered to an operation that asks for that one field by that verb.
 */
import { type Clause, VERBS, type Verb } from '../../src/sharing/agreement';
import { agree, everything, inTurns, PURPOSE, type Terms } from '../support/callers';
import { findIn } from '../support/leak';
import { asked, type Change, nest, type Position, type Route, type Step } from '../support/routes';
import { type Matrix, reviewing } from './attack-matrix';

export interface Row {
  agency: string;
  purpose: string;
}

export const LEGEND = `What each agency sees, for each of its purposes. Each mark is the answer of the gateway to one operation.

  x  shown as it is
  m  shown in part
  d  answered, and the record stands in another district
  c  may be changed
  o  granted, but what leads there is not
  .  refused
  -  no operation leads there by this verb
`;

/** Agencies beside those that the hub is founded with: what is refused, and why, must show too. */
export async function agreeOnExamples({ hub }: Matrix): Promise<Row[]> {
  const all: Terms = (kind) => [everything(kind)];
  const verify: Terms = (kind) => [{ ...everything(kind), verbs: ['VERIFY'] }];
  await agree(hub, new Map([['example-outsider', () => []]]));
  await agree(hub, new Map([['example-verifier', verify]]));
  await agree(hub, new Map([['example-partial', partial]]));
  await agree(hub, new Map([['example-expired', all]]), { validTo: '2026-06-29' });
  await agree(hub, new Map([['example-revoked', all]]), { state: 'REVOKED' });
  await agree(hub, new Map([['example-proposed', all]]), { state: 'PROPOSED', approvedBy: null, approvedAt: null });
  const agencies = ['outsider', 'verifier', 'partial', 'expired', 'revoked', 'proposed'];
  return agencies.map((name) => ({ agency: `example-${name}`, purpose: PURPOSE }));
}

/** Masks on what can be masked, and districts: the city's own for registers and deaths, another for claims. */
const partial: Terms = (kind) => {
  const districts: Readonly<Record<string, string[]>> = { household: ['34'], death: ['34'], claim: ['65'] };
  const masked = kind.fields.flatMap(({ name, masks }) => masks.slice(1).map((mask) => [name, mask] as const));
  const clause: Clause = { ...everything(kind), verbs: ['LOOKUP', 'FEED'], masks: Object.fromEntries(masked) };
  return districts[kind.kind]
    ? [{ ...clause, districts: districts[kind.kind] }]
    : kind.kind === 'poverty'
      ? [clause]
      : [];
};

/** Agencies and purposes of the agreements that the hub is founded with. */
export async function foundingRows({ hub }: Matrix): Promise<Row[]> {
  const { rows } = await hub.database.pool.query<Row>(
    `select distinct agency, purpose from sharing.agreement, unnest(purposes) purpose where proposed_by like 'founding%' order by 1, 2`,
  );
  return rows;
}

/** One line per field, one column per verb. */
export async function section(
  matrix: Matrix,
  row: Row,
  isWanted: (name: string) => boolean = () => true,
): Promise<string[]> {
  const names = [...new Set(matrix.graph.positions.flatMap(({ needs }) => needs))]
    .filter((name) => !name.endsWith('.*') && isWanted(name))
    .sort();
  const cells = names.flatMap((name) => VERBS.map((verb) => ({ name, verb })));
  const marks = await inTurns(cells, ({ name, verb }) => markOf(matrix, row, name, verb));
  const width = Math.max(...names.map((name) => name.length));
  const lines = names.map((name, place) => {
    const own = marks.slice(place * VERBS.length, (place + 1) * VERBS.length);
    return `  ${name.padEnd(width)}  ${own.map((mark, at) => mark.padEnd((VERBS[at] as string).length)).join('  ')}`.trimEnd();
  });
  return [`${row.agency} for ${row.purpose}`, `  ${''.padEnd(width)}  ${VERBS.join('  ')}`, ...lines];
}

async function markOf(matrix: Matrix, row: Row, name: string, verb: Verb): Promise<string> {
  const change = matrix.graph.changes.find((one) => one.verb === verb && one.needs.includes(name));
  if (change) return triedToChange(matrix, row, name, change);
  const ways = waysTo(matrix, name, verb);
  let mark = '-';
  for (const { position, route } of ways) {
    mark = await tried(matrix, row, name, verb, position, route);
    if (mark !== 'o') return mark;
  }
  return mark;
}

/** Routes by which a field is used by a verb, the shortest first. */
function waysTo({ graph }: Matrix, name: string, verb: Verb): { position: Position; route: Route }[] {
  return graph.positions
    .filter(({ needs }) => needs.includes(name))
    .flatMap((position) => graph.routesTo(position.type).map((route) => ({ position, route })))
    .filter(({ position, route }) => (position.isAnswer ? 'VERIFY' : route.verb) === verb)
    .sort((a, b) => a.route.steps.length - b.route.steps.length);
}

/** Of a finding that there is not, so that nothing changes: who may is told that there is none. */
async function triedToChange(matrix: Matrix, row: Row, name: string, change: Change): Promise<string> {
  const given = ({ type, field }: Step) => reviewing('none', 1)[`${type}.${field}`] ?? {};
  const query = `mutation { ${asked(matrix.graph, change, given)} }`;
  const { body, text } = await matrix.counter.ask(row.agency, { query }, row.purpose);
  const errors: { extensions: Record<string, string> }[] = body?.errors ?? [];
  if (errors.length === 1 && errors[0]?.extensions.code === 'BAD_USER_INPUT') return 'c';
  if (errors.some(({ extensions }) => extensions.code !== 'NOT_SHARED')) throw new Error(`${query}: ${text}`);
  const isRefused = ({ extensions }: (typeof errors)[number]) =>
    extensions.field === '*' || (extensions.field === name && extensions.verb === change.verb);
  return errors.some(isRefused) ? '.' : 'o';
}

async function tried(
  matrix: Matrix,
  row: Row,
  name: string,
  verb: Verb,
  position: Position,
  route: Route,
): Promise<string> {
  const { graph, given, counter } = matrix;
  const query = `{ ${nest(graph, route, asked(graph, position, given), given)} }`;
  const { body, text } = await counter.ask(row.agency, { query }, row.purpose);
  const refused = (body?.errors ?? []).map(({ extensions }: { extensions: Record<string, string> }) => {
    if (extensions.code !== 'NOT_SHARED') throw new Error(`${query}: ${text}`);
    return extensions.field === '*' ? '*' : `${extensions.field}:${extensions.verb}`;
  });
  if (refused.includes('*') || refused.includes(`${name}:${verb}`)) return '.';
  if (refused.length > 0) return 'o';
  if (findIn(body.data, matrix.canariesOf(position, name)).length > 0) return 'x';
  return valuesOf(body.data, position.field).some((value) => value !== null) ? 'm' : 'd';
}

/** The values of a field, wherever it stands. */
function valuesOf(data: unknown, field: string): unknown[] {
  if (Array.isArray(data)) return data.flatMap((item) => valuesOf(item, field));
  if (data === null || typeof data !== 'object') return [];
  return Object.entries(data).flatMap(([name, value]) => (name === field ? [value] : valuesOf(value, field)));
}
