/** Operations over HTTP, on several sides in turn: by 16 connections at once, as many agencies ask, or by one, to see how long it waits. */
import type { Database } from '../../src/db/database';
import { sameAnswers } from './same';
import { type Side, type SideName, startSide } from './sides';
import { CITY, type Stage } from './stage';
import { openSender, type Served } from './traffic';

/** What is asked: the bodies in turn, for a purpose. */
export interface Question {
  bodies(database: Database): Promise<readonly string[]>;
  purpose: string;
}

/**
 * How often each side is asked in turn, by so many connections, for so many seconds. Short turns, many of them, tell most where a machine is shared and changes
 * its speed within seconds: what all sides of a round see alike cancels out. A turn must be several times as long as the slowest answer.
 */
export interface Turns {
  rounds: number;
  seconds: number;
  connections: number;
}

/** Answers of which all sides say the same, before anything is measured. */
const COMPARED = 20;
/** Until all sides run compiled code: after it their figures grow no more. */
const WARM_SECONDS = 8;

/** Rounds of each side, for each of these turns. */
export async function underLoad<Name extends SideName>(
  stage: Stage,
  names: readonly Name[],
  { bodies: bodiesIn, purpose }: Question,
  turns: readonly Turns[],
): Promise<Record<Name, Served[]>[]> {
  const database = await stage.loaded(CITY);
  const bodies = await bodiesIn(database);
  const sides = new Map<Name, Side>();
  const sender = openSender();
  try {
    const started = names.map(async (name) => {
      const side = await startSide({ side: name, databaseUrl: database.url, directory: stage.directory('hub') });
      return [name, { ...side, headers: { ...side.headers, 'x-purpose': purpose } }] as const;
    });
    for (const [name, side] of await Promise.all(started)) sides.set(name, side);
    await sameAnswers([...sides.values()], bodies.slice(0, COMPARED));
    for (const side of sides.values()) await sender.send({ ...side, bodies }, WARM_SECONDS);
    const all: Record<Name, Served[]>[] = [];
    for (const { rounds, seconds, connections } of turns) {
      const served = Object.fromEntries(names.map((name) => [name, [] as Served[]])) as Record<Name, Served[]>;
      for (let round = 0; round < rounds; round++)
        for (const [name, side] of round % 2 ? [...sides].toReversed() : sides)
          served[name].push(await sender.send({ ...side, bodies }, seconds, connections));
      all.push(served);
    }
    return all;
  } finally {
    sender.close();
    for (const side of sides.values()) await side.stop();
  }
}

export const speed = ({ perSecond }: Served): number => perSecond;
