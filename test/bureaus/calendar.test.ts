import { isDay, readDay, readInstant, shanghaiDay } from '../../src/bureaus/calendar';

test.each([
  ['2026-06-30', true], ['2024-02-29', true], ['2000-02-29', true], ['1800-01-01', true], ['2199-12-31', true],
  ['2023-02-29', false], ['1900-02-29', false], ['2026-06-31', false], ['2026-13-01', false], ['2026-00-10', false], ['2026-01-00', false],
  ['1799-12-31', false], ['2200-01-01', false], ['2026-6-30', false], ['20260630', false], ['2026-06-30 ', false], ['２０２６-06-30', false], ['', false],
])('%j is a day: %s', (text, expected) => {
  expect(isDay(text)).toBe(expected);
}); // biome-ignore format: a table

test.each([
  ['2026-06-30', '2026-06-30'], ['20260630', '2026-06-30'], ['20240229', '2024-02-29'],
  ['20230229', undefined], ['2026/06/30', undefined], ['2026063', undefined], ['', undefined],
])('%j is read as %s', (text, expected) => {
  expect(readDay(text)).toBe(expected);
}); // biome-ignore format: a table

test.each([
  ['2026-06-30', '2026-06-30T00:00:00+08:00'],
  ['20260630', '2026-06-30T00:00:00+08:00'],
  ['2026-06-30T21:52:30+08:00', '2026-06-30T21:52:30+08:00'],
  ['2026-06-30 21:52:30+0800', '2026-06-30T21:52:30+08:00'],
  ['20260630T215230+08:00', undefined],
  ['20260630T21:52+08:00', '2026-06-30T21:52:00+08:00'],
  ['2026-06-30T21:52:30Z', '2026-06-30T21:52:30+00:00'],
  ['2026-06-30T21:52:30.123456789Z', '2026-06-30T21:52:30.123456+00:00'],
  ['2026-06-30T21:52:30-11:30', '2026-06-30T21:52:30-11:30'],
  ['2026-06-30T21:52:30', undefined],
  ['2026-06-30T24:00:00Z', undefined],
  ['2026-06-30T23:60:00Z', undefined],
  ['2026-06-30T23:59:60Z', undefined],
  ['2026-06-31T00:00:00Z', undefined],
  ['2026-06-30T00:00:00+15:00', undefined],
  ['2026-06-30T00:00:00+08:60', undefined],
  ['now', undefined],
])('the instant %j is read as %s', (text, expected) => {
  expect(readInstant(text)).toBe(expected);
});

test.each([
  ['2026-06-30T15:59:59.999Z', '2026-06-30'],
  ['2026-06-30T16:00:00Z', '2026-07-01'],
  ['2025-12-31T16:00:00Z', '2026-01-01'],
])('%s is %s in Shanghai', (instant, expected) => {
  expect(shanghaiDay(new Date(instant))).toBe(expected);
});
