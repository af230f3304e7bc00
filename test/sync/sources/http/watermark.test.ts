import { movedTo, readWatermark } from '../../../../src/sync/sources/http/watermark';

const SHANGHAI = '+08:00';
const iso = (value: unknown, offset = SHANGHAI) => {
  const read = readWatermark(value, offset);
  return read && new Date(read.instant).toISOString();
};

test.each<[unknown, string]>([
  ['2026-06-30T08:00:00+08:00', '2026-06-30T00:00:00.000Z'],
  ['2026-06-30T08:00:00Z', '2026-06-30T08:00:00.000Z'],
  ['2026-06-30 08:00:00.5 +0530', '2026-06-30T02:30:00.500Z'],
  ['2026-06-30T08:00:00-05', '2026-06-30T13:00:00.000Z'],
  ['2026-06-30 08:00:00', '2026-06-30T00:00:00.000Z'],
  ['2026-06-30 08:00', '2026-06-30T00:00:00.000Z'],
  ['2026/06/30 08:00:00', '2026-06-30T00:00:00.000Z'],
  ['20260630080000', '2026-06-30T00:00:00.000Z'],
  ['20260630', '2026-06-29T16:00:00.000Z'],
  ['2026-06-30', '2026-06-29T16:00:00.000Z'],
  [' 2026-06-30 ', '2026-06-29T16:00:00.000Z'],
  [1_782_777_600, '2026-06-30T00:00:00.000Z'],
  ['1782777600123', '2026-06-30T00:00:00.123Z'],
  ['1782777600123456', '2026-06-30T00:00:00.123Z'],
  ['1782777600123456789', '2026-06-30T00:00:00.123Z'],
])('%j means %s', (text, instant) => expect(iso(text)).toBe(instant));

test.each<unknown>([
  '',
  'yesterday',
  '2026-02-30',
  '2026-06-30 24:00',
  '2026-06-30 08:61',
  '2026/06-30',
  17,
  null,
  undefined,
  {},
  true,
])('%j is no time', (value) => expect(readWatermark(value, SHANGHAI)).toBeUndefined());

describe('another instant is written in the same shape, never later than it is', () => {
  const HOUR = 3_600_000;
  test.each<[string, string]>([
    ['2026-06-30T08:00:00+08:00', '2026-06-30T07:00:00+08:00'],
    ['2026-06-30T00:30:00Z', '2026-06-29T23:30:00Z'],
    ['2026-06-30 00:30:15.123456', '2026-06-29 23:30:15.123000'],
    ['2026-06-30 00:30:15,5', '2026-06-29 23:30:15,5'],
    ['2026-06-30 08:00', '2026-06-30 07:00'],
    ['2026/06/30 08:00:00 +0530', '2026/06/30 07:00:00 +0530'],
    ['20260630003000', '20260629233000'],
    ['2026-06-30', '2026-06-29'],
    ['20260630', '20260629'],
    ['1782777600', '1782774000'],
    ['1782777600123', '1782774000123'],
    ['1782777600123456', '1782774000123000'],
  ])('an hour before %s is %s', (text, earlier) => {
    const read = readWatermark(text, SHANGHAI);
    if (!read) throw new Error('not read');
    expect(movedTo(read.instant - HOUR, read, SHANGHAI).text).toBe(earlier);
    expect(movedTo(read.instant, read, SHANGHAI).text.slice(0, 13)).toBe(text.slice(0, 13));
  });

  test('what was moved is read as it was meant, whatever the offset', () => {
    for (const offset of ['+08:00', '-05:30', '+00:00']) {
      const read = readWatermark('2026-01-01 00:10:00.000', offset);
      if (!read) throw new Error('not read');
      const moved = movedTo(read.instant - HOUR, read, offset);
      expect(readWatermark(moved.text, offset)?.instant).toBe(read.instant - HOUR);
    }
  });
});
