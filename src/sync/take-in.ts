/**
 * Takes rows of one bureau in, of one or several kinds that belong together: all of it or nothing.
 *
 * read, recognise and check → stage with COPY → judge → lock the change log → compare with what stands → write revisions, quarantine, the run and whatever
 * must stand with them (a checkpoint, the mark of a delivery) → commit. Killed anywhere before the commit, nothing of it is there.
 */
import type { PoolClient } from 'pg';
import type { Bureau } from '../bureaus/bureau';
import { layoutOf } from './check';
import { keepDuplicates, markDuplicates, settleRepeats } from './duplicates';
import type { Intake } from './intake';
import type { Keys } from './number-keys';
import { keepQuarantine } from './quarantine';
import { recogniseNone, recogniser } from './recognise';
import { type LoadProgress, noOutcomes } from './report';
import { recordRun } from './run';
import { SourceFault } from './sources/source';
import { stage, stagedTable } from './stage';
import { lockChangeLog, recordingTime, writeRevisions } from './write';

export interface TakeInOptions {
  bureau: Bureau;
  keys: Keys;
  /** Largest share of a kind's rows, 0 to 1, that may be quarantined; beyond it everything is rolled back. */
  quarantineLimit: number;
  now(): Date;
  startedAt: Date;
  onProgress?(progress: LoadProgress): void;
  /** Writes what must stand or fall with the rows, in their transaction. */
  alsoWrite?(client: PoolClient, recordedAt: string): Promise<void>;
}

/** Fills in the reports. Throws when the store cannot be written; what is wrong with the rows or their source is in the reports. The lease is the caller's. */
export async function takeIn(client: PoolClient, intakes: readonly Intake[], options: TakeInOptions): Promise<void> {
  for (const intake of intakes) if (intake.report.state === 'COMPLETE') await stageRows(client, intake, options);
  reject(intakes, options.quarantineLimit);
  await write(client, intakes, options);
  for (const { kind } of intakes) await client.query(`drop table if exists ${stagedTable(kind)}`);
}

/** Reads, checks and stages. What is wrong with the source as a whole goes into the report. */
async function stageRows(client: PoolClient, intake: Intake, options: TakeInOptions): Promise<void> {
  const { kind, report, rowsPromised } = intake;
  const began = performance.now();
  try {
    report.rowsIn = await readInto(client, intake, options);
    if (rowsPromised !== undefined && rowsPromised !== report.rowsIn)
      throw new SourceFault(`has ${report.rowsIn} rows, but manifest.csv promises ${rowsPromised}: deliver it again`);
    await settleSameRecords(client, intake);
    await client.query(`analyze ${stagedTable(kind)} (line, source_id, op)`);
    await countQuarantined(client, intake);
  } catch (error) {
    Object.assign(report, noOutcomes(), { state: 'FAILED', reason: sourceReason(error) });
  }
  report.seconds += (performance.now() - began) / 1000;
}

async function readInto(client: PoolClient, intake: Intake, { keys, onProgress }: TakeInOptions): Promise<number> {
  const { kind, report } = intake;
  const progress = { kind: kind.kind, file: report.file, phase: 'READING' as const };
  const bytes = { bytesRead: 0, bytesTotal: 0 };
  const opened = await intake.open((read, total) => Object.assign(bytes, { bytesRead: read, bytesTotal: total }));
  try {
    const layout = layoutOf(kind, opened.columns, keys);
    if (typeof layout === 'string') throw new SourceFault(layout);
    // A register gives what changed, and a file mostly what did not.
    const recognise = intake.from === 'FILE' ? await recogniser(client, kind, opened.columns) : recogniseNone;
    const count = await stage(client, kind, layout, opened.rows, recognise, (rows) =>
      onProgress?.({ ...progress, rows, ...bytes }),
    );
    report.warnings.push(...(opened.warnings ?? []), ...layout.warnings);
    return count;
  } finally {
    await opened.close();
  }
}

/** Several rows of one record: what a file's later ones are is a mistake, what a register's older ones are is the past. */
async function settleSameRecords(client: PoolClient, intake: Intake): Promise<void> {
  const { kind, report } = intake;
  if (intake.from === 'REGISTER') {
    const { stale, unchanged } = await settleRepeats(client, kind);
    report.stale += stale;
    report.unchanged += unchanged;
  } else if (await markDuplicates(client, kind)) {
    const again = await intake.open(() => undefined);
    await keepDuplicates(client, kind, again.rows).finally(again.close);
  }
}

