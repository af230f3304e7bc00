import type { RunState } from '../../../src/sync/report';
import type { FileLimits } from '../../../src/sync/sources/limits';
import type { Sample } from './sample';

/** What a mutation makes of a sample: a file of the same kind, by default `<kind>.csv`. */
export interface Mutant {
  bytes: Buffer | string;
  ending?: '.csv' | '.csv.gz' | '.xlsx';
  /** Other files beside it. */
  beside?: Record<string, Buffer | string>;
  /** Whether it is the undamaged file in another dress: taken in, it is the same rows to the last character. */
  isIntact?: boolean;
  /** How many rows there are where that cannot be seen from the text. */
  rows?: number;
  limits?: Partial<FileLimits>;
  /** Share of rows that may be in quarantine; nearly all unless told. */
  quarantineLimit?: number;
}

/** What may become of a mutant; `LINES` stands for COMPLETE or REJECTED: whatever is wrong, it costs lines and not the file. */
export type Fate = 'ANY' | 'LINES' | Exclude<RunState, 'RUNNING' | 'INTERRUPTED'>;
export type Dice = (below: number) => number;
export type Mutation = [name: string, fate: Fate, make: (sample: Sample, dice: Dice) => Mutant | Mutant['bytes']];

function spliced(bytes: Buffer, at: number, gone: number, put: Buffer | string): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(put as string), bytes.subarray(at + gone)]);
}

/** Damages bytes behind the header so many times. */
export function damaged(
  bytes: Buffer,
  dice: Dice,
  times: number,
  put: () => [gone: number, put: Buffer | string],
): Buffer {
  let now = bytes;
  for (let i = 0; i < times; i++) {
    const head = now.indexOf('\n') + 1;
    now = spliced(now, head + dice(now.length - head), ...put());
  }
  return now;
}

/** Mulberry32: the same numbers for the same seed, everywhere. */
export function diceOf(seed: number): Dice {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
