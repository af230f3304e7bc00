/**
 * `person`: one person across all seven bureaus, over HTTP, by 16 connections at once. Against the same gateway and resolvers with sharing and
 * audit taken out (bare.ts).
 */
import { type Findings, figure, median, milliseconds, perSecond } from './figure';
import { persons } from './persons';
import { startSide } from './sides';
import type { Stage } from './stage';
import { openSender } from './traffic';
import { speed } from './under-load';

const SECONDS = 1;

export async function person(stage: Stage): Promise<Findings> {
  const { heyan, bare } = await persons(stage);
  const rounds = { ours: heyan, other: bare };
  const bytes = await measureBytes(stage);
  return {
    figures: [
      figure('person', rounds, speed, perSecond('requests'), { atLeast: 0.7 }),
      figure('person p95', rounds, ({ p95 }) => p95, milliseconds, { atMost: 1.5 }),
    ],
    notes: [
      `bare HTTP gives as many bytes ${perSecond('times')(bytes)}, ${(bytes / median(heyan.map(speed))).toFixed(1)} times as often`,
    ],
  };
}

/** Requests per second that Node's HTTP allows when nothing is done for them. */
async function measureBytes(stage: Stage): Promise<number> {
  const side = await startSide({ side: 'bytes', databaseUrl: '', directory: stage.directory('hub') });
  const sender = openSender();
  try {
    return speed(await sender.send({ ...side, bodies: ['{}'] }, SECONDS));
  } finally {
    sender.close();
    await side.stop();
  }
}
