/**
 * A database of its own for work that must not touch the real one: beside it on the same server, migrated, and dropped when the work ends.
 * One that a killed process left behind is dropped by the next.
 */
import { randomBytes } from 'node:crypto';
import { type Database, openDatabase } from './database';
import { migrate } from './migrate';

/** With the second it was made in behind it: one that is young may belong to a process that has not come to it yet. */
const PREFIX = 'heyan_scratch_';
const YOUNG_SECONDS = 3_600;

/**
 * Works in a scratch database.
 * @throws when the user may not create databases, with what to do; and whatever `work` throws
 */
export async function inScratch<T>(beside: Database, work: (scratch: Database) => Promise<T>): Promise<T> {
  await dropAbandoned(beside);
  const name = `${PREFIX}${Math.floor(Date.now() / 1_000)}_${randomBytes(8).toString('hex')}`;
  try {
    await beside.pool.query(`create database ${name} template template0`);
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error;
    throw new Error(
      'The database user may not create databases, and a replay needs one for itself: allow it with ALTER ROLE … CREATEDB.',
      { cause: error },
    );
  }
  try {
    const scratch = await openDatabase(addressOf(beside.url, name), { poolSize: 4 });
    try {
      await migrate(scratch);
      return await work(scratch);
    } finally {
      await scratch.close();
    }
  } finally {
    await beside.pool.query(`drop database if exists ${name} with (force)`);
  }
}

/** Nobody is connected to them: their process has ended. */
async function dropAbandoned({ pool }: Database): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select datname as name from pg_database d where starts_with(datname, $1)
     and pg_has_role(d.datdba, 'member') and not exists (select 1 from pg_stat_activity a where a.datid = d.oid)`,
    [PREFIX],
  );
  const isOld = (name: string) => Date.now() / 1_000 - Number(name.slice(PREFIX.length).split('_')[0]) > YOUNG_SECONDS;
  for (const name of rows.map((row) => row.name).filter(isOld))
    await pool.query(`drop database if exists ${name}`).catch(() => undefined);
}

/** The same server, another database. */
function addressOf(url: string, name: string): string {
  return url.replace(/^([a-z]+:\/\/[^/?#]*)(\/[^?#]*)?/, `$1/${name}`);
}
