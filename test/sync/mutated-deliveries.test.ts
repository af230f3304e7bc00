/**
 * 500 damaged deliveries. Whatever is done to a file, the loader ends, says what became of it, and loses no row in silence: an oracle of its own,
 * which knows nothing of our reading, cuts every line that can be cut, and each must be in the table, in quarantine, or in a file that failed.
 */
import { gunzipSync } from 'node:zlib';
import { bureaus } from '../../src/bureaus/bureau';
import { recordKind } from '../../src/bureaus/record';
import type { Database } from '../../src/db/database';
import { loadDelivery } from '../../src/sync/load';
import type { DeliveryReport, KindReport, RunState } from '../../src/sync/report';
import { testDatabase } from '../support/database';
import { hubKey, writeDelivery } from './delivery';
import { MUTATIONS } from './mutants/all';
import { diceOf, type Mutant } from './mutants/mutation';
import { type Sample, sampleOf, textOf, touched } from './mutants/sample';

jest.setTimeout(300_000);

const MUTANTS = 500;
const SEED = 20_260_704;
const BATCHES = 5;
const START = Date.parse('2026-06-30T00:00:00Z');
/** Newer than anything that damage makes of a time, and within the years that are taken. */
const LAST = '2199-12-31T23:59:59+08:00';

const KINDS = ['household', 'death', 'enrollment', 'retirement', 'contribution', 'poverty', 'claim', 'claim_line'];
const samples = new Map(KINDS.map((kind) => [kind, sampleOf(kind)]));
const tables = new Map(
  bureaus().flatMap((bureau) => bureau.records.map((record) => [recordKind(record).kind, recordKind(record).table])),
);
const tableOf = (kind: string) => tables.get(kind) as string;
const undamaged = Object.fromEntries(
  KINDS.map((kind) => [`${kind}.csv`, textOf(touched(samples.get(kind) as Sample, LAST))]),
);

async function load(
  database: Database,
  files: Record<string, string | Buffer>,
  options: Pick<Mutant, 'limits' | 'quarantineLimit'> = {},
): Promise<DeliveryReport> {
  const { directory, remove } = writeDelivery(files);
  return loadDelivery(database, { directory, hubKey, ...options }).finally(remove);
}

/** Of the records of the undamaged delivery, what stands now: all they hold is in their hashes. */
async function standing(database: Database): Promise<string> {
  const digests = KINDS.map(async (kind) => {
    const { columns, rows } = samples.get(kind) as Sample;
    const ids = rows.map((cells) => cells[columns.indexOf('source_id')]);
    const { rows: found } = await database.pool.query<{ digest: string }>(
      `select count(*) || ' ' || md5(string_agg(source_id || op || content_hash::text, ',' order by source_id)) as digest
         from ${tableOf(kind)} where recorded_to is null and source_id = any($1)`,
      [ids],
    );
    return `${kind} ${found[0]?.digest}`;
  });
  return (await Promise.all(digests)).join('\n');
}

/** Changes with every revision that is opened or closed. */
async function versionOf(database: Database, kind: string): Promise<string> {
  const { rows } = await database.pool.query<{ version: string }>(
    `select count(*) || ' ' || coalesce(max(seq), 0) || ' ' || count(*) filter (where recorded_to is null) as version from ${tableOf(kind)}`,
  );
  return rows[0]?.version as string;
}

interface PhysicalRow {
  line: number;
  /** What is known of it without doubt; nothing of a row that is not as wide as the header. */
  sourceId?: string;
  updatedAt?: number;
}

/**
 * The physical rows of a text that can be read without knowing what quotes mean, and how many rows there are in all: nothing is sure between two
 * lines whose quotes do not pair, because these may belong together.
 */
