/**
 * Taking tree heads: at least once a minute while the log grows, at shutdown, and on request. Each head continues from the frontier of the
 * one before, so taking it reads only what is new, whatever the log has become.
 *
 * Several processes of one data directory take turns under a lock of the database, and each looks at the last head in the file first: no
 * two heads have the same size, and none is taken of a log that no longer agrees with the last.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Pool, PoolClient } from 'pg';
import { deliverHeads } from './checkpoint';
import { appendLine, lastHead } from './checkpoint-file';
import { FINGERPRINT_BYTES, fingerprintOf, type Head, LEAVES_PER_HEAD_MAX, signHead } from './head';
import { type Log, leafHashes, newestSeq } from './log';
import { canonicalJson } from './record';
import type { Signer } from './signing';
import { type Frontier, openFrontier } from './tree';

export interface HeadsOptions {
  pool: Pool;
  log: Log;
  signer: Signer;
  /** Its `checkpoints/heads.jsonl` gets every head. */
  dataDirectory: string;
  /** Checkpoint sinks besides: absolute paths and http(s) URLs. */
  sinks?: readonly string[];
  now?: () => Date;
  /** Told of heads that could not be taken or handed on. */
  report: (error: HeadTrouble) => void;
  /** How often they are taken by themselves; 0 is never. */
  everyMilliseconds?: number;
}

export interface Heads {
  /** Takes a head when the log grew, and hands all heads on that a sink lacks. The newest head, or undefined of an empty log. Throws a sentence. */
  take(): Promise<Head | undefined>;
  /** Takes the last head; what goes wrong is reported. */
  close(): Promise<void>;
}

/** What the operator is told of: a head that was not taken, or that a sink did not take. */
export class HeadTrouble extends Error {}

const EVERY_MILLISECONDS = 60_000;

/** The hub's own checkpoint file. */
export function headsFile(dataDirectory: string): string {
  return path.join(dataDirectory, 'checkpoints', 'heads.jsonl');
}

export function openHeads({ everyMilliseconds = EVERY_MILLISECONDS, ...options }: HeadsOptions): Heads {
  const file = headsFile(options.dataDirectory);
  const trouble = (error: unknown) => options.report(new HeadTrouble((error as Error).message, { cause: error }));
  let turn: Promise<unknown> = Promise.resolve();

  async function takeOne(): Promise<Head | undefined> {
    const newest = await locked(options.pool, `heyan heads ${file}`, 'wait', (client) =>
      continueHeads(client, file, options),
    );
    // Another process that is handing heads on does it for us.
    await locked(options.pool, `heyan checkpoints ${file}`, 'or leave', () =>
      deliverHeads(file, options.sinks ?? [], trouble),
    );
    return newest;
  }

  const take = () => {
    const mine = turn.then(takeOne);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const takeAndReport = () => take().then(() => undefined, trouble);
  const timer = everyMilliseconds > 0 ? setInterval(takeAndReport, everyMilliseconds).unref() : undefined;
  return {
    take,
    close() {
      clearInterval(timer);
      return takeAndReport();
    },
  };
}

/** Runs in a transaction that holds the lock; the lock ends with it, however it ends. */
async function locked<T>(
  pool: Pool,
  name: string,
  patience: 'wait' | 'or leave',
  work: (client: PoolClient) => Promise<T>,
): Promise<T | undefined> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('begin');
    const lock = patience === 'wait' ? 'pg_advisory_xact_lock' : 'pg_try_advisory_xact_lock';
    const { rows } = await client.query<{ got: unknown }>(`select ${lock}(hashtextextended($1, 0)) as got`, [name]);
    return rows[0]?.got === false ? undefined : await work(client);
  } finally {
    await client.query('rollback').catch((error: Error) => {
      failure = error;
    });
    client.release(failure);
  }
}

async function continueHeads(client: PoolClient, file: string, options: HeadsOptions): Promise<Head | undefined> {
  const { log, signer, now = () => new Date() } = options;
  let last = lastHead(file);
  const size = await newestSeq(client);
  if (last) await checkContinues(client, file, log, last, size);
  if (size === (last?.size ?? 0)) return last;
  const frontier = await frontierAt(client, file, log, last);
  let prints: Buffer[] = [];
  for await (const leafHash of leafHashes(client, frontier.size + 1, size)) {
    frontier.append(leafHash);
    prints.push(leafHash.subarray(0, FINGERPRINT_BYTES));
    if (prints.length < LEAVES_PER_HEAD_MAX && frontier.size < size) continue;
    const body = { log: log.id, size: frontier.size, root: frontier.root().toString('hex'), hash: log.hash };
    last = signHead({ ...body, at: now().toISOString(), leaves: Buffer.concat(prints).toString('base64') }, signer);
    prints = [];
    appendLine(file, canonicalJson(last));
  }
  keepFrontier(file, frontier);
  return last;
}

/** A log that lost or changed what the last head covers gets no further head: it would lend a false log the hub's word. */
async function checkContinues(client: PoolClient, file: string, log: Log, last: Head, size: number): Promise<void> {
  if (last.log !== log.id)
    throw new Error(
      `${file} holds tree heads of another audit log: bring its database back, or move the file away when this log is meant to be new`,
    );
  if (size < last.size)
    throw new Error(
      `The audit log ends at record ${size}, but the tree head of ${last.at} covers ${last.size}: run heyan audit verify`,
    );
  const [hash] = await collect(leafHashes(client, last.size, last.size));
  if (!fingerprintOf(last, last.size)?.equals(hash?.subarray(0, FINGERPRINT_BYTES) as Buffer))
    throw new Error(
      `Record ${last.size} of the audit log is not the one that the tree head of ${last.at} covers: run heyan audit verify`,
    );
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The frontier under the last head: the one kept beside it when it leads to the head's root, else read anew from the log. */
async function frontierAt(client: PoolClient, file: string, log: Log, last: Head | undefined): Promise<Frontier> {
  if (!last) return openFrontier(log.hash);
  const kept = keptFrontier(file, log);
  if (kept && kept.size <= last.size && (await grown(client, kept, last)).root().toString('hex') === last.root)
    return kept;
  const anew = await grown(client, openFrontier(log.hash), last);
  if (anew.root().toString('hex') === last.root) return anew;
  throw new Error(`The audit log is not the one that the tree head of ${last.at} covers: run heyan audit verify`);
}

async function grown(client: PoolClient, frontier: Frontier, to: Head): Promise<Frontier> {
  for await (const leafHash of leafHashes(client, frontier.size + 1, to.size)) frontier.append(leafHash);
  return frontier;
}

function frontierFile(file: string): string {
  return path.join(path.dirname(file), 'frontier.json');
}

function keptFrontier(file: string, log: Log): Frontier | undefined {
  if (!existsSync(frontierFile(file))) return undefined;
  try {
    const { size, peaks } = JSON.parse(readFileSync(frontierFile(file), 'utf8')) as { size: number; peaks: string[] };
    return openFrontier(log.hash, { size, peaks: peaks.map((peak) => Buffer.from(peak, 'hex')) });
  } catch {
    // It only saves reading the log again.
    return undefined;
  }
}

function keepFrontier(file: string, { size, peaks }: Frontier): void {
  const name = frontierFile(file);
  const text = JSON.stringify({ size, peaks: peaks.map((peak) => peak.toString('hex')) });
  writeFileSync(`${name}.new`, text, { mode: 0o600 });
  renameSync(`${name}.new`, name);
}
