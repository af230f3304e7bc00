/**
 * Takes one delivery directory in: each bureau under its lease, each in one transaction, all of it or nothing.
 *
 * lease → read and check → stage with COPY → lock the change log → compare with what stands → write revisions, quarantine and the run → commit.
 * Killed anywhere, nothing of the bureau is there; run again, it ends as if it had run once.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { PoolClient } from 'pg';
import { type Bureau, bureaus } from '../bureaus/bureau';
import { type RecordKind, recordKind } from '../bureaus/record';
import type { Database } from '../db/database';
import { layoutOf } from './check';
import { keepDuplicates, markDuplicates } from './duplicates';
import { ensureHubKey } from './hub-key';
import { giveBackLease, takeLease } from './lease';
import { type Keys, keysUnder } from './number-keys';
import { keepQuarantine } from './quarantine';
import { type DeliveryReport, type KindReport, type LoadProgress, noOutcomes } from './report';
import { recordRun } from './run';
import { findFiles } from './sources/delivery';
import { openExchangeFile } from './sources/file';
import type { FileLimits } from './sources/limits';
import { SourceFault } from './sources/source';
import { stage, stagedTable } from './stage';
import { lockChangeLog, recordingTime, writeRevisions } from './write';

export interface LoadOptions {
  directory: string;
  /** Only these kinds; all when absent. */
  kinds?: readonly string[];
  /** The key of person keys; see hub-key.ts. */
  hubKey: Buffer;
  /** Largest share of a file's rows, 0 to 1, that may be quarantined before the bureau's delivery is rolled back. */
  quarantineLimit?: number;
  now?: () => Date;
  onProgress?: (progress: LoadProgress) => void;
  limits?: Partial<FileLimits>;
  /** Longest wait for another load of the same bureau. */
  leaseWaitMillisecondsMax?: number;
}

const QUARANTINE_LIMIT = 0.2;
const LEASE_WAIT_MILLISECONDS_MAX = 60_000;

/** Throws when the directory cannot be read, holds no exchange file, or the hub key is not this database's; what is wrong inside a file is reported. */
export async function loadDelivery(database: Database, options: LoadOptions): Promise<DeliveryReport> {
  const all = bureaus().map((bureau) => ({ bureau, kinds: bureau.records.map(recordKind) }));
  const words = all.flatMap(({ kinds }) => kinds.map((kind) => kind.kind));
  const strange = options.kinds?.find((word) => !words.includes(word));
  if (strange !== undefined) throw new Error(`${strange} is no kind of record: the kinds are ${words.join(', ')}`);
  const { files, warnings } = await findFiles(options.directory, words);
  if (files.size === 0)
    throw new Error(
      `${options.directory} holds no exchange file: they are named ${words.join('.csv, ')}.csv, or .csv.gz`,
    );
  await ensureHubKey(database.pool, options.hubKey);
  const keys = keysUnder(options.hubKey);
  const report: DeliveryReport = { directory: options.directory, warnings, kinds: [] };
  for (const { bureau, kinds } of all) {
    const wanted = kinds.filter((kind) => files.has(kind.kind) && (options.kinds?.includes(kind.kind) ?? true));
    if (wanted.length === 0) continue;
    const load: BureauLoad = {
      bureau,
      keys,
      options,
      files: wanted.map((kind) => newFile(kind, bureau, files.get(kind.kind) as Found)),
    };
    report.kinds.push(...(await loadBureau(database, load)));
  }
  return report;
}

type Found = { path: string } | { fault: string };

interface BureauLoad {
  bureau: Bureau;
  keys: Keys;
  options: LoadOptions;
  files: KindFile[];
}

interface KindFile {
  kind: RecordKind;
  path?: string;
  report: KindReport;
}

function newFile(kind: RecordKind, bureau: Bureau, found: Found): KindFile {
  const file = 'path' in found ? path.basename(found.path) : `${kind.kind}.csv`;
  const report: KindReport = {
    ...noOutcomes(),
    kind: kind.kind,
    bureau: bureau.name,
    file,
    state: 'COMPLETE',
    warnings: [],
    seconds: 0,
  };
  if ('path' in found) return { kind, path: found.path, report };
  return { kind, report: { ...report, state: 'FAILED', reason: found.fault } };
}

async function loadBureau(database: Database, load: BureauLoad): Promise<KindReport[]> {
  const { bureau, options, files } = load;
  const client = await database.pool.connect();
  let broken: Error | undefined;
  try {
    await takeLease(client, bureau.name, options.leaseWaitMillisecondsMax ?? LEASE_WAIT_MILLISECONDS_MAX);
    const startedAt = (options.now ?? (() => new Date()))();
    for (const file of files) if (file.path !== undefined) await stageFile(client, file, load);
    reject(load);
    await writeBureau(client, load, startedAt);
    for (const { kind } of files) await client.query(`drop table if exists ${stagedTable(kind)}`);
    await giveBackLease(client, bureau.name);
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    // A connection that failed is closed, and its lease and temporary tables end with it.
    client.release(broken);
  }
  return files.map((file) => file.report);
}

