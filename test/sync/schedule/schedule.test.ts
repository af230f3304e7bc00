import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { type Database, openDatabase } from '../../../src/db/database';
import { waitFor } from '../../../src/db/wait';
import { openQueue } from '../../../src/sync/schedule/queue';
import {
  keepSchedule,
  NotYet,
  type Schedule,
  type ScheduledJob,
  type ScheduleOptions,
} from '../../../src/sync/schedule/schedule';
import { testDatabase } from '../../support/database';

const YESTERDAY = new Date('2026-06-29T10:00:00+08:00');
const DUE = '2026-06-29T18:00:00.000Z'; // 02:00 on the 30th in Shanghai
const WAIT_MILLISECONDS_MAX = 30_000;

/** What the work of jobs did, of whichever process. */
let done: string[];
let told: string[];
let database: Database;
let now: Date;
let clock: () => Date;
const opened: (() => Promise<void>)[] = [];

beforeEach(async () => {
  database = await testDatabase();
  done = [];
  told = [];
  now = new Date('2026-06-30T02:00:05+08:00');
  clock = () => now;
  await schedule('sync-death');
});

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  await database.close();
});

/** Jobs that have been scheduled since yesterday. */
async function schedule(...jobs: string[]): Promise<void> {
  await database.pool.query(`insert into sync.schedule select job, '', $2 from unnest($1::text[]) job`, [
    jobs,
    YESTERDAY.toISOString(),
  ]);
}

/** A job that only notes that it was done. */
function death(more: Partial<ScheduledJob> = {}): ScheduledJob {
  const work = async () => {
    done.push('sync-death');
  };
  return { name: 'sync-death', cron: '0 2 * * *', work, ...more };
}

/** Keeps a schedule as a process of its own would: over connections of its own. */
async function keep(jobs: ScheduledJob[], limits: ScheduleOptions['limits'] = {}): Promise<Schedule> {
  const own = await openDatabase(database.url);
  const schedule = await keepSchedule({
    database: own,
    jobs,
    now: () => clock(),
    tell: (line) => told.push(line),
    limits: { lookMilliseconds: 30, retrySeconds: 1, againSeconds: 1, stopMilliseconds: 2_000, ...limits },
  });
  opened.push(async () => {
    await schedule.stop();
    await own.close();
  });
  return schedule;
}

const rowsOf = async (columns = 'state, attempts') =>
  (await database.pool.query(`select ${columns} from sync.due order by job, due_at`)).rows;
const queued = async (columns = 'state') =>
  (await database.pool.query(`select ${columns} from jobs.job order by created_on`)).rows;

/** Waits until it is so; fails with what is instead. */
async function until<T>(look: () => T | Promise<T>, expected: T): Promise<void> {
  const equals = (value: T) => JSON.stringify(value) === JSON.stringify(expected);
  await waitFor(async () => (equals(await look()) ? true : undefined), WAIT_MILLISECONDS_MAX);
  expect(await look()).toEqual(expected);
}

const untilRow = (state: string, attempts: number) => until(() => rowsOf(), [{ state, attempts }]);

/** Resolves when it is let go. */
function gate(): { open(): void; passed: Promise<void> } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), passed };
}

test('nothing scheduled opens nothing, and takes back what was', async () => {
  const fresh = await testDatabase();
  await keepSchedule({ database: fresh, jobs: [], tell: () => undefined }).then((schedule) => schedule.stop());
  const { rows } = await fresh.pool.query(`select nspname from pg_namespace where nspname in ('jobs', 'pgboss')`);
  expect(rows).toEqual([]);
  await fresh.close();
  await keep([]);
  expect((await database.pool.query('select from sync.schedule')).rowCount).toBe(0);
});

test('three processes, one due time, one effect', async () => {
  const jobs = () => [death(), death({ name: 'nightly' })];
  await schedule('nightly');
  await Promise.all([keep(jobs()), keep(jobs()), keep(jobs())]);
  await until(
    () => rowsOf('job, due_at, state, attempts'),
    [
      { job: 'nightly', due_at: '2026-06-29T18:00:00Z', state: 'DONE', attempts: 1 },
      { job: 'sync-death', due_at: '2026-06-29T18:00:00Z', state: 'DONE', attempts: 1 },
    ],
  );
  // The same due time once more from a restored queue, and from whoever holds the queue for broken.
  const queue = await openQueue(database.url, ['sync-death', 'nightly'], () => undefined);
  opened.push(queue.close);
  for (let i = 0; i < 3; i++) await queue.boss.send('sync-death', { dueAt: DUE });
  await queue.boss.send('sync-death', { dueAt: 'once upon a time' });
  // Ones that met each other over the job's lock are tried again, a few times.
  const isOver = ({ state }: { state: string }) => state === 'completed' || state === 'failed';
  await until(async () => (await queued()).filter(isOver).length, 6);
  expect(done).toEqual(['sync-death', 'sync-death']);
  expect(told).toEqual([]);
});

