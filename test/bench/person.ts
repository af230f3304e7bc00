/**
 * `person`: one person across all seven bureaus, over HTTP, by 16 connections at once. Against the same gateway and resolvers with sharing and
 * audit taken out (bare.ts).
 */
import { type Findings, figure, median, milliseconds, perSecond, type Rounds, sideBySide } from './figure';
import { personBodies } from './queries';
import { sameAnswers } from './same';
import { type Side, type SideName, startSide } from './sides';
import type { CitySize, Stage } from './stage';
import { type Served, send } from './traffic';

export const CITY: CitySize = { persons: 5_000, claimsPerPerson: 6 };
const PERSONS = 200;
const SECONDS = 2;

export async function person(stage: Stage): Promise<Findings> {
  const rounds = await measurePerson(stage, 'bare');
  const ours = median(rounds.ours.map(speed));
  const bytes = await measureBytes(stage);
  return {
    figures: [
      figure('person', rounds, speed, perSecond('requests'), { atLeast: 0.7 }),
      figure('person p95', rounds, ({ p95 }) => p95, milliseconds, { atMost: 1.5 }),
    ],
    notes: [`bare HTTP gives as many bytes ${perSecond('times')(bytes)}, ${(bytes / ours).toFixed(1)} times as often`],
  };
}

const speed = (served: Served) => served.perSecond;

/** Our side and another under the same requests, in turn. */
export async function measurePerson(stage: Stage, name: SideName): Promise<Rounds<Served>> {
  const database = await stage.loaded(CITY);
  const bodies = await personBodies(database, PERSONS);
  const start = (side: SideName) => startSide({ side, databaseUrl: database.url, directory: stage.directory('hub') });
  const sides = { ours: await start('heyan'), other: await start(name) };
  const shoot = (side: Side) => send({ ...side, bodies }, SECONDS);
  try {
    await sameAnswers([sides.ours, sides.other], bodies.slice(0, 20));
    for (const side of Object.values(sides)) await shoot(side);
    return await sideBySide({ ours: () => shoot(sides.ours), other: () => shoot(sides.other) });
  } finally {
    for (const side of Object.values(sides)) await side.stop();
  }
}

/** Requests per second that Node's HTTP allows when nothing is done for them. */
async function measureBytes(stage: Stage): Promise<number> {
  const side = await startSide({ side: 'bytes', databaseUrl: '', directory: stage.directory('hub') });
  try {
    return speed(await send({ ...side, bodies: ['{}'] }, SECONDS));
  } finally {
    await side.stop();
  }
}
