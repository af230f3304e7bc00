import type { PoolClient } from 'pg';
import type { Database } from '../db/database';

const LOCK_NOT_AVAILABLE = '55P03';
export const LEASE_WAIT_MILLISECONDS_MAX = 60_000;
/** A holder whose machine is gone without a word is noticed by the database after these seconds, and its lease ends. */
const SILENT_SECONDS_MAX = 60;

/**
 * Does work under a bureau's lease, on the connection that holds it. A connection that failed is closed, and its lease and temporary tables
 * end with it. Throws what the work throws, and when the lease is not to be had within the wait.
 */
export async function underLease<T>(
  database: Database,
  bureau: string,
  waitMillisecondsMax: number,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await database.pool.connect();
  let broken: Error | undefined;
  // A connection that breaks while nothing is asked of it would end the process; the next statement says what is wrong.
  const onBreak = (error: Error) => {
    broken = error;
  };
  client.on('error', onBreak);
  try {
    await takeLease(client, bureau, waitMillisecondsMax);
    const result = await work(client);
    await giveBackLease(client, bureau);
    return result;
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    client.off('error', onBreak);
    client.release(broken);
  }
}

/**
 * Only one loader works on a bureau at a time, however many processes there are. The lease is a PostgreSQL session lock: the database decides,
 * and a holder that dies loses it with its connection. Throws after `waitMillisecondsMax`, saying who holds it.
 */
async function takeLease(client: PoolClient, bureau: string, waitMillisecondsMax: number): Promise<void> {
  await client.query(
    `set tcp_keepalives_idle = ${SILENT_SECONDS_MAX / 2}; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3`,
  );
  await client.query(`set lock_timeout = ${Math.max(1, Math.trunc(waitMillisecondsMax))}`);
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [leaseName(bureau)]);
  } catch (error) {
    if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
    const holder = await holderOf(client, bureau);
    throw new Error(`Another load of ${bureau} is running (${holder}): wait for it to end, then load again.`);
  } finally {
    await client.query('reset lock_timeout');
  }
}

async function giveBackLease(client: PoolClient, bureau: string): Promise<void> {
  await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [leaseName(bureau)]);
}

function leaseName(bureau: string): string {
  return `heyan load ${bureau}`;
}

async function holderOf(client: PoolClient, bureau: string): Promise<string> {
  const { rows } = await client.query<{ holder: string }>(
    `select format('%s, database process %s from %s, since %s', coalesce(nullif(a.application_name, ''), 'unnamed'), l.pid,
                   coalesce(host(a.client_addr), 'this machine'), to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS "UTC"')) as holder
       from pg_locks l left join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and l.database = (select oid from pg_database where datname = current_database())
        and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended($1, 0)`,
    [leaseName(bureau)],
  );
  return rows[0]?.holder ?? 'it has just ended';
}
