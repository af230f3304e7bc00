/**
 * What a command works in: the database brought up and migrated, the hub over it, and all of it closed again however the command ends.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AuditUnavailable } from '../audit/append';
import { openSigner } from '../audit/signing';
import { HeadTrouble } from '../audit/take-heads';
import { recordKinds } from '../bureaus/bureau';
import { shanghaiDay } from '../bureaus/calendar';
import { BadSetting, type Config, readConfig } from '../config';
import { distributeMatching } from '../crosscheck/distribute';
import { type Database, openDatabase } from '../db/database';
import { startEmbedded } from '../db/embedded';
import { migrate } from '../db/migrate';
import { troubleOf } from '../db/trouble';
import { RemoteTrouble } from '../federation/connection';
import { foundHub } from '../hub/founding';
import type { Hub } from '../hub/hub';
import { Agency } from '../sharing/agency';
import { Agreement } from '../sharing/agreement';
import { ensureHubKey } from '../sync/hub-key';
import { note } from './print';
import { openWatching, type Watching } from './watching';

export interface Session {
  config: Config;
  database: Database;
  /** The hub, opened when it is first asked for: putting the graph together takes longer than most commands do. */
  hub(): Promise<Hub>;
  /** The key of the person key, checked against the database; made at the first start. */
  hubKey(): Promise<Buffer>;
  /** How this process is watched: metrics, traces, the log of requests. */
  watching: Watching;
  /** Today in Asia/Shanghai, `YYYY-MM-DD`. */
  today: string;
  /** Aborted by the first Ctrl-C or SIGTERM; its reason is that signal's name. */
  signal: AbortSignal;
  /** Registers what must be closed before the hub is; answers under way are waited for, for so long. */
  beforeClosing(close: () => Promise<void>, patienceMilliseconds?: number): void;
  /** From now on SIGTERM is how this command is meant to end. */
  endsBySignal(): void;
}

/** Something to close at the end, and how long an interrupted command waits for it: what is abandoned then is undone by the database. */
interface Closer {
  close(): Promise<void>;
  patienceMilliseconds: number;
}

/** An answer under way may take this long. */
const ANSWER_MILLISECONDS = 10_000;
/** A load or check under way is not waited for: its transaction rolls back. */
const WORK_MILLISECONDS = 500;

/** PostgreSQL's own shutdown has its own, shorter limit. */
const STOP_MILLISECONDS = 60_000;

const INTERRUPTED = 130;

/**
 * Runs a command's work in a session and sets the exit code: what `work` returns, 0 unless told, 1 when it throws. `settings` are those that the
 * command was given itself.
 */
export async function inSession(
  work: (session: Session) => Promise<number | undefined | void>,
  settings: Partial<Config> = {},
): Promise<void> {
  const closers: Closer[] = [];
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => stop.abort(signal);
  let isServing = false;
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const interrupted = new Promise<number>((resolve) =>
      stop.signal.addEventListener(
        'abort',
        () => resolve(isServing && stop.signal.reason === 'SIGTERM' ? 0 : INTERRUPTED),
        { once: true },
      ),
    );
    const endsBySignal = () => {
      isServing = true;
    };
    const done = openSession(closers, stop.signal, settings, endsBySignal).then(work);
    process.exitCode = (await Promise.race([done, interrupted])) ?? 0;
  } catch (error) {
    complain(error);
    process.exitCode = 1;
  }
  for (const closer of closers.reverse()) await closeOne(closer, stop.signal.aborted).catch(complain);
  process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
  // What an interrupted command was in the middle of would otherwise keep the process alive.
  if (stop.signal.aborted) process.exit();
}

function closeOne({ close, patienceMilliseconds }: Closer, isInterrupted: boolean): Promise<void> {
  if (!isInterrupted) return close();
  return Promise.race([close(), new Promise<void>((resolve) => setTimeout(resolve, patienceMilliseconds))]);
}

