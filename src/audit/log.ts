/**
 * The log as a whole: its id and hash, and reading it in order. It is read with a cursor, so that a log of millions takes no more memory than
 * a page of it.
 */
import type { Pool, PoolClient } from 'pg';
import type { HashName } from './record';

export interface Log {
  /** Random, 32 hex digits: tells this log from every other, also from one that was made anew. */
  id: string;
  hash: HashName;
}

/** A record as it is kept. Keys and hashes are hex. */
export interface Kept {
  seq: number;
  leafHash: string;
  leaf: string;
  persons: readonly string[];
  /** `kind:from:to`. */
  feeds: readonly string[];
}

/** Records of one fetch: a record is 1 to 2 KB, more when it lists persons. */
const PAGE = 1_000;
/** Leaf hashes of one fetch: 32 bytes each. */
const HASH_PAGE = 20_000;

/**
 * The log of this database, made with the wanted hash when there is none yet.
 * @throws when it was begun with another hash
 */
export async function openLog(pool: Pool, hash: HashName = 'sha256'): Promise<Log> {
  const { rows } = await pool.query<Log>('select id, hash from audit.open($1)', [hash]);
  const log = rows[0] as Log;
  if (log.hash !== hash)
    throw new Error(
      `The audit log was begun with ${log.hash} and cannot go on with ${hash}: set audit.hash to ${log.hash}`,
    );
  return log;
}

/** The number of the newest record; 0 when there is none. */
export async function newestSeq(from: Pool | PoolClient): Promise<number> {
  const { rows } = await from.query<{ seq: string }>('select coalesce(max(seq), 0) as seq from audit.record');
  return Number(rows[0]?.seq);
}

/** The leaf hashes of records `first` to `last`, in order. Throws at a number that is missing. */
export async function* leafHashes(from: Pool | PoolClient, first: number, last: number): AsyncGenerator<Buffer> {
  for (let next = first; next <= last; ) {
    const { rows } = await from.query<{ seq: string; hash: Buffer }>(
      'select seq, leaf_hash as hash from audit.record where seq between $1 and $2 order by seq',
      [next, Math.min(last, next + HASH_PAGE - 1)],
    );
    if (rows.length === 0) throw missing(next);
    for (const { seq, hash } of rows) {
      if (Number(seq) !== next) throw missing(next);
      yield hash;
      next += 1;
    }
  }
}

/** Every record by number, as of one moment. */
export async function* keptRecords(pool: Pool): AsyncGenerator<Kept> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('begin isolation level repeatable read read only');
    await client.query(`
      declare kept no scroll cursor for
      select r.seq, encode(r.leaf_hash, 'hex') as "leafHash", r.leaf, array(select encode(p, 'hex') from unnest(r.persons) p) as persons,
        array(select f.kind || ':' || lower(f.span) || ':' || upper(f.span) - 1 from audit.feed f where f.seq = r.seq) as feeds
      from audit.record r order by r.seq`);
    for (;;) {
      const { rows } = await client.query<Omit<Kept, 'seq'> & { seq: string }>(`fetch ${PAGE} from kept`);
      for (const row of rows) yield { ...row, seq: Number(row.seq) };
      if (rows.length < PAGE) return;
    }
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    await client.query('rollback').catch((error: Error) => {
      failure ??= error;
    });
    client.release(failure);
  }
}

function missing(seq: number): Error {
  return new Error(`Record ${seq} of the audit log is missing: run heyan audit verify`);
}
