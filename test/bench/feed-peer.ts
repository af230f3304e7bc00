/**
 * `feed-peer`: a page of `feed` over HTTP, one after the other as a follower asks, against the peer stack of test/bench/peer.
 */
import { FUND_SUPERVISION } from '../../src/hub/codes';
import {
  type Findings,
  figure,
  milliseconds,
  millisecondsOf,
  perSecond,
  ROUNDS,
  type Rounds,
  rate,
  sideBySide,
} from './figure';
import { FEED } from './queries';
import { sameAnswers } from './same';
import { type Side, type SideName, startSide } from './sides';
import { CITY, type Stage } from './stage';

const PAGE = 5_000;
/** Pages of one round, and before the first, so that both sides run compiled code. */
const [TIMES, WARM] = [3, 6];

export async function feedPeer(stage: Stage): Promise<Findings> {
  const { rounds, note } = await againstPeer(stage);
  const speed = (took: number) => rate(PAGE, took);
  return { figures: [figure('feed-peer', rounds, speed, perSecond('rows'), { atLeast: 8 })], notes: [note] };
}

/** Milliseconds that one page takes. Both sides say the same first, or nothing is measured. */
async function againstPeer(stage: Stage): Promise<{ rounds: Rounds<number>; note: string }> {
  const database = await stage.loaded(CITY);
  const body = JSON.stringify({ query: FEED, variables: { after: null, first: PAGE } });
  const start = async (side: SideName): Promise<Side> => {
    const started = await startSide({ side, databaseUrl: database.url, directory: stage.directory('hub') });
    return { ...started, headers: { ...started.headers, 'x-purpose': FUND_SUPERVISION } };
  };
  const sides = { ours: await start('heyan'), other: await start('peer') };
  const ask = async (side: Side, count: number): Promise<number> => {
    const took = await millisecondsOf(async () => {
      for (let i = 0; i < count; i++) {
        const response = await fetch(`${side.url}/graphql`, { method: 'POST', headers: side.headers, body });
        if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
        await response.arrayBuffer();
      }
    });
    return took / count;
  };
  try {
    await sameAnswers([sides.ours, sides.other], [body]);
    for (const side of Object.values(sides)) await ask(side, WARM);
    const before = await processors(sides);
    const rounds = await sideBySide({ ours: () => ask(sides.ours, TIMES), other: () => ask(sides.other, TIMES) });
    const after = await processors(sides);
    const [ours, other] = after.map((used, side) => (used - (before[side] as number)) / (TIMES * ROUNDS));
    return {
      rounds,
      note: `processor of the server for one answer: ${milliseconds(ours as number)}, ${milliseconds(other as number)}`,
    };
  } finally {
    for (const side of Object.values(sides)) await side.stop();
  }
}

function processors({ ours, other }: Record<'ours' | 'other', Side>): Promise<number[]> {
  return Promise.all([ours.processorMilliseconds(), other.processorMilliseconds()]);
}
