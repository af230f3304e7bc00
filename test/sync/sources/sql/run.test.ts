import type { Checkpoint } from '../../../../src/sync/sources/source';
import type { ValueForm } from '../../../../src/sync/sources/sql/dialect';
import { runBehind, type Start } from '../../../../src/sync/sources/sql/run';

const NOW = '2026-06-30 22:00:00.123456';
const clock = async () => NOW;
const last = { watermark: 'w', key: 'k' };

describe('a new run begins', () => {
  test.each<[string, ValueForm, number, Checkpoint | null, Start]>([
    ['at the beginning when there is no checkpoint', 'moment', 15, null, undefined],
    [
      'so many minutes before the last watermark',
      'moment',
      15,
      { ...done('2026-06-30 00:05:00.123456'), began: NOW },
      { from: '2026-06-29 23:50:00.123' },
    ],
    [
      'so many minutes before the last run began, when that is earlier',
      'moment',
      15,
      { ...done('9999-12-31 00:00:00'), began: '2026-03-01 00:10:00' },
      { from: '2026-02-28 23:55:00.000' },
    ],
    [
      'in the offset of the last watermark',
      'instant',
      60,
      { ...done('2026-06-30 08:00:00.5+08'), began: NOW },
      { from: '2026-06-30 07:00:00.500+08' },
    ],
    [
      'in the offset of the last watermark, with minutes',
      'instant',
      60,
      { ...done('2026-06-30 08:00:00.1234567 +05:30'), began: NOW },
      { from: '2026-06-30 07:00:00.123 +05:30' },
    ],
    ['on the day before', 'day', 15, { ...done('2024-03-01'), began: NOW }, { from: '2024-02-29' }],
    ['on the same day without overlap', 'day', 0, { ...done('2024-03-01'), began: NOW }, { from: '2024-03-01' }],
    [
      'by the time alone when the last watermark is none',
      'moment',
      15,
      { ...done('infinity'), began: NOW },
      { from: '2026-06-30 21:45:00.123' },
    ],
    [
      'by the time alone when the last watermark is day zero',
      'moment',
      15,
      { ...done('0000-00-00 00:00:00'), began: NOW },
      { from: '2026-06-30 21:45:00.123' },
    ],
    ['at the beginning when nothing tells', 'moment', 15, done('infinity'), undefined],
    ['at the beginning when that is where the overlap leads', 'moment', 15, done('1000-01-01 00:10:00'), undefined],
    ['by a number at the beginning when only one run was complete', 'number', 15, done('7'), undefined],
    [
      'by a number where the last but one ended',
      'number',
      15,
      { ...done('7'), lastWatermark: '3', lastKey: 'c' },
      { behind: { watermark: '3', key: 'c' } },
    ],
    [
      'by a number behind the last row without overlap',
      'number',
      0,
      { ...done('7'), lastWatermark: '3', lastKey: 'c' },
      { behind: { watermark: '7', key: 'k' } },
    ],
  ])('%s', async (_, form, overlapMinutes, after, start) => {
    const run = await runBehind(after, form, overlapMinutes, clock);
    expect([run.start, run.isNew]).toEqual([start, true]);
  });
});

describe('a run that goes on begins behind its last row, and keeps what the next must know', () => {
  test.each<[ValueForm, Checkpoint]>([
    ['moment', { ...last, began: '2026-06-30 21:00:00' }],
    ['number', { ...last, lastWatermark: '3', lastKey: 'c' }],
    ['text', last],
  ])('%s', async (form, after) => {
    const run = await runBehind(after, form, 15, clock);
    expect([run.start, run.isNew]).toEqual([{ behind: last }, false]);
    const reached = { watermark: 'x', key: 'y' };
    expect(run.checkpoint(reached, true)).toEqual({ ...after, ...reached });
    expect(run.checkpoint(reached, false)).toEqual({ ...after, ...reached, complete: 'yes' });
    expect(run.checkpoint(undefined, false)).toEqual({ ...after, complete: 'yes' });
  });
});

describe('the checkpoint of a new run', () => {
  test.each<[string, ValueForm, Checkpoint | null, Checkpoint]>([
    ['holds when it began', 'moment', null, { began: NOW }],
    ['holds where the last one ended, by a number', 'number', { ...done('7') }, { lastWatermark: '7', lastKey: 'k' }],
    ['holds only its end the first time, by a number', 'number', null, {}],
  ])('%s', async (_, form, after, kept) => {
    const run = await runBehind(after, form, 15, clock);
    expect(run.checkpoint(last, true)).toEqual({ ...last, ...kept });
  });

  test('leaves the one that stands when there was no row', async () => {
    for (const after of [null, { ...done('2026-06-30 00:00:00'), began: NOW }])
      expect((await runBehind(after, 'moment', 15, clock)).checkpoint(undefined, false)).toBeNull();
  });
});

function done(watermark: string): Checkpoint {
  return { watermark, key: 'k', complete: 'yes' };
}
