import { createHmac } from 'node:crypto';
import type { Pool } from 'pg';

const CHECK_BYTES = 8;

/**
 * Makes sure that this database was loaded under this hub key, and remembers it at the first load. Under another key the same person would get
 * another person key and no longer meet their earlier records. Throws one sentence when the key is another one; nothing is done then.
 */
export async function ensureHubKey(pool: Pool, hubKey: Buffer): Promise<void> {
  const check = createHmac('sm3', hubKey).update('heyan key check', 'ascii').digest().subarray(0, CHECK_BYTES);
  await pool.query('insert into sync.hub (key_check) values ($1) on conflict (one) do nothing', [check]);
  const { rows } = await pool.query<{ key_check: Buffer }>('select key_check from sync.hub');
  if (!rows[0]?.key_check.equals(check)) {
    throw new Error(
      'This database was loaded under another hub key: give HEYAN_PERSON_KEY the key it was first loaded with, or use an empty database.',
    );
  }
}
