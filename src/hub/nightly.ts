/**
 * The nightly chain: take in what bureaus deliver, follow every feed into the matching store, run the rules.
 */

import { type FollowProgress, type FollowReport, follow } from '../crosscheck/follow';
import type { Conditions } from '../crosscheck/ready';
import { type CheckOptions, type CheckReport, check } from '../crosscheck/run';
import type { Database } from '../db/database';
import { delivering, loadDelivery } from '../sync/load';
import type { DeliveryReport, KindReport, LoadProgress } from '../sync/report';
import type { BureauSettings } from '../sync/setting';
import { type SyncReport, syncBureaus } from '../sync/sync';
import type { Hub } from './hub';

export interface NightlyOptions {
  /** A delivery directory, taken in instead of the configured sources. */
  from?: string;
  /** Kinds taken in of the directory; all of them unless told. */
  kinds?: readonly string[];
  /** The configured sources; without them and `from` nothing new is taken in. */
  settings?: BureauSettings;
  /** `YYYY-MM-DD`, the day for which the rules are run. */
  asOf: string;
  hubKey: Buffer;
  quarantineLimit: number;
  onLoad?: (progress: LoadProgress) => void;
  onFollow?: (progress: FollowProgress) => void;
  now?: () => Date;
  /** Longest wait for another run of a bureau; see sync.ts. */
  leaseWaitMillisecondsMax?: number;
  /** Ends the chain behind what is under way; then it throws. */
  signal?: AbortSignal;
}

export interface NightlyReport {
  /** What became of the delivery directory, when one was given. */
  delivery: DeliveryReport | null;
  /** What became of the configured sources, when there are any and no directory was given. */
  sync: SyncReport | null;
  follow: FollowReport;
  check: CheckReport;
}

/** Runs the chain. What goes wrong with one bureau is in the report and does not stop the others; throws when the store itself fails. */
export async function runNightly(database: Database, hub: Hub, options: NightlyOptions): Promise<NightlyReport> {
  const { from, kinds, settings = {}, hubKey, quarantineLimit, leaseWaitMillisecondsMax, now, signal } = options;
  const taking = { hubKey, quarantineLimit, leaseWaitMillisecondsMax, onProgress: options.onLoad, now };
  const delivery = from
    ? await loadDelivery(database, { directory: from, kinds, settings: delivering(settings), ...taking })
    : null;
  const hasSources = Object.keys(settings).length > 0;
  const sync = !from && hasSources ? await syncBureaus(database, { settings, signal, ...taking }) : null;
  signal?.throwIfAborted();
  const followed = await follow({ database, ask: hub.ask, onProgress: options.onFollow });
  signal?.throwIfAborted();
  const checked = await runCheck(database, hub, { asOf: options.asOf, touchedOnly: true });
  return { delivery, sync, follow: followed, check: checked };
}

/** Runs the rules under what the cross-check's agreements grant it now. */
export async function runCheck(
  database: Database,
  hub: Hub,
  options: Pick<CheckOptions, 'asOf' | 'rules' | 'touchedOnly'>,
): Promise<CheckReport> {
  return check({ database, ...options, ...(await conditionsNow(hub)) });
}

/** What the cross-check may read now, and how fresh it is. */
export async function conditionsNow(hub: Hub): Promise<Conditions> {
  const [reading, fresh] = await Promise.all([hub.reading(), hub.freshness()]);
  const kinds = [...fresh];
  return {
    granted: reading.refused,
    agreements: reading.agreements,
    freshness: Object.fromEntries(kinds.map(([kind, { at }]) => [kind, at])),
    late: Object.fromEntries(kinds.flatMap(([kind, { lateSince }]) => (lateSince ? [[kind, lateSince]] : []))),
  };
}

/** Files and registers that were not taken whole, and why, as sentences. */
export function notTaken(kinds: readonly KindReport[]): string[] {
  return kinds
    .filter(({ state }) => state !== 'COMPLETE')
    .map(
      ({ kind, file, state, reason = 'no reason is known' }) => `${kind} ${state} (${file || 'its source'}): ${reason}`,
    );
}

/** Change feeds that were not followed to their end, and why, as sentences. */
export function notFollowed({ failed }: FollowReport): string[] {
  return failed.map(({ kind, reason }) => `The ${kind} feed could not be followed: ${reason}`);
}

/** Whether everything that was to be done was done. */
export function isComplete({ delivery, sync, follow: followed }: NightlyReport): boolean {
  const kinds = [...(delivery?.kinds ?? []), ...(sync?.kinds ?? [])];
  return notTaken(kinds).length === 0 && notFollowed(followed).length === 0;
}
