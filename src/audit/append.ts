/**
 * Appending to the audit log, with group commit: operations that end while a commit is under way share the next one. A promise resolves
 * when its record is on disk, and an answer waits for it; a record that cannot be written means that nothing is answered.
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
}

interface Waiting {
  leaf: string;
  hash: Buffer;
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
  }: { hash?: HashName; commitMillisecondsMax?: number } = {},
): AuditLog {
  const queue: Waiting[] = [];
  let committing = false;

  async function commitQueue(): Promise<void> {
    committing = true;
    for (;;) {
      // Operations that are ready in this same moment come along: 64 at once share one commit, instead of one going alone before 63.
      await setImmediate();
      if (queue.length === 0) break;
      const batch = queue.splice(0, BATCH_MAX);
      try {
        await pool.query({
          text: 'select audit.append($1, $2, $3, $4)',
          values: [
            batch.map((waiting) => waiting.hash),
            batch.map((waiting) => waiting.leaf),
            batch.map((waiting) => waiting.persons),
            batch.map((waiting) => waiting.feeds),
          ],
          query_timeout: commitMillisecondsMax,
        } as QueryConfig);
        for (const waiting of batch) waiting.resolve(waiting.hash.toString('hex'));
      } catch (error) {
        for (const waiting of batch) waiting.reject(new AuditUnavailable(error));
      }
    }
    committing = false;
  }

  return {
    append(record) {
      if (queue.length >= QUEUE_MAX) return Promise.reject(new AuditUnavailable());
      const leaf = canonicalJson(record);
      return new Promise((resolve, reject) => {
        queue.push({
          leaf,
          hash: leafHash(leaf, hash),
          persons: record.persons.join(','),
          feeds: record.feeds.map(({ kind, from, to }) => `${kind}:${from}:${to}`).join(','),
          resolve,
          reject,
        });
        if (!committing) void commitQueue();
      });
    },
  };
}
