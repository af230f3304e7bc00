import type { PoolClient } from 'pg';

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Only one loader works on a bureau at a time, however many processes there are. The lease is a PostgreSQL session lock: the database decides,
 * and a holder that dies loses it with its connection. Throws after `waitMillisecondsMax`, saying who holds it.
 */
export async function takeLease(client: PoolClient, bureau: string, waitMillisecondsMax: number): Promise<void> {
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

export async function giveBackLease(client: PoolClient, bureau: string): Promise<void> {
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
