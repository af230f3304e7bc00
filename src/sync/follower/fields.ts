/**
 * Which fields of a kind a follower asks for: those of the exchange format, as far as the hub shows them to it, and the operation that asks.
 *
 * A file of the exchange format needs a time for each row. It is the source's own, `updatedAt`; where that is not shared, the hub's, for every
 * row and for good: rows by both clocks would make a loader take newer ones for stale.
 */
import type { RecordKind, SharedField } from '../../bureaus/record';
import { askHub, type HubAddress, HubRefusal, type Question } from './feed';

export type RowTime = 'updatedAt' | 'recordedAt';

export interface FollowedFields {
  fields: readonly SharedField[];
  time: RowTime;
}

/** The fields of a kind that a bureau delivers: derived ones are made anew by whoever loads. */
export function deliveredFields(kind: RecordKind): readonly SharedField[] {
  return kind.fields.filter((field) => !field.hidden && !('from' in field.form));
}

/** Fields by name or column. Throws a sentence that lists them all when one is none. */
export function namedFields(kind: RecordKind, names: readonly string[]): readonly SharedField[] {
  const all = deliveredFields(kind);
  const strange = names.find((name) => !all.some((field) => field.name === name || field.column === name));
  if (strange !== undefined)
    throw new Error(
      `${JSON.stringify(strange)} is no field of ${kind.kind}: they are ${all.map(({ column }) => column).join(', ')}`,
    );
  return all.filter((field) => names.includes(field.name) || names.includes(field.column));
}

/** What the hub shows of a kind to this caller. Throws `HubRefusal` when that is not enough for a row. */
export async function visibleFields(
  kind: RecordKind,
  hub: HubAddress,
  time: RowTime | undefined,
  signal: AbortSignal,
): Promise<FollowedFields> {
  const query =
    'query FieldsToFollow($change: String!, $record: String!) { change: __type(name: $change) { fields { name } } record: __type(name: $record) { fields { name } } }';
  const variables = {
    change: `${feedName(kind)}Change`.replace(/^./, (letter) => letter.toUpperCase()),
    record: kind.type,
  };
  const data = (await askHub(hub, { query, variables }, signal)) as Record<
    string,
    { fields: { name: string }[] } | null
  >;
  const shown = (type: string) => (data[type]?.fields ?? []).map(({ name }) => name);
  const ofChange = shown('change');
  const known = (['updatedAt', 'recordedAt'] as const).find(
    (name) => ofChange.includes(name) && (time ?? name) === name,
  );
  if (!ofChange.includes('sourceId') || known === undefined) throw tooLittle(kind, hub, time);
  const ofRecord = shown('record');
  return { fields: deliveredFields(kind).filter(({ name }) => ofRecord.includes(name)), time: known };
}

/** What is left when the hub refuses some of it. Throws the refusal when nothing can be left out. */
export function withoutRefused(
  kind: RecordKind,
  asked: FollowedFields,
  refusal: HubRefusal,
  fixed: RowTime | undefined,
): FollowedFields {
  const refused = new Set(refusal.notShared);
  const isRefused = (name: string) => refused.has(`${kind.kind}.${name}`);
  const fields = asked.fields.filter(({ name }) => !isRefused(name));
  const time = isRefused('updatedAt') && fixed === undefined ? 'recordedAt' : asked.time;
  const left = new Set([...fields.map(({ name }) => name), time, 'sourceId', '*']);
  const isLess = fields.length < asked.fields.length || time !== asked.time;
  if (!isLess || [...left].some(isRefused)) throw refusal;
  return { fields, time };
}

/** The operation of a follower. */
export function feedQuestion(
  kind: RecordKind,
  { fields, time }: FollowedFields,
  after: string,
  first: number,
): Question {
  const record = ['sourceId', ...fields.map(({ name }) => name)].join(' ');
  const change = `seq op sourceId time: ${time} record { ${record} }`;
  return {
    query: `query Follow($after: String, $first: Int) { ${feedName(kind)}Changes(after: $after, first: $first) { changes { ${change} } } }`,
    variables: { after, first },
  };
}

/** `claim_line` → `claimLine`, as its feed is called. */
function feedName({ kind }: RecordKind): string {
  return kind.replace(/_[a-z]/g, (letter) => (letter[1] as string).toUpperCase());
}

function tooLittle({ kind, provider }: RecordKind, { purpose }: HubAddress, time: RowTime | undefined): HubRefusal {
  const needed = `sourceId and ${time ?? 'updatedAt'}`;
  const why = time === 'recordedAt' ? ', or follow into an empty directory' : '';
  return new HubRefusal(
    `The hub does not share enough of ${kind} for files: ask ${provider} to share ${needed} (FEED) for purpose ${purpose}${why}`,
  );
}
