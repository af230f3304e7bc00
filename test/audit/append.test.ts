import { setImmediate } from 'node:timers/promises';
import { AuditUnavailable, openAuditLog } from '../../src/audit/append';
import { type AuditRecord, canonicalJson, leafHash } from '../../src/audit/record';
import { type Database, openDatabase } from '../../src/db/database';
import { migrate } from '../../src/db/migrate';
import { endServers, newDirectory, start } from '../db/servers';
import { emptyAudit } from '../support/audit';
import { testDatabase } from '../support/database';
import { watchStatements } from '../support/statements';
import { auditRecord } from './log-fixture';

const PERSON = 'a'.repeat(32);

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
  beforeEach(() => emptyAudit(database.pool));
  afterAll(() => database.close());

  async function rows(): Promise<Row[]> {
    const found = await database.pool.query<Row>(
      `select seq, encode(leaf_hash, 'hex') as hash, leaf, array(select encode(p, 'hex') from unnest(persons) p) as persons
       from audit.record order by audit.record.seq`,
    );
    return found.rows;
  }

  test('the receipt is the leaf hash of the canonical text, and the record is there when it is handed out', async () => {
    const given = auditRecord({ persons: [PERSON, 'b'.repeat(32)], officer: '王' });
    const receipt = await openAuditLog(database.pool).append(given);
    expect(await rows()).toEqual([{ seq: '1', hash: receipt, leaf: canonicalJson(given), persons: given.persons }]);
    expect(receipt).toBe(leafHash(canonicalJson(given), 'sha256').toString('hex'));
  });

  test('by setting, receipts are SM3', async () => {
    const given = auditRecord();
    expect(await openAuditLog(database.pool, { hash: 'sm3' }).append(given)).toBe(
      leafHash(canonicalJson(given), 'sm3').toString('hex'),
    );
  });

  test('operations that end together share a commit, in the order in which they came', async () => {
    const log = openAuditLog(database.pool);
    const watch = watchStatements(database);
    const receipts = await Promise.all(Array.from({ length: 1_200 }, (_, i) => log.append(auditRecord({ errors: i }))));
    watch.stop();
    // 500, 500, 200.
    expect(watch.texts).toHaveLength(3);
    const kept = await rows();
    expect(kept.map(({ seq }) => Number(seq))).toEqual(Array.from({ length: 1_200 }, (_, i) => i + 1));
    expect(kept.map(({ hash }) => hash)).toEqual(receipts);
  });

  test('64 operations at once share each commit', async () => {
    const [callers, each] = [64, 20];
    const log = openAuditLog(database.pool);
    const watch = watchStatements(database);
    const call = async () => {
      for (let i = 0; i < each; i++) await log.append(auditRecord());
    };
    await Promise.all(Array.from({ length: callers }, call));
    watch.stop();
    expect(await rows()).toHaveLength(callers * each);
    // One commit a round, and no more: 64 records in each.
    expect(watch.texts).toHaveLength(each);
  });

  test('while many are under way a commit waits for their records, and no longer than there are many', async () => {
    const log = openAuditLog(database.pool, { siblingsMilliseconds: 60_000 });
    const ends: (() => void)[] = [];
    const operations = Array.from({ length: 8 }, () =>
      log.during(async () => {
        await new Promise<void>((resolve) => ends.push(resolve));
        return log.append(auditRecord());
      }),
    );
    for (const end of ends.slice(0, 5)) {
      end();
      await setImmediate();
    }
    // Three are left: for so few nobody waits.
    await Promise.all(operations.slice(0, 5));
    for (const place of [5, 6, 7]) {
      ends[place]?.();
      await operations[place];
    }
    const commits = await database.pool.query('select count(*)::int as records from audit.record group by xmin order by min(seq)'); // biome-ignore format: one statement
    expect(commits.rows.map(({ records }) => records)).toEqual([5, 1, 1, 1]);
  });

  test('who is under way and does not end is not waited for', async () => {
    const log = openAuditLog(database.pool);
    const ends: (() => void)[] = [];
    const others = Array.from({ length: 20 }, () =>
      log.during(() => new Promise<void>((resolve) => ends.push(resolve))),
    );
    await expect(log.during(() => log.append(auditRecord()))).resolves.toMatch(/^[0-9a-f]{64}$/);
    for (const end of ends) end();
    await Promise.all(others);
    await expect(log.during(() => Promise.reject(new Error('none')))).rejects.toThrow('none');
  });

  test('two logs on one database number without gaps', async () => {
    const logs = [openAuditLog(database.pool), openAuditLog(database.pool)];
    await Promise.all(
      Array.from({ length: 300 }, (_, i) => (logs[i % 2] as (typeof logs)[0]).append(auditRecord({ errors: i }))),
    );
    expect((await rows()).map(({ seq }) => Number(seq))).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  });

  test.each([
    ['the table is gone', 'alter table audit.record rename to hidden', 'alter table audit.hidden rename to record'],
    [
      'the function is gone',
      'alter function audit.append_lines rename to hidden',
      'alter function audit.hidden rename to append_lines',
    ],
    [
      'the table takes no row',
      'alter table audit.record add constraint full_disk check (false) not valid',
      'alter table audit.record drop constraint full_disk',
    ],
    [
      'a trigger raises',
      `create function audit.no() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
       create trigger no before insert on audit.record execute function audit.no()`,
      'drop function audit.no cascade',
    ],
    [
      'the feeds cannot be kept',
      'alter table audit.feed rename to hidden_feed',
      'alter table audit.hidden_feed rename to feed',
    ],
  ])('%s: the record is refused, and taken again once the fault is gone', async (_, harm, repair) => {
    const log = openAuditLog(database.pool);
    await log.append(auditRecord());
    await database.pool.query(harm);
    const both = await Promise.allSettled([log.append(auditRecord()), log.append(auditRecord())]);
    expect(both.map((one) => one.status === 'rejected' && one.reason instanceof AuditUnavailable)).toEqual([
      true,
      true,
    ]);
    await database.pool.query(repair);
    await log.append(auditRecord());
    expect((await rows()).map(({ seq }) => seq)).toEqual(['1', '2']);
  });

  test('a store that does not answer is a store that cannot take the record', async () => {
    const holder = await database.pool.connect();
    try {
      await holder.query('begin');
      await holder.query('lock table audit.record');
      const log = openAuditLog(database.pool, { commitMillisecondsMax: 50 });
      await expect(log.append(auditRecord())).rejects.toThrow(AuditUnavailable);
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    await expect(openAuditLog(database.pool).append(auditRecord())).resolves.toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([
    ['persons', { persons: [`${PERSON}\n${PERSON}`] }],
    ['feeds', { feeds: [{ kind: 'death\nclaim', from: '1', to: '2' }] }],
  ])('%s that would take the place of another record’s are refused, and no neighbour with them', async (_, wrong) => {
    const log = openAuditLog(database.pool);
    const given = await Promise.allSettled([auditRecord(), auditRecord(wrong), auditRecord()].map(log.append));
    expect(given.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await rows()).map(({ persons }) => persons)).toEqual([auditRecord().persons, auditRecord().persons]);
  });

  test('a log that was empty when it was last looked at is not read whole for each commit', async () => {
    const one = await testDatabase({ poolSize: 1 });
    await one.pool.query('vacuum analyze audit.record');
    const log = openAuditLog(one.pool);
    for (let i = 0; i < 50; i++) await log.append(auditRecord());
    await one.pool.query('select pg_stat_force_next_flush()');
    const { rows } = await one.pool.query(
      `select seq_scan, idx_scan >= 50 as by_index from pg_stat_user_tables where relid = 'audit.record'::regclass`,
    );
    expect(rows).toEqual([{ seq_scan: '0', by_index: true }]);
    await one.close();
  });

  test('what a caller wrote cannot leave its place in the record', async () => {
    const officer = '","decision":"GRANTED\u0000\ud800\n{}';
    await openAuditLog(database.pool).append(auditRecord({ officer, decision: 'REFUSED' }));
    const [row] = await rows();
    const read = JSON.parse((row as Row).leaf) as AuditRecord;
    expect([read.decision, read.officer]).toEqual(['REFUSED', officer]);
  });
});

test('a server that is stopped takes no record; once it is back the same log goes on', async () => {
  const directory = newDirectory();
  const server = await start(directory);
  const database = await openDatabase(server.url);
  try {
    await migrate(database);
    const log = openAuditLog(database.pool);
    await log.append(auditRecord());
    await server.stop();
    await expect(log.append(auditRecord())).rejects.toThrow(AuditUnavailable);
    await start(directory);
    await log.append(auditRecord());
    const { rows } = await database.pool.query<{ seq: string }>('select seq from audit.record order by seq');
    expect(rows.map(({ seq }) => seq)).toEqual(['1', '2']);
  } finally {
    await database.close();
    await endServers();
  }
}, 60_000);
