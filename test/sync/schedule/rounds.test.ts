import { inRounds } from '../../../src/sync/schedule/rounds';

/** Waits for the next turn of the event loop until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; turns < 1_000_000 && !isSo(); turns++) await new Promise((resolve) => setImmediate(resolve));
  expect(isSo()).toBe(true);
}

const HOUR = 3_600_000;

test('begins at once, and again when woken, also while a round goes on', async () => {
  let began = 0;
  let letGo: () => void = () => undefined;
  const rounds = inRounds(
    () => {
      began++;
      return new Promise((resolve) => {
        letGo = resolve;
      });
    },
    { everyMilliseconds: HOUR, tell: () => undefined },
  );
  expect(began).toBe(1);
  rounds.wake();
  letGo();
  await until(() => began === 2);
  letGo();
  await new Promise((resolve) => setImmediate(resolve));
  rounds.wake();
  await until(() => began === 3);
  letGo();
  await rounds.stop();
  rounds.wake();
  expect(began).toBe(3);
});

test('stop waits for the round under way, and may be called twice', async () => {
  let isDone = false;
  const rounds = inRounds(
    async () => {
      await new Promise((resolve) => setImmediate(resolve));
      isDone = true;
    },
    { everyMilliseconds: HOUR, tell: () => undefined },
  );
  await Promise.all([rounds.stop(), rounds.stop()]);
  expect(isDone).toBe(true);
});

test('a failure is told once until a round has gone well, and ends nothing', async () => {
  const reasons = ['no connection', 'no connection', 'no table', undefined, 'no table'];
  const told: string[] = [];
  let began = 0;
  const rounds = inRounds(
    async () => {
      const reason = reasons[began++];
      if (reason) throw new Error(reason);
    },
    { everyMilliseconds: 1, tell: (reason) => told.push(reason) },
  );
  await until(() => began > reasons.length);
  await rounds.stop();
  expect(told).toEqual(['no connection', 'no table', 'no table']);
});
