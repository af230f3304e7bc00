import { setTimeout as pause } from 'node:timers/promises';

/**
 * Looks again and again until `look` answers something other than undefined.
 * @param millisecondsMax the limit; afterwards the answer is undefined and the caller says what that means
 */
export async function waitFor<T>(
  look: () => T | undefined | Promise<T | undefined>,
  millisecondsMax: number,
  millisecondsBetween = 20,
): Promise<T | undefined> {
  const deadline = Date.now() + millisecondsMax;
  for (;;) {
    const seen = await look();
    if (seen !== undefined || Date.now() >= deadline) return seen;
    await pause(millisecondsBetween);
  }
}
