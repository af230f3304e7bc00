/** The matrix of masks and districts: a field that is granted in part, and a kind that is granted elsewhere. */
import type { Mask } from '../../src/sharing/agreement';
import { agree, everything, inTurns, type Terms } from '../support/callers';
import { faultsOfRefusal, findIn, leaksOf } from '../support/leak';
import { nest, type Position, type Route } from '../support/routes';
import { watchStatements } from '../support/statements';
import { type Matrix, nameOf } from './attack-matrix';
import { everythingBut, openBeside, SHAPES } from './attack-shapes';

interface Masked {
  name: string;
  mask: Exclude<Mask, 'PLAIN'>;
  agency: string;
}

/** Every field that can be masked, each with an agency to which it is masked and all else plain. */
export async function agreeOnMasks(
  { hub }: Matrix,
  isWanted: (name: string) => boolean = () => true,
): Promise<Masked[]> {
  const all = hub.hub
    .catalogue()
    .kinds.flatMap(({ kind, fields }) =>
      fields.flatMap(({ name, masks }) =>
        masks.flatMap((mask) =>
          mask === 'PLAIN'
            ? []
            : [{ name: `${kind}.${name}`, mask, agency: `masked-${kind}-${name}`.replace('_', '-').toLowerCase() }],
        ),
      ),
    );
  const wanted = all.filter(({ name }) => isWanted(name));
  const termsOf =
    ({ name, mask }: Masked): Terms =>
    (kind) => [
      {
        ...everything(kind),
        ...(name.startsWith(`${kind.kind}.`) && { masks: { [name.slice(kind.kind.length + 1)]: mask } }),
      },
    ];
  await agree(hub, new Map(wanted.map((one) => [one.agency, termsOf(one)])));
  return wanted;
}

/** What a masked field shows that it must not, or fails to show, by every route and in shapes that change from field to field. */
export async function unmasked(matrix: Matrix, masked: readonly Masked[]): Promise<string[]> {
  const { graph, given, counter } = matrix;
  const reaching = SHAPES.filter(({ shows }) => shows);
  const asks = masked.flatMap((one, place) =>
    graph.positions
      .filter(({ needs, isAnswer }) => !isAnswer && needs.includes(one.name))
      .flatMap((position) =>
        graph.routesTo(position.type).flatMap((route, at) => {
          const shapes = at === 0 ? [0, 5, 10, 15].map((by) => (place + by) % reaching.length) : [0];
          return shapes.map((shape) => ({ one, position, route, shape: reaching[shape] as (typeof reaching)[number] }));
        }),
      ),
  );
  const found = await inTurns(asks, async ({ one, position, route, shape }) => {
    const answer = await counter.ask(one.agency, shape.write({ graph, route, position, given }));
    const plain = matrix.canariesOf(position, one.name);
    const where = `${one.name} ${one.mask} by ${nameOf(route)}, ${shape.name}`;
    const leaks = leaksOf(answer, plain);
    if (isExactOnTheWay(matrix, route, one.name))
      return [...leaks, ...faultsOfRefusal(answer, (field) => field === one.name)].map((what) => `${where}: ${what}`);
    const part = partOf(String(plain[0]), one.mask);
    const shown = findIn(answer.body?.data, [part]);
    return [...leaks, ...(shown.length > 0 ? [] : [`${part} is not shown: ${answer.text.slice(0, 200)}`])].map(
      (what) => `${where}: ${what}`,
    );
  });
  return found.flat();
}

/** What a mask leaves of a canary, by the words of the law of sharing and not by the code that masks. */
function partOf(plain: string, mask: Masked['mask']): string {
  if (mask === 'YEAR') return plain.slice(0, 4);
  if (/^\d{17}[\dX]$/.test(plain)) return `${plain.slice(0, 4)}**********${plain.slice(-4)}`;
  return /^\d{6}$/.test(plain) ? `${plain.slice(0, 4)}**` : `${plain.charAt(0)}*`;
}

/** Whether something on the way filters or sorts by the field. */
function isExactOnTheWay({ graph }: Matrix, { steps }: Route, name: string): boolean {
  return steps.some(({ type, field }) => {
    const tags = graph.map.tagsOf(type, field);
    return tags?.reads.some((read) => `${tags.kind}.${read}` === name);
  });
}

/** Kinds that belong to districts, each with an agency that is granted it where no record of the city stands, and one where all do. */
export async function agreeOnDistricts({ hub }: Matrix): Promise<string[]> {
  const kinds = hub.hub
    .catalogue()
    .kinds.filter(({ hasDistricts }) => hasDistricts)
    .map(({ kind }) => kind);
  const termsOf =
    (of: string, district: string): Terms =>
    (kind) => [{ ...everything(kind), ...(kind.kind === of && { districts: [district] }) }];
  const agencies = kinds.flatMap((kind) => [
    [elsewhere(kind), termsOf(kind, '65')] as const,
    [here(kind), termsOf(kind, '34')] as const,
  ]);
  await agree(hub, new Map(agencies));
  return kinds;
}

export const elsewhere = (kind: string) => `elsewhere-${kind.replace('_', '-')}`;
export const here = (kind: string) => `here-${kind.replace('_', '-')}`;

export interface Seen {
  text: string;
  sql: string[];
  /** Whether there are only links to the kind at the end of the route. */
  leadsOn: boolean;
}

/** Everything a kind could show, by every route, as one agency sees it: the answers, receipts apart, and the statements that were made for them. */
export async function seen(matrix: Matrix, kind: string, agency: string): Promise<Map<string, Seen>> {
  const { graph, given, counter, hub } = matrix;
  const isOf = ({ needs }: Position) => needs.some((need) => need.startsWith(`${kind}.`));
  const ends = [...new Set(graph.positions.filter(isOf).map(({ type }) => type))].filter((end) => end !== 'Query');
  const answers = new Map<string, Seen>();
  for (const end of ends) {
    const isOther = (position: Position) => !isOf(position);
    const leadsOn = graph.positions.every(
      (position) => position.type !== end || !isOf(position) || position.isLink || position.isAnswer,
    );
    for (const route of graph.routesTo(end)) {
      const beside = (type: string) => openBeside(graph, type, () => false);
      const query = `{ ${nest(graph, route, everythingBut(graph, end, isOther, given), given, { beside })} }`;
      const watch = watchStatements(hub.database);
      const { text } = await counter.ask(agency, { query });
      watch.stop();
      answers.set(nameOf(route), { text: withoutMarks(text), sql: watch.ofBureaus(), leadsOn });
    }
  }
  return answers;
}

/** The receipt is new every time; how far a feed has been read is told to those who follow it, whatever was in it for them. */
function withoutMarks(text: string): string {
  return text.replace(/"receipt":"[0-9a-f]{64}"/, '"receipt":""').replace(/"endCursor":"\d+"/g, '"endCursor":""');
}

/** Runs something while no record of a kind exists. */
export async function without<T>({ hub }: Matrix, kind: string, act: () => Promise<T>): Promise<T> {
  const { pool } = hub.keeping(kind);
  const table = tableOf(kind);
  await pool.query(`create table public.kept as select * from ${table}; delete from ${table}`);
  try {
    return await act();
  } finally {
    await pool.query(`insert into ${table} select * from public.kept; drop table public.kept`);
  }
}

function tableOf(kind: string): string {
  return kind === 'claim_line' ? 'claim.line_revision' : `${kind}.revision`;
}
