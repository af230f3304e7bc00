/**
 * Takes one delivery directory in: each bureau under its lease, each all of it or nothing.
 */
import { bureaus } from '../bureaus/bureau';
import type { Database } from '../db/database';
import { ensureHubKey } from './hub-key';
import { LEASE_WAIT_MILLISECONDS_MAX, underLease } from './lease';
import { keysUnder } from './number-keys';
import type { DeliveryReport } from './report';
import type { BureauSettings } from './setting';
import { findDelivery } from './sources/delivery';
import { fileNames, type TakeDeliveryOptions, takeDelivery } from './take-delivery';

export interface LoadOptions extends Omit<TakeDeliveryOptions, 'keys'> {
  directory: string;
  /** The key of person keys; see hub-key.ts. */
  hubKey: Buffer;
  /** How bureaus name their files and columns, where it is not as in the exchange format. */
  settings?: BureauSettings;
  /** Longest wait for another load of the same bureau. */
  leaseWaitMillisecondsMax?: number;
}

/** A register's mapping says nothing of files: those of a bureau that has one are in the exchange format. */
export function delivering(settings: BureauSettings): BureauSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, { deliveries }]) => deliveries !== undefined));
}

/** Throws when the directory cannot be read, holds no exchange file, or the hub key is not this database's; what is wrong inside a file is reported. */
export async function loadDelivery(database: Database, options: LoadOptions): Promise<DeliveryReport> {
  const { directory, settings = {}, leaseWaitMillisecondsMax = LEASE_WAIT_MILLISECONDS_MAX } = options;
  const names = new Map(bureaus().map((bureau) => [bureau, fileNames(bureau, settings[bureau.name])]));
  const words = [...names.values()].flatMap((ofBureau) => [...ofBureau.keys()]);
  const strange = options.kinds?.find((word) => !words.includes(word));
  if (strange !== undefined) throw new Error(`${strange} is no kind of record: the kinds are ${words.join(', ')}`);
  const stems = [...names.values()].flatMap((ofBureau) => [...ofBureau.values()]);
  const { files, manifest, warnings } = await findDelivery(directory, stems);
  if (files.size === 0)
    throw new Error(
      `${directory} holds no exchange file: they are named ${stems.join('.csv, ')}.csv, or .csv.gz, or .xlsx`,
    );
  await ensureHubKey(database.pool, options.hubKey);
  const keys = keysUnder(options.hubKey);
  const report: DeliveryReport = { directory, warnings, kinds: [] };
  for (const [bureau, ofBureau] of names) {
    if (![...ofBureau].some(([kind, stem]) => files.has(stem) && (options.kinds?.includes(kind) ?? true))) continue;
    const delivery = { bureau, setting: settings[bureau.name], directory, files, manifest };
    const take = underLease(database, bureau.name, leaseWaitMillisecondsMax, (client) =>
      takeDelivery(client, delivery, { ...options, keys }),
    );
    report.kinds.push(...(await take));
  }
  return report;
}
