/** What only a test (or an intruder) does to the audit log: a superuser's session in which the guard does not stand. */
import type { Pool } from 'pg';

/** Runs statements in one transaction, past the guard. */
export async function tamper(pool: Pool, statements: readonly string[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin; set local session_replication_role = replica');
    for (const statement of statements) await client.query(statement);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** Empties the log. */
export function emptyAudit(pool: Pool): Promise<void> {
  return tamper(pool, ['truncate audit.record, audit.feed']);
}
