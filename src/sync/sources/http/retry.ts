/**
 * Asking again: what may pass is tried a few times with growing pauses, so that a register that restarts or is busy costs minutes and not the
 * night. Half of each pause is chance, so that readers who failed together do not come back together.
 */

import { SourceFault } from '../source';
import type { HttpLimits } from './limits';

/** How a register is asked again. */
export interface Patience {
  /** Requests for one page at most. */
  attempts: number;
  pause(milliseconds: number): Promise<void>;
  /** A number from 0 up to 1. */
  random(): number;
  limits: HttpLimits;
}

/** A fault that may be gone when the page is asked for again. The message completes "<source> …". */
export class PassingFault extends Error {
  constructor(
    message: string,
    /** What the operator should do when it did not pass. */
    readonly advice = 'see whether the register is up; the next run tries again',
    /** How long the register asked to be left alone. */
    readonly waitMilliseconds = 0,
  ) {
    super(message);
  }
}

/**
 * Does `act` until it succeeds; `isLast` tells it that it will not be tried again. Any fault but a PassingFault is thrown at once, and that one
 * as a SourceFault when the attempts are used up.
 */
export async function patiently<T>(patience: Patience, act: (isLast: boolean) => Promise<T>): Promise<T> {
  const { attempts, pause } = patience;
  for (let attempt = 1; ; attempt++) {
    try {
      return await act(attempt >= attempts);
    } catch (error) {
      if (!(error instanceof PassingFault)) throw error;
      if (attempt >= attempts)
        throw new SourceFault(
          `${error.message}${attempts > 1 ? `, at the last of ${attempts} attempts` : ''}: ${error.advice}`,
        );
      await pause(pauseBehind(attempt, error, patience));
    }
  }
}

function pauseBehind(attempt: number, { waitMilliseconds }: PassingFault, { random, limits }: Patience): number {
  const grown = Math.min(limits.pauseMillisecondsFirst * 2 ** (attempt - 1), limits.pauseMillisecondsMax);
  const drawn = Math.round(grown / 2 + (random() * grown) / 2);
  return Math.max(drawn, Math.min(waitMilliseconds, limits.retryAfterMillisecondsMax));
}
