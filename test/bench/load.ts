/** `load`: the first delivery of claims from an exchange file into revisions and change log, against a bare `COPY` of the same rows. */
import { type Findings, figure, perSecond } from './figure';
import { type Loaded, loads, speed } from './loads';
import type { Stage } from './stage';

export async function load(stage: Stage): Promise<Findings> {
  const { first, fifth, copied } = await loads(stage);
  const perRow = ({ rows, milliseconds }: Loaded) => (milliseconds * 1_000) / rows;
  const microseconds = (value: number) => `${value.toFixed(1)} µs a row`;
  const megabytes = (value: number) => `${Math.round(value)} MB`;
  const sizes = { ours: first, other: fifth };
  return {
    figures: [
      figure('load', { ours: first, other: copied }, speed, perSecond('rows'), { atLeast: 0.2 }),
      figure('load of 5x the rows', sizes, perRow, microseconds, { atMost: 1.25 }),
      figure('load memory of 5x the rows', sizes, ({ megabytesMax }) => megabytesMax, megabytes, { atMost: 1.25 }),
    ],
  };
}
