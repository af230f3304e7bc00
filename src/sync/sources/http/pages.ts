/** One page of a register: where it is asked for, what must be in its answer, and where the next one is said to be. */
import type { HttpSetting } from '../../setting';
import { SourceFault } from '../source';
import { pathOf, valueAt } from './json';
import type { HttpLimits } from './limits';
import { type Answer, addressOf, getJson, type Requests } from './request';
import { PassingFault, type Patience, patiently } from './retry';

/** What an answer held. */
export interface Page {
  rows: readonly unknown[];
  /** The next page's cursor or absolute address; undefined behind the last page, and where pages are numbered. */
  next?: string;
  bytes: number;
  /** The register's own clock, as milliseconds since 1970. */
  date?: number;
}

/** The pages of one register in one run. */
export interface Pages {
  /**
   * Asks for the page at a number, cursor or address; without one for the first. `judge` throws a PassingFault to have the page asked for again.
   * Throws a SourceFault.
   */
  read(place: string | undefined, since?: string, judge?: (page: Page, isLast: boolean) => void): Promise<Page>;
}

export function pagesOf(
  url: URL,
  setting: Pick<HttpSetting, 'rows' | 'page' | 'size' | 'since'>,
  requests: Requests,
  patience: Patience,
): Pages {
  const { limits } = requests;
  let count = 0;
  return {
    async read(place, since, judge) {
      count += 1;
      if (count > limits.pagesPerRunMax)
        throw new SourceFault(
          `has more than ${limits.pagesPerRunMax} pages, or never ends: ask for more rows a page with http.size`,
        );
      const address = addressAt(url, setting, place, since);
      return await patiently(patience, async (isLast) => {
        const page = pageIn(await getJson(address, requests), setting, place === undefined, limits);
        judge?.(page, isLast);
        return page;
      });
    },
  };
}

function addressAt(
  url: URL,
  { page, size, since: asked }: Pick<HttpSetting, 'page' | 'size' | 'since'>,
  place: string | undefined,
  since: string | undefined,
): URL {
  // The register wrote a next page's address itself: everything that was asked for is in it.
  if (page.by === 'address' && place !== undefined) {
    const next = addressOf(place);
    if (!next) throw new SourceFault('has a checkpoint that is no address: read it from its beginning');
    return next;
  }
  const address = new URL(url);
  if (page.by === 'number') address.searchParams.set(page.parameter, place ?? String(page.first));
  if (page.by === 'cursor' && place !== undefined) address.searchParams.set(page.parameter, place);
  if (size) address.searchParams.set(size.parameter, String(size.rows));
  if (asked && since !== undefined) address.searchParams.set(asked.parameter, since);
  return address;
}

function pageIn(
  { value, url, bytes, date }: Answer,
  { rows: path, page, size }: Pick<HttpSetting, 'rows' | 'page' | 'size'>,
  isFirst: boolean,
  limits: HttpLimits,
): Page {
  const rows = valueAt(value, pathOf(path));
  // Registers that are busy say so with status 200 too, and null where rows should be: no rows is an empty list, never null.
  if (!Array.isArray(rows))
    throw new PassingFault(
      path === '' ? 'answered with something that is not a list of rows' : `answered without a list of rows at ${path}`,
      'check http.rows; the next run tries again',
    );
  if (rows.length > limits.rowsPerPageMax)
    throw new SourceFault(
      `answered with more than ${limits.rowsPerPageMax} rows: ask for fewer rows a page with http.size`,
    );
  if (page.by === 'number') return { rows, bytes, date };
  const next = valueAt(value, pathOf(page.next));
  if (next === undefined && isFirst && size && rows.length >= size.rows)
    throw new SourceFault(`filled its first page and named no next one at ${page.next}: check http.page.next`);
  return { rows, bytes, date, next: nextOf(next, page, url, limits) };
}

function nextOf(
  next: unknown,
  page: Extract<HttpSetting['page'], { next: string }>,
  url: URL,
  limits: HttpLimits,
): string | undefined {
  if (next === undefined || next === null || next === '' || next === false) return undefined;
  const text = typeof next === 'number' ? String(next) : next;
  if (typeof text !== 'string' || text.length > limits.placeCharactersMax)
    throw new SourceFault(
      `names a next page at ${page.next} that is no text of at most ${limits.placeCharactersMax} characters: check http.page.next`,
    );
  if (page.by === 'cursor') return text;
  const address = addressOf(text, url);
  if (!address) throw new SourceFault(`names a next page at ${page.next} that is no address: check http.page.next`);
  address.hash = '';
  return address.href;
}
