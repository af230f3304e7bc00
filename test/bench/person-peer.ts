/** `person-peer`: the query of `person`, on the same data, against the peer stack of test/bench/peer. */
import { type Findings, figure, perSecond } from './figure';
import { persons } from './persons';
import type { Stage } from './stage';
import { speed } from './under-load';

export async function personPeer(stage: Stage): Promise<Findings> {
  const { heyan, peer } = await persons(stage);
  return {
    figures: [figure('person-peer', { ours: heyan, other: peer }, speed, perSecond('requests'), { atLeast: 3 })],
  };
}
