/**
 * When rows were touched, as a register writes it: compared as instants, and written back in the register's own shape, because a register that
 * says `2026-06-30 08:00:00` cannot be expected to understand another.
 */
import { isDay } from '../../../bureaus/calendar';

/** A time as the register wrote it, and the instant it means in milliseconds since 1970. */
export interface Watermark {
  text: string;
  instant: number;
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their number of digits (true from 2001 to 2286). */
const EPOCH = /^\d{10}(?:\d{3}){0,3}$/;
const EPOCH_MILLISECOND_DIGITS = 13;
/** A day, or a day and a time of day, with or without separators, fraction and offset. */
const CIVIL =
  /^(?<year>\d{4})(?<between>[-/.]?)(?<month>\d\d)\k<between>(?<day>\d\d)(?:(?<gap>[T ]?)(?<hour>\d\d)(?<colon>:?)(?<minute>\d\d)(?:\k<colon>(?<second>\d\d)(?<fraction>[.,]\d{1,9})?)?(?<zone> ?(?:Z|[+-]\d\d(?::?\d\d)?))?)?$/;

/** Reads a watermark; one without an offset has that of the setting, as `+08:00`. Undefined when the value is no time. */
export function readWatermark(value: unknown, offset: string): Watermark | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).trim();
  if (EPOCH.test(text)) {
    const digits = text.slice(0, EPOCH_MILLISECOND_DIGITS).padEnd(EPOCH_MILLISECOND_DIGITS, '0');
    return { text, instant: Number(digits) };
  }
  const parts = CIVIL.exec(text)?.groups;
  if (!parts) return undefined;
  const { year, month, day, hour = '00', minute = '00', second = '00', fraction = '' } = parts;
  const date = `${year}-${month}-${day}`;
  if (!isDay(date) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const milliseconds = fraction.slice(1, 4).padEnd(3, '0');
  const civil = Date.parse(`${date}T${hour}:${minute}:${second}.${milliseconds}Z`);
  return { text, instant: civil - zoneMilliseconds(parts.zone ?? offset) };
}

/** The watermark that means another instant, in the shape of this one and rounded down to its unit. Its offset is `offset` where it has none. */
export function movedTo(instant: number, { text }: Watermark, offset: string): Watermark {
  if (EPOCH.test(text)) {
    const digits = String(instant).padStart(EPOCH_MILLISECOND_DIGITS, '0');
    return { text: digits.padEnd(text.length, '0').slice(0, text.length), instant };
  }
  const { between, gap, hour, colon, second, fraction, zone } = CIVIL.exec(text)?.groups ?? {};
  const civil = new Date(instant + zoneMilliseconds(zone ?? offset)).toISOString();
  let moved = [civil.slice(0, 4), civil.slice(5, 7), civil.slice(8, 10)].join(between);
  if (hour !== undefined) moved += gap + [civil.slice(11, 13), civil.slice(14, 16)].join(colon);
  if (second !== undefined) moved += colon + civil.slice(17, 19);
  if (fraction !== undefined)
    moved +=
      fraction.charAt(0) +
      civil
        .slice(20, 23)
        .padEnd(9, '0')
        .slice(0, fraction.length - 1);
  return { text: moved + (zone ?? ''), instant };
}

function zoneMilliseconds(zone: string): number {
  const [, sign, hours, minutes = '0'] = /([+-])(\d\d):?(\d\d)?/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
