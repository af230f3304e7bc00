/**
 * Under which audit records an agency read places of change feeds: granted operations of one purpose whose stretch of the feed holds the place.
 * A feed that is limited to districts leaves no stretch in the log but the persons it reached; such a reading is not found here.
 */
import type { Pool } from 'pg';
import type { AuditRecord } from './record';

/** A place in a kind's change log: a revision. */
export interface Place {
  kind: string;
  place: string;
}

export interface Reading {
  receipt: string;
  record: Pick<AuditRecord, 'footprint' | 'agreements' | 'feeds'>;
}

/** Readings of one question: 5,000 changes each, so five million changes. */
const READINGS_MAX = 1_000;

/**
 * The readings of any of the places, oldest first.
 * @throws when there are more than 1,000
 */
export async function readingsOf(
  pool: Pool,
  { agency, purpose, places }: { agency: string; purpose: string; places: readonly Place[] },
): Promise<Reading[]> {
  const { rows } = await pool.query<Reading>(
    `with read as (
       select distinct f.seq from unnest($1::text[], $2::bigint[]) asked(kind, place)
       join audit.feed f on f.span @> asked.place and f.kind = asked.kind
     ), said as (
       select r.seq, r.leaf_hash, audit.readable(r.leaf) as leaf from read join audit.record r using (seq)
     )
     select encode(leaf_hash, 'hex') as receipt,
       jsonb_build_object('footprint', leaf->'footprint', 'agreements', leaf->'agreements', 'feeds', leaf->'feeds') as record
     from said where leaf->>'agency' = $3 and leaf->>'purpose' = $4 and leaf->>'decision' = 'GRANTED'
     order by seq limit $5`,
    [places.map(({ kind }) => kind), places.map(({ place }) => place), agency, purpose, READINGS_MAX + 1],
  );
  if (rows.length > READINGS_MAX)
    throw new Error(`The records were read in more than ${READINGS_MAX} operations: they do not fit into one document`);
  return rows;
}

/** Whether the reading's stretch of the kind's feed holds the place. */
export function holds({ record: { feeds } }: Reading, { kind, place }: Place): boolean {
  return feeds.some(
    (feed) => feed.kind === kind && BigInt(feed.from) <= BigInt(place) && BigInt(place) <= BigInt(feed.to),
  );
}
