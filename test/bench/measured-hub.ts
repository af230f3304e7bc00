/** The product's hub over a store that is there, founded with its ordinary agreements, on the real clock. */
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

/** Every benchmark of a run uses one directory of keys, so that agreements signed for one stand for the others. */
export async function openMeasuredHub(databaseUrl: string, directory: string): Promise<MeasuredHub> {
  const now = () => new Date();
  const entities = [Agency, Agreement, ...recordKinds().map((kind) => kind.class)];
  const database = await openDatabase(databaseUrl, { entities });
  await foundHub(database.dataSource, openSigner(directory), shanghaiDay(now()), now);
  const report = (error: unknown) => process.stderr.write(`${error}\n`);
  const hub = await openHub({ database, dataDirectory: directory, hubKey: () => SAMPLE_KEY, report });
  return {
    database,
    hub,
    async close() {
      await hub.close();
      await database.close();
    },
  };
}
