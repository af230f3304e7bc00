/**
 * Where a follower puts what it has read. Each step is a delivery of its own, a folder named by the place in the change log behind it:
 *
 *     000000000000004711/death.csv
 *     000000000000004711/manifest.csv
 *     follow.json                        what is followed here, and a cursor that holds when the folders have been moved away
 *
 * A folder is written under the name `next.part`, brought to the disk, and appears by one rename: so the rows and the cursor are there in one step
 * or not at all, and a follower that is killed at any point goes on behind the last folder. Whoever loads the folders in their order, with
 * `heyan load` or as a source of `heyan sync`, has the table.
 */
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SharedField } from '../../bureaus/record';
import { MANIFEST } from '../sources/file-name';
import type { RowTime } from './fields';
import { type FollowedFile, makeFollowedFile } from './file';
import { type FollowerLock, lockDirectory } from './lock';

/** What is followed in a directory: it stays the same for good, but for its fields and the cursor. */
export interface Standing {
  kind: string;
  time: RowTime;
  /** Columns of the last delivery. */
  columns: readonly string[];
  /** Never ahead of the folders. */
  cursor: string;
}

export interface FollowedDirectory {
  /** Null in a directory where nothing has been followed yet. */
  standing(): Standing | null;
  /** The place in the change log up to which everything is here; `0` at the beginning. */
  cursor(): string;
  /** Remembers what is followed here. */
  stand(standing: Omit<Standing, 'cursor'>): Promise<void>;
  /** Begins the next delivery. */
  begin(fields: readonly SharedField[]): Promise<FollowedFile>;
  /** Makes the delivery that was begun appear, with everything up to `cursor`. */
  deliver(file: FollowedFile, cursor: string): Promise<void>;
  /** Leaves the directory to the next follower; a delivery that did not appear is removed. */
  close(): Promise<void>;
}

const CURSOR = /^\d{18}$/;
const CURSOR_DIGITS = 18;
const PART = 'next.part';
const STANDING = 'follow.json';
const MODE = 0o750;

/** Opens a directory, which is made when it is not there, for one kind and for this process alone. Throws one sentence when that cannot be. */
export async function openFollowedDirectory(directory: string, kind: string): Promise<FollowedDirectory> {
  await mkdir(directory, { recursive: true, mode: MODE }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`The directory ${directory} cannot be made (${error.code}): name another with --out`);
  });
  const lock = await lockDirectory(directory);
  try {
    await rm(path.join(directory, PART), { recursive: true, force: true });
    const standing = await readStanding(directory);
    if (standing && standing.kind !== kind)
      throw new Error(`${directory} holds the feed of ${standing.kind}: name another directory for ${kind}`);
    const cursor = greater(await lastDelivery(directory), standing?.cursor ?? '0');
    return opened(directory, kind, lock, standing, cursor);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function opened(
  directory: string,
  kind: string,
  lock: FollowerLock,
  found: Standing | null,
  last: string,
): FollowedDirectory {
  const part = path.join(directory, PART);
  let standing = found;
  let cursor = last;

  async function remember(next: Standing): Promise<void> {
    const file = path.join(directory, STANDING);
    await writeDurably(`${file}.part`, `${JSON.stringify(next)}\n`);
    await rename(`${file}.part`, file);
    await syncDirectory(directory);
    standing = next;
  }

  return {
    standing: () => standing,
    cursor: () => cursor,
    stand: (next) => remember({ ...next, cursor }),
    async begin(fields) {
      await mkdir(part, { mode: MODE });
      return makeFollowedFile(path.join(part, `${kind}.csv`), fields);
    },
    async deliver(file, next) {
      if (BigInt(next) <= BigInt(cursor)) throw new Error(`The feed of ${kind} went back from ${cursor} to ${next}`);
      const digest = await file.finish();
      await writeDurably(path.join(part, MANIFEST), `file,rows,sha256\n${kind}.csv,${file.rows},${digest}\n`);
      await syncDirectory(part);
      if (!(await lock.isHeld())) throw new Error(`Another follower has taken ${directory}: this one has ended`);
      await rename(part, path.join(directory, next.padStart(CURSOR_DIGITS, '0')));
      await syncDirectory(directory);
      cursor = next;
      if (standing) await remember({ ...standing, cursor });
    },
    async close() {
      // Of another follower, it is none of ours any more.
      if (await lock.isHeld()) await rm(part, { recursive: true, force: true });
      await lock.release();
    },
  };
}

async function readStanding(directory: string): Promise<Standing | null> {
  const file = path.join(directory, STANDING);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new Error(`${file} cannot be read (${error.code})`);
  });
  if (text === null) return null;
  try {
    const standing = JSON.parse(text) as Standing;
    if (typeof standing.kind === 'string' && /^\d{1,18}$/.test(standing.cursor)) return standing;
  } catch {
    // Said below.
  }
  throw new Error(`${file} is not what a follower wrote: restore it, or follow into an empty directory`);
}

async function lastDelivery(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => CURSOR.test(name)).sort();
  return String(BigInt(names.at(-1) ?? '0'));
}

function greater(one: string, other: string): string {
  return BigInt(one) > BigInt(other) ? one : other;
}

async function writeDurably(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o640, flush: true });
}

/** A name is on the disk when its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}
