/**
 * A worker of its own: syncs what its first argument describes, as JSON, and prints a line at each step: `READING`, `WRITING`, at the end the
 * report. It is made to be killed.
 */
import 'reflect-metadata';
import { openDatabase } from '../../src/db/database';
import type { BureauSettings } from '../../src/sync/setting';
import { syncBureaus } from '../../src/sync/sync';

export interface WorkerTask {
  databaseUrl: string;
  hubKey: string;
  settings: BureauSettings;
  chunkRows?: number;
}

async function main({ databaseUrl, hubKey, settings, chunkRows }: WorkerTask): Promise<void> {
  const database = await openDatabase(databaseUrl, { poolSize: 2 });
  try {
    const onProgress = ({ phase }: { phase: string }) => console.log(phase);
    const report = await syncBureaus(database, {
      settings,
      hubKey: Buffer.from(hubKey, 'hex'),
      chunkRows,
      onProgress,
      limits: undefined,
    });
    console.log(JSON.stringify(report));
    process.exitCode = report.kinds.every(({ state }) => state === 'COMPLETE') ? 0 : 1;
  } finally {
    await database.close();
  }
}

main(JSON.parse(process.argv[2] ?? '{}')).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
