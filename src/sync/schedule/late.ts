/**
 * Which kinds are late: a kind that was expected by a due time, and has had no complete run since when the time allowed after it has passed.
 *
 * What is expected and what is late stand in tables, so that every process and every answer sees the same; the process whose look changes a
 * table tells of it, and no other. A kind is late since the first due time after its last complete run.
 */
import type { Pool } from 'pg';
import { nextDueTime, shanghaiMinute } from './due-time';
import { inRounds, type Rounds } from './rounds';

/** That a kind is delivered at the due times of a schedule. */
export interface Expectation {
  kind: string;
  bureau: string;
  /** Five fields, Asia/Shanghai. */
  cron: string;
  lateAfterMinutes: number;
}

/** What one look has changed. */
export interface LateChange {
  became: 'LATE' | 'DELIVERED';
  bureau: string;
  kinds: string[];
  /** The earliest due time that was missed. */
  dueAt: Date;
}

const LOOK_MILLISECONDS = 60_000;
const MINUTE_MILLISECONDS = 60_000;

/** These, and no others, are expected from now on; a kind that was expected before keeps since when. */
export async function expectDeliveries(pool: Pool, expected: readonly Expectation[], now: Date): Promise<void> {
  await pool.query('delete from sync.expected where kind <> all($1)', [expected.map(({ kind }) => kind)]);
  await pool.query(
    `insert into sync.expected (kind, bureau, cron, late_after_minutes, since)
     select kind, bureau, cron, minutes, $5 from unnest($1::text[], $2::text[], $3::text[], $4::int[]) as given (kind, bureau, cron, minutes)
     on conflict (kind) do update set bureau = excluded.bureau, cron = excluded.cron, late_after_minutes = excluded.late_after_minutes`,
    [
      expected.map(({ kind }) => kind),
      expected.map(({ bureau }) => bureau),
      expected.map(({ cron }) => cron),
      expected.map(({ lateAfterMinutes }) => lateAfterMinutes),
      now.toISOString(),
    ],
  );
}

interface Looked {
  kind: string;
  bureau: string;
  cron: string;
  minutes: number;
  since: string;
  deliveredAt: string | null;
  lateSince: string | null;
}

/** Looks once, and answers what this look has changed: nothing when another process has looked just before. */
export async function lookForLate(pool: Pool, now: Date): Promise<LateChange[]> {
  const { rows } = await pool.query<Looked>(
    `select e.kind, e.bureau, e.cron, e.late_after_minutes as minutes, e.since, l.due_at as "lateSince",
            (select max(finished_at) from sync.run r where r.kind = e.kind and r.state = 'COMPLETE') as "deliveredAt"
       from sync.expected e left join sync.late l using (kind) order by e.kind`,
  );
  const changes: LateChange[] = [];
  for (const row of rows) {
    const missed = missedSince(row, now);
    if (missed && !row.lateSince && (await markLate(pool, row.kind, missed, now))) note(changes, 'LATE', row, missed);
    if (!missed && row.lateSince && (await markDelivered(pool, row.kind)))
      note(changes, 'DELIVERED', row, new Date(row.lateSince));
  }
  return changes;
}

/** The first due time after the last complete run, when the time allowed after it has passed. */
function missedSince({ cron, minutes, since, deliveredAt }: Looked, now: Date): Date | undefined {
  const from = Math.max(Date.parse(since), deliveredAt ? Date.parse(deliveredAt) : 0);
  const due = nextDueTime(cron, new Date(from));
  return due && due.getTime() + minutes * MINUTE_MILLISECONDS <= now.getTime() ? due : undefined;
}

async function markLate(pool: Pool, kind: string, dueAt: Date, now: Date): Promise<boolean> {
  const { rowCount } = await pool.query(
    `insert into sync.late (kind, due_at, noticed_at) select kind, $2, $3 from sync.expected where kind = $1 on conflict do nothing`,
    [kind, dueAt.toISOString(), now.toISOString()],
  );
  return rowCount === 1;
}

async function markDelivered(pool: Pool, kind: string): Promise<boolean> {
  const { rowCount } = await pool.query('delete from sync.late where kind = $1', [kind]);
  return rowCount === 1;
}

function note(changes: LateChange[], became: LateChange['became'], { bureau, kind }: Looked, dueAt: Date): void {
  const known = changes.find((change) => change.became === became && change.bureau === bureau);
  if (!known) changes.push({ became, bureau, kinds: [kind], dueAt });
  else {
    known.kinds.push(kind);
    if (dueAt < known.dueAt) known.dueAt = dueAt;
  }
}

/** One line for the operator. */
export function lateLine({ became, bureau, kinds, dueAt }: LateChange): string {
  const what = `${bureau} (${kinds.join(', ')})`;
  return became === 'LATE'
    ? `LATE: ${what} was due at ${shanghaiMinute(dueAt)} and has not delivered completely. Answers that rest on it say so until it has.`
    : `No longer late: ${what}, due at ${shanghaiMinute(dueAt)}, has delivered completely.`;
}

/** Looks each minute. `tell` is given a line when a bureau becomes late and one when it has delivered. */
export function watchLate(options: {
  pool: Pool;
  tell(line: string): void;
  now?: () => Date;
  everyMilliseconds?: number;
}): Rounds {
  const { pool, tell, now = () => new Date(), everyMilliseconds = LOOK_MILLISECONDS } = options;
  return inRounds(
    async () => {
      for (const change of await lookForLate(pool, now())) tell(lateLine(change));
    },
    {
      everyMilliseconds,
      tell: (reason) => tell(`Who is late cannot be seen (${reason}); it is looked at every minute.`),
    },
  );
}
