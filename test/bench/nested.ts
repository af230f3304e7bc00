/**
 * `nested`: a hundred claims of one institution with each patient's deaths, enrolments and retirement, over HTTP, by 16 connections at once, against the peer
 * stack; beside it what one connection waits; and the number of statements that an answer takes, which does not grow with the persons in it.
 */
import { FUND_SUPERVISION, SUPERVISION } from '../../src/hub/codes';
import { watchStatements } from '../support/statements';
import { type Findings, figure, median, milliseconds, perSecond, type Rounds, rate } from './figure';
import { openMeasuredHub } from './measured-hub';
import { largestInstitution, MANY, NESTED, personKeys } from './queries';
import { CITY, type Stage } from './stage';
import { CONNECTIONS, type Served } from './traffic';
import { type Question, speed, type Turns, underLoad } from './under-load';

const CLAIMS = 100;
const PERSONS = [1, 1_000] as const;

const HUNDRED_CLAIMS: Question = {
  async bodies(database) {
    const variables = { institution: await largestInstitution(database), first: CLAIMS };
    return [JSON.stringify({ query: NESTED, variables })];
  },
  purpose: FUND_SUPERVISION,
};

/** The peer takes a second for an answer when it is asked for 16 at once. */
const TURNS: readonly Turns[] = [
  { rounds: 5, seconds: 2, connections: CONNECTIONS },
  { rounds: 5, seconds: 0.5, connections: 1 },
];

export async function nested(stage: Stage): Promise<Findings> {
  const [rounds, alone] = (await underLoad(stage, ['heyan', 'peer'], HUNDRED_CLAIMS, TURNS)).map(({ heyan, peer }) => ({
    ours: heyan,
    other: peer,
  })) as [Rounds<Served>, Rounds<Served>];
  const [one, many] = await statements(stage);
  const statementsOf = (count: number) => `${count} statements`;
  const wait = (given: Served[]) => milliseconds(rate(1, median(given.map(speed))));
  const times = median(alone.ours.map((ours, round) => speed(ours) / speed(alone.other[round] as Served)));
  return {
    figures: [
      figure('nested', rounds, speed, perSecond('answers'), { atLeast: 4 }),
      figure(
        `nested statements, ${PERSONS[1]} persons to ${PERSONS[0]}`,
        { ours: [many], other: [one] },
        (count) => count,
        statementsOf,
        { atMost: 1 },
      ),
    ],
    notes: [`one at a time: ${wait(alone.ours)}, ${wait(alone.other)}, ${times.toFixed(2)} times as fast`],
  };
}

/** Statements on records that the same operation takes for one person and for a thousand. */
async function statements(stage: Stage): Promise<[one: number, many: number]> {
  const { database, hub, close } = await openMeasuredHub((await stage.loaded(CITY)).url, stage.directory('hub'));
  const authorization = `Bearer ${await hub.issuer.issue(SUPERVISION)}`;
  const count = async (persons: number): Promise<number> => {
    const ids = await personKeys(database, persons);
    const watched = watchStatements(database);
    const answer = await hub.gateway.ask({ authorization, purpose: FUND_SUPERVISION }, MANY, { ids });
    watched.stop();
    if (answer.errors || ids.length < persons) throw new Error(`no answer: ${answer.errors?.[0]?.message}`);
    return watched.ofBureaus().length;
  };
  try {
    return [await count(PERSONS[0]), await count(PERSONS[1])];
  } finally {
    await close();
  }
}
