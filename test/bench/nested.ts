/**
 * `nested`: a hundred claims of one institution with each patient's deaths, enrolments and retirement, against the peer stack; and the number
 * of statements that an answer takes, which does not grow with the persons in it.
 */
import { FUND_SUPERVISION, SUPERVISION } from '../../src/hub/codes';
import { watchStatements } from '../support/statements';
import { againstPeer } from './against-peer';
import { type Findings, figure, perSecond, rate } from './figure';
import { openMeasuredHub } from './measured-hub';
import { CITY } from './person';
import { largestInstitution, MANY, NESTED, personKeys } from './queries';
import type { Stage } from './stage';

const CLAIMS = 100;
const PERSONS = [1, 1_000] as const;

export async function nested(stage: Stage): Promise<Findings> {
  const { rounds, note } = await againstPeer(
    stage,
    async (database) => {
      const variables = { institution: await largestInstitution(database), first: CLAIMS };
      return JSON.stringify({ query: NESTED, variables });
    },
    { times: 20, warm: 40 },
  );
  const [one, many] = await statements(stage);
  const statementsOf = (count: number) => `${count} statements`;
  return {
    figures: [
      figure('nested', rounds, (milliseconds) => rate(1, milliseconds), perSecond('answers'), { atLeast: 4 }),
      figure(
        `nested statements, ${PERSONS[1]} persons to ${PERSONS[0]}`,
        { ours: [many], other: [one] },
        (count) => count,
        statementsOf,
        { atMost: 1 },
      ),
    ],
    notes: [note],
  };
}

/** Statements on records that the same operation takes for one person and for a thousand. */
async function statements(stage: Stage): Promise<[one: number, many: number]> {
  const { database, hub, close } = await openMeasuredHub((await stage.loaded(CITY)).url, stage.directory('hub'));
  const authorization = `Bearer ${await hub.issuer.issue(SUPERVISION)}`;
  const count = async (persons: number): Promise<number> => {
    const ids = await personKeys(database, persons);
    const watched = watchStatements(database.pool);
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
