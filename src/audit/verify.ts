/**
 * Verifying the whole log against the tree heads outside the database. It trusts neither the database nor its guards and keys: every leaf is
 * hashed again, every number counted, every head's signature, fingerprints and root checked, and the first fault is named. One pass, flat memory.
 */
import type { Pool } from 'pg';
import { linesOf } from './checkpoint-file';
import { FINGERPRINT_BYTES, fingerprintOf, type Head, isSignedBy, leafCount, readHead } from './head';
import { type Kept, keptRecords, type Log } from './log';
import { type AuditRecord, canonicalJson, leafHash } from './record';
import type { PublicKey } from './signing';
import { type Frontier, openFrontier } from './tree';

export interface Verdict {
  isGood: boolean;
  /** Records checked, from the first on. */
  records: number;
  /** Heads checked. */
  heads: number;
  /** The newest records that no head covers yet: nothing outside the database vouches for them. */
  uncovered: number;
  /** The first bad record, when it is one. `receipt` is the one in the database; null when the record is missing. */
  badRecord: { seq: number; receipt: string | null } | null;
  /** The first bad head, when it is one: `file:line`. */
  badHead: string | null;
  /** One sentence. */
  what: string;
}

export interface VerifyOptions {
  log: Log;
  /** Checkpoint files; each must hold heads of this log in growing order. */
  files: readonly string[];
  /** The hub's public keys. A head that names another is bad. */
  keys: readonly PublicKey[];
  signal?: AbortSignal;
}

class Fault extends Error {
  constructor(
    message: string,
    readonly badRecord: Verdict['badRecord'],
    readonly badHead: string | null = null,
  ) {
    super(message);
  }
}

/** What a reader of one checkpoint file is at. */
interface Checkpoints {
  file: string;
  /** The head that covers the record now looked at; undefined when none does. */
  head: Head | undefined;
  at: string;
  next(): Promise<void>;
  count(): number;
}

/** Checks all. Faults of the log and of heads are the verdict; it throws only when the database or a file cannot be read. */
export async function verifyLog(pool: Pool, options: VerifyOptions): Promise<Verdict> {
  const frontier = openFrontier(options.log.hash);
  const readers = options.files.map((file) => checkpointsIn(file, options));
  let uncovered = 0;
  const verdict = (what: string, fault?: Fault): Verdict => ({
    isGood: fault === undefined,
    records: frontier.size,
    heads: readers.reduce((sum, reader) => sum + reader.count(), 0),
    uncovered: fault ? 0 : uncovered,
    badRecord: fault?.badRecord ?? null,
    badHead: fault?.badHead ?? null,
    what,
  });
  try {
    for (const reader of readers) await reader.next();
    for await (const record of keptRecords(pool)) {
      options.signal?.throwIfAborted();
      uncovered = readers.some(({ head }) => head) ? 0 : uncovered + 1;
      checkRecord(record, frontier.size + 1, options.log);
      await takeIn(record, frontier, readers);
    }
    checkEnd(frontier.size, readers);
    const repeated = await repeatedIn(pool, frontier.size - uncovered, frontier.size + 1);
    if (repeated) throw repeated;
    return verdict(goodNews(frontier.size, uncovered, readers));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const earlier = await repeatedIn(pool, frontier.size - uncovered, error.badRecord?.seq ?? frontier.size + 1);
    const first = earlier ?? error;
    return verdict(first.message, first);
  }
}

/** A record that is there twice, among those that no head covers: of the others the fingerprints tell. */
async function repeatedIn(pool: Pool, after: number, before: number): Promise<Fault | undefined> {
  const { rows } = await pool.query<{ seq: string; receipt: string; first: string }>(
    `select b.seq, encode(b.leaf_hash, 'hex') as receipt, min(a.seq) as first
     from audit.record b join audit.record a on a.leaf_hash = b.leaf_hash and a.seq < b.seq
     where b.seq > $1 and b.seq < $2 group by b.seq, b.leaf_hash order by b.seq limit 1`,
    [after, before],
  );
  const found = rows[0];
  return (
    found &&
    new Fault(`Record ${found.seq} repeats record ${found.first}`, { seq: Number(found.seq), receipt: found.receipt })
  );
}

