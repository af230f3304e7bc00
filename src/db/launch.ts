import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { runningAs } from './account';
import type { Binaries } from './binaries';
import { fullDisk, tightenMode } from './cluster';
import type { Place } from './place';
import { serverEnvironment } from './program';
import { serverSettings } from './settings';

/** A server started by this process; `ended` is set when it has ended again. */
export interface Launch {
  pid: number | undefined;
  ended: boolean;
  /** What it wrote into its log since this start. */
  said(): string;
}

/** On a socket the number is only part of a file name. */
const socketPort = 5432;
/** The kernel's limit of a socket's path, without the closing zero. */
const socketPathBytesMax = process.platform === 'darwin' ? 103 : 107;
const logBytesMax = 1_000_000;

/**
 * Starts PostgreSQL on the cluster and returns at once; whether it comes up is seen in postmaster.pid and in `ended`.
 * @param options.stalePid the process named in a leftover postmaster.pid that is known not to be a server of this cluster
 * @param options.port where clients still look for it, when it is to listen on a port
 */
export async function launchServer(
  place: Place,
  binaries: Binaries,
  { stalePid, port }: { stalePid?: number | undefined; port?: number },
): Promise<Launch> {
  tightenMode(place);
  const settings = { ...serverSettings(), ...(await listening(place, port)) };
  const log = openLog(place);
  const env = serverEnvironment();
  // PostgreSQL takes a living process in postmaster.pid for a rival unless told that it is a relative. Telling it is safer than removing
  // the file, which its other check, on shared memory still in use, needs.
  if (stalePid !== undefined) env.PG_GRANDPARENT_PID = String(stalePid);
  // In a session of its own: Ctrl-C reaches us only, and we stop it in order.
  const child = spawn(
    binaries.postgres,
    ['-D', place.cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...runningAs(place.account), cwd: '/', env, detached: true, stdio: ['ignore', log.descriptor, log.descriptor] },
  );
  closeSync(log.descriptor);
  const launch: Launch = {
    pid: child.pid,
    ended: false,
    said: () => readFileSync(log.path).subarray(log.from).toString('utf8'),
  };
  child.once('exit', () => {
    launch.ended = true;
  });
  child.once('error', () => {
    launch.ended = true;
  });
  child.unref();
  return launch;
}

/** One sentence from what a server that did not come up has written. */
export function whyNot(said: string, place: Place): string {
  if (isDiskFull(said)) return fullDisk(place);
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const fatal = lines.filter((line) => /FATAL|PANIC|ERROR|error while loading/.test(line)).pop();
  const reason =
    (fatal?.replace(/^.*?(FATAL|PANIC|ERROR):\s*/, '') ?? lines.slice(-3).join(' ')) || 'it ended without a word';
  if (/could not (create|map|resize) (anonymous )?shared memory/.test(said)) {
    return `There is not enough memory for PostgreSQL (${reason}): free 300 MB, or set DATABASE_URL to a server elsewhere.`;
  }
  return `PostgreSQL does not start on ${place.cluster}: ${reason}. Its log is ${logPath(place)}.`;
}

/** True when there was no room for what it had to write. */
export function isDiskFull(said: string): boolean {
  return said.includes('No space left on device');
}

/** True when another process's server was faster on the same cluster. */
export function lostToAnother(said: string): boolean {
  return /lock file "[^"]*postmaster\.pid" already exists|pre-existing shared memory block/.test(said);
}

/** True when another program took the address between choosing and using it. */
export function addressTaken(said: string): boolean {
  return /could not bind|could not create any (TCP\/IP|Unix-domain) sockets/.test(said);
}

/** A socket in the database's own directory is reached by nobody else and cannot be occupied; a long path needs a port instead. */
async function listening(place: Place, port?: number): Promise<Record<string, string>> {
  const path = join(place.folder, `.s.PGSQL.${socketPort}`);
  if (Buffer.byteLength(path) <= socketPathBytesMax) {
    return {
      listen_addresses: '',
      port: String(socketPort),
      unix_socket_directories: `"${place.folder.replaceAll('"', '""')}"`,
      unix_socket_permissions: '0700',
    };
  }
  return { listen_addresses: '127.0.0.1', port: String(port ?? (await freePort())), unix_socket_directories: '' };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

function openLog(place: Place): { descriptor: number; path: string; from: number } {
  const path = logPath(place);
  if (existsSync(path) && statSync(path).size > logBytesMax) renameSync(path, `${path}.1`);
  const descriptor = openSync(path, 'a', 0o600);
  return { descriptor, path, from: statSync(path).size };
}

function logPath(place: Place): string {
  return join(place.folder, 'server.log');
}
