/**
 * Civil days as whole numbers (days since 1970-01-01), so that a city's lifetimes are sums and comparisons; they become text on the way
 * into a file. No time zone takes part.
 */
const DAY_MILLISECONDS = 86_400_000;
const FIRST_DAY_KEPT = -60_000;
// Full length from the start: an array that grew by far leaps would become a slow dictionary.
const texts = new Array<string | undefined>(150_000);

/** The number of a day written `YYYY-MM-DD`. */
export function dayNumber(text: string): number {
  return Math.round(Date.parse(`${text}T00:00:00Z`) / DAY_MILLISECONDS);
}

/** A day as `YYYY-MM-DD`. Kept once written: a city has some 40,000 different days and writes them millions of times. */
export function dayText(day: number): string {
  let text = texts[day - FIRST_DAY_KEPT];
  if (text === undefined) {
    text = new Date(day * DAY_MILLISECONDS).toISOString().slice(0, 10);
    texts[day - FIRST_DAY_KEPT] = text;
  }
  return text;
}

/** The month of a day, `YYYY-MM`. */
export function monthText(day: number): string {
  return dayText(day).slice(0, 7);
}

/** The year of a day. */
export function yearOf(day: number): number {
  return Number(dayText(day).slice(0, 4));
}

/** The first day of the month of a day. */
export function monthStart(day: number): number {
  return day - Number(dayText(day).slice(8)) + 1;
}

/** The last day of the month of a day. */
export function monthEnd(day: number): number {
  return monthStart(monthStart(day) + 31) - 1;
}

/** The same calendar day some years later; 29 February becomes 1 March. */
export function yearsLater(day: number, years: number): number {
  const text = dayText(day);
  return Math.round(
    Date.UTC(yearOf(day) + years, Number(text.slice(5, 7)) - 1, Number(text.slice(8))) / DAY_MILLISECONDS,
  );
}

/** An instant in the time of the bureaus, `YYYY-MM-DDThh:mm:ss+08:00`; `second` counts from midnight. */
export function instantText(day: number, second: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${dayText(day)}T${two(second / 3600)}:${two((second / 60) % 60)}:${two(second % 60)}+08:00`;
}
