/**
 * What a command works in: the database brought up and migrated, the hub opened over it, and all of it closed again however the command ends.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { recordKinds } from '../bureaus/bureau';
import { shanghaiDay } from '../bureaus/calendar';
import { BadSetting, type Config, readConfig } from '../config';
import { type Database, openDatabase } from '../db/database';
import { startEmbedded } from '../db/embedded';
import { migrate } from '../db/migrate';
import { foundHub } from '../hub/founding';
import { type Hub, openHub } from '../hub/hub';
import { Agency, Agreement } from '../sharing/agreement';
import { ensureHubKey } from '../sync/hub-key';
import { note } from './print';

export interface Session {
  config: Config;
  database: Database;
  hub: Hub;
  /** The key of the person key, checked against the database; made at the first start. */
  hubKey(): Promise<Buffer>;
  /** Today in Asia/Shanghai, `YYYY-MM-DD`. */
  today: string;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  signal: AbortSignal;
}

/** Runs a command's work in a session and sets the exit code: what `work` returns, 0 unless told, 1 when it throws. */
export async function inSession(work: (session: Session) => Promise<number | undefined | void>): Promise<void> {
  const closers: (() => Promise<void>)[] = [];
  const stop = new AbortController();
  let interrupted = false;
  const onSignal = () => {
    // A second Ctrl-C does not make the first one any less orderly: it waits for the same end.
    interrupted = true;
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const session = await openSession(closers, stop.signal);
    const aborted = new Promise<number>((resolve) =>
      stop.signal.addEventListener('abort', () => resolve(130), { once: true }),
    );
    process.exitCode = (await Promise.race([work(session), aborted])) ?? 0;
  } catch (error) {
    if (!interrupted) complain(error);
    process.exitCode = interrupted ? 130 : 1;
  } finally {
    for (const close of closers.reverse()) await close().catch(complain);
    process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
  }
  // What an interrupted command was waiting for would otherwise keep the process alive.
  if (interrupted) process.exit();
}

async function openSession(closers: (() => Promise<void>)[], signal: AbortSignal): Promise<Session> {
  const config = readConfig();
  let url = config.databaseUrl;
  if (!url) {
    const server = await startEmbedded(config.dataDirectory, { log: note });
    closers.push(() => server.stop());
    url = server.url;
  }
  const database = await openDatabase(url, {
    entities: [Agency, Agreement, ...recordKinds().map((kind) => kind.class)],
  });
  closers.push(() => database.close());
  await migrate(database);
  const today = shanghaiDay(new Date());
  const founded = await foundHub(database.dataSource, today);
  if (founded > 0) note(`Founded the hub with ${founded} agreements; each may be revoked.`);
  const hub = await openHub({
    database,
    dataDirectory: config.dataDirectory,
    hubKey: () => storedKey(config),
    report: reportTo(note),
  });
  closers.push(() => hub.close());
  return { config, database, hub, today, signal, hubKey: () => hubKey(config, database) };
}

/** One clear sentence; the whole error, with its stack, when HEYAN_DEBUG is set. */
export function complain(error: unknown): void {
  note(process.env.HEYAN_DEBUG || !(error instanceof Error) ? String((error as Error)?.stack ?? error) : error.message);
}

/** Errors that callers do not see in full go to the log, without values: a driver's detail may quote a row. */
function reportTo(log: (line: string) => void): (error: unknown) => void {
  return (error) => {
    const cause = (error as { originalError?: unknown }).originalError ?? error;
    log(`Not answered in full: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`);
  };
}

function keyFile(config: Config): string {
  return path.join(config.dataDirectory, 'keys', 'person-key');
}

function storedKey(config: Config): Buffer {
  if (config.personKey) return config.personKey;
  if (existsSync(keyFile(config))) return Buffer.from(readFileSync(keyFile(config), 'utf8').trim(), 'hex');
  throw new BadSetting(
    'HEYAN_PERSON_KEY is not set and the data directory holds no key: set it to the key this database was loaded under',
  );
}

/** The key, checked. A new one is written (mode 0600) only when the database accepts it, that is, when it was never loaded under another. */
async function hubKey(config: Config, database: Database): Promise<Buffer> {
  const made = !config.personKey && !existsSync(keyFile(config));
  const key = made ? randomBytes(32) : storedKey(config);
  await ensureHubKey(database.pool, key);
  if (made) {
    mkdirSync(path.dirname(keyFile(config)), { recursive: true, mode: 0o700 });
    writeFileSync(keyFile(config), `${key.toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    chmodSync(keyFile(config), 0o600);
  }
  return key;
}
