/**
 * Appending to the audit log, with group commit: operations that end while a commit is under way share the next one, and while many are under way
 * a commit waits a moment for more of them. A promise resolves when its record is on disk, and an answer waits for it; a record that cannot be
 * written means that nothing is answered.
 *
 * A commit that is not confirmed in time may still have happened: then the log holds a record of an answer that was never given. The other
 * way round, an answer without its record, is what must not be, so a commit in doubt counts as failed and is never tried again.
 */
import { setImmediate } from 'node:timers/promises';
import type { Pool, QueryConfig } from 'pg';
import { type AuditRecord, canonicalJson, type HashName, leafHash } from './record';

/** Records of one commit. More wait for the next, so that one slow disk does not make one endless statement. */
const BATCH_MAX = 500;

/** Operations that may wait for a commit; beyond it the log is not keeping up and new ones are refused at once. */
const QUEUE_MAX = 10_000;

/**
 * While so many others are still being worked on, a commit waits so long for their records; one operation, or a few, wait for nobody. As PostgreSQL's
 * own commit_siblings and commit_delay, but before anything is sent: at 16 connections a commit takes twice the records. Measured within one process,
 * turn by turn: 0.67 of the answers without an audit log when nothing waits, 0.72 with 1 ms, 0.73 with 2, 0.70 with 4, 0.71 with 8.
 */
const SIBLINGS_MIN = 4;
const SIBLINGS_MILLISECONDS = 2;

/** How long one commit may take. A store that does not answer is one that cannot take the record. */
const COMMIT_MILLISECONDS_MAX = 5_000;

export class AuditUnavailable extends Error {
  constructor(cause?: unknown) {
    super('The audit log cannot take the record, so nothing is answered; try again later', { cause });
  }
}

export interface AuditLog {
  /** Resolves with the receipt, the leaf hash in hex, once the record is committed. Rejects with `AuditUnavailable`. */
  append(record: AuditRecord): Promise<string>;
  /** Runs an operation that is going to append its record. */
  during<T>(operation: () => Promise<T>): Promise<T>;
  /** Commits that failed by now: whether the log can be written shows only when something is. */
  failures(): number;
}

interface Waiting {
  /** The leaf hash in hex. */
  receipt: string;
  leaf: string;
  persons: string;
  feeds: string;
  resolve: (receipt: string) => void;
  reject: (error: AuditUnavailable) => void;
}

/** The audit log of one process; several processes may append to the same database. */
export function openAuditLog(
  pool: Pool,
  {
    hash = 'sha256',
    commitMillisecondsMax = COMMIT_MILLISECONDS_MAX,
    siblingsMilliseconds = SIBLINGS_MILLISECONDS,
  }: { hash?: HashName; commitMillisecondsMax?: number; siblingsMilliseconds?: number } = {},
): AuditLog {
  const queue: Waiting[] = [];
  let committing = false;
  let failures = 0;
  let underWay = 0;
  let stopWaiting: (() => void) | undefined;

  const isAwaited = () => underWay - queue.length >= SIBLINGS_MIN;

  function others(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => stopWaiting?.(), siblingsMilliseconds);
      stopWaiting = () => {
        clearTimeout(timer);
        stopWaiting = undefined;
        resolve();
      };
    });
  }

  async function commitQueue(): Promise<void> {
    committing = true;
    for (;;) {
      // Operations that are ready in this same moment come along: 64 at once share one commit, instead of one going alone before 63.
      await setImmediate();
      if (queue.length === 0) break;
      if (isAwaited()) await others();
      const batch = queue.splice(0, BATCH_MAX);
      try {
        await pool.query({
          name: 'heyan_audit_append',
          text: 'select audit.append_lines($1, $2, $3, $4)',
          values: (['receipt', 'leaf', 'persons', 'feeds'] as const).map((part) => linesOf(batch, part)),
          query_timeout: commitMillisecondsMax,
        } as QueryConfig);
        for (const waiting of batch) waiting.resolve(waiting.receipt);
      } catch (error) {
        failures += 1;
        for (const waiting of batch) waiting.reject(new AuditUnavailable(error));
      }
    }
    committing = false;
  }

  return {
    failures: () => failures,
    append(record) {
      if (queue.length >= QUEUE_MAX) return Promise.reject(new AuditUnavailable());
      const leaf = canonicalJson(record);
      const persons = record.persons.join(',');
      const feeds = record.feeds.map(({ kind, from, to }) => `${kind}:${from}:${to}`).join(',');
      // What is no key and no place of a feed is refused alone: sent, it would be refused with every record of the same commit.
      if (persons.includes('\n') || feeds.includes('\n')) return Promise.reject(new AuditUnavailable());
      return new Promise((resolve, reject) => {
        queue.push({
          receipt: leafHash(leaf, hash).toString('hex'),
          leaf,
          persons,
          feeds,
          resolve,
          reject,
        });
        if (!isAwaited()) stopWaiting?.();
        if (!committing) void commitQueue();
      });
    },
    async during(operation) {
      underWay += 1;
      try {
        return await operation();
      } finally {
        underWay -= 1;
      }
    },
  };
}

/** A line of each record. */
function linesOf(batch: readonly Waiting[], part: 'receipt' | 'leaf' | 'persons' | 'feeds'): string {
  return batch.map((waiting) => waiting[part]).join('\n');
}
