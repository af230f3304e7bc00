/**
 * What a benchmark says: figures, each one ratio with its target, in one line `name: ours, other, ratio, target, ok|short`.
 *
 * Machines differ and are noisy, so nothing is compared with a number from another day: both sides run in turn, in one run, and the ratio is
 * the median of the ratios of the rounds. Noise that lasts longer than a round hits both sides of it.
 */

/** What the ratio must be. */
export type Target = { atLeast: number } | { atMost: number };

export interface Figure {
  name: string;
  /** Our side and the other, with their units. */
  ours: string;
  other: string;
  /** Of ours to the other; what is divided by what is the benchmark's to say. */
  ratio: number;
  target: Target;
}

/** A benchmark's figures, and lines that explain them: where the time goes, what the physical limit is. */
export interface Findings {
  figures: Figure[];
  notes?: string[];
}

/** What one side gave in one round. */
export interface Rounds<T> {
  ours: T[];
  other: T[];
}

/** Rounds of which the median is taken. */
export const ROUNDS = 5;

/** Runs both sides in turn, and each round begins with the other one: who comes second finds warmer caches. */
export async function sideBySide<T>(
  sides: { ours(round: number): Promise<T>; other(round: number): Promise<T> },
  rounds = ROUNDS,
): Promise<Rounds<T>> {
  const given: Rounds<T> = { ours: [], other: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (['ours', 'other'] as const) : (['other', 'ours'] as const);
    for (const side of order) given[side].push(await sides[side](round));
  }
  return given;
}

/** The figure of two sides, of which `value` takes the number that is compared. */
export function figure<T>(
  name: string,
  { ours, other }: Rounds<T>,
  value: (given: T) => number,
  unit: (value: number) => string,
  target: Target,
): Figure {
  const ratios = ours.map((given, round) => value(given) / value(other[round] as T));
  return {
    name,
    ours: unit(median(ours.map(value))),
    other: unit(median(other.map(value))),
    ratio: median(ratios),
    target,
  };
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** A ratio that is no number met nothing. */
export function isMet({ ratio, target }: Figure): boolean {
  return 'atLeast' in target ? ratio >= target.atLeast : ratio <= target.atMost;
}

export function lineOf(figure: Figure): string {
  const { name, ours, other, ratio, target } = figure;
  const wanted = 'atLeast' in target ? `>= ${target.atLeast}` : `<= ${target.atMost}`;
  return `${name}: ${ours}, ${other}, ${ratio.toFixed(2)}, ${wanted}, ${isMet(figure) ? 'ok' : 'short'}`;
}

/** Milliseconds that a piece of work takes. */
export async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const begun = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - begun) / 1e6;
}

export const milliseconds = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;

/** Units of `what` in a second. */
export const perSecond =
  (what: string) =>
  (value: number): string =>
    `${Math.round(value)} ${what}/s`;

/** A list of things per second from the milliseconds that `count` of them took. */
export function rate(count: number, tookMilliseconds: number): number {
  return (count * 1_000) / tookMilliseconds;
}
