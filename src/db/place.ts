import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Account, canReach, isRoot, owningAccount, serverAccount } from './account';

/** Where the database of one data directory really is, and who runs it. */
export interface Place {
  /** Mode 0700, owned by `account`; holds the cluster, the server's log and, when its path is short enough, the socket. */
  folder: string;
  /** PostgreSQL's own data directory. */
  cluster: string;
  /** Where a copy of PostgreSQL's programs goes when those of npm cannot be used. */
  copies: string;
  account: Account;
}

/** For databases whose data directory the unprivileged account cannot enter, such as one below /root. */
const systemFolder = '/var/lib/heyan';
const pointerName = 'postgres.location';
const belongsToName = 'belongs-to';

/**
 * Finds or makes the place of a data directory's database. An existing database stays where it is, whatever has changed around it.
 * @throws one sentence when the directory cannot be made, read or entered
 */
export function findPlace(dataDirectory: string, log: (line: string) => void): Place {
  try {
    return findOrMake(dataDirectory, log);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Error(`The data directory ${dataDirectory} cannot be used: ${reasonOf(code, path ?? dataDirectory)}`);
  }
}

function findOrMake(dataDirectory: string, log: (line: string) => void): Place {
  // As root others may walk through (the database's account must), but not list.
  mkdirSync(dataDirectory, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  const directory = realpathSync(dataDirectory);
  const inside = join(directory, 'postgres');
  if (existsSync(inside)) return placeIn(inside);
  const pointer = join(directory, pointerName);
  if (existsSync(pointer)) return placeIn(followPointer(directory, pointer));

  const account = serverAccount();
  if (canReach(directory, account)) return placeIn(makeInside(inside, account));
  return placeIn(makeElsewhere(directory, pointer, account, log));
}

function placeIn(folder: string): Place {
  const account = owningAccount(folder);
  if (!canReach(dirname(folder), account)) {
    throw new Error(
      `The account ${account.name}, which owns the database in ${folder}, cannot enter the directories above it: ` +
        'let it (chmod o+x on each), or move the database back to where it was.',
    );
  }
  const copies = account.switched ? join(systemFolder, 'binaries') : join(folder, 'binaries');
  return { folder, cluster: join(folder, 'cluster'), copies, account };
}

/** Made under another name and renamed, so that nobody ever sees it with the wrong owner. */
function makeInside(inside: string, account: Account): string {
  const fresh = `${inside}.${process.pid}.partial`;
  makeOwned(fresh, account);
  try {
    renameSync(fresh, inside);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(inside)) throw error;
  }
  return inside;
}

function makeElsewhere(directory: string, pointer: string, account: Account, log: (line: string) => void): string {
  mkdirSync(systemFolder, { recursive: true, mode: 0o755 });
  const { uid, mode } = statSync(systemFolder);
  if (uid !== 0 || (mode & 0o022) !== 0) {
    throw new Error(`${systemFolder} must belong to root and be writable by root only: chown root, chmod 755.`);
  }
  reportAbandoned(directory, log);
  const folder = join(systemFolder, `${basename(dirname(directory))}-${randomBytes(6).toString('hex')}`);
  makeOwned(folder, account);
  writeFileSync(join(folder, belongsToName), `${directory}\n`, { mode: 0o600 });
  const text =
    `${folder}\n\nThe database of this directory is kept there: PostgreSQL does not run as root, and the account ` +
    `${account.name}, as which it runs,\ncannot enter this directory. Remove both together, or keep both.\n`;
  const written = `${pointer}.${process.pid}`;
  writeFileSync(written, text, { mode: 0o644 });
  try {
    // Unlike a rename, a link fails when another process was first.
    linkSync(written, pointer);
    log(`keeping the database in ${folder}, because the account ${account.name} cannot enter ${directory}`);
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (!existsSync(pointer)) throw error;
    return followPointer(directory, pointer);
  } finally {
    rmSync(written, { force: true });
  }
}

function makeOwned(folder: string, account: Account): void {
  mkdirSync(folder, { mode: 0o700 });
  chmodSync(folder, 0o700);
  if (account.switched) chownSync(folder, account.uid, account.gid);
}

function followPointer(directory: string, pointer: string): string {
  const folder = readFileSync(pointer, 'utf8').split('\n')[0] ?? '';
  if (!isRoot()) {
    throw new Error(`The database of ${directory} was made by root, in ${folder}: start as root, or set HEYAN_DATA.`);
  }
  if (!existsSync(folder) || !lstatSync(folder).isDirectory()) {
    throw new Error(
      `The database that ${pointer} points to is gone: bring ${folder} back, or remove that file to start empty.`,
    );
  }
  const note = join(folder, belongsToName);
  const owner = existsSync(note) ? readFileSync(note, 'utf8').trim() : directory;
  if (owner !== directory) {
    if (pointsTo(owner, folder)) {
      throw new Error(
        `${directory} is a copy of ${owner}, whose database in ${folder} cannot serve both: remove ${pointer} to start empty.`,
      );
    }
    // The data directory was moved; its database is still the same one.
    writeFileSync(note, `${directory}\n`, { mode: 0o600 });
  }
  return folder;
}

function pointsTo(directory: string, folder: string): boolean {
  const pointer = join(directory, pointerName);
  return existsSync(pointer) && readFileSync(pointer, 'utf8').split('\n')[0] === folder;
}

/** Someone removed a data directory but not its database: it is named, never removed, because it may be wanted. */
function reportAbandoned(directory: string, log: (line: string) => void): void {
  for (const name of readdirSync(systemFolder)) {
    const note = join(systemFolder, name, belongsToName);
    if (existsSync(note) && readFileSync(note, 'utf8').trim() === directory) {
      log(`an earlier database of ${directory} is left in ${dirname(note)}; remove it if nobody needs it`);
    }
  }
}

function reasonOf(code: string, path: string): string {
  if (code === 'EACCES' || code === 'EPERM') return `no permission for ${path}; make it yours, or set HEYAN_DATA.`;
  if (code === 'ENOSPC' || code === 'EDQUOT') return `the disk of ${path} is full; free some space and start again.`;
  if (code === 'EROFS') return `${path} is on a read-only disk; set HEYAN_DATA to a directory that can be written.`;
  if (code === 'ENOTDIR' || code === 'EEXIST') return `${path} is not a directory; set HEYAN_DATA to one.`;
  return `${code} at ${path}; check it, or set HEYAN_DATA to another directory.`;
}
