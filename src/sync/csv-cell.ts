/**
 * Cells of CSV files that people open in a spreadsheet.
 *
 * A spreadsheet takes text beginning with `=`, `+`, `-`, `@`, a tab or a line end, or with a full-width form of these signs, for a formula, and a
 * formula can fetch, send and start programs. An apostrophe before it makes it text (OWASP, "CSV Injection",
 * https://owasp.org/www-community/attacks/CSV_Injection). Text that already stands behind apostrophes gets one more, so that taking one off
 * gives back exactly what was there: `=1+1` is written `'=1+1`, and `'=1+1` is written `''=1+1`. Whatever is exported loads to the same value.
 *
 * Negative numbers stay as they are: they are values in every spreadsheet, and a column of them can be added up.
 */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;
const NEUTRALISED = /^'+[=+\-@\t\r\n＝＋－＠]/;
const NEGATIVE_NUMBER = /^-\d+(?:\.\d+)?$/;
const NEEDS_QUOTES = /[",\r\n]/;

/** One cell of a line of CSV, ready to be joined with commas: neutralised as above, and in quotes where RFC 4180, section 2, asks for them. */
export function exportedCell(value: string): string {
  return quotedCell(FORMULA.test(value) && !NEGATIVE_NUMBER.test(value) ? `'${value}` : value);
}

/** The same, not neutralised: for text that no spreadsheet will open, such as a row in quarantine. */
export function quotedCell(value: string): string {
  return NEEDS_QUOTES.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** The value of a cell whose quotes have been taken off: the opposite of `exportedCell`. */
export function importedCell(cell: string): string {
  return cell.startsWith("'") && NEUTRALISED.test(cell) ? cell.slice(1) : cell;
}
