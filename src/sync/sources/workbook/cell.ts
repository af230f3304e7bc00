/**
 * What a cell of a spreadsheet says, as the text an exchange file would hold (ECMA-376, part 1, sections 18.3.1.4 and 18.18.11).
 *
 * Days and times are numbers that only their format tells apart from amounts; so a cell formatted as a day becomes `YYYY-MM-DD`, with a time that of
 * Shanghai, and the first of a month formatted as a month becomes `YYYY-MM`, which is what a spreadsheet makes of a month that is typed in.
 */

/** What is wrong with a cell; `says` completes "<column> …" and repeats nothing but the name of a spreadsheet's error. */
export interface CellFault {
  says: string;
  /** What can be shown of the cell in quarantine. */
  shown: string;
}

/** How a style shows numbers: as a day or time, as a month, with so many leading zeros, or as they are. */
export type Format = { is: 'date' } | { is: 'month' } | { is: 'zeros'; digits: number } | { is: 'plain' };

/** One cell as the sheet has it: `value` is its `<v>`, or the text of its `<is>`. */
export interface SheetCell {
  type: string;
  format: Format;
  value: string | undefined;
  hasFormula: boolean;
}

/** What the workbook says for all its cells. */
export interface CellContext {
  sharedTexts: readonly string[];
  /** Days are counted from 1904 and not from 1900. */
  from1904: boolean;
}

/** As many as a spreadsheet lets a cell hold. */
export const TEXT_CHARACTERS_MAX = 32_767;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
/** A spreadsheet keeps 15 digits of a number (IEEE 754); of a citizen identity number the last three would be zeros. */
const DIGITS_MAX = 15;
const DAY_MILLISECONDS = 86_400_000;
/** 1899-12-30: day numbers count from here, as 1900 is taken for a leap year and day 60 for 29 February 1900, which never was. */
const DAY_ZERO = Date.UTC(1899, 11, 30);
const FALSE_LEAP_DAY = 60;
const DAYS_FROM_1900_TO_1904 = 1_462;
const LAST_DAY = 2_958_465;
const ERROR_NAME = /^#[A-Z0-9/!?_]{2,20}$/;
const SHOWN_OF_LONG_TEXT = 2_000;
const ESCAPE = /_x([0-9a-f]{4})_/gi;

export function textOf(cell: SheetCell, context: CellContext): string | CellFault {
  const { type, value, hasFormula } = cell;
  if (value === undefined) {
    if (hasFormula)
      return { says: 'holds a formula without its result: let the spreadsheet calculate and save it', shown: '=' };
    return '';
  }
  if (value.length > TEXT_CHARACTERS_MAX)
    return { says: `holds more than ${TEXT_CHARACTERS_MAX} characters`, shown: value.slice(0, SHOWN_OF_LONG_TEXT) };
  switch (type) {
    case 's':
      return context.sharedTexts[/^\d{1,9}$/.test(value) ? Number(value) : -1] ?? strange(value);
    case 'str':
    case 'inlineStr':
      return unescaped(value);
    case 'b':
      return value === '1' ? 'TRUE' : value === '0' ? 'FALSE' : strange(value);
    case 'e':
      return ERROR_NAME.test(value)
        ? { says: `holds the error ${value}: mend it in the spreadsheet`, shown: value }
        : { says: 'holds an error: mend it in the spreadsheet', shown: value };
    case 'd':
      return readIso(value.trim());
    case 'n':
      return value === '' ? '' : readNumber(value.trim(), cell.format, context.from1904);
    default:
      return strange(value);
  }
}

function strange(value: string): CellFault {
  return { says: 'holds something that no spreadsheet writes: save it as .xlsx again', shown: value };
}

/** Characters that XML cannot hold (ECMA-376, part 1, section 22.9.2.19: ST_Xstring). */
export function unescaped(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function readNumber(value: string, format: Format, from1904: boolean): string | CellFault {
  if (!NUMBER.test(value)) return strange(value);
  const number = Number(value);
  if (format.is === 'date' || format.is === 'month') return readDay(number, format.is, from1904, value);
  if (Math.abs(number) >= 10 ** DIGITS_MAX)
    return {
      says: `holds a number of more than ${DIGITS_MAX} digits, of which a spreadsheet loses the last: format the column as text and enter it again`,
      shown: value,
    };
  const digits = plainDigits(number);
  return format.is === 'zeros' && /^\d+$/.test(digits) ? digits.padStart(format.digits, '0') : digits;
}

/** The digits that the spreadsheet shows: a calculated 0.30000000000000004 is 0.3. */
function plainDigits(number: number): string {
  const rounded = Number(number.toPrecision(DIGITS_MAX));
  const text = String(rounded);
  return text.includes('e') ? rounded.toFixed(20).replace(/\.?0+$/, '') : text;
}

function readDay(number: number, shape: 'date' | 'month', from1904: boolean, shown: string): string | CellFault {
  const serial = from1904 ? number + DAYS_FROM_1900_TO_1904 : number;
  const day = Math.floor(serial);
  if (day < 1) return { says: 'holds a time without a day: enter the day with it', shown };
  if (day > LAST_DAY || day === FALSE_LEAP_DAY)
    return { says: 'is formatted as a day and holds none that exists', shown };
  const instant = new Date(DAY_ZERO + Math.round((serial + (day < FALSE_LEAP_DAY ? 1 : 0)) * DAY_MILLISECONDS));
  const text = instant.toISOString();
  const date = text.slice(0, 10);
  if (text.slice(11, 23) !== '00:00:00.000') return `${date}T${text.slice(11, 23).replace('.000', '')}+08:00`;
  return shape === 'month' && date.endsWith('-01') ? date.slice(0, 7) : date;
}

/** A cell of type `d` holds ISO 8601, without an offset as a rule. */
function readIso(value: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2}(?:\.\d+)?)$/.exec(value);
  if (!match) return value;
  return /^[0:.]+$/.test(match[2] as string) ? (match[1] as string) : `${value}+08:00`;
}

/** Formats that every spreadsheet knows without being told (ECMA-376, part 1, section 18.8.30, with those of Chinese). */
const BUILT_IN: Readonly<Record<number, Format['is']>> = {
  ...Object.fromEntries([14, 15, 16, 18, 19, 20, 21, 22, 45, 46, 47].map((id) => [id, 'date'])),
  ...Object.fromEntries([28, 29, 30, 31, 32, 33, 34, 35, 51, 53, 54, 55, 56, 58].map((id) => [id, 'date'])),
  ...Object.fromEntries([17, 27, 36, 50, 52, 57].map((id) => [id, 'month'])),
};

/** What a number format means, by its code where the workbook gives one, else by its number. */
export function formatOf(id: number, code: string | undefined): Format {
  if (code === undefined) return { is: BUILT_IN[id] ?? 'plain' } as Format;
  const [first = ''] = code
    .replace(/"[^"]*"|\\.|[_*]./g, ' ')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
    .toLowerCase()
    .split(';');
  if (/general|[#?]/.test(first)) return { is: 'plain' };
  const isYear = /y|e(?![+-])/.test(first);
  if (/[dhs]/.test(first) || (isYear && !/m/.test(first))) return { is: 'date' };
  if (/m/.test(first)) return { is: isYear ? 'month' : 'date' };
  const zeros = /^\s*(0+)\s*$/.exec(first)?.[1];
  return zeros && zeros.length > 1 ? { is: 'zeros', digits: zeros.length } : { is: 'plain' };
}
