/**
 * Civil days as text, `YYYY-MM-DD`: they compare, sort and travel as they are, and no time zone can move them. Instants become days in the
 * time zone of the bureaus, Asia/Shanghai (UTC+8 all year since 1992).
 */
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Whether the text is a day that exists, as `YYYY-MM-DD` (ISO 8601-1, 5.2.2.1), in the years 1800 to 2199. */
export function isDay(text: string): boolean {
  if (text.length !== 10 || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8, 10));
  if (year < 1800 || year > 2199 || month < 1 || month > 12 || day < 1) return false;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (DAYS_IN_MONTH[month - 1] as number) + (leap ? 1 : 0);
}

/** A date as bureaus write it, `YYYY-MM-DD` or `YYYYMMDD`, as `YYYY-MM-DD`; undefined when it is neither or no such day. */
export function readDay(text: string): string | undefined {
  const day = text.length === 8 ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}` : text;
  return isDay(day) ? day : undefined;
}

const HOUR_MILLISECONDS = 3_600_000;
let last = { day: Number.NaN, text: '' };

/** The civil day of an instant in Asia/Shanghai. */
export function shanghaiDay(instant: Date): string {
  const day = Math.floor((instant.getTime() + 8 * HOUR_MILLISECONDS) / (24 * HOUR_MILLISECONDS));
  // An operation asks for today ten times.
  if (day !== last.day) last = { day, text: new Date(day * 24 * HOUR_MILLISECONDS).toISOString().slice(0, 10) };
  return last.text;
}

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2}|\d{8})[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * An `_at` column: a timestamp with offset, or a date, which is its midnight in Asia/Shanghai. The result is ISO 8601 in UTC with
 * microseconds at most, fit for PostgreSQL's `timestamptz`; undefined when the text is neither, or has no offset.
 */
export function readInstant(text: string): string | undefined {
  const match = TIMESTAMP.exec(text);
  if (!match) {
    const day = readDay(text);
    return day === undefined ? undefined : `${day}T00:00:00+08:00`;
  }
  const [, date, hour, minute, second = '00', fraction = '', offset = ''] = match;
  const day = readDay(date as string);
  if (day === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const [offsetHours, offsetMinutes] = offset === 'Z' ? ['00', '00'] : [offset.slice(1, 3), offset.slice(-2)];
  if (Number(offsetHours) > 14 || Number(offsetMinutes) > 59) return undefined;
  const sign = offset === 'Z' ? '+' : offset.charAt(0);
  return `${day}T${hour}:${minute}:${second}${fraction.slice(0, 7)}${sign}${offsetHours}:${offsetMinutes}`;
}
