import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries';
import type { Place } from './place';
import { isAlive } from './postmaster';
import { runProgram } from './program';

/** The database role and the database that everything of ours lives in. */
export const roleName = 'heyan';

/** A new cluster takes 40 MB and its first log segments as much again; below this a start would end half done. */
const freeMegabytesMin = 200;
const initdbSecondsMax = 180;

/**
 * Makes the cluster if there is none, and checks that an existing one is of our major version.
 * Without a lock: each process makes its own under a name of its own, with its password inside, and the first to rename wins.
 * @throws one sentence on another version, a full disk or a failing initdb
 */
export async function prepareCluster(place: Place, binaries: Binaries, log: (line: string) => void): Promise<void> {
  removePartial(place);
  if (existsSync(join(place.cluster, 'PG_VERSION'))) return checkVersion(place, binaries);
  if (existsSync(place.cluster) && readdirSync(place.cluster).length > 0) {
    throw new Error(
      `${place.cluster} is no PostgreSQL data directory (it has no PG_VERSION): move it away to start empty, or restore it.`,
    );
  }
  checkSpace(place);
  log('making a new database');
  const partial = `${place.cluster}.${process.pid}.partial`;
  const passwordFile = `${partial}.password`;
  try {
    writeFileSync(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
    if (place.account.switched) chownSync(passwordFile, place.account.uid, place.account.gid);
    await makeCluster(place, binaries, partial, passwordFile);
    renameSync(passwordFile, passwordPath(partial));
    renameSync(partial, place.cluster);
  } catch (error) {
    // Another process that started at the same moment was first: its cluster is as good.
    if (!existsSync(join(place.cluster, 'PG_VERSION'))) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
    rmSync(passwordFile, { force: true });
  }
}

/**
 * The password of the role, made with the cluster and kept in it (mode 0600).
 * @throws when the file is gone
 */
export function readPassword(place: Place): string {
  const path = passwordPath(place.cluster);
  if (!existsSync(path)) {
    throw new Error(
      `The database's password file ${path} is gone: restore it, or move ${place.folder} away to start empty.`,
    );
  }
  return readFileSync(path, 'utf8').trim();
}

/** PostgreSQL refuses a data directory that others may read, which copying one easily makes of it. */
export function tightenMode(place: Place): void {
  chmodSync(place.cluster, 0o700);
}

function passwordPath(cluster: string): string {
  return join(cluster, 'heyan.password');
}

async function makeCluster(place: Place, binaries: Binaries, folder: string, passwordFile: string): Promise<void> {
  const { code, output } = await runProgram(
    binaries.initdb,
    [
      `--pgdata=${folder}`,
      `--username=${roleName}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Text compares by code point: the order of source_id is the same on every machine.
      '--locale=C',
      '--data-checksums',
      '--no-instructions',
    ],
    place.account,
    initdbSecondsMax,
  );
  if (code === 0) return;
  if (output.includes('No space left on device')) throw new Error(fullDisk(place));
  const said =
    output
      .trim()
      .split('\n')
      .filter((line) => line.includes('error'))
      .pop() ?? `exit ${code}`;
  throw new Error(`A new database cannot be made in ${place.folder}: ${said}`);
}

function checkVersion(place: Place, binaries: Binaries): void {
  const found = readFileSync(join(place.cluster, 'PG_VERSION'), 'utf8').trim();
  if (found === binaries.major) return;
  throw new Error(
    `The database in ${place.cluster} was made by PostgreSQL ${found}, and this Heyan brings PostgreSQL ${binaries.major}: ` +
      `serve it with a PostgreSQL ${found} of your own and set DATABASE_URL, or set HEYAN_DATA to a new directory to start empty.`,
  );
}

function checkSpace(place: Place): void {
  const { bavail, bsize } = statfsSync(place.folder);
  if ((bavail * bsize) / 2 ** 20 < freeMegabytesMin) throw new Error(fullDisk(place));
}

export function fullDisk(place: Place): string {
  return `The disk of ${place.folder} is full: free at least ${freeMegabytesMin} MB and start again.`;
}

/** What a process that was killed in the middle of initdb left behind. */
function removePartial(place: Place): void {
  for (const name of readdirSync(place.folder)) {
    const match = /^cluster\.(\d+)\.partial/.exec(name);
    if (match && (Number(match[1]) === process.pid || !isAlive(Number(match[1])))) {
      rmSync(join(place.folder, name), { recursive: true, force: true });
    }
  }
}
