/**
 * A bureau's register that answers with pages of JSON, read with `fetch`.
 *
 * A chunk is read whole before its first row is given: only then are its columns known, because JSON leaves out what is empty, and the store
 * never waits for a slow register. What is asked for, in which order, and when to stop is in walk.ts; what may be asked again in retry.ts.
 *
 * A checkpoint inside a run is the cursor or address of the next page, and a run that was killed goes on there; when the register has forgotten
 * the place, it begins again. Page numbers shift while nobody is looking, so a run by numbers that was killed begins again. Behind the last page
 * the checkpoint is `since`: the highest watermark seen, but no later than the clock of the register (or ours, if that is behind) when the run
 * began. A row touched during the run may have moved behind our back, and the next run must see it; and one row dated 2099 must not hide all
 * that follow. Without `since` the checkpoint behind the last page is empty, and the next run reads everything again.
 */
import { createHash } from 'node:crypto';
import { setTimeout as pauseFor } from 'node:timers/promises';
import type { HttpSetting } from '../../setting';
import { type Checkpoint, type Chunk, type Register, SourceFault, type SourceRow } from '../source';
import { isObject, propertyAt } from './json';
import { HTTP_LIMITS, type HttpLimits } from './limits';
import { pagesOf } from './pages';
import { type Requests, StatusFault } from './request';
import { columnsOf, type Layout, sourceRow } from './values';
import { countOn, followNext, type Step, type Walk } from './walk';
import { movedTo, readWatermark, type Watermark } from './watermark';

export interface HttpOptions {
  now?: () => Date;
  /** Waits before a page is asked for again. */
  pause?: (milliseconds: number) => Promise<void>;
  /** A number from 0 up to 1. */
  random?: () => number;
  limits?: Partial<HttpLimits>;
  /**
   * The columns that will be asked for, by the register's names: they are there even when no row of a chunk has them, and what else a row holds
   * may be of any shape. Without them every property that a row of the chunk has becomes a column.
   */
  columns?: readonly string[];
  /** Without `columns`: those among all properties that will be read; what is unfit in another makes no row a fault. All unless told. */
  needed?: readonly string[];
  /** The column that becomes `source_id`, by the register's name; `source_id` unless told. */
  key?: string;
}

/** How far a run is: where it reads on, and what the checkpoint behind its last page will need. */
interface Run {
  since?: Watermark;
  /** When it began, in milliseconds since 1970; known with the first answer. */
  began?: number;
  /** The highest watermark of its rows. */
  seen?: Watermark;
  place?: string;
  isEnded: boolean;
}

const BATCH_ROWS = 2_000;
/** How a place that a register no longer knows is answered. */
const FORGOTTEN: ReadonlySet<number> = new Set([400, 404, 410, 422]);

/** Asks for nothing yet. Throws a SourceFault when the setting cannot work. `setting.url` may hold user and password, which are sent as Basic. */
export async function openHttpRegister(setting: HttpSetting, options: HttpOptions = {}): Promise<Register> {
  const url = urlOf(setting);
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const now = options.now ?? (() => new Date());
  const closing = new AbortController();
  const signal = closing.signal;
  const requests: Requests = {
    origin: url.origin,
    headers: headersOf(setting),
    timeoutSeconds: setting.timeoutSeconds,
    limits,
    now,
    closing: signal,
  };
  const pause =
    options.pause ?? ((milliseconds) => pauseFor(milliseconds, undefined, { signal }).catch(() => undefined));
  const patience = { attempts: setting.attempts, pause, random: options.random ?? Math.random, limits };
  const pages = pagesOf(url, setting, requests, patience);
  const { page, since } = setting;
  const walk = page.by === 'number' ? countOn(pages, page.first, since !== undefined) : followNext(pages);
  const reading: Reading = { setting, options, limits, now, walk, restarts: 0 };
  return {
    name: `http:${url.origin}${url.pathname}`,
    fingerprint: fingerprintOf(url, setting),
    open: (after, rowsMax) => readChunk(reading, runBehind(after, setting), rowsMax),
    close: async () => closing.abort(),
  };
}

interface Reading {
  setting: HttpSetting;
  options: HttpOptions;
  limits: HttpLimits;
  now(): Date;
  walk: Walk;
  /** How often the run began again. */
  restarts: number;
}

async function readChunk(reading: Reading, run: Run, rowsMax: number): Promise<Chunk> {
  const { setting, options, limits } = reading;
  const rows: unknown[] = [];
  const warnings: string[] = [];
  let bytes = 0;
  let largest = 0;
  do {
    const step = await takeStep(reading, run, bytes === 0);
    for (const row of step.rows) rows.push(row);
    bytes += step.bytes;
    largest = Math.max(largest, step.rows.length);
  } while (!run.isEnded && rows.length + largest <= rowsMax && bytes < limits.chunkBytes);
  if (setting.since && rows.length > 0 && !run.seen)
    warnings.push(`no row has a time at ${setting.since.watermark}, so the next run begins where this one did`);
  const columns = options.columns ?? columnsOf(rows, limits);
  const needed = options.needed && new Set(options.needed);
  const layout = { columns, offset: setting.offset, key: options.key ?? 'source_id', needed };
  const checkpoint = checkpointAt(run, setting);
  return {
    columns,
    rows: batchesOf(rows, layout),
    warnings,
    end: () => ({ checkpoint, more: !run.isEnded }),
    close: async () => {
      rows.length = 0;
    },
  };
}

