/** The product's hub over a store that is there, founded with its ordinary agreements, on the real clock. */
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { openSigner } from '../../src/audit/signing';
import { recordKinds } from '../../src/bureaus/bureau';
import { shanghaiDay } from '../../src/bureaus/calendar';
import { type Database, openDatabase } from '../../src/db/database';
import { foundHub } from '../../src/hub/founding';
import { type Hub, openHub } from '../../src/hub/hub';
import { Agency } from '../../src/sharing/agency';
import { Agreement } from '../../src/sharing/agreement';
import { SAMPLE_KEY } from '../support/hub';

export interface MeasuredHub {
  database: Database;
  hub: Hub;
  close(): Promise<void>;
}

/**
 * Opens it. All stores of a run share their keys, for the approvals in a copy of a store were signed by the original's; tree heads are each
 * store's own.
 */
export async function openMeasuredHub(databaseUrl: string, directory: string): Promise<MeasuredHub> {
  const now = () => new Date();
  const own = ownDirectory(directory, new URL(databaseUrl).pathname.slice(1));
  const entities = [Agency, Agreement, ...recordKinds().map((kind) => kind.class)];
  const database = await openDatabase(databaseUrl, { entities });
  await foundHub(database.dataSource, openSigner(own), shanghaiDay(now()), now);
  const report = (error: unknown) => process.stderr.write(`${error}\n`);
  const hub = await openHub({ database, dataDirectory: own, hubKey: () => SAMPLE_KEY, report });
  return {
    database,
    hub,
    async close() {
      await hub.close();
      await database.close();
    },
  };
}

function ownDirectory(shared: string, store: string): string {
  const [own, keys] = [path.join(shared, store), path.join(shared, 'keys')];
  for (const folder of [own, keys]) mkdirSync(folder, { recursive: true });
  if (!existsSync(path.join(own, 'keys'))) symlinkSync(keys, path.join(own, 'keys'));
  return own;
}
