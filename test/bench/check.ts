/**
 * `check`: all rules over two million claims of two hundred thousand people, against one bare `count(*)` per rule over the joins it needs;
 * and against a tenth of it.
 */
import { checks } from './checks';
import { type Findings, figure } from './figure';
import { CITIES, seconds, TENTH } from './matching-city';
import type { Stage } from './stage';

export async function check(stage: Stage): Promise<Findings> {
  const { full, fullOfTenth } = await checks(stage);
  const perCity = { ours: full.ours.map((took) => took / CITIES), other: fullOfTenth.map((took) => took / TENTH) };
  const same = (took: number) => took;
  return {
    figures: [
      figure('check', full, same, seconds, { atMost: 4 }),
      figure('check of 10x the claims, by 50,000', perCity, same, seconds, { atMost: 1.5 }),
    ],
  };
}
