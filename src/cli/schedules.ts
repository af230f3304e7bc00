/**
 * What runs by itself in a process that serves: each bureau's sync and the nightly chain at their due times, and the look for bureaus that are late.
 */
import { bureaus } from '../bureaus/bureau';
import { shanghaiDay } from '../bureaus/calendar';
import { recordKind } from '../bureaus/record';
import type { Config } from '../config';
import { notFollowed, notTaken, runNightly } from '../hub/nightly';
import { type KindReport, OUTCOMES } from '../sync/report';
import { nextDueTime, shanghaiMinute } from '../sync/schedule/due-time';
import { type Expectation, expectDeliveries, watchLate } from '../sync/schedule/late';
import { keepSchedule, NotYet, type ScheduledJob } from '../sync/schedule/schedule';
import type { BureauSetting } from '../sync/setting';
import { hasSource, syncBureaus } from '../sync/sync';
import { note } from './print';
import type { Session } from './session';

/** At night a bureau's own sync and the chain may meet, and nobody waits before a screen: the later one waits for the other's lease. */
const LEASE_WAIT_MILLISECONDS_MAX = 3_600_000;

/** Keeps the schedules of heyan.yaml until the session ends. `chainRanAt`: when this process began to run the whole chain, to its end. */
export async function keepSchedules(session: Session, chainRanAt?: Date): Promise<void> {
  const { config, database } = session;
  const jobs = jobsOf(session).map((job) => ({ ...job, doneUntil: chainRanAt }));
  const expected = expectationsOf(config);
  const now = new Date();
  await expectDeliveries(database.pool, expected, now);
  const schedule = await keepSchedule({ database, jobs, tell: note });
  session.beforeClosing(() => schedule.stop());
  for (const { name, cron } of jobs) {
    const next = nextDueTime(cron, now);
    note(
      next ? `Scheduled: ${name}, next at ${shanghaiMinute(next)}` : `Scheduled: ${name}, on a day that never comes`,
    );
  }
  if (expected.length === 0) return;
  const watch = watchLate({ pool: database.pool, tell: note });
  session.beforeClosing(() => watch.stop());
}

/** When the kinds of each bureau with a source are due: by its own schedule, else by the chain's. */
export function expectationsOf({ bureaus: settings, nightly }: Pick<Config, 'bureaus' | 'nightly'>): Expectation[] {
  return bureaus().flatMap(({ name, records }) => {
    const setting = settings[name];
    const cron = setting?.schedule ?? nightly?.schedule;
    if (!setting || !cron) return [];
    const kinds = records.map((record) => recordKind(record).kind).filter((kind) => hasSource(setting, kind));
    return kinds.map((kind) => ({ kind, bureau: name, cron, lateAfterMinutes: setting.lateAfterMinutes }));
  });
}

function jobsOf(session: Session): ScheduledJob[] {
  const { bureaus: settings, nightly } = session.config;
  const jobs = Object.entries(settings).flatMap(([bureau, setting]) => jobOf(session, bureau, setting));
  return nightly
    ? [...jobs, { name: 'nightly', cron: nightly.schedule, work: (signal) => runChain(session, signal) }]
    : jobs;
}

/** One bureau's sync, when it has a schedule of its own. What it waits for is told when it changes, and not at each look. */
function jobOf(session: Session, bureau: string, setting: BureauSetting): ScheduledJob[] {
  if (setting.schedule === undefined) return [];
  let told: string | undefined;
  const work = async (signal: AbortSignal) => {
    const waitsFor = await syncOne(session, bureau, setting, signal);
    if (waitsFor && waitsFor !== told) note(`Waiting for ${bureau}: ${waitsFor}`);
    told = waitsFor;
    if (waitsFor) throw new NotYet(waitsFor);
  };
  return [{ name: `sync-${bureau}`, cron: setting.schedule, work }];
}

/** One bureau's sources. Answers what it has not delivered yet, or not to the end. */
async function syncOne(
  session: Session,
  bureau: string,
  setting: BureauSetting,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { kinds, waiting } = await syncBureaus(session.database, {
    settings: { [bureau]: setting },
    hubKey: await session.hubKey(),
    quarantineLimit: session.config.quarantineLimit,
    leaseWaitMillisecondsMax: LEASE_WAIT_MILLISECONDS_MAX,
    signal,
  });
  signal.throwIfAborted();
  for (const kind of kinds) note(lineOf(kind));
  const failed = failedOf(kinds);
  if (failed.length > 0) throw new Error(failed.join('; '));
  return kinds.length === 0 && waiting.length === 0 ? 'there is no new delivery' : waiting.join('; ') || undefined;
}

/** What may go well at another attempt: a delivery that was rejected waits for a better one. */
function failedOf(kinds: readonly KindReport[]): string[] {
  return notTaken(kinds.filter(({ state }) => state !== 'REJECTED'));
}

/** What became of a kind's rows, in one line. */
function lineOf({ kind, state, reason, ...counts }: KindReport): string {
  const outcomes = OUTCOMES.slice(1).flatMap((name) => (counts[name] > 0 ? [`${counts[name]} ${name}`] : []));
  return `Synced ${kind}: ${state}, ${[`${counts.rowsIn} rows in`, ...outcomes].join(', ')}${reason ? `; ${reason}` : ''}`;
}

async function runChain(session: Session, signal: AbortSignal): Promise<void> {
  const { config, database } = session;
  const report = await runNightly(database, await session.hub(), {
    settings: config.bureaus,
    asOf: shanghaiDay(new Date()),
    hubKey: await session.hubKey(),
    quarantineLimit: config.quarantineLimit,
    leaseWaitMillisecondsMax: LEASE_WAIT_MILLISECONDS_MAX,
    signal,
  });
  for (const kind of report.sync?.kinds ?? []) note(lineOf(kind));
  const findings = report.check.rules.map((rule) =>
    'skipped' in rule ? `${rule.rule} skipped` : `${rule.rule} ${rule.found}`,
  );
  note(`Nightly chain: findings as of ${report.check.asOf}: ${findings.join(', ')}`);
  const failed = [...failedOf(report.sync?.kinds ?? []), ...notFollowed(report.follow)];
  if (failed.length > 0) throw new Error(failed.join('; '));
}