async function* batchesOf(rows: readonly unknown[], layout: Layout): AsyncGenerator<SourceRow[]> {
  for (let at = 0; at < rows.length; at += BATCH_ROWS)
    yield rows.slice(at, at + BATCH_ROWS).map((row, place) => sourceRow(row, at + place + 1, layout));
}

/** Reads the next page of the run and moves the run behind it. */
async function takeStep(reading: Reading, run: Run, isFirstOfChunk: boolean): Promise<Step> {
  const { setting, now, walk } = reading;
  run.began ??= now().getTime();
  let step: Step;
  try {
    step = await walk(run.place, sinceOf(run, setting));
  } catch (error) {
    const isForgotten = error instanceof StatusFault && FORGOTTEN.has(error.status);
    if (!isForgotten || !isFirstOfChunk || run.place === undefined || setting.page.by === 'number') throw error;
    step = { rows: [], bytes: 0, next: 'first' };
  }
  if (run.place === undefined) run.began = Math.min(run.began, step.date ?? run.began);
  for (const row of step.rows) see(run, row, setting);
  if (step.next === 'first') beginAgain(reading, run);
  else if (step.next) run.place = step.next.place;
  else run.isEnded = true;
  return step;
}

/** From the first page of the same rows: whatever was given already is given again, and is recognised. */
function beginAgain(reading: Reading, run: Run): void {
  reading.restarts += 1;
  const { restarts, setting, limits } = reading;
  if (restarts > limits.restartsMax)
    throw new SourceFault(
      setting.page.by === 'number'
        ? `moved its pages while they were read, ${restarts} times: let it page by cursor, or leave out http.since`
        : `forgot its place between two chunks, ${restarts} times: ask who runs the register how long a next page may be asked for`,
    );
  run.place = undefined;
  run.began = undefined;
}

function see(run: Run, row: unknown, { since, offset }: HttpSetting): void {
  if (!since || !isObject(row)) return;
  const watermark = readWatermark(propertyAt(row, since.watermark), offset);
  if (watermark && (!run.seen || watermark.instant > run.seen.instant)) run.seen = watermark;
}

/** What is sent as `since`: the watermark of the last run less the overlap, for rows that were committed late. */
function sinceOf({ since: last }: Run, { since, offset }: HttpSetting): string | undefined {
  if (!since || !last) return undefined;
  if (since.overlapMinutes === 0) return last.text;
  return movedTo(last.instant - since.overlapMinutes * 60_000, last, offset).text;
}

function runBehind(after: Checkpoint | null, { page, since, offset }: HttpSetting): Run {
  const last = since ? readWatermark(after?.since, offset) : undefined;
  const place = after?.[page.by];
  const began = Date.parse(after?.began ?? '');
  // A run that was under way is gone on with only if it is known since when: otherwise a row touched meanwhile could be missed.
  if (place === undefined || Number.isNaN(began)) return { since: last, isEnded: false };
  return { since: last, began, seen: readWatermark(after?.seen, offset), place, isEnded: false };
}

function checkpointAt(run: Run, setting: HttpSetting): Checkpoint {
  const { since, began = 0, seen, place, isEnded } = run;
  if (isEnded) {
    const reached = reachedBy(run, setting);
    return reached ? { since: reached.text } : {};
  }
  return {
    ...(since ? { since: since.text } : {}),
    ...(seen ? { seen: seen.text } : {}),
    ...(place === undefined ? {} : { began: new Date(began).toISOString(), [setting.page.by]: place }),
  };
}

function reachedBy({ since, began = 0, seen }: Run, { offset }: HttpSetting): Watermark | undefined {
  const highest = seen && (!since || seen.instant > since.instant) ? seen : since;
  return highest && highest.instant > began ? movedTo(began, highest, offset) : highest;
}

function urlOf({ url: text }: HttpSetting): URL {
  if (!URL.canParse(text)) throw new SourceFault('has an address that is none: set http.url to https://…');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new SourceFault('has an address that is neither https nor http: set http.url');
  url.username = '';
  url.password = '';
  url.hash = '';
  return url;
}

function headersOf({ url: text, token, headers: given }: HttpSetting): Headers {
  const { username, password } = new URL(text);
  const headers = new Headers({ accept: 'application/json', 'user-agent': 'heyan' });
  const set = (name: string, value: string, setting: string) => {
    try {
      headers.set(name, value);
    } catch {
      // The message of the error would quote the value.
      throw new SourceFault(
        `cannot be sent what ${setting} holds: no header may hold a line end or a control character`,
      );
    }
  };
  if (username !== '' || password !== '') {
    const pair = `${decoded(username)}:${decoded(password)}`;
    set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`, 'http.url');
  }
  for (const [name, value] of Object.entries(given)) set(name, value, 'http.headers');
  if (token !== undefined) set('authorization', `Bearer ${token}`, 'http.token');
  return headers;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new SourceFault('has a user or password in http.url that is not percent-encoded as it should be');
  }
}

function fingerprintOf(url: URL, { rows, page, since }: HttpSetting): string {
  // How far a run overlaps the last one changes nothing of what a checkpoint means.
  const asked = since && { parameter: since.parameter, watermark: since.watermark };
  return createHash('sha256')
    .update(JSON.stringify({ url: url.href, rows, page: Object.entries(page).sort(), since: asked ?? null }))
    .digest('hex');
}
