import { lastDueTime, nextDueTime, shanghaiMinute } from '../../../src/sync/schedule/due-time';

const shown = (at: Date | undefined) => at && shanghaiMinute(at);

test.each([
  ['0 2 * * *', '2026-06-30T02:00:00+08:00', '2026-06-30 02:00'],
  ['0 2 * * *', '2026-06-30T01:59:59.999+08:00', '2026-06-29 02:00'],
  ['0 2 * * *', '2026-06-30T02:00:00.001+08:00', '2026-06-30 02:00'],
  ['30 1 * * 1', '2026-06-30T09:00:00+08:00', '2026-06-29 01:30'],
  ['*/15 * * * *', '2026-06-30T09:14:00+08:00', '2026-06-30 09:00'],
  ['0 0 29 2 *', '2026-06-30T09:00:00+08:00', '2024-02-29 00:00'],
  ['0 0 30 2 *', '2026-06-30T09:00:00+08:00', undefined],
])('%s was due last, at %s: %s', (cron, at, expected) => {
  expect(shown(lastDueTime(cron, new Date(at)))).toBe(expected);
});

test.each([
  ['0 2 * * *', '2026-06-30T02:00:00+08:00', '2026-07-01 02:00'],
  ['0 2 * * *', '2026-06-30T01:59:59.999+08:00', '2026-06-30 02:00'],
  ['0 2 1 * *', '2026-06-30T09:00:00+08:00', '2026-07-01 02:00'],
  ['0 0 30 2 *', '2026-06-30T09:00:00+08:00', undefined],
])('%s is due next, after %s: %s', (cron, after, expected) => {
  expect(shown(nextDueTime(cron, new Date(after)))).toBe(expected);
});