test('a due time that nobody saw is made up for, once and within a day', async () => {
  now = new Date('2026-07-03T14:00:00+08:00');
  const done = (text: string) => ({ doneUntil: new Date(`2026-07-03T${text}:00+08:00`) });
  const table: [string, string, Partial<ScheduledJob>, string | null][] = [
    ['several-were-missed', '0 2 * * *', {}, '2026-07-02T18:00:00Z'],
    ['just-within-a-day', '1 14 2 * *', {}, '2026-07-02T06:01:00Z'],
    ['a-day-ago', '0 14 2 * *', {}, null],
    ['scheduled-since', '30 13 * * *', {}, null],
    ['done-since', '0 2 * * *', done('08:00'), null],
    ['done-before', '0 2 * * *', done('01:00'), '2026-07-02T18:00:00Z'],
    ['never-due', '0 0 30 2 *', {}, null],
    ['due-now', '* * * * *', {}, '2026-07-03T06:00:00Z'],
  ]; // biome-ignore format: a table
  await schedule(...table.map(([name]) => name));
  await database.pool.query(`update sync.schedule set since = '2026-07-03T13:31:00+08:00' where job = 'scheduled-since'`);
  // One at a time, in the order of the list: when the last is done, the others are, or never will be.
  await keep(table.map(([name, cron, more]) => death({ name, cron, ...more })), { atOnceMax: 1 });
  await until(async () => (await rowsOf('job, due_at, state')), table
    .flatMap(([job, , , dueAt]) => (dueAt ? [{ job, due_at: dueAt, state: 'DONE' }] : []))
    .sort((a, b) => (a.job < b.job ? -1 : 1)));
}); // biome-ignore format: a table

test('a failure is told and tried again after pauses that grow, and given up after the last attempt', async () => {
  const work = async () => {
    done.push('tried');
    throw Object.assign(new Error('invalid input syntax for type date: "a name"'), { code: '22007' });
  };
  await keep([death({ work })], { attemptsMax: 3 });
  const pause = async () =>
    (await queued('start_after - started_on >= make_interval(secs => retry_count + 1) as grows'))[0];
  await untilRow('WAITING', 1);
  expect(await pause()).toEqual({ grows: true });
  await untilRow('WAITING', 2);
  expect(await pause()).toEqual({ grows: true });
  await untilRow('FAILED', 3);
  const said = 'The job sync-death, due 2026-06-30 02:00, failed';
  expect(told).toEqual([
    `${said} (attempt 1 of 3): SQLSTATE 22007; it is tried again.`,
    `${said} (attempt 2 of 3): SQLSTATE 22007; it is tried again.`,
    `${said} (attempt 3 of 3): SQLSTATE 22007; that was the last attempt: see what is wrong, and run it.`,
  ]);
  expect(await rowsOf('reason')).toEqual([{ reason: 'SQLSTATE 22007' }]);
  expect(done).toHaveLength(3);
});

test('what cannot be done yet is looked at again, uncounted and untold', async () => {
  const work = async () => {
    done.push('looked');
    if (done.length < 3) throw new NotYet('there is no new delivery');
  };
  await keep([death({ work })], { attemptsMax: 1 });
  await untilRow('DONE', 1);
  expect([done.length, told]).toEqual([3, []]);
});

describe('work that does not come to its end is taken up again', () => {
  test('after its process was killed', async () => {
    const child = spawn(
      process.execPath,
      ['-r', path.join(__dirname, '../../support/run-typescript.cjs'), path.join(__dirname, 'schedule-process.ts'), database.url, now.toISOString()],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    ); // biome-ignore format: one command
    await once(child.stdout, 'data');
    // While it works, nobody else does.
    await keep([death()]);
    await until(() => rowsOf(`state, taken_by like '%:${child.pid}' as theirs`), [{ state: 'RUNNING', theirs: true }]);
    child.kill('SIGKILL');
    await untilRow('DONE', 2);
    expect(done).toEqual(['sync-death']);
  });

  test('after every connection to the database broke, and nothing else ends with them', async () => {
    const begun = gate();
    const work = async (signal: AbortSignal) => {
      if (done.push('tried') > 1) return;
      begun.open();
      await once(signal, 'abort');
    };
    await keep([death({ work })]);
    await begun.passed;
    await database.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await untilRow('DONE', 2);
    expect(done).toEqual(['tried', 'tried']);
  });

  test('after its process was stopped, which does not count as an attempt', async () => {
    const begun = gate();
    const stopping = await keep([
      death({
        work: async (signal) => {
          begun.open();
          await once(signal, 'abort');
        },
      }),
    ]);
    await begun.passed;
    await stopping.stop();
    expect(await rowsOf('state, attempts, reason')).toEqual([
      { state: 'WAITING', attempts: 0, reason: 'the process was stopped' },
    ]);
    await keep([death()]);
    await untilRow('DONE', 1);
    expect([done, told]).toEqual([['sync-death'], []]);
  });

  test('when the queue has lost it', async () => {
    const work = async () => {
      if (done.push('tried') === 1) throw new Error('not now');
    };
    await keep([death({ work })], { retrySeconds: 3_600 });
    await untilRow('WAITING', 1);
    await database.pool.query('delete from jobs.job');
    await untilRow('DONE', 2);
  });

  test('and given up when it ends its process each time', async () => {
    await database.pool.query(
      `insert into sync.due (job, due_at, state, attempts, queued_as, taken_at, taken_by)
       values ('sync-death', $1, 'RUNNING', 8, gen_random_uuid(), $1, 'another:1')`,
      [DUE],
    );
    await keep([death()]);
    await untilRow('FAILED', 8);
    expect([done, told]).toEqual([
      [],
      [
        'The job sync-death, due 2026-06-30 02:00, was given up: the process that worked on it (another:1) ended before it did.',
      ],
    ]);
  });
});