function cutIndependently(bytes: Buffer): { rows: PhysicalRow[]; count: number | undefined } {
  const lines = bytes
    .toString('latin1')
    .replace(/^(?:\u00ef\u00bb\u00bf|\u00841\u00953)+/, '')
    .split('\n');
  const columns = (lines[0] as string).trim().split(',');
  const isEmpty = (text: string) => text === '' || text === '\r';
  const torn = lines.flatMap((text, at) => (text.split('"').length % 2 === 0 ? [at] : []));
  const isSure = (at: number) =>
    !torn.some((from, place) => place + 1 < torn.length && at >= from && at <= (torn[place + 1] as number));
  const rows = lines.flatMap((text, at): PhysicalRow[] => {
    const cells = text.replace(/\r$/, '').split(',');
    if (at === 0 || isEmpty(text) || text.includes('"') || !isSure(at)) return [];
    if (cells.length !== columns.length) return [{ line: at + 1 }];
    const updatedAt = Date.parse(cells[columns.indexOf('updated_at')] as string);
    return [{ line: at + 1, sourceId: cells[columns.indexOf('source_id')], updatedAt }];
  });
  const count = lines.filter((text, at) => at > 0 && !isEmpty(text)).length;
  return { rows, count: torn.length < 2 ? count : undefined };
}

/** The bytes of a mutant as text; nothing when that is not possible. */
function plain({ bytes, ending = '.csv' }: Mutant): Buffer | undefined {
  try {
    return ending === '.xlsx' ? undefined : ending === '.csv' ? Buffer.from(bytes as string) : gunzipSync(bytes);
  } catch {
    return undefined;
  }
}

async function mustHoldEveryRow(database: Database, report: KindReport, mutant: Mutant): Promise<void> {
  const { rows: kept } = await database.pool.query<{ line: string }>(
    'select line from sync.quarantine where kind = $1 and last_run = (select max(id) from sync.run where kind = $1)',
    [report.kind],
  );
  expect(kept.length).toBe(report.quarantined);
  if (mutant.rows !== undefined) expect(report.rowsIn).toBe(mutant.rows);
  const bytes = plain(mutant);
  if (!bytes) return;
  const { rows, count } = cutIndependently(bytes);
  if (count !== undefined) expect(report.rowsIn).toBe(count);
  if (report.state === 'REJECTED') return;
  const { rows: stand } = await database.pool.query<{ source_id: string; touched: string }>(
    `select source_id, extract(epoch from updated_at) * 1000 as touched from ${tableOf(report.kind)} where recorded_to is null`,
  );
  const quarantined = new Set(kept.map(({ line }) => Number(line)));
  const held = new Map(stand.map(({ source_id, touched: at }) => [source_id, Number(at)]));
  const lost = rows.filter(({ line, sourceId, updatedAt = Number.NaN }) => {
    if (quarantined.has(line)) return false;
    // An id that is not ASCII cannot be told without knowing the encoding; the sum of the rows holds it.
    if (sourceId !== undefined && /[^ -~]/.test(sourceId) && count !== undefined) return false;
    return !((held.get(sourceId ?? '') ?? Number.NEGATIVE_INFINITY) >= (Number.isNaN(updatedAt) ? 0 : updatedAt));
  });
  expect(lost).toEqual([]);
}

/** The sample as plain text changes nothing any more: what was taken was the same to the last character. */
async function mustStandAs(database: Database, sample: Sample): Promise<void> {
  const { kinds } = await load(database, { [`${sample.kind}.csv`]: textOf(sample) });
  expect(kinds).toMatchObject([{ rowsIn: sample.rows.length, unchanged: sample.rows.length }]);
}

/** Names and numbers of persons, which no message may repeat. */
function personalIn({ columns, rows }: Sample): string[] {
  const at = ['id_number', 'name'].map((column) => columns.indexOf(column)).filter((place) => place >= 0);
  return rows.flatMap((cells) => at.map((place) => cells[place] as string));
}

