/**
 * A follower in a process of its own, to be killed: it follows again and again, and says how far it has come.
 *
 *     node -r run-typescript.cjs follower-process.ts
 *
 * Says `ready`, begins with the first line that it is given, which is JSON of its options, and ends behind the round after the second one.
 */
import 'reflect-metadata';
import { createInterface } from 'node:readline';
import { followFeed } from '../../src/sync/follower/follower';

async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  process.stdout.write('ready\n');
  const options = JSON.parse((await lines.next()).value as string);
  let isLast = false;
  void lines.next().then(() => {
    isLast = true;
  });
  for (;;) {
    const wasLast = isLast;
    const report = await followFeed({
      ...options,
      onProgress: (changes) => changes % 10 === 0 && process.stdout.write('more\n'),
    });
    if (report.state !== 'COMPLETE') throw new Error(report.reason);
    process.stdout.write('more\n');
    if (wasLast) process.exit();
  }
}

void main();