test('work that does not end when it is told to is not waited for beyond the limit', async () => {
  const begun = gate();
  const stubborn = await keep(
    [
      death({
        work: () => {
          begun.open();
          return new Promise(() => undefined);
        },
      }),
    ],
    { stopMilliseconds: 10 },
  );
  opened.pop(); // Its database waits for the connection, which only the end of the process would close.
  await begun.passed;
  await stubborn.stop();
  expect(await rowsOf()).toEqual([{ state: 'RUNNING', attempts: 1 }]);
});

test.each([
  ['between two rounds', () => now],
  ['in the midst of a round', firstThen(new Date('2026-06-30T02:00:10+08:00'), () => now)],
])('a due time that still waits when the next one comes, %s, is dropped', async (_, next) => {
  const work = async () => {
    if (done.push('tried') === 1) throw new Error('not now');
  };
  await keep([death({ work })], { retrySeconds: 3_600 });
  await untilRow('WAITING', 1);
  now = new Date('2026-07-01T02:00:00+08:00');
  clock = next;
  await until(
    () => rowsOf(),
    [
      { state: 'DROPPED', attempts: 1 },
      { state: 'DONE', attempts: 1 },
    ],
  );
  expect((await queued()).map(({ state }) => state)).toEqual(['cancelled', 'completed']);
});

/** A clock that says one time when it is first looked at, and goes on from there by another. */
function firstThen(first: Date, then: () => Date): () => Date {
  let looks = 0;
  return () => {
    looks += 1;
    return looks === 1 ? first : then();
  };
}

test('a process works on so many jobs at once, and each is done', async () => {
  let atOnce = 0;
  let most = 0;
  const names = ['a', 'b', 'c', 'd'];
  const jobs = names.map((name) =>
    death({
      name,
      work: async () => {
        most = Math.max(most, ++atOnce);
        await new Promise((resolve) => setImmediate(resolve));
        atOnce--;
      },
    }),
  );
  await schedule(...names);
  await keep(jobs, { atOnceMax: 2 });
  await until(() => rowsOf('state'), names.map(() => ({ state: 'DONE' }))); // biome-ignore format: one expectation
  expect(most).toBeLessThanOrEqual(2);
});

test('a job that is no longer scheduled is not done, not even by a process that still knows it', async () => {
  now = YESTERDAY;
  await keep([death()]);
  await keep([death({ name: 'nightly' })]);
  now = new Date('2026-06-30T02:00:05+08:00');
  await until(() => rowsOf('job, state'), [{ job: 'nightly', state: 'DONE' }]);
  expect((await database.pool.query('select name from jobs.queue')).rows).toEqual([{ name: 'nightly' }]);
  expect(done).toEqual(['sync-death']);
});

test('a time that changed counts for every process, and the job is scheduled since it first was', async () => {
  now = YESTERDAY;
  await keep([death()]);
  now = new Date('2026-06-30T01:30:00+08:00');
  await keep([death({ cron: '0 1 * * *' })]);
  await until(() => rowsOf('due_at'), [{ due_at: '2026-06-29T17:00:00Z' }]);
  now = new Date('2026-06-30T02:30:00+08:00');
  await keep([death({ cron: '0 1 * * *' })]).then((schedule) => schedule.stop());
  expect(await rowsOf('due_at')).toEqual([{ due_at: '2026-06-29T17:00:00Z' }]);
});

test('a database that fails is told of once, and what is due is done when it is back', async () => {
  await database.pool.query('alter table sync.due rename to hidden');
  await keep([death()]);
  await until(() => told.length, 1);
  await database.pool.query('alter table sync.hidden rename to due');
  await untilRow('DONE', 1);
  expect(told).toEqual([
    'What is due cannot be seen to (relation "sync.due" does not exist); it is tried again every few seconds.',
  ]);
});
