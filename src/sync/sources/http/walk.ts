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
 *   before, however often it is asked for. Either is believed only if the number behind it has no other rows either: if it has, or if the rows
 *   are those of a page further back, rows are missing in the middle, and that is a fault.
 * - **Rows slip.** When a row in front is deleted, or is touched in a list ordered by the time of touching, everything behind moves up by one,
 *   and the first row of the next page slips into the page that was just read. So each page is read once more after the page behind it: what
 *   slipped is found there. When it has no row left that it had, a whole page or more has gone, and the run begins again. Only a row that goes
 *   in front and another that comes in front within the same two requests hide each other. This doubles the requests and is left out without
 *   `since`, where the next run reads everything again anyway; a register that can page by cursor should.
 */
import { hash } from 'node:crypto';
import { SourceFault } from '../source';
import type { Page, Pages } from './pages';
import { PassingFault } from './retry';
import { textOf } from './values';

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

/** What a page held when it was read: its rows, in digests, and a digest of them all in whatever order. */
interface Held {
  rows: ReadonlySet<string>;
  digest: string;
}

/** By numbers from `first`; `mayLose` tells whether a row that slips would not be read by the next run either. */
export function countOn(pages: Pages, first: number, mayLose: boolean): Walk {
  // Pages of the run, in digests, and the last of them.
  const read = new Set<string>();
  let before: (Held & { number: number }) | undefined;
  return async (place, since) => {
    const number = Number(place ?? first);
    if (number === first) {
      before = undefined;
      read.clear();
    } else if (before?.number !== number - 1) return { rows: [], bytes: 0, next: 'first' };
    const page = await readNumbered({ pages, number, since, before, read });
    const again = mayLose && before ? await readAgain(pages, before, since) : undefined;
    if (again === 'moved') return { rows: page?.rows ?? [], bytes: page?.bytes ?? 0, next: 'first' };
    before = page && { number, ...heldBy(page) };
    if (before) read.add(before.digest);
    return {
      rows: [...(again?.rows ?? []), ...(page?.rows ?? [])],
      bytes: (again?.bytes ?? 0) + (page?.bytes ?? 0),
      date: page?.date,
      next: page && { place: String(number + 1) },
    };
  };
}

interface Numbered {
  pages: Pages;
  number: number;
  since: string | undefined;
  before: Held | undefined;
  read: ReadonlySet<string>;
}

/** The page of a number; undefined behind the last one. */
async function readNumbered({ pages, number, since, before, read }: Numbered): Promise<Page | undefined> {
  const isRepeat = (page: Page) => page.rows.length > 0 && read.has(heldBy(page).digest);
  const page = await pages.read(String(number), since, (answered, isLast) => {
    if (!isLast && isRepeat(answered))
      throw new PassingFault(`answered page ${number} with the rows of one that was read already`);
  });
  const isRepeated = isRepeat(page);
  if (page.rows.length > 0 && !isRepeated) return page;
  const behind = await pages.read(String(number + 1), since);
  const isEnd =
    (!isRepeated || heldBy(page).digest === before?.digest) && (behind.rows.length === 0 || isRepeat(behind));
  if (isEnd) return undefined;
  if (isRepeated)
    throw new SourceFault(
      `answered page ${number} with the rows of one that was read already, and it is not the last: check http.page.first`,
    );
  return await pages.read(String(number), since, (answered) => {
    if (answered.rows.length === 0)
      throw new PassingFault(`answered page ${number} without rows, but not the page behind it`);
  });
}

/** The rows of a page that was read before, when they are not what they were. */
async function readAgain(
  pages: Pages,
  before: Held & { number: number },
  since: string | undefined,
): Promise<Page | 'moved' | undefined> {
  const hasStayed = (page: Page) => [...heldBy(page).rows].some((row) => before.rows.has(row));
  const page = await pages.read(String(before.number), since, (answered, isLast) => {
    if (!isLast && !hasStayed(answered))
      throw new PassingFault(`answered page ${before.number} with quite other rows than before`);
  });
  if (!hasStayed(page)) return 'moved';
  return heldBy(page).digest === before.digest ? undefined : page;
}

const held = new WeakMap<Page, Held>();

/** Reckoned once, because a page is compared several times. */
function heldBy(page: Page): Held {
  const known = held.get(page);
  if (known) return known;
  const rows = new Set(page.rows.map((row) => digestOf(textOf(row))));
  const reckoned = { rows, digest: digestOf([...rows].sort().join()) };
  held.set(page, reckoned);
  return reckoned;
}

function digestOf(text: string): string {
  return hash('sha256', text, 'base64');
}