/** How many rows broke a rule, and which one most of them: who is told that something was not taken wants to know why without looking further. */
async function countQuarantined(client: PoolClient, { kind, report, from }: Intake): Promise<void> {
  const { rows } = await client.query<{ all: string; same: string; reason: string; line: string }>(
    `select sum(count(*)) over () as all, count(*) as same, reason, min(line) as line
       from ${stagedTable(kind)} where reason is not null group by reason order by same desc, line limit 1`,
  );
  const [most] = rows;
  if (!most) return;
  const { all, same, reason, line } = most;
  report.quarantined = Number(all);
  // A register has no lines to look at.
  const one = from === 'FILE' ? `line ${line}: ${reason}` : reason;
  report.commonestFault = same === '1' ? one : `${same} ${from === 'FILE' ? 'like' : 'times:'} ${one}`;
}

/** The reason a source failed for; throws on when it is not the source's fault. Classes 22 and 54 are PostgreSQL's for values it cannot hold. */
function sourceReason(error: unknown): string {
  if (error instanceof SourceFault) return error.message;
  const { code } = error as { code?: string };
  if (/^(22|54)...$/.test(code ?? '')) return `holds a value that PostgreSQL refuses (${code})`;
  throw error;
}

/** One kind beyond the limit takes the others with it: they belong together. */
function reject(intakes: readonly Intake[], limit: number): void {
  const staged = intakes.filter(({ report }) => report.state === 'COMPLETE');
  const beyond = staged.find(({ report }) => report.quarantined > report.rowsIn * limit);
  if (!beyond) return;
  const { file, quarantined, rowsIn, commonestFault } = beyond.report;
  const reason = `${quarantined} of ${rowsIn} rows of ${file} broke a rule, more than the limit of ${Math.round(limit * 100)} %: nothing of ${beyond.from === 'FILE' ? 'this bureau' : 'this chunk'} was loaded (${commonestFault})`;
  for (const { report } of staged) {
    Object.assign(report, noOutcomes(), { rowsIn: report.rowsIn, quarantined: report.quarantined });
    Object.assign(report, { state: 'REJECTED', reason });
  }
}

async function write(client: PoolClient, intakes: readonly Intake[], options: TakeInOptions): Promise<void> {
  const { bureau, now, alsoWrite } = options;
  const kinds = intakes.map(({ kind }) => kind);
  await client.query('begin');
  try {
    for (const kind of kinds) await lockChangeLog(client, kind);
    const recordedAt = await recordingTime(client, kinds, now());
    let isChanged = false;
    for (const intake of intakes) isChanged = (await writeKind(client, intake, options, recordedAt)) || isChanged;
    if (isChanged) await bureau.settle?.(client);
    await alsoWrite?.(client, recordedAt);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Writes one kind and its line in the run log; answers whether anything stands differently now. */
async function writeKind(
  client: PoolClient,
  intake: Intake,
  { onProgress, startedAt }: TakeInOptions,
  recordedAt: string,
): Promise<boolean> {
  const { kind, report } = intake;
  const began = performance.now();
  onProgress?.({
    kind: kind.kind,
    file: report.file,
    phase: 'WRITING',
    rows: report.rowsIn,
    bytesRead: 0,
    bytesTotal: 0,
  });
  let isChanged = false;
  if (report.state === 'COMPLETE') {
    const { same, ...counts } = await writeRevisions(client, kind, recordedAt);
    report.unchanged += same;
    report.stale += counts.stale;
    Object.assign(report, { inserted: counts.inserted, changed: counts.changed, deleted: counts.deleted });
    isChanged = counts.inserted + counts.changed + counts.deleted > 0;
  }
  const goesOn = report.state === 'COMPLETE' && intake.goesOn?.() === true;
  intake.run = await recordRun(client, report, { run: intake.run, goesOn, startedAt, finishedAt: recordedAt });
  if (report.state !== 'FAILED') await keepQuarantine(client, intake, recordedAt);
  report.seconds += (performance.now() - began) / 1000;
  return isChanged;
}
