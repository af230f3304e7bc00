import { randomUUID } from 'node:crypto';
import { AuditUnavailable, openAuditLog } from '../../src/audit/append';
import { type AuditRecord, canonicalJson, leafHash } from '../../src/audit/record';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { watchStatements } from '../support/statements';

const PERSON = 'a'.repeat(32);

function record(more: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: randomUUID(), at: '2026-06-30T00:00:00.000Z', agency: 'tax', officer: null, purpose: 'P', case: null,
    operation: { hash: '00', name: null }, footprint: [], agreements: [], decision: 'GRANTED', refusals: [], persons: [], feeds: [],
    freshness: {}, errors: 0, ...more,
  }; // biome-ignore format: one record
}

interface Row {
  seq: string;
  hash: string;
  leaf: string;
  persons: string[];
}

describe('the audit log', () => {
  let database: Database;
  beforeAll(async () => {
    database = await testDatabase();
  });
  beforeEach(() => database.pool.query('truncate audit.record'));
  afterAll(() => database.close());

  async function rows(): Promise<Row[]> {
    const found = await database.pool.query<Row>(
      `select seq, encode(leaf_hash, 'hex') as hash, leaf, array(select encode(p, 'hex') from unnest(persons) p) as persons
       from audit.record order by audit.record.seq`,
    );
    return found.rows;
  }

  test('the receipt is the leaf hash of the canonical text, and the record is there when it is handed out', async () => {
    const given = record({ persons: [PERSON, 'b'.repeat(32)], officer: '王' });
    const receipt = await openAuditLog(database.pool).append(given);
    expect(await rows()).toEqual([{ seq: '1', hash: receipt, leaf: canonicalJson(given), persons: given.persons }]);
    expect(receipt).toBe(leafHash(canonicalJson(given), 'sha256').toString('hex'));
  });

  test('by setting, receipts are SM3', async () => {
    const given = record();
    expect(await openAuditLog(database.pool, { hash: 'sm3' }).append(given)).toBe(
      leafHash(canonicalJson(given), 'sm3').toString('hex'),
    );
  });

  test('operations that end together share a commit, in the order in which they came', async () => {
    const log = openAuditLog(database.pool);
    const watch = watchStatements(database.pool);
    const receipts = await Promise.all(Array.from({ length: 1_200 }, (_, i) => log.append(record({ errors: i }))));
    watch.stop();
    // The first goes alone, the others wait for it: 500, 500, 199.
    expect(watch.texts).toHaveLength(4);
    const kept = await rows();
    expect(kept.map(({ seq }) => Number(seq))).toEqual(Array.from({ length: 1_200 }, (_, i) => i + 1));
    expect(kept.map(({ hash }) => hash)).toEqual(receipts);
  });

  test('two logs on one database number without gaps', async () => {
    const logs = [openAuditLog(database.pool), openAuditLog(database.pool)];
    await Promise.all(
      Array.from({ length: 300 }, (_, i) => (logs[i % 2] as (typeof logs)[0]).append(record({ errors: i }))),
    );
    expect((await rows()).map(({ seq }) => Number(seq))).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  });

  test.each([
    ['the table is gone', 'alter table audit.record rename to hidden', 'alter table audit.hidden rename to record'],
    [
      'the function is gone',
      'alter function audit.append rename to hidden',
      'alter function audit.hidden rename to append',
    ],
    [
      'the table takes no row',
      'alter table audit.record add constraint full_disk check (false) not valid',
      'alter table audit.record drop constraint full_disk',
    ],
  ])('%s: the record is refused, and taken again once the fault is gone', async (_, harm, repair) => {
    const log = openAuditLog(database.pool);
    await log.append(record());
    await database.pool.query(harm);
    const both = await Promise.allSettled([log.append(record()), log.append(record())]);
    expect(both.map((one) => one.status === 'rejected' && one.reason instanceof AuditUnavailable)).toEqual([
      true,
      true,
    ]);
    await database.pool.query(repair);
    await log.append(record());
    expect((await rows()).map(({ seq }) => seq)).toEqual(['1', '2']);
  });

  test('a store that does not answer is a store that cannot take the record', async () => {
    const holder = await database.pool.connect();
    try {
      await holder.query('begin');
      await holder.query('lock table audit.record');
      const log = openAuditLog(database.pool, { commitMillisecondsMax: 50 });
      await expect(log.append(record())).rejects.toThrow(AuditUnavailable);
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    await expect(openAuditLog(database.pool).append(record())).resolves.toMatch(/^[0-9a-f]{64}$/);
  });

  test('what a caller wrote cannot leave its place in the record', async () => {
    const officer = '","decision":"GRANTED\u0000\ud800';
    await openAuditLog(database.pool).append(record({ officer, decision: 'REFUSED' }));
    const [row] = await rows();
    const read = JSON.parse((row as Row).leaf) as AuditRecord;
    expect([read.decision, read.officer]).toEqual(['REFUSED', officer]);
  });
});
