/**
 * One follower at a time writes a directory: who made the file `follower.lock`, which fails for all others.
 *
 * A follower that was killed leaves it behind. It counts for nothing when its process is gone, when it has been empty for a second, since its
 * maker ended before it could write its name, or when nobody has touched it for a minute: the holder does every ten seconds, and a process of
 * another machine, or another container, cannot be looked for. Before each delivery the holder makes sure that the lock is still its own, since it
 * may have been stopped, and taken for dead, for that long.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from '../../db/postmaster';

export interface FollowerLock {
  /** Whether no other follower has taken the directory meanwhile. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

interface Holder {
  host: string;
  pid: number;
  /** When the process began, as its system counts; empty where it does not say. Numbers of processes are used again. */
  began: string;
  /** No other lock has it. */
  id: string;
}

const NAME = 'follower.lock';
const TOUCH_MILLISECONDS = 10_000;
const UNTOUCHED_MILLISECONDS_MAX = 60_000;
const NAMELESS_MILLISECONDS_MAX = 1_000;
const LOOK_MILLISECONDS_BETWEEN = 200;
const ATTEMPTS = 10;

/** Takes the lock. Throws a sentence that says who has it. */
export async function lockDirectory(directory: string): Promise<FollowerLock> {
  const file = path.join(directory, NAME);
  const own = JSON.stringify({ host: hostname(), pid: process.pid, began: beginningOf(process.pid), id: randomUUID() });
  for (let attempt = 1; !(await isMade(file, own)); attempt++) {
    const held = await readFile(file, 'utf8').catch(() => '');
    if (await isStale(file, held)) await takeAway(file, held);
    else if (holderIn(held) || attempt === ATTEMPTS) throw heldBy(directory, file, held);
    else await pause(LOOK_MILLISECONDS_BETWEEN);
  }
  const touching = setInterval(
    () => void utimes(file, new Date(), new Date()).catch(() => undefined),
    TOUCH_MILLISECONDS,
  );
  touching.unref();
  const isHeld = async () => (await readFile(file, 'utf8').catch(() => '')) === own;
  return {
    isHeld,
    async release() {
      clearInterval(touching);
      if (await isHeld()) await rm(file, { force: true });
    },
  };
}

async function isMade(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: 'wx', mode: 0o640 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new Error(`${file} cannot be made (${(error as NodeJS.ErrnoException).code}): may this user write there?`);
  }
}

async function isStale(file: string, held: string): Promise<boolean> {
  const holder = holderIn(held);
  if (holder?.host === hostname() && !isRunning(holder)) return true;
  const touched = await stat(file).catch(() => null);
  const most = holder ? UNTOUCHED_MILLISECONDS_MAX : NAMELESS_MILLISECONDS_MAX;
  // One that is gone by now may be taken, too.
  return touched === null || Date.now() - touched.mtimeMs > most;
}

/** Two may find the same stale lock, and the slower one then have the quicker one's new lock in its hands: that one is put back. */
async function takeAway(file: string, stale: string): Promise<void> {
  const aside = `${file}.${randomUUID()}.part`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const taken = await readFile(aside, 'utf8').catch(() => '');
  if (taken === stale) await rm(aside, { force: true });
  else await rename(aside, file).catch(() => undefined);
}

function isRunning({ pid, began }: Holder): boolean {
  return isAlive(pid) && (began === '' || beginningOf(pid) === began);
}

/** Field 22 of Linux's /proc/PID/stat (proc_pid_stat(5)); the second, a name in brackets, may hold blanks. */
function beginningOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function holderIn(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Holder;
    return Number.isInteger(holder.pid) ? holder : null;
  } catch {
    return null;
  }
}

function heldBy(directory: string, file: string, held: string): Error {
  const holder = holderIn(held);
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'which has just begun';
  return new Error(`Another follower, ${who}, writes ${directory}: wait for it to end, or remove ${file} when it has`);
}
