import { setTimeout as pause } from 'node:timers/promises';
import { type Binaries, serverBinaries } from './binaries';
import { prepareCluster, readPassword, roleName } from './cluster';
import { addressTaken, type Launch, launchServer, lostToAnother, whyNot } from './launch';
import { findPlace, type Place } from './place';
import { endOrphans, isServerOf, type Postmaster, readPostmaster, signal, stalePid, stopServer } from './postmaster';
import { joinServer, type Presence } from './presence';
import { reviver } from './revive';

/** A PostgreSQL server on a data directory, brought up by this process or found running. */
export interface EmbeddedServer {
  /** For pg, psql and DATABASE_URL alike; holds the password. */
  url: string;
  /** False when another Heyan process was already using the server. */
  owned: boolean;
  /** Gives the server up. The last process to do so stops it; until then it runs on. May be called twice. */
  stop(): Promise<void>;
}

/** Crash recovery of a large database takes its time; it is reported, and has this limit. */
const startSecondsMax = 600;
const reportSecondsBetween = 10;
/** A server that says it is ready answers; if not, its socket was removed. */
const unreachableSecondsMax = 15;
const launchesMax = 5;
const lookMillisecondsBetween = 20;

interface Found {
  pid: number;
  url: string;
  presence: Presence;
}

/**
 * Brings up the real PostgreSQL on `dataDirectory`, or joins the one that already runs there. Creates the database on first use,
 * recovers after a crash, adopts a server whose process was killed.
 * @throws one sentence with what to do: no account, no binaries, another version, no permission, full disk, start failed
 */
export async function startEmbedded(
  dataDirectory: string,
  options: { log?: (line: string) => void } = {},
): Promise<EmbeddedServer> {
  const log = options.log ?? (() => undefined);
  const place = findPlace(dataDirectory, log);
  const binaries = await serverBinaries(place.account, place.copies);
  await prepareCluster(place, binaries, log);
  return serve(place, await bringUp(place, binaries, log));
}

/** Brings the server up and, when that fails, stops what it has launched: a server nobody can speak to nobody would stop. */
async function bringUp(place: Place, binaries: Binaries, log: (line: string) => void): Promise<Found> {
  const launched: Launch[] = [];
  try {
    return await lookAndAct(place, binaries, launched, log);
  } catch (error) {
    for (const { pid, ended } of launched) if (pid !== undefined && !ended) await stopServer(pid, place.cluster);
    throw error;
  }
}

/** Looks and acts in turn until the server answers: several processes may be doing the same on one directory. */
async function lookAndAct(
  place: Place,
  binaries: Binaries,
  launched: Launch[],
  log: (line: string) => void,
): Promise<Found> {
  const started = Date.now();
  let reported = started;
  let unreachableSince = started;
  let launch: Launch | undefined;
  while (Date.now() - started < startSecondsMax * 1000) {
    const running = readPostmaster(place.cluster);
    if (running?.status === 'ready') {
      const found = await tryToJoin(place, binaries, running, log);
      if (typeof found === 'object') return found;
      if (found !== 'unreachable') unreachableSince = Date.now();
    } else unreachableSince = Date.now();
    if (running && Date.now() - unreachableSince > unreachableSecondsMax * 1000) {
      throw new Error(
        `PostgreSQL runs on ${place.cluster} (process ${running.pid}) but cannot be reached: end it with kill -INT ${running.pid} and start again.`,
      );
    }
    if (launch?.ended) {
      const said = launch.said();
      if (launched.length >= launchesMax || !(lostToAnother(said) || addressTaken(said)))
        throw new Error(whyNot(said, place));
      launch = undefined;
    }
    if (!launch && !(running && isServerOf(running.pid, place.cluster))) {
      if (running) await endOrphans(place.cluster);
      launch = await launchServer(place, binaries, { stalePid: stalePid(running) });
      launched.push(launch);
    }
    if (Date.now() - reported > reportSecondsBetween * 1000) {
      reported = Date.now();
      log(
        `waiting for PostgreSQL (${running?.status || 'starting'}); after a crash it first recovers what was committed`,
      );
    }
    await pause(lookMillisecondsBetween);
  }
  throw new Error(
    `PostgreSQL on ${place.cluster} was not ready after ${startSecondsMax} seconds: read ${place.folder}/server.log.`,
  );
}

/** 'busy' when the server is being stopped or prepared, or is gone; 'unreachable' when it runs and yet cannot be spoken to. */
async function tryToJoin(
  place: Place,
  binaries: Binaries,
  running: Postmaster,
  log: (line: string) => void,
): Promise<Found | 'busy' | 'unreachable'> {
  const password = readPassword(place);
  try {
    const presence = await joinServer(
      urlOf(running, password, 'postgres'),
      reviver(place, binaries, running.port, log),
    );
    return presence ? { pid: running.pid, url: urlOf(running, password, roleName), presence } : 'busy';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === '28P01') {
      throw new Error(
        `The password kept in ${place.cluster} is not the database's: restore the file heyan.password there.`,
      );
    }
    if (code === '53300') {
      throw new Error(
        'The embedded PostgreSQL has no connection left: end other Heyan processes on this data directory.',
      );
    }
    return isServerOf(running.pid, place.cluster) && code !== '57P03' ? 'unreachable' : 'busy';
  }
}

function serve(place: Place, { pid, url, presence }: Found): EmbeddedServer {
  let stopping: Promise<void> | undefined;
  // When this process ends without stop() and nobody else came, nobody would stop the server.
  const onExit = () => {
    const current = readPostmaster(place.cluster)?.pid ?? pid;
    if (presence.alone && isServerOf(current, place.cluster)) signal(current, 'SIGINT');
  };
  process.once('exit', onExit);

  const stop = async () => {
    const left = await presence.leave();
    try {
      // After a crash it may have been started anew: as the last user we stop that one, and never one of others that we cannot ask.
      const isOurs = left === 'last' || presence.alone;
      const current = isOurs ? (readPostmaster(place.cluster)?.pid ?? pid) : pid;
      if (left !== 'others') await stopServer(current, place.cluster);
    } finally {
      await presence.close();
      process.removeListener('exit', onExit);
    }
  };
  return {
    url,
    owned: presence.first,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

function urlOf(running: Postmaster, password: string, database: string): string {
  const { port, socketFolder } = running;
  const host = socketFolder === '' ? `127.0.0.1:${port}` : `localhost:${port}`;
  const socket = socketFolder === '' ? '' : `?host=${encodeURIComponent(socketFolder)}`;
  return `postgres://${roleName}:${password}@${host}/${database}${socket}`;
}
