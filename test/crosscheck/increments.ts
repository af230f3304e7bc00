/** Increments of a random city: rows that come, change hands, change in a field or go, as a follower would take them. */
import { settleNumbers } from '../../src/crosscheck/settle';
import { type StoredField, storedKinds } from '../../src/crosscheck/store';
import { type Change, takePage } from '../../src/crosscheck/take';
import type { Database } from '../../src/db/database';
import { seededRandom } from '../../src/demo/random';
import { KINDS, type Kind, type Row } from './law';
import { randomCity, stored } from './random-city';

/** A city whose rows come and go. */
export type Growing = Record<Kind, Row[]>;

/** Changes of one kind: what stands afterwards, or null where the row is gone. */
export type Increment = { kind: Kind; sourceId: string; row: Row | null }[];

/** The rows that make up a city. */
export function wholeCity(city: Growing): Increment {
  return KINDS.flatMap((kind) => city[kind].map((row) => ({ kind, sourceId: row.source_id as string, row })));
}

/**
 * A few changes of a city, made in it too. New rows and new values come from another random city of the same numbers.
 * @param seed equal seeds give equal increments of equal cities
 */
export function increment(city: Growing, seed: number, changes: number): Increment {
  const { chance, int } = seededRandom(seed);
  const other = randomCity(seed, 60);
  const made: Increment = [];
  for (let n = 0; n < changes; n++) {
    const kind = KINDS[int(0, KINDS.length - 1)] as Kind;
    const rows = city[kind];
    const donor = other[kind][int(0, Math.max(0, other[kind].length - 1))];
    const place = int(0, Math.max(0, rows.length - 1));
    const before = rows[place];
    if (!donor || !before || chance(0.25)) {
      if (!donor) continue;
      const row = { ...donor, source_id: `${kind}N${seed}-${n}`, ...own(kind, before) };
      rows.push(row);
      made.push({ kind, sourceId: row.source_id, row });
    } else if (chance(0.2)) {
      rows.splice(place, 1);
      made.push({ kind, sourceId: before.source_id as string, row: null });
    } else {
      const columns = Object.keys(before).filter((column) => column !== 'source_id');
      const column = columns[int(0, columns.length - 1)] as string;
      const whole = { ...before, ...donor, source_id: before.source_id as string, ...own(kind, before) };
      // Some columns only make sense together: a row changes in one of them, or in all but whose it is.
      const row = alone(column) ? { ...before, [column]: donor[column] as string } : whole;
      rows[place] = row;
      made.push({ kind, sourceId: row.source_id as string, row });
    }
  }
  return made;
}

/** What a new row keeps of the old one, so that it belongs to somebody of this city. */
function own(kind: Kind, before: Row | undefined): Row {
  if (!before) return {};
  return kind === 'claim_line'
    ? { claim_source_id: before.claim_source_id as string }
    : { id_number: before.id_number as string };
}

const alone = (column: string) =>
  ['status', 'id_number', 'account_owner_id_number', 'institution_code', 'name', 'previous_id_numbers'].includes(
    column,
  );

/** Takes an increment into a matching store, page by page, as the follower does. */
export async function take(
  database: Database,
  increment: Increment,
  { city, firstRevision }: { city: Growing; firstRevision: number },
): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    for (const kind of storedKinds) {
      const changes = increment.flatMap(({ kind: of, sourceId, row }, place): Change[] =>
        of !== kind.kind
          ? []
          : [{ ...changeOf(kind.fields, row && stored(of, row, city), firstRevision + place), sourceId }],
      );
      if (changes.length > 0) await takePage(client, kind, changes);
    }
    await settleNumbers(client);
    await client.query('commit');
  } finally {
    client.release();
  }
}

function changeOf(
  fields: readonly StoredField[],
  row: Record<string, unknown> | null,
  revision: number,
): Omit<Change, 'sourceId'> {
  const at = { seq: String(revision), recordedAt: '2026-06-01T08:00:00Z' };
  if (!row) return { ...at, op: 'DELETE', record: null };
  const values = fields.map((field) => [field.field, inGraph(field, row[field.column])]);
  return {
    ...at,
    op: 'UPSERT',
    record: { sourceId: '', revision: at.seq, recordedAt: at.recordedAt, ...Object.fromEntries(values) },
  };
}

const withoutMark = (bytes: unknown) => (bytes as string).slice(2);

function inGraph({ form }: StoredField, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (form) {
    case 'person':
      return { id: withoutMark(value) };
    case 'key':
      return withoutMark(value);
    case 'keys':
      return (value as string[]).map(withoutMark);
    case 'day':
      return `${value}T08:00:00+08:00`;
    default:
      return value;
  }
}
