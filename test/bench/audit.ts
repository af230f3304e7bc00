/**
 * `audit`: records appended with group commit, by 64 operations at once, against one commit per record by the same 64. Both write the same
 * records through the same function of the database, with every commit on disk.
 */
import { randomUUID } from 'node:crypto';
import { openAuditLog } from '../../src/audit/append';
import { type AuditRecord, canonicalJson, leafHash } from '../../src/audit/record';
import type { Database } from '../../src/db/database';
import { type Findings, figure, median, millisecondsOf, perSecond, rate, sideBySide } from './figure';
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
  const before = median(rounds.ours);
  await database.pool.query(
    `insert into audit.record select seq + n * 1000000, sha256(convert_to(seq || '-' || n, 'UTF8')), leaf, persons
     from audit.record, generate_series(1, 10) n`,
  );
  await database.pool.query('vacuum analyze audit.record');
  const after = await sideBySide({ ours: () => grouped(RECORDS_GROUPED), other: async () => before });
  const speed = (given: number) => given;
  return {
    figures: [
      figure('audit', rounds, speed, perSecond('records'), { atLeast: 5 }),
      figure('audit with 10x the log', after, speed, perSecond('records'), { atLeast: 0.67 }),
    ],
  };
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
  await pool.query('select audit.append($1, $2, $3, $4)', [
    [leafHash(leaf, 'sha256')],
    [leaf],
    [record.persons.join(',')],
    [''],
  ]);
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
