/**
 * How foreign registers write days and times, as an operator says it: `yyyyMMdd`, `yyyy年M月d日`, `dd/MM/yyyy HH:mm:ss`, `epochSeconds`. The
 * letters are those of Unicode Technical Standard 35, part 4, which Java and spreadsheets use too; everything else stands for itself. Times
 * without an offset are those of Asia/Shanghai.
 */
import { isDay, readInstant, shanghaiDay } from '../../bureaus/calendar';
import type { Form } from '../../bureaus/form';

/** A cell in the exchange format's text; undefined when it is not written so, or is no day or time that exists. */
export type DateReader = (cell: string) => string | undefined;

const PARTS = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;
type Part = (typeof PARTS)[number];
const TOKENS: Readonly<Record<string, { part: Part; digitsMin: number; digitsMax: number }>> = {
  yyyy: { part: 'year', digitsMin: 4, digitsMax: 4 },
  MM: { part: 'month', digitsMin: 2, digitsMax: 2 },
  M: { part: 'month', digitsMin: 1, digitsMax: 2 },
  dd: { part: 'day', digitsMin: 2, digitsMax: 2 },
  d: { part: 'day', digitsMin: 1, digitsMax: 2 },
  HH: { part: 'hour', digitsMin: 2, digitsMax: 2 },
  mm: { part: 'minute', digitsMin: 2, digitsMax: 2 },
  ss: { part: 'second', digitsMin: 2, digitsMax: 2 },
};
/** A `T` may stand before the hour, as in ISO 8601. */
const TOKEN = /yyyy|MM|M|dd|d|HH|mm|ss|T(?=HH)|[A-Za-z]+|[^A-Za-z]/gu;
const LETTERS =
  'write yyyy, MM or M, dd or d, HH, mm, ss and the text between them, or epochSeconds or epochMilliseconds';
const EPOCHS: Readonly<Record<string, number>> = { epochSeconds: 1_000, epochMilliseconds: 1 };

/** What a form needs of a day. */
const NEEDED: Readonly<Partial<Record<Form['form'], readonly Part[]>>> = {
  day: ['year', 'month', 'day'],
  instant: ['year', 'month', 'day'],
  month: ['year', 'month'],
  period: ['year'],
};

/** Compiles a pattern for columns of a form. The answer is a text, completing "<pattern> …", when it is none or cannot give such a column. */
export function dateReader(pattern: string, form: Form): DateReader | string {
  const needed = NEEDED[form.form];
  if (!needed) return 'is a pattern of days and times, which this column does not hold';
  const epoch = EPOCHS[pattern];
  if (epoch !== undefined) return epochReader(epoch, form);
  const steps: Step[] = [];
  const named = new Set<Part>();
  for (const [token] of pattern.matchAll(TOKEN)) {
    const known = TOKENS[token];
    const before = steps.at(-1);
    if (!known && /^[A-Za-z]+$/.test(token) && token !== 'T')
      return `holds ${token}, which is no part of a date: ${LETTERS}`;
    if (before && 'part' in before && before.digitsMin < before.digitsMax && (known || /^\d/.test(token)))
      return `does not say where its ${before.part} ends: write MM or dd`;
    if (known && named.has(known.part)) return `names the ${known.part} twice`;
    if (known) named.add(known.part);
    steps.push(known ?? { text: token });
  }
  const missing = missingPart(named, needed);
  return missing ? `lacks the ${missing}: ${LETTERS}` : patternReader(steps, named, form);
}

function missingPart(named: ReadonlySet<Part>, needed: readonly Part[]): Part | undefined {
  const also: Part[] = [];
  if (named.has('day')) also.push('month');
  if (named.has('hour') || named.has('second')) also.push('minute');
  if (named.has('minute')) also.push('hour');
  return [...needed, ...also].find((part) => !named.has(part));
}

/** One step through a cell: a text that must stand there, or digits. */
type Step = { text: string } | { part: Part; digitsMin: number; digitsMax: number };

