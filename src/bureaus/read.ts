/**
 * Reading what stands: records of persons and pages of lists. One statement per kind and hop, however many persons are asked for.
 */
import DataLoader from 'dataloader';
import { GraphQLError } from 'graphql';
import { badInput } from './bad-input';
import { isDay } from './calendar';
import { type Connection, connect, type Position, readCursor } from './connection';
import { type BureauContext, loaderOf } from './context';
import { known } from './known';
import { KEYS_MAX, RECORDS_PER_PERSON_MAX } from './limits';
import { project } from './projection';
import type { RecordKind } from './record';
import { within } from './within';

/** A person as the gateway hands them on: the key asked for, and every key of the same person when the household register knows more. */
export interface PersonReference {
  id: string;
  keys?: readonly string[] | null;
  /** The day by whose end records had to be known, `YYYY-MM-DD`; absent or null for now. */
  knownAt?: string | null;
}

/** Which page of a list, and as known when. */
export interface PageOf {
  size: number;
  after?: string | null;
  knownAt?: string | null;
}

/** How a list is ordered: an SQL expression over `r` that is never null, compared together with the source id. */
export interface ListOrder {
  sql: string;
  /** The SQL type of the expression. */
  type: 'text' | 'date' | 'integer';
  newestFirst: boolean;
  /** The fields that order and cursors tell something of. */
  reads: readonly string[];
}

type Node = Record<string, unknown>;

/** Every standing record of one person, ordered by source id. */
export async function recordsOf(kind: RecordKind, person: PersonReference, context: BureauContext): Promise<Node[]> {
  const { knownAt } = person;
  const loader = loaderOf<string, Node[]>(
    context,
    `${kind.kind}:${knownAt ?? ''}`,
    () => new DataLoader((keys) => byPersonKey(kind, keys, knownAt, context), { maxBatchSize: KEYS_MAX }),
  );
  const keys = keysOf(person);
  // Most people have one number, and a page has hundreds of people.
  if (keys.length === 1) return loader.load(keys[0] as string);
  return (await Promise.all(keys.map((key) => loader.load(key)))).flat().sort(bySourceId);
}

async function byPersonKey(
  kind: RecordKind,
  keys: readonly string[],
  knownAt: string | null | undefined,
  context: BureauContext,
): Promise<Node[][]> {
  context.reachPersons(keys);
  const projection = project(kind, context, knownAt);
  const values: unknown[] = [keys.map(bytes), RECORDS_PER_PERSON_MAX + 1];
  const inside = within(kind, context, values);
  const rows = await context.lookup<[place: number, ...unknown[]]>(
    `select (owner.place - 1)::int, found.* from unnest($1::bytea[]) with ordinality owner(key, place)
     cross join lateral (
       select ${projection.columns} from ${known(kind, knownAt, values)} r
       where r.person_key = owner.key ${inside} limit $2) found`,
    values,
  );
  const lists: Node[][] = keys.map(() => []);
  for (const row of rows) (lists[row[0]] as Node[]).push(projection.record(row, 1));
  if (lists.some(({ length }) => length > RECORDS_PER_PERSON_MAX)) throw tooMany(kind);
  return lists.map((list) => list.sort(bySourceId));
}

/** One page of a person's records. Persons of one hop with the same page arguments share one statement. */
export async function pageOf(
  kind: RecordKind,
  order: ListOrder,
  column: 'person_key' | 'claim_source_id',
  owners: readonly string[],
  page: PageOf,
  context: BureauContext,
): Promise<Connection<Node>> {
  const name = `${kind.kind}:${column}:${page.size}:${page.knownAt ?? ''}:${page.after ?? ''}`;
  const loader = loaderOf<string, PlacedNode[]>(
    context,
    name,
    () => new DataLoader((keys) => pagesByOwner(kind, order, column, keys, page, context), { maxBatchSize: KEYS_MAX }),
  );
  const lists = await Promise.all(owners.map((owner) => loader.load(owner)));
  const rows = lists.length === 1 ? (lists[0] as PlacedNode[]) : merge(lists, order).slice(0, page.size + 1);
  return connect(rows, page.size, page.after);
}

type PlacedNode = { position: Position; node: Node };

