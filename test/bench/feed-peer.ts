/** `feed-peer`: a page of `feed` over HTTP, one after the other, against the peer stack of test/bench/peer. */

import { againstPeer } from './against-peer';
import { type Findings, figure, perSecond, rate } from './figure';
import { FEED } from './queries';
import type { Stage } from './stage';

const PAGE = 5_000;

export async function feedPeer(stage: Stage): Promise<Findings> {
  const body = async () => JSON.stringify({ query: FEED, variables: { after: null, first: PAGE } });
  const { rounds, note } = await againstPeer(stage, body, { times: 3, warm: 6 });
  const speed = (milliseconds: number) => rate(PAGE, milliseconds);
  return { figures: [figure('feed-peer', rounds, speed, perSecond('rows'), { atLeast: 8 })], notes: [note] };
}
