/** `reload`: the same delivery again, of which nothing has changed, against its first load. */
import { type Findings, figure, perSecond } from './figure';
import { loads, speed } from './loads';
import type { Stage } from './stage';

export async function reload(stage: Stage): Promise<Findings> {
  const { first, again } = await loads(stage);
  return { figures: [figure('reload', { ours: again, other: first }, speed, perSecond('rows'), { atLeast: 2 })] };
}
