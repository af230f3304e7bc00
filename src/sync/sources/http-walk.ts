/**
 * From page to page until the last one, so that no row between two pages is lost and none is read for ever.
 *
 * Cursors and addresses lead on by themselves. One that leads back to a page that was read is asked for again, because a busy register or a
 * cache may have answered with an older page; when it stays so, the run ends with a fault, never as if it were complete.
 *
 * Page numbers only count places in a list, and that has two consequences:
 *
 * - **The end.** A page that is shorter than asked for proves nothing, because registers give fewer rows than they are asked for. The end is a
 *   page without rows, or, of registers that answer every number behind the last page with the last page, one with exactly the rows of the page
 *   before, however often it is asked for. Either is believed only if the number behind it has no other rows either: if it has, rows are missing
 *   in the middle, and that is a fault.
 * - **Rows slip.** When a row in front is deleted, or is touched in a list ordered by the time of touching, everything behind moves up by one,
 *   and the first row of the next page slips into the page that was just read. So each page is read once more after the page behind it: what
 *   slipped is found there. When it has no row left that it had, a whole page or more has gone, and the run begins again. This doubles the requests
 *   and is left out without `since`, where the next run reads everything again anyway; a register that can page by cursor should.
 */
import { hash } from 'node:crypto';
import type { Page, Pages } from './http-pages';
import { PassingFault } from './http-retry';
import { textOf } from './http-values';
import { SourceFault } from './source';

/** What one step brought, and where the next goes: undefined behind the last page, `'first'` when the pages must be read from the first again. */
export interface Step {
  rows: readonly unknown[];
  bytes: number;
  date?: number;
  next: { place: string } | 'first' | undefined;
}

/** Reads on at a place; without one from the first page. Throws a SourceFault. */
export type Walk = (place: string | undefined, since: string | undefined) => Promise<Step>;

/** By cursors or addresses, whichever the pages have. One that leads back to the first page is found out one round later. */
export function followNext(pages: Pages): Walk {
  // Digests, because a cursor may be long and a run may have many.
  const asked = new Set<string>();
  return async (place, since) => {
    // The caller went back, because what was read from here on was not kept.
    if (place === undefined || asked.has(digestOf(place))) asked.clear();
    if (place !== undefined) asked.add(digestOf(place));
    const leadsOn = (page: Page) => {
      // No rows and the same cursor again: there is nothing behind it yet.
      const isEnd = page.next === undefined || (page.rows.length === 0 && page.next === place);
      if (!isEnd && asked.has(digestOf(page.next as string)))
        throw new PassingFault('named as its next page one that was read already', 'it would be read for ever');
    };
    const { rows, bytes, date, next } = await pages.read(place, since, leadsOn);
    const isEnd = next === undefined || next === place;
    return { rows, bytes, date, next: isEnd ? undefined : { place: next } };
  };
}

interface NumberedPage {
  number: number;
  rows: ReadonlySet<string>;
}

/** By numbers from `first`; `mayLose` tells whether a row that slips would not be read by the next run either. */
export function countOn(pages: Pages, first: number, mayLose: boolean): Walk {
  let before: NumberedPage | undefined;
  return async (place, since) => {
    const number = Number(place ?? first);
    if (number === first) before = undefined;
    else if (before?.number !== number - 1) return { rows: [], bytes: 0, next: 'first' };
    const page = await readNumbered(pages, number, before, since);
    const again = mayLose && before ? await readAgain(pages, before, since) : undefined;
    if (again === 'moved') return { rows: page?.rows ?? [], bytes: page?.bytes ?? 0, next: 'first' };
    before = page && { number, rows: rowsIn(page) };
    return {
      rows: [...(again?.rows ?? []), ...(page?.rows ?? [])],
      bytes: (again?.bytes ?? 0) + (page?.bytes ?? 0),
      date: page?.date,
      next: page && { place: String(number + 1) },
    };
  };
}

/** The page of a number; undefined behind the last one. */
async function readNumbered(
  pages: Pages,
  number: number,
  before: NumberedPage | undefined,
  since: string | undefined,
): Promise<Page | undefined> {
  const repeats = (page: Page) => before !== undefined && isSame(rowsIn(page), before.rows);
  const page = await pages.read(String(number), since, (read, isLast) => {
    if (!isLast && repeats(read)) throw new PassingFault(`answered page ${number} with the rows of the page before`);
  });
  const isRepeat = repeats(page);
  if (page.rows.length > 0 && !isRepeat) return page;
  const behind = await pages.read(String(number + 1), since);
  if (behind.rows.length === 0 || repeats(behind)) return undefined;
  if (isRepeat)
    throw new SourceFault(
      `answered page ${number} with the rows of the page before and the page behind it with others: check http.page.first`,
    );
  return await pages.read(String(number), since, (read) => {
    if (read.rows.length === 0)
      throw new PassingFault(`answered page ${number} without rows, but not the page behind it`);
  });
}

/** The rows of a page that was read before, when they are not what they were. */
async function readAgain(
  pages: Pages,
  before: NumberedPage,
  since: string | undefined,
): Promise<Page | 'moved' | undefined> {
  const hasStayed = (page: Page) => [...rowsIn(page)].some((row) => before.rows.has(row));
  const page = await pages.read(String(before.number), since, (read, isLast) => {
    if (!isLast && !hasStayed(read))
      throw new PassingFault(`answered page ${before.number} with quite other rows than before`);
  });
  if (!hasStayed(page)) return 'moved';
  return isSame(rowsIn(page), before.rows) ? undefined : page;
}

function rowsIn({ rows }: Page): ReadonlySet<string> {
  return new Set(rows.map((row) => digestOf(textOf(row))));
}

function isSame(these: ReadonlySet<string>, those: ReadonlySet<string>): boolean {
  return these.size === those.size && [...these].every((row) => those.has(row));
}

function digestOf(text: string): string {
  return hash('sha256', text, 'base64');
}
