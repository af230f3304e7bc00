/**
 * Takes in what the configured sources of bureaus have: deliveries that wait in watched directories, and registers read on from their checkpoints.
 * A bureau that fails does not stop the others.
 */
import type { PoolClient } from 'pg';
import { type Bureau, bureaus } from '../bureaus/bureau';
import { type RecordClass, recordKind } from '../bureaus/record';
import type { Database } from '../db/database';
import { troubleOf } from '../db/trouble';
import { ensureHubKey } from './hub-key';
import { LEASE_WAIT_MILLISECONDS_MAX, underLease } from './lease';
import { askedColumns } from './mapping/mapping';
import { type Keys, keysUnder } from './number-keys';
import { type KindReport, type LoadProgress, newReport } from './report';
import { closeInterrupted, recordFailure } from './run';
import type { BureauSetting, BureauSettings, HttpSetting, KindSetting } from './setting';
import { openHttpRegister } from './sources/http/register';
import type { FileLimits } from './sources/limits';
import { type Register, SourceFault } from './sources/source';
import { openSqlRegister } from './sources/sql/register';
import { QUARANTINE_LIMIT } from './take-delivery';
import { takeRegister } from './take-register';
import { takeWaiting } from './take-waiting';

export interface SyncOptions {
  settings: BureauSettings;
  /** Only these kinds; all that have a source when absent. */
  kinds?: readonly string[];
  /** Reads registers from their beginning and takes deliveries again that were taken. */
  full?: boolean;
  /** The key of person keys; see hub-key.ts. */
  hubKey: Buffer;
  /** Largest share of rows, 0 to 1, that may be quarantined before a bureau's delivery, or a register's chunk, is rolled back. */
  quarantineLimit?: number;
  now?: () => Date;
  onProgress?: (progress: LoadProgress) => void;
  limits?: Partial<FileLimits>;
  /** Rows of a register's chunk at most. */
  chunkRows?: number;
  /** Longest wait for another run of the same bureau. */
  leaseWaitMillisecondsMax?: number;
  /** Ends the run behind the chunk or delivery under way. */
  signal?: AbortSignal;
}

export interface SyncReport {
  /** What became of each file and register; a bureau with several deliveries has several for one kind. */
  kinds: KindReport[];
  /** Deliveries that are not ready yet, and why. */
  waiting: string[];
}

/** Throws when a kind has no source, or the hub key is not this database's; what goes wrong with one bureau is in the report. */
export async function syncBureaus(database: Database, options: SyncOptions): Promise<SyncReport> {
  const wanted = wantedOf(options);
  await ensureHubKey(database.pool, options.hubKey);
  const keys = keysUnder(options.hubKey);
  const report: SyncReport = { kinds: [], waiting: [] };
  for (const { bureau, setting, kinds } of wanted) {
    if (options.signal?.aborted) break;
    const part: BureauPart = { bureau, setting, kinds, keys, options };
    try {
      const wait = options.leaseWaitMillisecondsMax ?? LEASE_WAIT_MILLISECONDS_MAX;
      await underLease(database, bureau.name, wait, (client) => syncBureau(client, part, report));
    } catch (error) {
      const reason = troubleOf(error);
      for (const kind of kinds)
        report.kinds.push({ ...newReport(kind, bureau.name, '', bureau.name), state: 'FAILED', reason });
    }
  }
  return report;
}

interface BureauPart {
  bureau: Bureau;
  setting: BureauSetting;
  kinds: readonly string[];
  keys: Keys;
  options: SyncOptions;
}

function wantedOf({ settings, kinds }: SyncOptions): Pick<BureauPart, 'bureau' | 'setting' | 'kinds'>[] {
  const all = bureaus().flatMap((bureau) => {
    const setting = settings[bureau.name];
    if (!setting) return [];
    const having = bureau.records.map((record) => recordKind(record).kind).filter((kind) => hasSource(setting, kind));
    return [{ bureau, setting, kinds: having }];
  });
  const known = all.flatMap((one) => one.kinds);
  const strange = kinds?.find((kind) => !known.includes(kind));
  if (strange !== undefined)
    throw new Error(
      `${strange} has no source: ${known.length > 0 ? `heyan.yaml names sources of ${known.join(', ')}` : 'heyan.yaml names none under bureaus'}`,
    );
  return all
    .map((one) => ({ ...one, kinds: one.kinds.filter((kind) => kinds?.includes(kind) ?? true) }))
    .filter((one) => one.kinds.length > 0);
}

/** Whether a kind of the bureau has a source in its settings. */
export function hasSource(setting: BureauSetting, kind: string): boolean {
  return setting.deliveries !== undefined || isRegistered(setting, kind);
}

function isRegistered({ kinds }: BureauSetting, kind: string): boolean {
  return kinds[kind]?.sql !== undefined || kinds[kind]?.http !== undefined;
}

async function syncBureau(client: PoolClient, part: BureauPart, report: SyncReport): Promise<void> {
  const { setting, kinds, options } = part;
  await closeInterrupted(client, kinds, (options.now ?? (() => new Date()))());
  if (setting.deliveries !== undefined) await takeWaiting(client, { ...part, directory: setting.deliveries }, report);
  for (const kind of kinds)
    if (isRegistered(setting, kind) && !options.signal?.aborted)
      report.kinds.push(await syncRegister(client, part, kind));
}

async function syncRegister(
  client: PoolClient,
  { bureau, setting, keys, options }: BureauPart,
  name: string,
): Promise<KindReport> {
  const kind = recordKind(bureau.records.find((record) => recordKind(record).kind === name) as RecordClass);
  const now = options.now ?? (() => new Date());
  const { sql, http, mapping } = setting.kinds[name] as KindSetting;
  let register: Register | undefined;
  try {
    const opened = sql
      ? await openSqlRegister(sql)
      : await openHttpRegister(http as HttpSetting, askedColumns(kind, mapping ?? {}));
    register = opened;
    return await takeRegister(
      client,
      { bureau, kind, register: opened, mapping },
      { ...options, keys, now, quarantineLimit: options.quarantineLimit ?? QUARANTINE_LIMIT },
    );
  } catch (error) {
    if (register || !(error instanceof SourceFault)) throw error;
    const where = sql ? `sql:${sql.type}` : 'http';
    return recordFailure(client, newReport(name, bureau.name, where, where), error.message, now());
  } finally {
    await register?.close();
  }
}
