/**
 * `audit`: records appended with group commit, by 64 operations at once, against one commit per record by the same 64. Both write the same
 * records through the same function of the database, with every commit on disk.
 */
import { randomUUID } from 'node:crypto';
import { openAuditLog } from '../../src/audit/append';
import { type AuditRecord, canonicalJson, leafHash } from '../../src/audit/record';
import type { Database } from '../../src/db/database';
import { type Findings, figure, millisecondsOf, perSecond, rate, sideBySide } from './figure';
import type { Stage } from './stage';

const AT_ONCE = 64;
const RECORDS_GROUPED = 3_200;
const RECORDS_ALONE = 320;

type Append = (record: AuditRecord) => Promise<unknown>;

export async function audit(stage: Stage): Promise<Findings> {
  const database = await stage.empty();
  const log = openAuditLog(database.pool);
  const grouped = (count: number) => speedOf(log.append, count);
  await grouped(AT_ONCE);
  const rounds = await sideBySide({
    ours: () => grouped(RECORDS_GROUPED),
    other: () => speedOf((record) => appendAlone(database, record), RECORDS_ALONE),
  });
  const long = await stage.empty();
  await copyRecords(database, long);
  const longer = openAuditLog(long.pool);
  const sizes = await sideBySide({
    ours: () => speedOf(longer.append, RECORDS_GROUPED),
    other: () => grouped(RECORDS_GROUPED),
  });
  const speed = (given: number) => given;
  return {
    figures: [
      figure('audit', rounds, speed, perSecond('records'), { atLeast: 5 }),
      figure('audit behind 100,000 records more', sizes, speed, perSecond('records'), { atLeast: 0.67 }),
    ],
  };
}

/** A log ten times as long: ten copies of ten thousand records. */
async function copyRecords(from: Database, to: Database): Promise<void> {
  const { rows } = await from.pool.query<{ leaf: string; persons: string }>(
    `select leaf, persons::text from audit.record order by seq limit 10000`,
  );
  await to.pool.query(
    `insert into audit.record (seq, leaf_hash, leaf, persons)
     select row_number() over (), sha256(convert_to(n || leaf, 'UTF8')), leaf, persons::bytea[]
     from unnest($1::text[], $2::text[]) r(leaf, persons), generate_series(1, 10) n`,
    [rows.map(({ leaf }) => leaf), rows.map(({ persons }) => persons)],
  );
  await to.pool.query('vacuum analyze audit.record');
}

/** Records per second with so many operations at once, each waiting for its own. */
async function speedOf(append: Append, records: number): Promise<number> {
  const one = async () => {
    for (let i = 0; i < records / AT_ONCE; i++) await append(newRecord());
  };
  return rate(records, await millisecondsOf(() => Promise.all(Array.from({ length: AT_ONCE }, one))));
}

async function appendAlone({ pool }: Database, record: AuditRecord): Promise<void> {
  const leaf = canonicalJson(record);
  await pool.query({
    name: 'bench_audit_append',
    text: 'select audit.append_lines($1, $2, $3, $4)',
    values: [leafHash(leaf, 'sha256').toString('hex'), leaf, record.persons.join(','), ''],
  });
}

/** A record of one person looked at in three bureaus. */
function newRecord(): AuditRecord {
  const uses = ['death', 'household', 'claim'].flatMap((kind) =>
    ['sourceId', 'status', 'updatedAt', 'validAsOf'].map((field) => `${kind}.${field}:LOOKUP`),
  );
  return {
    id: randomUUID(),
    at: '2026-06-30T02:00:00.000Z',
    agency: 'medical-insurance-supervision',
    officer: 'bench',
    purpose: 'CASE_INVESTIGATION',
    case: 'BENCH-1',
    operation: { hash: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', name: null },
    footprint: uses,
    agreements: ['civil-affairs/medical-insurance-supervision/CASE_INVESTIGATION'],
    decision: 'GRANTED',
    refusals: [],
    persons: ['00112233445566778899aabbccddeeff'],
    feeds: [],
    freshness: {},
    errors: 0,
  };
}
