/** Agreements for tests: written straight into the database, approved and signed as two officers would have done. */
import type { Signer } from '../../src/audit/signing';
import type { Database } from '../../src/db/database';
import { Agreement } from '../../src/sharing/agreement';
import { signApproval } from '../../src/sharing/approval';
import { grantElsewhere } from './shape';

let made = 0;

/**
 * Writes an approved agreement of `agency`, which is registered when it is not yet; what is not told is plain and in force in 2026. A bureau on
 * its own premises grants the same there.
 */
export async function approve(
  database: Database,
  signer: Signer,
  more: Partial<Agreement> & Pick<Agreement, 'agency' | 'clauses'>,
): Promise<Agreement> {
  made += 1;
  const provider = more.provider ?? 'civil-affairs';
  const agreement = Object.assign(new Agreement(), {
    id: `${provider}/${more.agency}/test-${made}`,
    provider,
    purposes: ['REVIEW'],
    caseRequired: false,
    covertDays: {},
    validFrom: '2026-01-01',
    validTo: '2026-12-31',
    personsPerDay: null,
    state: 'APPROVED',
    proposedBy: 'one',
    proposedAt: '2026-01-01T00:00:00.000Z',
    approvedBy: 'another',
    approvedAt: '2026-01-02T00:00:00.000Z',
    version: 1,
    ...more,
  });
  agreement.approval ??= signApproval(agreement, signer);
  for (const code of [provider, agreement.agency])
    await database.pool.query(
      'insert into sharing.agency (code, name_en, name_zh) values ($1, $1, $1) on conflict do nothing',
      [code],
    );
  await database.dataSource.getRepository(Agreement).insert(agreement as object);
  await grantElsewhere(database, [agreement]);
  return agreement;
}

/** One statement as a superuser who has turned the triggers off, which keep what nobody may change. */
export async function tamper(database: Database, statement: string, values: unknown[] = []): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    await client.query(statement, values);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}
