/**
 * The forms of bureaus/record.ts as they are read from a cell: each reader takes a cell that is not empty and gives the value in its one
 * canonical text, fit for PostgreSQL, or says what is wrong with it. It never repeats the cell, which may hold a person's data.
 */
import { isDay, readDay, readInstant } from '../bureaus/calendar';
import { isDistrictCode } from '../bureaus/district';
import type { Form } from '../bureaus/form';
import type { Keys } from './number-keys';

/** What is wrong with a cell; completes "<column> …". */
export class Fault {
  constructor(readonly says: string) {}
}

export type Reader = (cell: string) => string | Fault;

const TEXT_CHARACTERS_MAX = 500;
const NUMBERS_MAX = 50;
const NUMBER_CHARACTERS_MAX = 40;

/** As nearly every amount is delivered, and already canonical: taking it as it is makes a claim's six amounts four times cheaper. */
const CANONICAL_MONEY = /^(?:0|[1-9]\d{0,11})\.\d\d$/;
const MONEY = /^(\d{1,12})(?:\.(\d{1,2}))?$/;
const DECIMAL = /^(\d{1,10})(?:\.(\d{1,4}))?$/;
const COMMON_INSTANT = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\+08:00$/;
const SHANGHAI_MILLISECONDS = 8 * 3_600_000;

const tooLong = new Fault(`is longer than ${TEXT_CHARACTERS_MAX} characters`);
const noDay = new Fault('is no day that exists, as YYYY-MM-DD or YYYYMMDD');
const noInstant = new Fault('is neither a timestamp with offset (2026-06-30T08:00:00+08:00) nor a day');
const noMonth = new Fault('is no month, YYYY-MM');
const noPeriod = new Fault('is neither a month, YYYY-MM, nor a year, YYYY');
const noMoney = new Fault('is no amount in yuan: digits, at most two decimals, never negative');
const noDecimal = new Fault('is no number: digits, at most four decimals, never negative');
const noLineNumber = new Fault('is no line number: one to nine digits');
const noDistrict = new Fault('is no six-digit code of GB/T 2260 in an existing province');
const tooManyNumbers = new Fault(`lists more than ${NUMBERS_MAX} numbers`);
const longNumber = new Fault(`lists a number of more than ${NUMBER_CHARACTERS_MAX} characters`);

/** The reader of a form. Derived forms have none: nobody delivers them. */
export function readerOf(form: Form, keys: Keys): Reader | undefined {
  switch (form.form) {
    case 'text':
      return readText;
    case 'day':
      return (cell) => readDay(cell) ?? noDay;
    case 'instant':
      return readCanonicalInstant;
    case 'month':
      return (cell) => (isMonth(cell) ? cell : noMonth);
    case 'period':
      return (cell) => (isMonth(cell) || (/^\d{4}$/.test(cell) && isMonth(`${cell}-01`)) ? cell : noPeriod);
    case 'money':
      return readMoney;
    case 'decimal':
      return readDecimal;
    case 'lineNumber':
      return (cell) => (/^\d{1,9}$/.test(cell) ? cell : noLineNumber);
    case 'district':
      return (cell) => (isDistrictCode(cell) ? cell : noDistrict);
    case 'idNumber':
      return numberReader(keys);
    case 'numberList':
      return readNumberList;
    case 'pattern':
      return patternReader(form.pattern, form.says);
    case 'code':
      return codeReader(Object.keys(form.codes));
    default:
      return undefined;
  }
}

function readText(cell: string): string | Fault {
  return cell.length > TEXT_CHARACTERS_MAX ? tooLong : cell;
}

/** One instant has one text: civil time of Shanghai, as nearly every bureau writes it, so that another offset is no other content. */
export function readCanonicalInstant(cell: string): string | Fault {
  if (COMMON_INSTANT.test(cell)) return isDay(cell.slice(0, 10)) ? cell : noInstant;
  const instant = readInstant(cell);
  if (instant === undefined) return noInstant;
  if (instant.endsWith('T00:00:00+08:00')) return instant;
  const [, fraction = ''] = /\.(\d+)/.exec(instant) ?? [];
  const whole = Date.parse(instant.replace(/\.\d+/, ''));
  const shanghai = new Date(whole + SHANGHAI_MILLISECONDS).toISOString().slice(0, 19);
  const kept = fraction.replace(/0+$/, '');
  return `${shanghai}${kept === '' ? '' : `.${kept}`}+08:00`;
}

function isMonth(text: string): boolean {
  return text.length === 7 && isDay(`${text}-01`);
}

function readMoney(cell: string): string | Fault {
  if (CANONICAL_MONEY.test(cell)) return cell;
  const match = MONEY.exec(cell);
  return match ? `${withoutZeros(match[1] as string)}.${(match[2] ?? '').padEnd(2, '0')}` : noMoney;
}

function readDecimal(cell: string): string | Fault {
  const match = DECIMAL.exec(cell);
  return match ? `${withoutZeros(match[1] as string)}.${(match[2] ?? '').padEnd(4, '0')}` : noDecimal;
}

function withoutZeros(digits: string): string {
  return digits.length > 1 && digits.startsWith('0') ? digits.replace(/^0+(?=\d)/, '') : digits;
}

function numberReader(keys: Keys): Reader {
  return (cell) => {
    const { checked } = keys.ofNumber(cell);
    return checked.ok ? cell : new Fault(checked.reason);
  };
}

/** Canonical as `number;number`. The numbers themselves are not checked (records.md: previous_id_numbers). */
function readNumberList(cell: string): string | Fault {
  const numbers = cell.split(';').map((number) => number.trim());
  const listed = [...new Set(numbers.filter((number) => number !== ''))];
  if (listed.length > NUMBERS_MAX) return tooManyNumbers;
  return listed.some((number) => number.length > NUMBER_CHARACTERS_MAX) ? longNumber : listed.join(';');
}

function patternReader(pattern: RegExp, says: string): Reader {
  const fault = new Fault(`is not ${says}`);
  return (cell) => (pattern.test(cell) ? cell : fault);
}

function codeReader(codes: readonly string[]): Reader {
  const known = new Map(codes.map((word) => [word, word]));
  const fault = new Fault(`is none of ${codes.join(', ')}`);
  return (cell) => known.get(cell) ?? fault;
}
