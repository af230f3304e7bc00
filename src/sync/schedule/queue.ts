/**
 * The queue of scheduled jobs: pg-boss, in the PostgreSQL schema `jobs`, over two connections of its own.
 *
 * pg-boss keeps jobs, pauses between attempts and expiry. Its own clock is off: a job that it sends does not say which due time it is for, a
 * due time at which no process looked is lost, and its worker does not wait for what it writes at the end, so that a database that restarts
 * in that moment would end the whole process. What is due is found in schedule.ts, and jobs are fetched there.
 */

import { type ClientBase, Pool } from 'pg';
import PgBoss from 'pg-boss';

export interface Queue {
  boss: PgBoss;
  /** Ends the connections. May be called twice. */
  close(): Promise<void>;
}

const SCHEMA = 'jobs';
const CONNECTIONS = 2;
const CONNECT_MILLISECONDS = 10_000;
/** Making the schema and its queues takes a second; others that start at the same moment wait for it. */
const OPEN_WAIT_SECONDS_MAX = 60;
const ENDED_JOBS_DAYS = 30;

/**
 * Opens the queue with one pg-boss queue for each name, and removes those of other names; makes the schema at first use.
 * @param tell told what goes wrong in pg-boss's own housekeeping
 * @throws when the database cannot be reached
 */
export async function openQueue(url: string, names: readonly string[], tell: (reason: string) => void): Promise<Queue> {
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    application_name: 'heyan jobs',
    keepAlive: true,
  });
  // A connection that breaks is replaced; the statement it breaks in, or the next one, says what is wrong.
  pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
  const boss = new PgBoss({
    schema: SCHEMA,
    schedule: false,
    deleteAfterDays: ENDED_JOBS_DAYS,
    db: { executeSql: (text, values) => execute(pool, text, values) },
  });
  let closing: Promise<void> | undefined;
  boss.on('error', (error) => closing === undefined && tell(error.message));
  const close = () => {
    closing ??= boss.stop({ graceful: false, close: false }).then(() => pool.end());
    return closing;
  };
  try {
    await inTurn(pool, () => openQueues(boss, names));
  } catch (error) {
    await close();
    await pool.end().catch(() => undefined);
    throw error;
  }
  return { boss, close };
}

/** pg-boss within a transaction of ours: what it writes there stands or falls with the rest. */
export function within(client: ClientBase): PgBoss.Db {
  return { executeSql: (text, values) => client.query(text, values) };
}

/** pg-boss opens transactions in its statements: a connection on which one failed is closed, or the next would be refused in it. */
async function execute(pool: Pool, text: string, values: unknown[]): Promise<{ rows: unknown[] }> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    return await client.query(text, values);
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    client.release(failure);
  }
}

/** Processes that start at the same moment would all make the same schema, and pg-boss knows only by English messages that another was faster. */
async function inTurn(pool: Pool, open: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query(`set lock_timeout = '${OPEN_WAIT_SECONDS_MAX}s'`);
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', ['heyan jobs schema']);
    await open();
  } finally {
    // The lock ends with its connection.
    client.release(true);
  }
}

async function openQueues(boss: PgBoss, names: readonly string[]): Promise<void> {
  await boss.start();
  for (const name of names) await boss.createQueue(name);
  for (const { name } of await boss.getQueues()) if (!names.includes(name)) await boss.deleteQueue(name);
}
