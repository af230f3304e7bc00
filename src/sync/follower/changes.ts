/**
 * Changes on their way into the directory: which rows make one delivery, and where the feed is to be read on from.
 */
import type { RecordKind } from '../../bureaus/record';
import type { FollowedDirectory } from './directory';
import { type FeedChange, type FeedPageEnd, HubRefusal } from './feed';
import type { FollowedFields } from './fields';
import type { FollowedFile } from './file';
import type { FollowLimits, FollowReport } from './follower';

const RECEIPTS_MAX = 1_000;
const PLACE = /^\d{1,18}$/;

/** Changes on their way into the directory. */
export interface Taking {
  /** Up to where the change log is here or on its way. */
  at(): string;
  changes(): number;
  /** Settles what the rows have: remembered, and said when it is not what earlier deliveries have. */
  agree(asked: FollowedFields, note: (sentence: string) => void): Promise<void>;
  take(change: FeedChange): Promise<void>;
  endPage(page: FeedPageEnd): void;
  /** Delivers what has come. At the end of the feed a long stretch without rows is remembered too. */
  deliver(isEnd?: boolean): Promise<void>;
  close(): Promise<void>;
}

export function takingInto(
  directory: FollowedDirectory,
  kind: RecordKind,
  report: FollowReport,
  limits: FollowLimits,
): Taking {
  let asked: FollowedFields | undefined;
  let file: FollowedFile | undefined;
  let at = directory.cursor();

  async function deliver(isEnd = false): Promise<void> {
    const isFar = isEnd && BigInt(at) - BigInt(directory.cursor()) >= BigInt(limits.emptySteps);
    if (!file && !isFar) return;
    const finished = file ?? (await directory.begin(asked?.fields ?? []));
    file = undefined;
    await directory.deliver(finished, at);
    report.deliveries += 1;
    report.cursor = at;
  }

  return {
    at: () => at,
    changes: () => report.changes,
    async agree(next, note) {
      if (asked === next) return;
      const columns = next.fields.map(({ column }) => column);
      const standing = directory.standing();
      const before = standing?.columns;
      const gone = before?.filter((column) => !columns.includes(column)) ?? [];
      const come = before ? columns.filter((column) => !before.includes(column)) : [];
      if (gone.length > 0) note(`No longer shared, and left out from here on: ${gone.join(', ')}`);
      if (come.length > 0)
        note(`New from here on: ${come.join(', ')}; for earlier changes too, follow into an empty directory`);
      if (standing?.time !== next.time || gone.length + come.length > 0)
        await directory.stand({ kind: kind.kind, time: next.time, columns });
      report.columns = columns;
      asked = next;
    },
    async take(change) {
      const { fields } = asked as FollowedFields;
      mustFollow(change, at);
      if (file && (file.rows >= limits.rowsMax || file.holds(change.sourceId))) await deliver();
      file ??= await directory.begin(fields);
      await file.write(change);
      at = change.seq;
      report.changes += 1;
      if (change.op === 'DELETE') report.deleted += 1;
    },
    endPage({ endCursor, receipt, freshness, late }) {
      if (!PLACE.test(endCursor) || BigInt(endCursor) < BigInt(at))
        throw new HubRefusal(`The hub ends a page before place ${at}, where it begins: ask who runs it`);
      at = endCursor;
      report.pages += 1;
      report.receipts = [...report.receipts, receipt].slice(-RECEIPTS_MAX);
      report.freshness = freshness[kind.kind] ?? null;
      report.late = late?.[kind.kind] ?? null;
    },
    deliver,
    close: async () => file?.close(),
  };
}

/** What is written here is believed by others: a hub, or what stands between, that sends something else is not. */
function mustFollow({ seq, op, sourceId, time, record }: FeedChange, at: string): void {
  const isWhole = typeof sourceId === 'string' && typeof time === 'string' && (op === 'DELETE' || record != null);
  if (!isWhole) throw new HubRefusal(`The hub sends a change without its record, behind place ${at}: ask who runs it`);
  if (!PLACE.test(seq) || BigInt(seq) <= BigInt(at))
    throw new HubRefusal(`The hub sends changes out of order, behind place ${at}: ask who runs it`);
}