function mustSayWhatBecame(report: KindReport, sample: Sample): void {
  const { inserted, changed, unchanged, deleted, stale, quarantined, rowsIn, state, reason = '' } = report;
  const sum = inserted + changed + unchanged + deleted + stale + quarantined;
  if (state === 'COMPLETE') expect(sum).toBe(rowsIn);
  else expect(reason).toMatch(/\S{2}/);
  if (state === 'REJECTED') expect([sum, quarantined > 0, rowsIn >= quarantined]).toEqual([quarantined, true, true]);
  if (state === 'FAILED') expect([sum, rowsIn]).toEqual([0, 0]);
  const said = [reason, ...report.warnings].join('\n');
  expect(personalIn(sample).filter((personal) => said.includes(personal))).toEqual([]);
}

const STATES = {
  ANY: /./,
  LINES: /^(?:COMPLETE|REJECTED)$/,
  COMPLETE: /COMPLETE/,
  REJECTED: /REJECTED/,
  FAILED: /FAILED/,
};

interface Outcome {
  state: RunState;
  /** Which mutant is not as it must be, and how. */
  failure?: string;
}

/** Every so-manieth mutant, one after the other into one database; then the undamaged delivery. */
async function loadBatch(batch: number, expected: string): Promise<Outcome[]> {
  const database = await testDatabase();
  const outcomes: Outcome[] = [];
  try {
    for (let at = batch; at < MUTANTS; at += BATCHES) outcomes.push(await loadMutant(database, at));
    for (const { kind, state } of (await load(database, undamaged)).kinds)
      expect([kind, state]).toEqual([kind, 'COMPLETE']);
    expect(await standing(database)).toBe(expected);
  } finally {
    await database.close();
  }
  return outcomes;
}

async function loadMutant(database: Database, at: number): Promise<Outcome> {
  const [name, fate, make] = MUTATIONS[at % MUTATIONS.length] as (typeof MUTATIONS)[number];
  const kind = KINDS[(at + Math.floor(at / MUTATIONS.length)) % KINDS.length] as string;
  const time = new Date(START + at * 60_000).toISOString().replace('.000', '');
  const sample = touched(samples.get(kind) as Sample, time);
  const made = make(sample, diceOf(SEED + at));
  const mutant: Mutant = typeof made === 'string' || Buffer.isBuffer(made) ? { bytes: made } : made;
  const files = { [`${kind}${mutant.ending ?? '.csv'}`]: mutant.bytes, ...mutant.beside };
  const before = await versionOf(database, kind);
  try {
    const { kinds } = await load(database, files, { quarantineLimit: 0.95, ...mutant });
    const [report] = kinds as [KindReport];
    expect([report.kind, report.state]).toEqual([kind, expect.stringMatching(STATES[fate])]);
    mustSayWhatBecame(report, sample);
    if (report.state !== 'FAILED') await mustHoldEveryRow(database, report, mutant);
    if (report.state !== 'COMPLETE') expect(await versionOf(database, kind)).toBe(before);
    else if (mutant.isIntact) await mustStandAs(database, sample);
    return { state: report.state };
  } catch (error) {
    return { state: 'FAILED', failure: `mutant ${at}, ${kind}, ${name}: ${(error as Error).message}` };
  }
}

test(`${MUTANTS} damaged deliveries: none stops the loader, every row is accounted for, and the undamaged one heals all`, async () => {
  const fresh = await testDatabase();
  await load(fresh, undamaged);
  const expected = await standing(fresh);
  await fresh.close();
  expect(expected).toMatch(/^(?:\w+ \d+ [0-9a-f]{32}\n?){8}$/);

  const batches = Array.from({ length: BATCHES }, (_, batch) => loadBatch(batch, expected));
  const outcomes = (await Promise.all(batches)).flat();
  expect(outcomes.flatMap(({ failure }) => failure ?? [])).toEqual([]);
  expect(outcomes).toHaveLength(MUTANTS);
  const count = (wanted: RunState) => outcomes.filter(({ state }) => state === wanted).length;
  expect(count('COMPLETE')).toBeGreaterThan(MUTANTS / 3);
  expect(count('FAILED')).toBeGreaterThan(MUTANTS / 5);
  expect(count('REJECTED')).toBeGreaterThan(MUTANTS / 100);
});
