/**
 * Values of a database into text of the exchange format. No value is null there: what the register leaves empty is an empty cell.
 *
 * - A day stays `YYYY-MM-DD`. A time without offset gets the register's, `2026-06-30T08:00:00.123456+08:00`; one with an offset keeps it.
 * - Numbers are their digits, with every decimal and none added. Truth is `true` or `false` where the database knows it; where it is a number
 *   (MySQL's tinyint and bit), `1` or `0`. A code table of the mapping can name either.
 * - Bytes are hex in small letters. Text stays as it is, padding too.
 * - MySQL's day zero, `0000-00-00`, says that there is none. A day or time that the exchange format cannot say, such as `infinity`, stays as the
 *   database writes it, for a code table to name.
 */
import type { ValueForm } from './dialect';

const ZERO_DAY = '0000-00-00';
const MOMENT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$/;
const INSTANT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) ?([+-]\d\d)(?::(\d\d))?$/;

export type ToExchange = (value: string) => string;

const asIs: ToExchange = (value) => value;
const withZero: ToExchange = (value) => value.replace(/^(-?)\./, '$10.');
const lower: ToExchange = (value) => value.toLowerCase();
const dayOrNone: ToExchange = (value) => (value === ZERO_DAY ? '' : value);
const truth: ToExchange = (value) => TRUTHS[value] ?? value;
const isoInstant: ToExchange = (value) => {
  const [, day, time, hours, minutes = '00'] = INSTANT.exec(value) ?? [];
  return day === undefined ? value : `${day}T${time}${hours}:${minutes}`;
};
const TRUTHS: Readonly<Record<string, string>> = { t: 'true', f: 'false', '1': 'true', '0': 'false' };

/** What makes exchange text of a column's values. `offset` is the register's, as `+08:00`. */
export function toExchange(form: ValueForm, offset: string): ToExchange {
  switch (form) {
    case 'number':
      return withZero;
    case 'boolean':
      return truth;
    case 'day':
      return dayOrNone;
    case 'moment':
      return (value) => {
        if (value.startsWith(ZERO_DAY)) return '';
        return MOMENT.test(value) ? `${value.slice(0, 10)}T${value.slice(11)}${offset}` : value;
      };
    case 'instant':
      return isoInstant;
    case 'binary':
    case 'object':
      return lower;
    default:
      return asIs;
  }
}
