/**
 * Due times and what became of them: one row per job and due time, and the row decides. A due time is sent to the queue in the transaction that
 * makes its row, and is worked on by whoever turns the row from WAITING to RUNNING, so a queue that was restored or doubled does nothing twice.
 *
 * WAITING → RUNNING → DONE, or back to WAITING for another attempt, or FAILED; DROPPED when the next due time came first.
 * An attempt that found nothing to do yet, or was told to stop, does not count.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { ClientBase, Pool } from 'pg';
import type PgBoss from 'pg-boss';
import { within } from './queue';

export interface DueTime {
  job: string;
  dueAt: Date;
  /** Its id in the queue. */
  queuedAs: string;
}

/** A due time that is neither done nor given up. */
export interface Unfinished extends DueTime {
  state: 'WAITING' | 'RUNNING';
  attempts: number;
  /** When this attempt began, as the database tells it, and who began it. */
  takenAt: string | null;
  takenBy: string | null;
  /** Whether a living process works on the job, be it on this due time or another. */
  isHeld: boolean;
}

export interface DueMeans {
  pool: Pool;
  boss: PgBoss;
  now(): Date;
  /** Attempts at one due time, and the pause after the first, which doubles with each. */
  attemptsMax: number;
  retrySeconds: number;
  /** The pause before what could not be done yet is looked at again. */
  againSeconds: number;
}

/** A due time that nobody could take for so long is left to the next one. */
export const MADE_UP_HOURS_MAX = 24;
/** pg-boss allows less than a day. Work that takes longer is told to stop. */
export const WORK_HOURS_MAX = 12;
const KEPT_DAYS = 90;
const HOUR_MILLISECONDS = 3_600_000;
/** Between fetching a job from the queue and turning its row lie a few statements. */
const CLAIM_MILLISECONDS_MAX = 60_000;

/** Whether a due time is too long ago to be made up for. */
export function isPast(dueAt: Date, now: Date): boolean {
  return dueAt.getTime() <= now.getTime() - MADE_UP_HOURS_MAX * HOUR_MILLISECONDS;
}

/** Sends a due time to the queue, once however many processes do so; a waiting one of the same job is dropped. */
export async function sendDue(means: DueMeans, job: string, dueAt: Date): Promise<void> {
  await inTransaction(means.pool, async (client) => {
    const queuedAs = randomUUID();
    const { rowCount } = await client.query(
      `insert into sync.due (job, due_at, state, queued_as) values ($1, $2, 'WAITING', $3) on conflict do nothing`,
      [job, dueAt.toISOString(), queuedAs],
    );
    if (rowCount === 0) return;
    await dropWaiting(client, means, job, dueAt, 'the next due time came before it could be done');
    await send(client, means, { job, dueAt, queuedAs });
    await client.query('delete from sync.due where job = $1 and due_at < $2::timestamptz - make_interval(days => $3)', [
      job,
      dueAt.toISOString(),
      KEPT_DAYS,
    ]);
  });
}

async function dropWaiting(
  client: ClientBase,
  { boss, now }: DueMeans,
  job: string,
  before: Date,
  reason: string,
): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `update sync.due set state = 'DROPPED', finished_at = $3, reason = $4
      where job = $1 and due_at < $2 and state = 'WAITING' returning queued_as as id`,
    [job, before.toISOString(), now().toISOString(), reason],
  );
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0) await boss.cancel(job, ids, { db: within(client) });
}

async function send(
  client: ClientBase,
  { boss, attemptsMax, retrySeconds }: DueMeans,
  { job, dueAt, queuedAs }: DueTime,
  startAfter = 0,
): Promise<void> {
  await boss.send(
    job,
    { dueAt: dueAt.toISOString() },
    {
      id: queuedAs,
      retryLimit: attemptsMax - 1,
      retryDelay: retrySeconds,
      retryBackoff: true,
      expireInHours: WORK_HOURS_MAX,
      startAfter,
      db: within(client),
    },
  );
}

/** The lock that whoever works on a job holds on its connection. */
export function lockOf(job: string): string {
  return `heyan job ${job}`;
}

/** What of these jobs is neither done nor given up. */
export async function unfinishedDue(pool: Pool, jobs: readonly string[]): Promise<Unfinished[]> {
  const { rows } = await pool.query<Omit<Unfinished, 'dueAt'> & { dueAt: string }>(
    `select job, due_at as "dueAt", queued_as as "queuedAs", state, attempts, taken_at as "takenAt", taken_by as "takenBy",
            exists (select from pg_locks l where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                       and l.database = (select oid from pg_database where datname = current_database())
                       and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('${lockOf('')}' || job, 0)) as "isHeld"
       from sync.due where job = any($1) and state in ('WAITING', 'RUNNING') order by due_at`,
    [jobs],
  );
  return rows.map(({ dueAt, ...row }) => ({ ...row, dueAt: new Date(dueAt) }));
}

/**
 * Sees to it that an unfinished due time that nobody works on is worked on again: after a process died over it, or the queue lost it. Answers
 * why it was given up, when it was. The lock was free when it was looked at; whoever took it since has changed the row, and keeps it.
 */
