/**
 * Follows a change feed of a hub into a directory of deliveries: the ready client for a partner's nightly job.
 *
 * It asks for a stream, writes what comes, and goes on behind the last change that it has, whatever happened in between: a lost connection, a hub
 * that restarts or is busy. What is in the directory is always whole (directory.ts), so it may be killed at any point.
 *
 * A file of the exchange format holds a record once, and `seq` is as good a cursor as the end of a page: a delivery ends before the second change
 * of a record, and at 100,000 rows.
 */
import { recordKinds } from '../../bureaus/bureau';
import type { RecordKind } from '../../bureaus/record';
import { type Taking, takingInto } from './changes';
import { type FollowedDirectory, openFollowedDirectory } from './directory';
import { type FeedChange, type FeedPageEnd, type HubAddress, HubRefusal, HubUnready, pauseFor, readFeed } from './feed';
import { type FollowedFields, feedQuestion, namedFields, visibleFields, withoutRefused } from './fields';

export interface FollowOptions {
  kind: string;
  hub: HubAddress;
  directory: string;
  /** Fields by name or column; every one that is shared unless told. */
  fields?: readonly string[];
  /** Ends it; what has come by then is delivered. */
  signal?: AbortSignal;
  onProgress?(changes: number): void;
  /** Told what an operator should know, in sentences. */
  note?(sentence: string): void;
  /** How long nothing is asked. */
  pause?(milliseconds: number, signal: AbortSignal): Promise<void>;
  limits?: Partial<FollowLimits>;
}

export interface FollowLimits {
  /** Rows of one delivery. */
  rowsMax: number;
  /** Changes of one page of the stream. */
  pageChanges: number;
  /** How often in a row the hub may fail before a single change has come. */
  attempts: number;
  pauseMillisecondsFirst: number;
  pauseMillisecondsMax: number;
  /** Longest that the hub may ask to be left alone. */
  retryAfterMillisecondsMax: number;
  /** Places of the change log behind the last delivery after which one without rows remembers how far it was read. */
  emptySteps: number;
}

export interface FollowReport {
  kind: string;
  directory: string;
  columns: string[];
  changes: number;
  /** How many of them are deletions. */
  deleted: number;
  deliveries: number;
  /** Places in the change log: everything up to `from` was there before, everything up to `cursor` is now. */
  from: string;
  cursor: string;
  pages: number;
  /** Hashes of the audit records of the last pages, 1,000 at most. */
  receipts: string[];
  /** The bureau's last complete delivery, as of the last page. */
  freshness: string | null;
  /** Since when the bureau is late, as of the last page; null when it is not. */
  late: string | null;
  /** `COMPLETE`: to the end of the feed. Else it has ended before: the hub could not answer, for now, or did not want to; or by the signal. */
  state: 'COMPLETE' | 'UNREADY' | 'REFUSED' | 'INTERRUPTED';
  /** Why it is not complete. */
  reason?: string;
}

const LIMITS: FollowLimits = {
  rowsMax: 100_000,
  pageChanges: 5_000,
  attempts: 8,
  pauseMillisecondsFirst: 1_000,
  pauseMillisecondsMax: 60_000,
  retryAfterMillisecondsMax: 300_000,
  emptySteps: 50_000,
};
const PAGE_CHANGES_MIN = 100;
/** 5,000 million changes in one go: more than any city has. */
const PAGES_MAX = 1_000_000;

/**
 * Follows a feed to its end, once.
 * @throws when the directory cannot be used, or the kind or a field is none; what the hub does is in the report
 */
export async function followFeed(options: FollowOptions): Promise<FollowReport> {
  const kind = kindNamed(options.kind);
  if (options.fields) namedFields(kind, options.fields);
  const directory = await openFollowedDirectory(options.directory, kind.kind);
  const report: FollowReport = {
    kind: kind.kind,
    directory: options.directory,
    columns: [],
    changes: 0,
    deleted: 0,
    deliveries: 0,
    from: directory.cursor(),
    cursor: directory.cursor(),
    pages: 0,
    receipts: [],
    freshness: null,
    late: null,
    state: 'COMPLETE',
  };
  const taking = takingInto(directory, kind, report, { ...LIMITS, ...options.limits });
  try {
    await untilTheEnd(kind, directory, taking, options);
  } catch (error) {
    Object.assign(report, endedBy(error, options.signal));
    // What has come is good, whatever comes after it.
    await taking.deliver();
  } finally {
    await taking.close();
    await directory.close();
  }
  return report;
}

