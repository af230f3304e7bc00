/** `person-peer`: the query of `person`, on the same data, against the peer stack of test/bench/peer. */
import { type Findings, figure, perSecond } from './figure';
import { measurePerson } from './person';
import type { Stage } from './stage';

export async function personPeer(stage: Stage): Promise<Findings> {
  const rounds = await measurePerson(stage, 'peer');
  const speed = (served: { perSecond: number }) => served.perSecond;
  return { figures: [figure('person-peer', rounds, speed, perSecond('requests'), { atLeast: 3 })] };
}
