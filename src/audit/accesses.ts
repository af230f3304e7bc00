/**
 * Who looked at a person: granted operations that reached them, by key or by a stretch of a feed that holds one of their records' places.
 * Newest first, paged by number.
 */
import type { Pool } from 'pg';

export interface Access {
  /** The record's number in the log: the cursor. */
  seq: string;
  /** ISO 8601, UTC. */
  at: string;
  agency: string;
  officer: string | null;
  purpose: string;
  case: string | null;
  /** Kinds of record touched, sorted. */
  kinds: string[];
  /** Verbs they were used by, sorted. */
  verbs: string[];
  receipt: string;
}

export interface AccessesOptions {
  /** Every key of the person, hex. */
  keys: readonly string[];
  /** Places of the person's records in each kind's change log. */
  feedPlaces: readonly { kind: string; seqs: readonly string[] }[];
  /** Purposes that are told only after so many days. */
  covert: ReadonlyMap<string, number>;
  now: Date;
  first: number;
  /** `seq` of the access before; null begins with the newest. */
  after: string | null;
}

const DAY_MILLISECONDS = 86_400_000;

/** One page of accesses, and whether more follow. Searches by index: its cost grows with the person's accesses, not with the log. */
export async function accessesOf(
  pool: Pool,
  { keys, feedPlaces, covert, now, first, after }: AccessesOptions,
): Promise<{ accesses: Access[]; hasNextPage: boolean }> {
  const places = feedPlaces.flatMap(({ kind, seqs }) => seqs.map((seq) => ({ kind, seq })));
  const secret = [...covert].map(([purpose, days]) => ({
    purpose,
    until: new Date(now.getTime() - days * DAY_MILLISECONDS).toISOString(),
  }));
  const { rows } = await pool.query<Access>(
    `with reached as (
       select seq from audit.record where persons && $1::bytea[]
       union
       select f.seq from unnest($2::text[], $3::bigint[]) place(kind, seq) join audit.feed f on f.span @> place.seq and f.kind = place.kind
     ), said as (
       select r.seq, r.leaf_hash, audit.readable(r.leaf) as leaf from reached join audit.record r using (seq)
       where $4::bigint is null or r.seq < $4
     )
     select seq, leaf->>'at' as at, leaf->>'agency' as agency, leaf->>'officer' as officer, leaf->>'purpose' as purpose,
       leaf->>'case' as case, encode(leaf_hash, 'hex') as receipt,
       array(select distinct split_part(use, '.', 1) from jsonb_array_elements_text(leaf->'footprint') use order by 1) as kinds,
       array(select distinct split_part(use, ':', 2) from jsonb_array_elements_text(leaf->'footprint') use order by 1) as verbs
     from said
     where leaf->>'decision' = 'GRANTED' and not exists (
       select from unnest($5::text[], $6::text[]) covert(purpose, until)
       where covert.purpose = leaf->>'purpose' and leaf->>'at' > covert.until)
     order by seq desc limit $7`,
    [
      keys.map((key) => Buffer.from(key, 'hex')),
      places.map(({ kind }) => kind),
      places.map(({ seq }) => seq),
      after,
      secret.map(({ purpose }) => purpose),
      secret.map(({ until }) => until),
      first + 1,
    ],
  );
  return { accesses: rows.slice(0, first), hasNextPage: rows.length > first };
}