async function pagesByOwner(
  kind: RecordKind,
  order: ListOrder,
  column: 'person_key' | 'claim_source_id',
  owners: readonly string[],
  page: PageOf,
  context: BureauContext,
): Promise<PlacedNode[][]> {
  if (column === 'person_key') context.reachPersons(owners);
  const projection = project(kind, context, page.knownAt);
  const values: unknown[] = [column === 'person_key' ? owners.map(bytes) : owners, page.size + 1];
  const inside = within(kind, context, values);
  const from = page.after ? after(order, readCursor(page.after), values) : '';
  const type = column === 'person_key' ? 'bytea' : 'text';
  const rows = await context.lookup<[place: number, ...unknown[]]>(
    `select (owner.place - 1)::int, page.* from unnest($1::${type}[]) with ordinality owner(key, place)
     cross join lateral (
       select (${order.sql})::text, ${projection.columns} from ${known(kind, page.knownAt, values)} r
       where r.${column} = owner.key ${inside} ${from}
       order by ${orderBy(order)} limit $2) page`,
    values,
  );
  const lists: PlacedNode[][] = owners.map(() => []);
  for (const row of rows) (lists[row[0]] as PlacedNode[]).push(place(row, 1, projection.record(row, 2)));
  return lists;
}

/** One page of a list over all persons. `where` is SQL over `r` with placeholders from `$2` on for `values`. */
export async function listPage(
  kind: RecordKind,
  order: ListOrder,
  where: string,
  given: readonly unknown[],
  page: { size: number; after?: string | null },
  context: BureauContext,
): Promise<Connection<Node>> {
  const projection = project(kind, context);
  const values: unknown[] = [page.size + 1, ...given];
  const inside = within(kind, context, values);
  const from = page.after ? after(order, readCursor(page.after), values) : '';
  const { rows } = await context.pool.query<unknown[]>({
    rowMode: 'array',
    text: `select encode(r.person_key, 'hex'), (${order.sql})::text, ${projection.columns} from ${known(kind, null, values)} r
           where ${where} ${inside} ${from}
           order by ${orderBy(order)} limit $1`,
    values,
  });
  context.reachPersons(rows.slice(0, page.size).map((row) => row[0] as string));
  return connect(
    rows.map((row) => place(row, 1, projection.record(row, 2))),
    page.size,
    page.after,
  );
}

/** One standing record by its source id, or null. */
export async function recordBySource(kind: RecordKind, sourceId: string, context: BureauContext): Promise<Node | null> {
  const projection = project(kind, context);
  const values: unknown[] = [sourceId];
  const inside = within(kind, context, values);
  const { rows } = await context.pool.query<unknown[]>({
    rowMode: 'array',
    text: `select encode(r.person_key, 'hex'), ${projection.columns} from ${known(kind, null, values)} r
           where r.source_id = $1 ${inside}`,
    values,
  });
  const row = rows[0];
  if (!row) return null;
  context.reachPersons([row[0] as string]);
  return projection.record(row, 1);
}

/** Every key under which records of this person may be filed. */
export function keysOf(person: PersonReference): readonly string[] {
  return person.keys?.length ? person.keys : [person.id];
}

/** The bytes of a person key in hex. */
export function bytes(key: string): Buffer {
  return Buffer.from(key, 'hex');
}

function after(order: ListOrder, [value, sourceId]: Position, values: unknown[]): string {
  const fits =
    order.type === 'date' ? isDay(value) : order.type === 'integer' ? /^\d{1,9}$/.test(value) : !/\0/.test(value);
  if (!fits || /\0/.test(sourceId))
    throw badInput('after is not a cursor of this list: give the endCursor of the page before');
  values.push(value, sourceId);
  const [v, s] = [values.length - 1, values.length];
  return `and (${order.sql}, r.source_id) ${order.newestFirst ? '<' : '>'} ($${v}::${order.type}, $${s})`;
}

function orderBy(order: ListOrder): string {
  const direction = order.newestFirst ? 'desc' : 'asc';
  return `${order.sql} ${direction}, r.source_id ${direction}`;
}

function place(row: readonly unknown[], at: number, node: Node): PlacedNode {
  return { position: [row[at] as string, node.sourceId as string], node };
}

function merge(lists: readonly PlacedNode[][], order: ListOrder): PlacedNode[] {
  const sign = order.newestFirst ? -1 : 1;
  const value = (text: string) => (order.type === 'integer' ? Number(text) : text);
  return lists.flat().sort(({ position: [a, aId] }, { position: [b, bId] }) => {
    if (value(a) !== value(b)) return value(a) < value(b) ? -sign : sign;
    return aId < bId ? -sign : sign;
  });
}

function bySourceId(a: Node, b: Node): number {
  return (a.sourceId as string) < (b.sourceId as string) ? -1 : 1;
}

/** More records under one number than are answered at once: a mistake of the bureau's. */
export function tooMany(kind: RecordKind): GraphQLError {
  return new GraphQLError(
    `One number has more than ${RECORDS_PER_PERSON_MAX} ${kind.kind} records: ask the provider to check it`,
    {
      extensions: { code: 'TOO_MANY_RECORDS', provider: kind.provider },
    },
  );
}