/** What a record says of itself. */
function checkRecord(record: Kept, expected: number, { hash }: Log): void {
  const { seq, leaf } = record;
  if (seq > expected)
    throw new Fault(`Record ${expected} is missing: after ${expected - 1} comes ${seq}`, {
      seq: expected,
      receipt: null,
    });
  const bad = (what: string) => new Fault(`Record ${seq} ${what}`, { seq, receipt: record.leafHash });
  if (seq < expected) throw bad(seq < 1 ? 'stands before the first' : 'stands twice');
  if (leafHash(leaf, hash).toString('hex') !== record.leafHash)
    throw bad('was changed: its text does not have the hash that is its receipt');
  const said = parsed(leaf);
  if (!said || canonicalJson(said) !== leaf) throw bad('is no canonical JSON (RFC 8785)');
  if (!isSame(said.persons, record.persons))
    throw bad('was changed: the persons it is found by are not those of its text');
  const feeds = said.feeds?.map(({ kind, from, to }) => `${kind}:${from}:${to}`);
  if (!isSame(feeds, record.feeds)) throw bad('was changed: the feeds it is found by are not those of its text');
}

/** Adds a record to the tree and compares it with the heads that cover it. */
async function takeIn(record: Kept, frontier: Frontier, readers: readonly Checkpoints[]): Promise<void> {
  const hash = Buffer.from(record.leafHash, 'hex');
  frontier.append(hash);
  const { seq } = record;
  for (const reader of readers) {
    if (!reader.head) continue;
    const print = fingerprintOf(reader.head, seq);
    if (!print?.equals(hash.subarray(0, FINGERPRINT_BYTES)))
      throw new Fault(
        `Record ${seq} is not the one that the tree head of ${reader.head.at} covers (${reader.at}): the log was rewritten here`,
        { seq, receipt: record.leafHash },
      );
    if (seq < reader.head.size) continue;
    if (frontier.root().toString('hex') !== reader.head.root)
      throw new Fault(`The tree head of ${reader.head.at} has another root than records 1 to ${seq}`, null, reader.at);
    await reader.next();
  }
}

function checkEnd(size: number, readers: readonly Checkpoints[]): void {
  for (const { head, at } of readers)
    if (head)
      throw new Fault(
        `The log is truncated at record ${size}: the tree head of ${head.at} covers ${head.size} (${at})`,
        { seq: size + 1, receipt: null },
      );
}

function goodNews(size: number, uncovered: number, readers: readonly Checkpoints[]): string {
  const heads = readers.reduce((sum, reader) => sum + reader.count(), 0);
  const rest = uncovered > 0 ? `; no tree head covers the newest ${uncovered} yet` : '';
  return `${size} records and ${heads} tree heads agree${rest}`;
}

/** Reads a checkpoint file head by head, and checks what a head and its place among the others say. */
function checkpointsIn(file: string, { log, keys }: VerifyOptions): Checkpoints {
  const lines = linesOf(file);
  let [size, count] = [0, 0];
  const reader: Checkpoints = {
    file,
    head: undefined,
    at: file,
    count: () => count,
    async next() {
      const { value: line, done } = await lines.next();
      reader.head = undefined;
      if (done) return;
      reader.at = `${file}:${line.number}`;
      const bad = (what: string) => new Fault(`The tree head at ${reader.at} is bad: ${what}`, null, reader.at);
      let head: Head;
      try {
        head = readHead(line.text);
      } catch (error) {
        throw bad((error as Error).message);
      }
      if (!isSignedBy(head, keys)) throw bad(`its signature is not one of the hub's keys (it names ${head.keyId})`);
      if (head.log !== log.id) throw bad(`it is of another log (${head.log})`);
      if (head.hash !== log.hash) throw bad(`it was made with ${head.hash}, the log with ${log.hash}`);
      if (head.size <= size) throw bad(`it covers ${head.size} records, the one before ${size}`);
      if (head.size - leafCount(head) > size)
        throw bad(`a head before it is missing: records ${size + 1} to ${head.size - leafCount(head)} are in none`);
      reader.head = head;
      size = head.size;
      count += 1;
    },
  };
  return reader;
}

function parsed(leaf: string): AuditRecord | undefined {
  try {
    const said: unknown = JSON.parse(leaf);
    return said !== null && typeof said === 'object' ? (said as AuditRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Without regard to order. */
function isSame(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return Array.isArray(a) && a.length === b.length && canonicalJson([...a].sort()) === canonicalJson([...b].sort());
}