/** Reads, checks and stages one file. What is wrong with the file as a whole goes into its report. */
async function stageFile(client: PoolClient, file: KindFile, load: BureauLoad): Promise<void> {
  const { kind, report } = file;
  const began = performance.now();
  try {
    report.rowsIn = await readInto(client, file, load);
    if (await markDuplicates(client, kind)) {
      const again = await openExchangeFile(file.path as string, { limits: load.options.limits });
      await keepDuplicates(client, kind, again.rows).finally(again.close);
    }
    await client.query(`analyze ${stagedTable(kind)} (line, source_id)`);
    const { rows } = await client.query<{ count: string }>(
      `select count(*) from ${stagedTable(kind)} where reason is not null`,
    );
    report.quarantined = Number(rows[0]?.count);
  } catch (error) {
    Object.assign(report, noOutcomes(), { state: 'FAILED', reason: fileReason(error) });
  }
  report.seconds = (performance.now() - began) / 1000;
}

async function readInto(client: PoolClient, file: KindFile, { options, keys }: BureauLoad): Promise<number> {
  const { kind, report } = file;
  const source = file.path as string;
  const progress = { kind: kind.kind, file: report.file, phase: 'READING' as const };
  let bytesRead = 0;
  const onRead = (bytes: number) => {
    bytesRead = bytes;
  };
  const opened = await openExchangeFile(source, { limits: options.limits, onRead });
  try {
    const bytesTotal = (await stat(source)).size;
    const layout = layoutOf(kind, opened.columns, keys);
    if (typeof layout === 'string') throw new SourceFault(layout);
    report.warnings.push(...layout.warnings);
    return await stage(client, kind, layout, opened.rows, (rows) =>
      options.onProgress?.({ ...progress, rows, bytesRead, bytesTotal }),
    );
  } finally {
    await opened.close();
  }
}

/** The reason a file failed for; throws on when it is not the file's fault. Classes 22 and 54 are PostgreSQL's for values it cannot hold. */
function fileReason(error: unknown): string {
  if (error instanceof SourceFault) return error.message;
  const { code } = error as { code?: string };
  if (/^(22|54)...$/.test(code ?? '')) return `holds a value that PostgreSQL refuses (${code})`;
  throw error;
}

/** One file beyond the limit takes the bureau's whole delivery with it: its kinds belong together. */
function reject({ options, files }: BureauLoad): void {
  const limit = options.quarantineLimit ?? QUARANTINE_LIMIT;
  const staged = files.filter((file) => file.report.state === 'COMPLETE');
  const beyond = staged.find(({ report }) => report.quarantined > report.rowsIn * limit);
  if (!beyond) return;
  const { file, quarantined, rowsIn } = beyond.report;
  const reason = `${quarantined} of ${rowsIn} rows of ${file} broke a rule, more than the limit of ${Math.round(limit * 100)} %: nothing of this bureau was loaded`;
  for (const { report } of staged) Object.assign(report, { state: 'REJECTED', reason });
}

async function writeBureau(client: PoolClient, load: BureauLoad, startedAt: Date): Promise<void> {
  const { bureau, options, files } = load;
  const now = options.now ?? (() => new Date());
  const kinds = files.map((file) => file.kind);
  await client.query('begin');
  try {
    for (const kind of kinds) await lockChangeLog(client, kind);
    const recordedAt = await recordingTime(client, kinds, now());
    let isChanged = false;
    for (const file of files) isChanged = (await writeKind(client, file, load, startedAt, recordedAt)) || isChanged;
    if (isChanged) await bureau.settle?.(client);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Writes one kind and its line in the run log; answers whether anything stands differently now. */
async function writeKind(
  client: PoolClient,
  { kind, report }: KindFile,
  { options }: BureauLoad,
  startedAt: Date,
  recordedAt: string,
): Promise<boolean> {
  const began = performance.now();
  options.onProgress?.({
    kind: kind.kind,
    file: report.file,
    phase: 'WRITING',
    rows: report.rowsIn,
    bytesRead: 0,
    bytesTotal: 0,
  });
  let isChanged = false;
  if (report.state === 'COMPLETE') {
    const { same, ...counts } = await writeRevisions(client, kind, recordedAt);
    Object.assign(report, counts, { unchanged: same });
    isChanged = counts.inserted + counts.changed + counts.deleted > 0;
  }
  const run = await recordRun(client, report, options.directory, startedAt.toISOString(), recordedAt);
  if (report.state !== 'FAILED') await keepQuarantine(client, kind, report.file, run, recordedAt, report.state);
  report.seconds += (performance.now() - began) / 1000;
  return isChanged;
}
