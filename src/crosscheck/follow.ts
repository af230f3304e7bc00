/**
 * Follows every bureau's change feed into the matching store, through the same door as any agency.
 *
 * A page and the cursor behind it are stored in one transaction, so a follower killed at any point goes on where it was and takes nothing
 * twice; two followers at once cannot take the same page, since the second finds the cursor moved. A kind whose feed fails is marked
 * behind, the others go on, and the check skips every rule that reads a kind behind its feed.
 */
import type { ClientBase } from 'pg';
import type { Database } from '../db/database';
import type { RecordKindName } from './rule';
import { settleNumbers } from './settle';
import { feedQuery, type StoredKind, storedKinds } from './store';
import { type Change, takePage } from './take';
import { WRITER_LOCK } from './touch';

/** Sends one operation through the door as the cross-check's agency. Throws when the answer has errors. */
// biome-ignore lint/suspicious/noExplicitAny: an answer's shape is its operation's, which only the asker knows
export type Ask = (query: string, variables: Record<string, unknown>) => Promise<{ data: any; extensions?: any }>;

export interface FollowReport {
  /** Changes taken now, by kind. */
  changes: Record<RecordKindName, number>;
  /** Numbers that stand for another person's key than before. */
  numbersMoved: number;
  /** Kinds whose feed could not be followed to its end, and why. */
  failed: { kind: RecordKindName; reason: string }[];
}

export interface FollowProgress {
  kind: RecordKindName;
  changes: number;
}

interface Page {
  changes: Change[];
  endCursor: string | null;
  hasNextPage: boolean;
}

const PAGE_CHANGES = 5_000;
/** 5,000 million changes of one kind in one go: more than any city has. */
const PAGES_MAX = 1_000_000;
/** Changes of one kind after which the planner's statistics are taken anew. */
const ANALYZE_CHANGES = 5_000;

/**
 * Takes what is new since last time.
 * @param options.until only changes that were known before this instant: each kind is followed up to there
 * @throws when the store itself cannot be written; a feed that fails is reported, not thrown
 */
export async function follow(options: {
  database: Database;
  ask: Ask;
  until?: Date;
  onProgress?: (progress: FollowProgress) => void;
}): Promise<FollowReport> {
  const { database, ask, until, onProgress } = options;
  const report: FollowReport = {
    changes: Object.fromEntries(storedKinds.map(({ kind }) => [kind, 0])) as FollowReport['changes'],
    numbersMoved: 0,
    failed: [],
  };
  for (const kind of storedKinds) {
    try {
      await followKind(database, until ? askUntil(ask, kind, until) : ask, kind, (changes) => {
        report.changes[kind.kind] += changes;
        onProgress?.({ kind: kind.kind, changes: report.changes[kind.kind] });
      });
    } catch (error) {
      report.failed.push({ kind: kind.kind, reason: error instanceof Error ? error.message : String(error) });
      await markBehind(database, kind.kind);
    }
    if (report.changes[kind.kind] >= ANALYZE_CHANGES) await database.pool.query(`analyze ${kind.table}`);
  }
  report.numbersMoved = await settle(database);
  return report;
}

async function followKind(
  database: Database,
  ask: Ask,
  kind: StoredKind,
  onPage: (changes: number) => void,
): Promise<void> {
  const query = feedQuery(kind);
  const read = async (after: string | null): Promise<Page> => {
    const { data } = await ask(query, { after, first: PAGE_CHANGES });
    return checkedPage(kind, after, data?.[kind.feed]);
  };
  // While one page is stored the next is read: the two wait for different halves of the machine.
  let ahead: { after: string | null; page: Promise<Page> } | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const after = await cursorOf(database, kind.kind);
    const page = await (ahead?.after === after ? ahead.page : read(after));
    ahead = page.hasNextPage ? { after: page.endCursor, page: read(page.endCursor) } : undefined;
    // It is looked at in the next turn, or never: then its failure is nobody's.
    ahead?.page.catch(() => undefined);
    const isStored = await inTransaction(database, (client) => takeAndMove(client, kind, after, page));
    if (!isStored) continue;
    onPage(page.changes.length);
    if (!page.hasNextPage) return;
  }
  throw new Error(`${kind.feed} has more than ${PAGES_MAX} pages: follow again to go on.`);
}

/** Pages end where the first change is that was not known yet: the times of a feed grow with it. */
function askUntil(ask: Ask, { feed }: StoredKind, until: Date): Ask {
  return async (query, variables) => {
    const { data } = await ask(query, variables);
    const page: Page | null | undefined = data?.[feed];
    if (!page) return { data };
    const end = page.changes.findIndex(({ recordedAt }) => Date.parse(recordedAt) >= until.getTime());
    if (end < 0) return { data };
    const changes = page.changes.slice(0, end);
    return { data: { [feed]: { changes, endCursor: changes.at(-1)?.seq ?? variables.after, hasNextPage: false } } };
  };
}

function checkedPage(kind: StoredKind, after: string | null, page: Page | null | undefined): Page {
  if (!page) throw new Error(`${kind.feed} gave no page: ask for a grant of FEED on ${kind.kind}.`);
  if (page.hasNextPage && (page.endCursor === null || page.endCursor === after))
    throw new Error(`${kind.feed} says that more follows but its cursor does not move.`);
  return page;
}

/** Stores the page unless another follower has stored it meanwhile: then the next turn reads the cursor that one left. */
async function takeAndMove(client: ClientBase, kind: StoredKind, after: string | null, page: Page): Promise<boolean> {
  const { rows } = await client.query<{ after: string | null; behind: boolean }>(
    `select after, behind from matching.progress where kind = $1`,
    [kind.kind],
  );
  const standing = rows[0];
  if (!standing || standing.after !== after) return false;
  if (page.changes.length > 0) await takePage(client, kind, page.changes);
  const endCursor = page.endCursor ?? after;
  const unsettled = kind.kind === 'household' && page.changes.length > 0;
  if (endCursor === after && standing.behind === page.hasNextPage && !unsettled) return true;
  await client.query(
    `update matching.progress set after = $2, behind = $3, unsettled = unsettled or $4 where kind = $1`,
    [kind.kind, endCursor, page.hasNextPage, unsettled],
  );
  return true;
}

async function cursorOf(database: Database, kind: RecordKindName): Promise<string | null> {
  const { rows } = await database.pool.query<{ after: string | null }>(
    `select after from matching.progress where kind = $1`,
    [kind],
  );
  if (rows[0]) return rows[0].after;
  await database.pool.query(`insert into matching.progress (kind, behind) values ($1, true) on conflict do nothing`, [
    kind,
  ]);
  return null;
}

async function markBehind(database: Database, kind: RecordKindName): Promise<void> {
  await database.pool.query(`update matching.progress set behind = true where kind = $1 and not behind`, [kind]);
}

/** Numbers are settled when household rows changed now or in a follow that ended before it could settle them. */
async function settle(database: Database): Promise<number> {
  return inTransaction(database, async (client) => {
    const { rowCount } = await client.query(
      `update matching.progress set unsettled = false where kind = 'household' and unsettled`,
    );
    return rowCount ? settleNumbers(client) : 0;
  });
}

/** One writer at a time: a row taken while numbers are settled could otherwise stay under a number that has just moved. */
async function inTransaction<T>(database: Database, work: (client: ClientBase) => Promise<T>): Promise<T> {
  const client = await database.pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [WRITER_LOCK]);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