async function openSession(
  closers: Closer[],
  signal: AbortSignal,
  settings: Partial<Config>,
  endsBySignal: () => void,
): Promise<Session> {
  const config: Config = { ...readConfig(), ...settings };
  for (const warning of config.warnings) note(warning);
  let url = config.databaseUrl;
  if (!url) {
    const server = await startEmbedded(config.dataDirectory, { log: note });
    closers.push({ close: () => server.stop(), patienceMilliseconds: STOP_MILLISECONDS });
    url = server.url;
  }
  const entities = [Agency, Agreement, ...recordKinds().map((kind) => kind.class)];
  const database = await openDatabase(url, { entities });
  closers.push({ close: () => database.close(), patienceMilliseconds: WORK_MILLISECONDS });
  await migrate(database);
  if (config.citus)
    for (const table of await distributeMatching(database.pool)) note(`Spread over the cluster: ${table}`);
  const today = shanghaiDay(new Date());
  const founded = await foundHub(database.dataSource, openSigner(config.dataDirectory, config.audit.signature), today);
  if (founded > 0) note(`Founded the hub with ${founded} agreements; each may be revoked.`);
  const watching = openWatching(config);
  closers.push({ close: watching.close, patienceMilliseconds: ANSWER_MILLISECONDS });
  const open = async () => {
    const { openHub } = require('../hub/hub') as typeof import('../hub/hub');
    const opened = await openHub({
      database,
      dataDirectory: config.dataDirectory,
      ...config.audit,
      hubKey: () => storedKey(config),
      issuers: config.issuers,
      subgraphs: config.subgraphs,
      supergraph: config.supergraph === null ? undefined : supergraphIn(config.supergraph),
      report: reportTo(note),
      watch: watching.watch,
    });
    closers.push({ close: () => opened.close(), patienceMilliseconds: WORK_MILLISECONDS });
    return opened;
  };
  let hub: Promise<Hub> | undefined;
  return {
    config,
    database,
    hub: () => {
      hub ??= open();
      return hub;
    },
    watching,
    today,
    signal,
    hubKey: () => hubKey(config, database),
    beforeClosing: (close, patienceMilliseconds = ANSWER_MILLISECONDS) => closers.push({ close, patienceMilliseconds }),
    endsBySignal,
  };
}

/** One clear sentence; the whole error, with its stack, when HEYAN_DEBUG is set. */
export function complain(error: unknown): void {
  const isWhole = process.env.HEYAN_DEBUG || !(error instanceof Error);
  note(isWhole ? String((error as Error)?.stack ?? error) : hasTrouble(error) ? troubleOf(error) : error.message);
}

/** Only of the database's own errors is more to be said than they say themselves. */
function hasTrouble({ code }: Error & { code?: unknown }): boolean {
  return typeof code === 'string' && code.startsWith('53');
}

/** What goes wrong once goes wrong for everybody who asks: the same line is told once in so long, then with how often it was. */
const REPEAT_MILLISECONDS = 10_000;
const LINES_MAX = 100;

/** Errors that callers do not see in full go to the log, without values: a driver's detail may quote a row. */
export function reportTo(
  log: (line: string) => void,
  elapsed: () => number = () => performance.now(),
): (error: unknown) => void {
  const told = new Map<string, { at: number; more: number }>();
  return (error) => {
    const line = reportOf(error);
    const before = told.get(line);
    if (before && elapsed() - before.at < REPEAT_MILLISECONDS) {
      before.more += 1;
      return;
    }
    if (told.size >= LINES_MAX) told.clear();
    told.set(line, { at: elapsed(), more: 0 });
    log(before?.more ? `${line} (and ${before.more} times since it was last told)` : line);
  };
}

function reportOf(error: unknown): string {
  if (error instanceof HeadTrouble || error instanceof RemoteTrouble) return error.message;
  if (error instanceof AuditUnavailable)
    return `Not answered, since the audit log cannot take the record${error.cause ? `: ${troubleOf(error.cause)}` : ''}`;
  const cause = (error as { originalError?: unknown }).originalError ?? error;
  return `Not answered in full: ${cause instanceof Error ? `${cause.name}: ` : ''}${troubleOf(cause)}`;
}

function supergraphIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new BadSetting(
      `The supergraph ${file} cannot be read (${(error as NodeJS.ErrnoException).code}): write it with heyan compose --out`,
    );
  }
}

function keyFile(config: Config): string {
  return path.join(config.dataDirectory, 'keys', 'person-key');
}

export function storedKey(config: Config): Buffer {
  if (config.personKey) return config.personKey;
  if (existsSync(keyFile(config))) return Buffer.from(readFileSync(keyFile(config), 'utf8').trim(), 'hex');
  throw new BadSetting(
    'HEYAN_PERSON_KEY is not set and the data directory holds no key: set it to the key this database was loaded under',
  );
}

/** The key, checked against the database. */
async function hubKey(config: Config, database: Database): Promise<Buffer> {
  if (config.personKey || existsSync(keyFile(config))) {
    const key = storedKey(config);
    await ensureHubKey(database.pool, key);
    return key;
  }
  return newKey(keyFile(config), database);
}

/**
 * A new key (mode 0600). It is on disk before the database remembers it, under another name until the database has accepted it: ended anywhere
 * in between, the next start goes on with the same key, and a database loaded under another key leaves none behind.
 */
async function newKey(file: string, database: Database): Promise<Buffer> {
  const proposed = `${file}.proposed`;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // A full disk leaves a file that is empty or cut short, and a key of nothing would be taken like any other.
  if (!existsSync(proposed) || !/^[0-9a-f]{64}\n$/.test(readFileSync(proposed, 'utf8'))) {
    writeFileSync(proposed, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true });
    chmodSync(proposed, 0o600);
  }
  const key = Buffer.from(readFileSync(proposed, 'utf8').trim(), 'hex');
  try {
    await ensureHubKey(database.pool, key);
  } catch (error) {
    rmSync(proposed);
    throw error;
  }
  renameSync(proposed, file);
  return key;
}