/** Goes through the digits itself: a regular expression that gives six strings costs five times as much. */
function patternReader(steps: readonly Step[], named: ReadonlySet<Part>, form: Form): DateReader {
  // A month or year of its own is told by its first day.
  const values = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  const finish = finisher(form, named.has('month'));
  return (cell) => {
    let at = 0;
    for (const step of steps) {
      if ('text' in step) {
        if (!cell.startsWith(step.text, at)) return undefined;
        at += step.text.length;
        continue;
      }
      const end = at + step.digitsMax;
      const enough = at + step.digitsMin;
      let value = 0;
      for (; at < end; at++) {
        const digit = cell.charCodeAt(at) - 48;
        if (!(digit >= 0 && digit <= 9)) break;
        value = value * 10 + digit;
      }
      if (at < enough) return undefined;
      values[step.part] = value;
    }
    if (at !== cell.length) return undefined;
    const { year, month, day, hour, minute, second } = values;
    if (!isDayOf(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
    const time = named.has('hour') ? `${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(second)}` : '';
    return finish(`${year}-${twoDigits(month)}-${twoDigits(day)}`, time);
  };
}

/** The days that isDay has, told by numbers. */
function isDayOf(year: number, month: number, day: number): boolean {
  if (year < 1800 || year > 2199 || month < 1 || month > 12 || day < 1) return false;
  return day <= 28 || isDay(`${year}-${twoDigits(month)}-${twoDigits(day)}`);
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

const SHANGHAI_SECONDS = 8 * 3_600;
const DAY_SECONDS = 24 * 3_600;

function epochReader(milliseconds: number, form: Form): DateReader {
  const digits = milliseconds === 1 ? /^-?\d{1,14}$/ : /^-?\d{1,11}$/;
  const finish = finisher(form, true);
  return (cell) => {
    if (!digits.test(cell)) return undefined;
    const all = Number(cell) * milliseconds;
    const seconds = Math.floor(all / 1_000) + SHANGHAI_SECONDS;
    const civilDay = dayOfNumber(Math.floor(seconds / DAY_SECONDS));
    if (civilDay === undefined) return undefined;
    const ofDay = seconds - Math.floor(seconds / DAY_SECONDS) * DAY_SECONDS;
    const [hour, minute] = [Math.floor(ofDay / 3_600), Math.floor(ofDay / 60) % 60];
    const fraction = all % 1_000 === 0 ? '' : `.${String(((all % 1_000) + 1_000) % 1_000).padStart(3, '0')}`;
    return finish(civilDay, `${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(ofDay % 60)}${fraction}`);
  };
}

/** Days since 1970 as text, remembered: there are 146,097 of them at most, and the same few thousand come again and again. */
const daysByNumber = new Map<number, string | undefined>();

function dayOfNumber(number: number): string | undefined {
  const known = daysByNumber.get(number);
  if (known !== undefined) return known;
  const instant = new Date(number * DAY_SECONDS * 1_000);
  const day = Number.isNaN(instant.getTime()) ? '' : instant.toISOString().slice(0, 10);
  if (!isDay(day)) return undefined;
  daysByNumber.set(number, day);
  return day;
}

/** How a form writes a civil day and a time, which may be empty: a column of days leaves the time out. */
function finisher({ form }: Form, hasMonth: boolean): (day: string, time: string) => string {
  switch (form) {
    case 'instant':
      return (day, time) => (time === '' ? day : `${day}T${time}+08:00`);
    case 'month':
      return (day) => day.slice(0, 7);
    case 'period':
      return (day) => day.slice(0, hasMonth ? 7 : 4);
    default:
      return (day) => day;
  }
}

const LENGTH_OF_DAY = 10;
const OF_SHANGHAI = /^\d{4}-\d\d-\d\d[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?\+08:00$/;

/**
 * Reads timestamps with offset, as sources give what their databases know to be a time: a column of days gets the civil day in Asia/Shanghai.
 * Old databases keep days in columns of times.
 */
export function timestampReader(form: Form): DateReader {
  const finish = finisher(form, true);
  return (cell) => {
    if (cell.length <= LENGTH_OF_DAY) return undefined;
    // As nearly every one is written: reading it as an instant costs twenty times as much.
    if (OF_SHANGHAI.test(cell) && isDay(cell.slice(0, LENGTH_OF_DAY)))
      return form.form === 'instant' ? cell : finish(cell.slice(0, LENGTH_OF_DAY), '');
    const instant = readInstant(cell);
    if (instant === undefined || form.form === 'instant') return instant;
    return finish(shanghaiDay(new Date(instant)), '');
  };
}
