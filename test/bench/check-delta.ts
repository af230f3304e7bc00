/** `check-delta`: one late certificate of death, from delivery to findings, against a full run; and with 10 times the claims in store. */
import { checks } from './checks';
import { type Findings, figure, milliseconds } from './figure';
import type { Stage } from './stage';

export async function checkDelta(stage: Stage): Promise<Findings> {
  const { full, delta, deltaOfTenth } = await checks(stage);
  const same = (took: number) => took;
  return {
    figures: [
      figure('check-delta', { ours: delta, other: full.ours }, same, milliseconds, { atMost: 0.05 }),
      figure('check-delta in 10x the store', { ours: delta, other: deltaOfTenth }, same, milliseconds, { atMost: 1.5 }),
    ],
  };
}
