/**
 * Jobs at their due times, once per due time however many processes keep the same schedule.
 *
 * Every process looks a few times a minute: what is due is sent to the queue (due.ts), what nobody works on any more is brought back, and what
 * waits is worked on, a few jobs at once, each under a lock that ends with the process. A due time that was missed because nothing ran is due
 * still, for a day. The schedule that counts is in the database, as the process that started last has written it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import type { Database } from '../../db/database';
import { troubleOf } from '../../db/trouble';
import {
  type Attempt,
  bringBack,
  claim,
  type DueMeans,
  type DueTime,
  isPast,
  lockOf,
  sendDue,
  settle,
  unfinishedDue,
  WORK_HOURS_MAX,
} from './due';
import { lastDueTime, shanghaiMinute } from './due-time';
import { openQueue } from './queue';
import { inRounds } from './rounds';

export interface ScheduledJob {
  /** Letters, digits and hyphens, 50 at most; the same job has the same name in every process. */
  name: string;
  /** Five fields, Asia/Shanghai. */
  cron: string;
  /** Does what is due. When it throws it is called again after a pause (see NotYet); aborted, it should end soon, and whoever serves on calls it again. */
  work(signal: AbortSignal): Promise<void>;
  /** Until when it was done already, so that no due time before is made up for. */
  doneUntil?: Date;
}

export interface ScheduleOptions {
  database: Database;
  jobs: readonly ScheduledJob[];
  /** Told, in sentences, of what went wrong and of work that was given up. */
  tell(line: string): void;
  now?: () => Date;
  limits?: Partial<typeof LIMITS>;
}

export interface Schedule {
  /** Takes nothing more, tells work under way to end, waits for it within a limit, and closes the queue. May be called twice. */
  stop(): Promise<void>;
}

const LIMITS = {
  /** A due time is seen so late at most. */
  lookMilliseconds: 15_000,
  /** With pauses that double from a minute on, the last attempt is made two to four hours after the first. */
  attemptsMax: 8,
  retrySeconds: 60,
  /** What cannot be done yet is looked at again so often. */
  againSeconds: 600,
  /** Jobs that one process works on at once: each takes connections that answers need too. */
  atOnceMax: 2,
  /** How long `stop` waits for work under way. */
  stopMilliseconds: 8_000,
};

/** A job that this process works on. */
interface UnderWay {
  ender: AbortController;
  ended: Promise<void>;
}

/**
 * Begins to keep a schedule. Without jobs nothing is opened, and a schedule that stood is taken back.
 * @throws when the database cannot be reached
 */
