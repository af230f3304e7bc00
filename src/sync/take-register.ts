/**
 * One kind read on from its register: chunk by chunk, each in one transaction with the checkpoint behind it. Killed anywhere, the next run goes
 * on behind the last chunk that stands.
 */
import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { canonicalJson } from '../audit/record';
import type { Bureau } from '../bureaus/bureau';
import type { RecordKind } from '../bureaus/record';
import type { Intake } from './intake';
import { mapped } from './mapping/mapping';
import type { Keys } from './number-keys';
import { addChunk, type KindReport, type LoadProgress, newReport } from './report';
import { closeInterrupted } from './run';
import type { Mapping } from './setting';
import type { Checkpoint, Chunk, Register } from './sources/source';
import { takeIn } from './take-in';

/** A kind and where it is read. */
export interface RegisteredKind {
  bureau: Bureau;
  kind: RecordKind;
  register: Register;
  mapping?: Mapping;
}

export interface TakeRegisterOptions {
  keys: Keys;
  /** Largest share of a chunk's rows, 0 to 1, that may be quarantined; a chunk beyond it is rolled back and ends the run. */
  quarantineLimit: number;
  now(): Date;
  onProgress?(progress: LoadProgress): void;
  /** Rows of a chunk at most. */
  chunkRows?: number;
  /** Forgets the checkpoint: the register is read from its beginning. */
  full?: boolean;
  /** Ends the run behind the chunk under way. */
  signal?: AbortSignal;
}

/** Few enough to be taken in seconds and to hold up no other writer for longer, many enough that a chunk's own cost does not count. */
const CHUNK_ROWS = 100_000;
/** 1,000 million rows in one run: more than any city has. */
const CHUNKS_MAX = 10_000;

/** Reads the register to its end. Answers what became of all chunks together. Throws when the store cannot be written. The lease is the caller's. */
export async function takeRegister(
  client: PoolClient,
  registered: RegisteredKind,
  options: TakeRegisterOptions,
): Promise<KindReport> {
  const { bureau, kind, register } = registered;
  const total = { ...newReport(kind.kind, bureau.name, register.name, register.name), chunks: 0 };
  const startedAt = options.now();
  let after = options.full ? null : await checkpointOf(client, registered);
  let run: string | undefined;
  while (total.chunks < CHUNKS_MAX) {
    const report = newReport(kind.kind, bureau.name, register.name, register.name);
    const { intake, end } = chunkAfter(after, run, report, registered, options);
    await takeIn(client, [intake], {
      ...options,
      bureau,
      startedAt,
      onProgress: (progress) => options.onProgress?.({ ...progress, rows: total.rowsIn + progress.rows }),
      alsoWrite: async (writer, recordedAt) => {
        if (report.state !== 'COMPLETE') return;
        after = end().checkpoint ?? after;
        if (after) await moveCheckpoint(writer, registered, after, intake.run as string, recordedAt);
      },
    });
    run = intake.run;
    addChunk(total, report);
    if (report.state !== 'COMPLETE' || !end().more) return total;
    if (options.signal?.aborted) return stopped(client, kind, total, options.now());
  }
  return stopped(client, kind, total, options.now());
}

function chunkAfter(
  after: Checkpoint | null,
  run: string | undefined,
  report: KindReport,
  { kind, register, mapping }: RegisteredKind,
  { chunkRows = CHUNK_ROWS }: TakeRegisterOptions,
): { intake: Intake; end: Chunk['end'] } {
  let chunk: Chunk | undefined;
  const end = () => {
    if (!chunk) throw new Error(`${register.name} was asked where its chunk ended before it was opened`);
    return chunk.end();
  };
  const open = async () => {
    chunk = await register.open(after, chunkRows);
    return mapped(chunk, kind, mapping ?? {});
  };
  return { intake: { kind, report, run, from: 'REGISTER', open, goesOn: () => end().more }, end };
}

/** A run that was told to stop, or that found no end, is no complete one: what it took stands, and the next goes on behind it. */
async function stopped(client: PoolClient, kind: RecordKind, total: KindReport, now: Date): Promise<KindReport> {
  const reason = `stopped behind chunk ${total.chunks}; the next run goes on from there`;
  await closeInterrupted(client, [kind.kind], now, reason);
  return Object.assign(total, { state: 'INTERRUPTED', reason });
}

/** A checkpoint counts for the same rows in the same order under the same mapping; else everything is read again, and what is unchanged is seen to be. */
function fingerprintOf({ register, mapping }: RegisteredKind): string {
  return createHash('sha256')
    .update(canonicalJson({ register: register.fingerprint, mapping: mapping ?? null }))
    .digest('hex');
}

async function checkpointOf(client: PoolClient, registered: RegisteredKind): Promise<Checkpoint | null> {
  const { rows } = await client.query<{ position: Checkpoint }>(
    'select position from sync.checkpoint where kind = $1 and fingerprint = $2',
    [registered.kind.kind, fingerprintOf(registered)],
  );
  return rows[0]?.position ?? null;
}

async function moveCheckpoint(
  client: PoolClient,
  registered: RegisteredKind,
  position: Checkpoint,
  run: string,
  at: string,
): Promise<void> {
  await client.query(
    `insert into sync.checkpoint (kind, fingerprint, position, moved_at, run) values ($1, $2, $3, $4, $5)
     on conflict (kind) do update set fingerprint = excluded.fingerprint, position = excluded.position, moved_at = excluded.moved_at, run = excluded.run`,
    [registered.kind.kind, fingerprintOf(registered), JSON.stringify(position), at, run],
  );
}
