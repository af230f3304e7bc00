/**
 * JSON (RFC 8259) whose long numbers keep their digits, and the way to a value in it.
 *
 * `JSON.parse` reads numbers as IEEE 754 doubles, which hold 15 decimal digits for sure: an identity number or a cursor of 18 digits that a
 * register writes without quotes would become another one, and nobody would notice. So numbers of more digits are put in quotes before the
 * text is parsed, and become their own text.
 */

/** Digits that survive a double whatever they are (IEEE 754-2008, 5.12.2). */
const DIGITS_SURE = 15;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** May such a number be there? It stands behind a colon, comma, bracket or blank; a number in quotes, as nearly all long ones are, does not. */
const PERHAPS_LONG = /(?:^|[\s:,[])-?\d[\d.]{15}/;

/** The value that a JSON text holds; numbers of more than 15 digits as text. Throws a SyntaxError, whose message must not be shown: it quotes the text. */
export function parseJson(text: string): unknown {
  return JSON.parse(PERHAPS_LONG.test(text) ? withLongNumbersQuoted(text) : text);
}

/** Outside of strings, digits stand in numbers only; so strings are passed over as they are and everything between them is searched. */
function withLongNumbersQuoted(text: string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const opening = text.indexOf('"', at);
    const between = text.slice(at, opening < 0 ? text.length : opening);
    parts.push(between.replace(NUMBER, (number) => (isLong(number) ? `"${number}"` : number)));
    if (opening < 0) break;
    at = behindString(text, opening + 1);
    parts.push(text.slice(opening, at));
  }
  return parts.join('');
}

function isLong(number: string): boolean {
  return number.length > DIGITS_SURE && (number.split(/[eE]/, 1)[0] as string).replace(/\D/g, '').length > DIGITS_SURE;
}

/** Behind the quote that closes a string: the first before which the backslashes pair. */
function behindString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** The value at a path of property names and list places, as `data.items` or `pages.0.next`; undefined when there is none. Empty: the value itself. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** The property of a row that a column names: one of exactly this name, else the value at this path. */
export function propertyAt(row: object, column: string): unknown {
  if (Object.hasOwn(row, column)) return (row as Record<string, unknown>)[column];
  return column.includes('.') ? valueAt(row, pathOf(column)) : undefined;
}

/** Whether a value is what JSON calls an object. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `data.items` as the names it is made of. */
export function pathOf(text: string): readonly string[] {
  return text === '' ? [] : text.split('.');
}