export async function keepSchedule(options: ScheduleOptions): Promise<Schedule> {
  const { database, jobs, tell, now = () => new Date() } = options;
  const limits = { ...LIMITS, ...options.limits };
  await writeSchedules(database.pool, jobs, now());
  if (jobs.length === 0) return { stop: async () => undefined };
  const names = jobs.map(({ name }) => name);
  const queue = await openQueue(database.url, names, (reason) => tell(`The queue of jobs is not kept up: ${reason}`));
  const means: DueMeans = { pool: database.pool, boss: queue.boss, now, ...limits };
  const seen = new Map<string, number>();
  const underWay = new Map<string, UnderWay>();
  let isStopping = false;

  const rounds = inRounds(round, {
    everyMilliseconds: limits.lookMilliseconds,
    tell: (reason) => tell(`What is due cannot be seen to (${reason}); it is tried again every few seconds.`),
  });

  async function round(): Promise<void> {
    // One time for all of it: by a later one, what the next due time is about to drop would already be given up.
    const begun = now();
    const atOnce = { ...means, now: () => begun };
    const standing = await standingSchedules(database.pool, names);
    for (const job of jobs) await lookForDue(atOnce, job, standing.get(job.name), seen);
    const unfinished = await unfinishedDue(database.pool, names);
    for (const due of unfinished.filter(({ job, isHeld }) => !isHeld && !underWay.has(job))) {
      const givenUp = await bringBack(atOnce, due);
      if (givenUp) tell(`${saidOf(due)} was given up: ${givenUp}.`);
    }
    const held = new Set(unfinished.filter(({ isHeld }) => isHeld).map(({ job }) => job));
    for (const job of jobs) if (!held.has(job.name)) await take(job);
  }

  async function take(job: ScheduledJob): Promise<void> {
    if (isStopping || underWay.size >= limits.atOnceMax || underWay.has(job.name)) return;
    const [fetched] = await queue.boss.fetch<{ dueAt?: unknown }>(job.name);
    if (!fetched) return;
    const due = { job: job.name, dueAt: new Date(String(fetched.data?.dueAt)), queuedAs: fetched.id };
    const ender = new AbortController();
    const ended = perform({ means, job, due, ender, tell }).then(() => {
      underWay.delete(job.name);
      rounds.wake();
    });
    underWay.set(job.name, { ender, ended });
  }

  async function stop(): Promise<void> {
    isStopping = true;
    await rounds.stop();
    for (const { ender } of underWay.values()) ender.abort(new Stopped('the process was stopped'));
    const ended = Promise.all([...underWay.values()].map((one) => one.ended));
    await Promise.race([ended, pause(limits.stopMilliseconds, undefined, { ref: false })]);
    await queue.close();
  }

  let stopped: Promise<void> | undefined;
  return {
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Thrown by work that found nothing to do yet: it is called again every ten minutes until the next due time, and nobody is told. */
export class NotYet extends Error {}

/** Work that was told to end before it was done, for no fault of its own. */
class Stopped extends Error {}

/** The schedule in the database becomes this one. A job keeps since when it is scheduled, also when its time changes. */
async function writeSchedules(pool: Pool, jobs: readonly ScheduledJob[], now: Date): Promise<void> {
  await pool.query('delete from sync.schedule where job <> all($1)', [jobs.map(({ name }) => name)]);
  await pool.query(
    `insert into sync.schedule (job, cron, since) select job, cron, $3 from unnest($1::text[], $2::text[]) as given (job, cron)
     on conflict (job) do update set cron = excluded.cron`,
    [jobs.map(({ name }) => name), jobs.map(({ cron }) => cron), now.toISOString()],
  );
}

interface Standing {
  cron: string;
  since: Date;
}

async function standingSchedules(pool: Pool, jobs: readonly string[]): Promise<Map<string, Standing>> {
  const { rows } = await pool.query<{ job: string; cron: string; since: string }>(
    'select job, cron, since from sync.schedule where job = any($1)',
    [jobs],
  );
  return new Map(rows.map(({ job, cron, since }) => [job, { cron, since: new Date(since) }]));
}

/** Sends the last due time of a job, unless it was sent, was before the job was scheduled, or is too long ago. */
async function lookForDue(
  means: DueMeans,
  { name, doneUntil = new Date(0) }: ScheduledJob,
  standing: Standing | undefined,
  seen: Map<string, number>,
): Promise<void> {
  const dueAt = standing && lastDueTime(standing.cron, means.now());
  if (!dueAt || dueAt <= standing.since || dueAt <= doneUntil || isPast(dueAt, means.now())) return;
  if (seen.get(name) === dueAt.getTime()) return;
  await sendDue(means, name, dueAt);
  seen.set(name, dueAt.getTime());
}

interface Taken {
  means: DueMeans;
  job: ScheduledJob;
  due: DueTime;
  ender: AbortController;
  tell: ScheduleOptions['tell'];
}

/** One attempt at one due time, under the job's lock. It never throws. */
async function perform(taken: Taken): Promise<void> {
  const { means, due, tell } = taken;
  try {
    const isOurs = await underLock(means.pool, due.job, (client) => performLocked(client, taken));
    if (!isOurs) await means.boss.fail(due.job, due.queuedAs, { reason: 'another process works on the job' });
  } catch (error) {
    tell(`${saidOf(due)} was done or tried, and that could not be kept: ${troubleOf(error)}.`);
  }
}

async function performLocked(client: PoolClient, { means, job, due, ender, tell }: Taken): Promise<void> {
  const isReal = !Number.isNaN(due.dueAt.getTime()) && !isPast(due.dueAt, means.now());
  const attempt = isReal ? await claim(client, means, due) : undefined;
  // Done, dropped or given up already, or sent by no schedule.
  if (attempt === undefined) return means.boss.complete(due.job, due.queuedAs);
  const onBreak = () => ender.abort(new Stopped('its connection to the database broke'));
  client.on('error', onBreak).on('end', onBreak);
  const became = await attempted(job, ender);
  client.off('error', onBreak).off('end', onBreak);
  const state = await settle(client, means, due, became);
  if (became.is !== 'FAILED') return;
  const next = state === 'WAITING' ? 'it is tried again' : 'that was the last attempt: see what is wrong, and run it';
  tell(`${saidOf(due)} failed (attempt ${attempt} of ${means.attemptsMax}): ${became.reason}; ${next}.`);
}

async function attempted({ work }: ScheduledJob, ender: AbortController): Promise<Attempt> {
  const tooLong = new Error(`it took longer than ${WORK_HOURS_MAX} hours`);
  const timer = setTimeout(() => ender.abort(tooLong), WORK_HOURS_MAX * 3_600_000).unref();
  try {
    await work(ender.signal);
    // Work that ended early because it was told to has not thrown, perhaps.
    ender.signal.throwIfAborted();
    return { is: 'DONE' };
  } catch (error) {
    const cause = ender.signal.aborted ? ender.signal.reason : error;
    const is = cause instanceof Stopped ? 'STOPPED' : cause instanceof NotYet ? 'NOT_YET' : 'FAILED';
    return { is, reason: troubleOf(cause) };
  } finally {
    clearTimeout(timer);
  }
}

/** Seconds after which the database notices that a machine is gone without a word, and its locks end. */
const SILENT_SECONDS = { idle: 30, interval: 10, count: 3 };

/** Does work on the connection that holds the job's lock; answers false, and does nothing, when another holds it. */
async function underLock(pool: Pool, job: string, work: (client: PoolClient) => Promise<void>): Promise<boolean> {
  const client = await pool.connect();
  let isOurs = false;
  try {
    await client.query(
      `set tcp_keepalives_idle = ${SILENT_SECONDS.idle}; set tcp_keepalives_interval = ${SILENT_SECONDS.interval}; set tcp_keepalives_count = ${SILENT_SECONDS.count}`,
    );
    const { rows } = await client.query<{ got: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as got',
      [lockOf(job)],
    );
    isOurs = rows[0]?.got === true;
    if (isOurs) await work(client);
    return isOurs;
  } finally {
    // The lock ends with its connection, whatever state that is in.
    client.release(true);
  }
}

function saidOf({ job, dueAt }: Pick<DueTime, 'job' | 'dueAt'>): string {
  return `The job ${job}, due ${Number.isNaN(dueAt.getTime()) ? 'at no time' : shanghaiMinute(dueAt)},`;
}