export async function bringBack(means: DueMeans, due: Unfinished): Promise<string | undefined> {
  if (due.state === 'RUNNING') {
    const reason = `the process that worked on it (${due.takenBy}) ended before it did`;
    const isOver = due.attempts >= means.attemptsMax || isPast(due.dueAt, means.now());
    return (await leave(means, due, isOver, reason)) && isOver ? reason : undefined;
  }
  if (isPast(due.dueAt, means.now())) {
    const reason = `nobody could do it within ${MADE_UP_HOURS_MAX} hours`;
    return (await leave(means, due, true, reason)) ? reason : undefined;
  }
  const queued = await means.boss.getJobById(due.job, due.queuedAs);
  if (queued?.state === 'created' || queued?.state === 'retry') return undefined;
  if (queued?.state === 'active') {
    if (Date.now() - queued.startedOn.getTime() > CLAIM_MILLISECONDS_MAX)
      await means.boss.fail(due.job, due.queuedAs, { reason: 'it was fetched and not begun' });
    return undefined;
  }
  await sendAgain(means, due);
  return undefined;
}

/** Nobody's any more: for another attempt, or for good. Answers false when another process was faster. */
function leave({ pool, boss, now }: DueMeans, due: Unfinished, isOver: boolean, reason: string): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `update sync.due set state = $5, reason = $6, finished_at = $7
        where job = $1 and due_at = $2 and state = $3 and taken_at is not distinct from $4 and attempts = $8`,
      [
        due.job,
        due.dueAt.toISOString(),
        due.state,
        due.takenAt,
        isOver ? 'FAILED' : 'WAITING',
        reason,
        isOver ? now().toISOString() : null,
        due.attempts,
      ],
    );
    if (rowCount === 0) return false;
    await boss.fail(due.job, due.queuedAs, { reason }, { db: within(client) });
    return true;
  });
}

/** A queue that was restored from an earlier day, or that has given up by its own count, does not know the job any more. */
function sendAgain(means: DueMeans, due: Unfinished): Promise<void> {
  return inTransaction(means.pool, async (client) => {
    const queuedAs = randomUUID();
    const { rowCount } = await client.query(
      `update sync.due set queued_as = $4 where job = $1 and due_at = $2 and state = 'WAITING' and queued_as = $3`,
      [due.job, due.dueAt.toISOString(), due.queuedAs, queuedAs],
    );
    if (rowCount === 1) await send(client, means, { ...due, queuedAs });
  });
}

/** Takes a due time to work on it, under the job's lock: answers which attempt it is, or undefined when there is nothing to do. */
export async function claim(client: ClientBase, means: DueMeans, due: DueTime): Promise<number | undefined> {
  const { rows } = await client.query<{ attempts: number }>(
    `insert into sync.due as d (job, due_at, state, attempts, queued_as, taken_at, taken_by) values ($1, $2, 'RUNNING', 1, $3, $4, $5)
     on conflict (job, due_at) do update set state = 'RUNNING', attempts = d.attempts + 1, queued_as = excluded.queued_as,
        taken_at = excluded.taken_at, taken_by = excluded.taken_by, reason = null
      where d.state in ('WAITING', 'RUNNING') and d.attempts < $6 returning attempts`,
    [
      due.job,
      due.dueAt.toISOString(),
      due.queuedAs,
      means.now().toISOString(),
      `${hostname()}:${process.pid}`,
      means.attemptsMax,
    ],
  );
  return rows[0]?.attempts;
}

/** What became of an attempt: NOT_YET of one that found nothing to do, STOPPED of one that was told to end. */
export type Attempt = { is: 'DONE' } | { is: 'FAILED' | 'STOPPED' | 'NOT_YET'; reason: string };

/** Writes down what became of the attempt, under the job's lock; answers the state the due time is in now. */
export async function settle(
  client: ClientBase,
  means: DueMeans,
  due: DueTime,
  attempt: Attempt,
): Promise<'DONE' | 'WAITING' | 'FAILED'> {
  const { boss, now, attemptsMax } = means;
  const counts = attempt.is === 'DONE' || attempt.is === 'FAILED';
  const reason = attempt.is === 'DONE' ? null : attempt.reason;
  const queuedAs = attempt.is === 'NOT_YET' ? randomUUID() : due.queuedAs;
  await client.query('begin');
  const { rows } = await client.query<{ state: 'DONE' | 'WAITING' | 'FAILED' }>(
    `update sync.due set reason = $4, attempts = attempts - $5, queued_as = $8,
            state = case when $3 = 'DONE' then 'DONE' when $3 = 'FAILED' and attempts >= $6 then 'FAILED' else 'WAITING' end,
            finished_at = case when $3 = 'DONE' or $3 = 'FAILED' and attempts >= $6 then $7::timestamptz end
      where job = $1 and due_at = $2 returning state`,
    [due.job, due.dueAt.toISOString(), attempt.is, reason, counts ? 0 : 1, attemptsMax, now().toISOString(), queuedAs],
  );
  const db = within(client);
  if (attempt.is === 'DONE' || attempt.is === 'NOT_YET') await boss.complete(due.job, due.queuedAs, {}, { db });
  else await boss.fail(due.job, due.queuedAs, { reason }, { db });
  if (attempt.is === 'NOT_YET') await send(client, means, { ...due, queuedAs }, means.againSeconds);
  await client.query('commit');
  return rows[0]?.state ?? 'DONE';
}

async function inTransaction<T>(pool: Pool, work: (client: ClientBase) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    // A transaction that failed ends with its connection.
    client.release(broken);
  }
}