/** What a fault makes of the report. Throws on when it is neither the hub's nor the signal's. */
function endedBy(error: unknown, signal: AbortSignal | undefined): Pick<FollowReport, 'state' | 'reason'> {
  if (error instanceof HubUnready) return { state: 'UNREADY', reason: error.message };
  if (error instanceof HubRefusal) return { state: 'REFUSED', reason: error.message };
  if (signal?.aborted) return { state: 'INTERRUPTED', reason: 'It was interrupted' };
  throw error;
}

/** Asks until the feed has no more. Throws the last fault of the hub when it has failed too often in a row, and a refusal at once. */
async function untilTheEnd(
  kind: RecordKind,
  directory: FollowedDirectory,
  taking: Taking,
  options: FollowOptions,
): Promise<void> {
  const { hub, signal = new AbortController().signal, note = () => undefined, pause = pauseFor } = options;
  const limits = { ...LIMITS, ...options.limits };
  let asked: FollowedFields | undefined;
  let first = limits.pageChanges;
  let failures = 0;
  for (let streams = 0; streams < PAGES_MAX; streams++) {
    const before = taking.at();
    try {
      asked ??= await fieldsToAsk(kind, options, directory.standing()?.time, signal);
      const question = feedQuestion(kind, asked, before, first);
      const lines = readFeed(hub, question, signal);
      if (await takeStream(lines, asked, taking, options)) return await taking.deliver(true);
      failures = 0;
    } catch (error) {
      if (error instanceof HubRefusal && asked && !options.fields) {
        // The graph shows what may be used by any verb, and what may be used may become less at any time.
        asked = withoutRefused(kind, asked, error, directory.standing()?.time);
        await taking.deliver();
        continue;
      }
      if (!(error instanceof HubUnready)) throw error;
      failures = taking.at() === before ? failures + 1 : 1;
      if (failures >= limits.attempts) throw error;
      if (error.code === 'TIMEOUT') first = Math.max(PAGE_CHANGES_MIN, Math.trunc(first / 2));
      const milliseconds = pauseBehind(failures, error, limits);
      note(`${error.message}; asking again in ${Math.ceil(milliseconds / 1_000)} s`);
      await pause(milliseconds, signal);
    }
  }
}

async function fieldsToAsk(
  kind: RecordKind,
  { hub, fields }: FollowOptions,
  fixed: FollowedFields['time'] | undefined,
  signal: AbortSignal,
): Promise<FollowedFields> {
  const visible = await visibleFields(kind, hub, fixed, signal);
  return fields ? { ...visible, fields: namedFields(kind, fields) } : visible;
}

/** Takes one stream; answers whether the feed has no more. */
async function takeStream(
  lines: AsyncIterable<FeedChange | FeedPageEnd>,
  asked: FollowedFields,
  taking: Taking,
  { note = () => undefined, onProgress, signal }: FollowOptions,
): Promise<boolean> {
  let hasMore = true;
  for await (const line of lines) {
    signal?.throwIfAborted();
    await taking.agree(asked, note);
    if ('endCursor' in line) {
      taking.endPage(line);
      hasMore = line.hasNextPage;
    } else {
      await taking.take(line);
      onProgress?.(taking.changes());
    }
  }
  return !hasMore;
}

function pauseBehind(failures: number, { waitMilliseconds }: HubUnready, limits: FollowLimits): number {
  const grown = Math.min(limits.pauseMillisecondsFirst * 2 ** (failures - 1), limits.pauseMillisecondsMax);
  // Half of it is chance, so that followers who failed together do not come back together.
  const drawn = Math.round(grown / 2 + (Math.random() * grown) / 2);
  return Math.max(drawn, Math.min(waitMilliseconds, limits.retryAfterMillisecondsMax));
}

function kindNamed(word: string): RecordKind {
  const kinds = recordKinds();
  const kind = kinds.find((one) => one.kind === word);
  if (!kind)
    throw new Error(
      `${JSON.stringify(word)} is no kind of record: the kinds are ${kinds.map((one) => one.kind).join(', ')}`,
    );
  return kind;
}
