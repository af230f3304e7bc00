/**
 * The deliveries that wait in a bureau's watched directory, each in one transaction with the mark that it was taken. The directory is the
 * bureau's: nothing in it is moved or removed.
 */
import type { PoolClient } from 'pg';
import type { Bureau } from '../bureaus/bureau';
import type { Keys } from './number-keys';
import { type KindReport, newReport } from './report';
import { recordFailure } from './run';
import type { BureauSetting } from './setting';
import { waitingDeliveries } from './sources/deliveries';
import { findDelivery } from './sources/delivery';
import { SourceFault } from './sources/source';
import { fileNames, type TakeDeliveryOptions, takeDelivery } from './take-delivery';

export interface WatchedBureau {
  bureau: Bureau;
  setting: BureauSetting;
  kinds: readonly string[];
  keys: Keys;
  /** Absolute path of the watched directory. */
  directory: string;
  options: Omit<TakeDeliveryOptions, 'keys'> & {
    /** Takes deliveries again that were taken. */
    full?: boolean;
    /** Ends the work behind the delivery under way. */
    signal?: AbortSignal;
  };
}

type Waiting = Awaited<ReturnType<typeof waitingDeliveries>>[number];

/** Takes them in the order of their names. One that could not be taken waits on, and is tried again at the next run. The lease is the caller's. */
export async function takeWaiting(
  client: PoolClient,
  watched: WatchedBureau,
  report: { kinds: KindReport[]; waiting: string[] },
): Promise<void> {
  const { bureau, setting, directory, options } = watched;
  const now = options.now ?? (() => new Date());
  const stems = [...fileNames(bureau, setting).values()];
  let waiting: Waiting[];
  try {
    waiting = await waitingDeliveries(directory, {
      isTaken: (name, fingerprint) => !options.full && isTaken(client, bureau, name, fingerprint),
      now: () => now().getTime(),
      kinds: stems,
    });
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    for (const kind of watched.kinds) {
      const failed = newReport(kind, bureau.name, '', directory);
      report.kinds.push(await recordFailure(client, failed, `${directory} ${error.message}`, now()));
    }
    return;
  }
  for (const delivery of waiting) {
    if (options.signal?.aborted) return;
    if (!delivery.ready) {
      const waits = `${delivery.path}: ${delivery.says ?? 'is not ready'}`;
      // Several bureaus may watch one directory.
      if (!report.waiting.includes(waits)) report.waiting.push(waits);
      continue;
    }
    report.kinds.push(...(await takeOne(client, watched, delivery, stems)));
  }
}

async function takeOne(
  client: PoolClient,
  { bureau, setting, kinds, keys, options }: WatchedBureau,
  delivery: Waiting,
  stems: readonly string[],
): Promise<KindReport[]> {
  // A delivery of which only some kinds were asked for is not taken yet.
  const isWhole = kinds.length === bureau.records.length;
  const alsoWrite = (writer: PoolClient, reports: readonly KindReport[], at: string) =>
    isWhole ? markTaken(writer, bureau, delivery, reports, at) : Promise.resolve();
  const { files, manifest } = await findDelivery(delivery.path, stems);
  const take = { bureau, setting, directory: delivery.path, files, manifest, alsoWrite };
  return takeDelivery(client, take, { ...options, kinds, keys });
}

async function isTaken(client: PoolClient, bureau: Bureau, name: string, fingerprint: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from sync.delivery where bureau = $1 and name = $2 and fingerprint = $3 and state = 'COMPLETE'`,
    [bureau.name, name, fingerprint],
  );
  return rowCount === 1;
}

async function markTaken(
  client: PoolClient,
  bureau: Bureau,
  { name, fingerprint }: Waiting,
  reports: readonly KindReport[],
  at: string,
): Promise<void> {
  const state = reports.find((report) => report.state !== 'COMPLETE')?.state ?? 'COMPLETE';
  await client.query(
    `insert into sync.delivery (bureau, name, fingerprint, state, taken_at) values ($1, $2, $3, $4, $5)
     on conflict (bureau, name, fingerprint) do update set state = excluded.state, taken_at = excluded.taken_at, attempts = sync.delivery.attempts + 1`,
    [bureau.name, name, fingerprint, state, at],
  );
}
