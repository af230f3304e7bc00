/** A process that keeps a schedule and never comes to the end of its work: `node -r run-typescript.cjs schedule-process.ts URL NOW`. */
import { openDatabase } from '../../../src/db/database';
import { keepSchedule } from '../../../src/sync/schedule/schedule';

async function main([url, now]: string[]): Promise<void> {
  const database = await openDatabase(url as string);
  await keepSchedule({
    database,
    now: () => new Date(now as string),
    tell: (line) => process.stderr.write(`${line}\n`),
    limits: { retrySeconds: 1 },
    jobs: [
      {
        name: 'sync-death',
        cron: '0 2 * * *',
        work: async () => {
          process.stdout.write('working\n');
          await new Promise(() => undefined);
        },
      },
    ],
  });
}

void main(process.argv.slice(2));
