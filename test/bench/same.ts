/** Two sides are compared only when they say the same. */
import { isDeepStrictEqual } from 'node:util';
import type { Side } from './sides';
import { askOnce } from './traffic';

/** Throws when the sides do not answer all of these with the same data, or one of them with an error. */
export async function sameAnswers(sides: readonly Side[], bodies: readonly string[]): Promise<void> {
  for (const body of bodies) {
    const [first, ...others] = await Promise.all(sides.map((side) => askOnce({ ...side, bodies: [body] })));
    for (const other of others)
      if (!isDeepStrictEqual(first, other))
        throw new Error(
          `the sides answer differently, from ${firstDifference(JSON.stringify(first), JSON.stringify(other))}`,
        );
  }
}

function firstDifference(one: string, other: string): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  const part = (text: string) => text.slice(Math.max(0, at - 80), at + 80);
  return `${part(one)} to ${part(other)}`;
}
