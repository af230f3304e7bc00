/**
 * The nightly chain: take the delivery in, follow every feed into the matching store, run the rules.
 */

import { type FollowProgress, type FollowReport, follow } from '../crosscheck/follow';
import { type CheckReport, check } from '../crosscheck/run';
import type { Database } from '../db/database';
import { loadDelivery } from '../sync/load';
import type { DeliveryReport, LoadProgress } from '../sync/report';
import type { Hub } from './hub';

export interface NightlyOptions {
  /** A delivery directory; without one nothing new is taken in. */
  from?: string;
  /** `YYYY-MM-DD`, the day for which the rules are run. */
  asOf: string;
  hubKey: Buffer;
  quarantineLimit: number;
  onLoad?: (progress: LoadProgress) => void;
  onFollow?: (progress: FollowProgress) => void;
}

export interface NightlyReport {
  delivery: DeliveryReport | null;
  follow: FollowReport;
  check: CheckReport;
}

/** Runs the chain. What goes wrong with one bureau is in the report and does not stop the others; throws when the store itself fails. */
export async function runNightly(database: Database, hub: Hub, options: NightlyOptions): Promise<NightlyReport> {
  const { from, hubKey, quarantineLimit } = options;
  const delivery = from
    ? await loadDelivery(database, { directory: from, hubKey, quarantineLimit, onProgress: options.onLoad })
    : null;
  const followed = await follow({ database, ask: hub.ask, onProgress: options.onFollow });
  return { delivery, follow: followed, check: await runCheck(database, hub, { asOf: options.asOf }) };
}

/** Runs the rules under what the cross-check's agreements grant it now. */
export async function runCheck(
  database: Database,
  hub: Hub,
  options: { asOf: string; rules?: readonly string[] },
): Promise<CheckReport> {
  const reading = await hub.reading();
  return check({
    database,
    asOf: options.asOf,
    rules: options.rules,
    granted: reading.refused,
    agreements: reading.agreements,
    freshness: Object.fromEntries(await hub.freshness()),
  });
}

/** Whether everything that was to be done was done. */
export function isComplete({ delivery, follow: followed }: NightlyReport): boolean {
  return (delivery?.kinds.every((kind) => kind.state === 'COMPLETE') ?? true) && followed.failed.length === 0;
}
