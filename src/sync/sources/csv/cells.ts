/**
 * Lines into records (RFC 4180): cells between commas, a cell in quotes may hold commas, line ends and doubled quotes.
 *
 * A broken record costs its first line and nothing else: reading resumes at the next line. That is why this is not `csv-parse`, which at a
 * quote that is never closed takes the rest of the file for one cell; lines without a quote, nearly all, are split as they are (README.md has
 * the measurement).
 */
import type { FileLimits } from '../limits';
import type { Line } from './lines';

/** One record: the number of its first line, its text as delivered, and its cells or what is wrong with it. */
export interface CsvRecord {
  line: number;
  raw: string;
  cells?: string[];
  fault?: string;
}

const QUOTE = '"';
const NOT_CLOSED = 'a quote opened in this line is not closed';

/**
 * Cuts lines into records of `columns` cells (undefined: as many as come, for a header). Lines that may belong to a record which has not
 * ended yet are returned, to be put before the lines that follow; with `last` none are.
 */
export function cutRecords(
  lines: readonly Line[],
  columns: number | undefined,
  last: boolean,
  limits: FileLimits,
  records: CsvRecord[],
): Line[] {
  for (let at = 0; at < lines.length; at++) {
    const { number, text, fault } = lines[at] as Line;
    if (fault !== undefined) {
      records.push({ line: number, raw: text, fault });
    } else if (!text.includes(QUOTE)) {
      if (text !== '')
        records.push(
          counted({ line: number, raw: text, cells: text.split(',', (columns ?? limits.columnsMax) + 1) }, columns),
        );
    } else if (quotesPair(text)) {
      records.push(counted(quoted(number, text), columns));
    } else {
      const alone = quoted(number, text);
      if (alone.fault !== NOT_CLOSED) {
        records.push(alone);
        continue;
      }
      const closing = closingLine(lines, at, limits);
      if (closing === undefined && !last && !isBeyond(lines, at, limits)) return lines.slice(at);
      const whole = closing === undefined ? undefined : overLines(lines.slice(at, closing + 1), columns);
      if (whole) at = closing as number;
      records.push(whole ?? alone);
    }
  }
  return [];
}

/** A line with an odd number of quotes ends inside a cell, or began there: the next such line is the only one that can close it. */
function closingLine(lines: readonly Line[], from: number, limits: FileLimits): number | undefined {
  let characters = (lines[from] as Line).text.length;
  for (let at = from + 1; at < lines.length; at++) {
    const { text } = lines[at] as Line;
    characters += text.length + 1;
    if (characters > limits.recordCharactersMax) return undefined;
    if (!quotesPair(text)) return at;
  }
  return undefined;
}

function isBeyond(lines: readonly Line[], from: number, limits: FileLimits): boolean {
  let characters = 0;
  for (let at = from; at < lines.length; at++) {
    characters += (lines[at] as Line).text.length + 1;
    if (characters > limits.recordCharactersMax) return true;
  }
  return false;
}

function overLines(lines: readonly Line[], columns: number | undefined): CsvRecord | undefined {
  const record = quoted((lines[0] as Line).number, lines.map((line) => line.text).join('\n'));
  if (!record.cells || (columns !== undefined && record.cells.length !== columns)) return undefined;
  const broken = lines.find((line) => line.fault !== undefined);
  return broken ? { line: record.line, raw: record.raw, fault: broken.fault } : record;
}

function counted(record: CsvRecord, columns: number | undefined): CsvRecord {
  if (columns === undefined || !record.cells || record.cells.length === columns) return record;
  const count = record.cells.length > columns ? `more than ${columns} cells` : `${record.cells.length} cells`;
  return { line: record.line, raw: record.raw, fault: `the line has ${count}, the header has ${columns}` };
}

function quotesPair(text: string): boolean {
  let pair = true;
  for (let at = text.indexOf(QUOTE); at >= 0; at = text.indexOf(QUOTE, at + 1)) pair = !pair;
  return pair;
}

function quoted(line: number, text: string): CsvRecord {
  const cells: string[] = [];
  for (let at = 0; at <= text.length; ) {
    if (text[at] !== QUOTE) {
      const comma = text.indexOf(',', at);
      const cell = text.slice(at, comma < 0 ? text.length : comma);
      if (cell.includes(QUOTE))
        return { line, raw: text, fault: 'a quote stands inside a cell that does not begin with one' };
      cells.push(cell);
      at += cell.length + 1;
      continue;
    }
    const end = closingQuote(text, at + 1);
    if (end < 0) return { line, raw: text, fault: NOT_CLOSED };
    cells.push(text.slice(at + 1, end).replaceAll('""', QUOTE));
    if (end + 1 < text.length && text[end + 1] !== ',')
      return { line, raw: text, fault: 'text follows a closing quote' };
    at = end + 2;
  }
  return { line, raw: text, cells };
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf(QUOTE, from); at >= 0; at = text.indexOf(QUOTE, at + 2)) {
    if (text[at + 1] !== QUOTE) return at;
  }
  return -1;
}
