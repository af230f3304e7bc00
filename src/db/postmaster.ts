import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './wait';

/** What PostgreSQL's main process writes into postmaster.pid; fields appear one after the other while it starts. */
export interface Postmaster {
  pid: number;
  port: number;
  /** Empty when it listens on no Unix socket. */
  socketFolder: string;
  /** 'starting', 'ready', 'stopping' or '' when not written yet. */
  status: string;
}

const fastStopMillisecondsMax = 30_000;
const immediateStopMillisecondsMax = 10_000;
const entryMillisecondsMax = 2_000;
const orphanMillisecondsMax = 5_000;

/** Reads `cluster`/postmaster.pid; undefined when there is none. `pid` is NaN in a file that is not written yet. */
export function readPostmaster(cluster: string): Postmaster | undefined {
  const path = join(cluster, 'postmaster.pid');
  let lines: string[];
  try {
    lines = readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return {
    pid: Number.parseInt(lines[0] ?? '', 10),
    port: Number.parseInt(lines[3] ?? '', 10),
    socketFolder: (lines[4] ?? '').trim(),
    status: (lines[7] ?? '').trim(),
  };
}

/** Whether any process has this number, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Whether process `pid` is a PostgreSQL process of this cluster. After a kill or a reboot the number may belong to anyone, in a
 * container even to ourselves, so the number alone says nothing.
 */
export function isServerOf(pid: number, cluster: string): boolean {
  if (!Number.isInteger(pid) || !isAlive(pid)) return false;
  if (existsSync('/proc/self/comm')) {
    try {
      // PostgreSQL's processes all work inside their cluster.
      return (
        readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres' && readlinkSync(`/proc/${pid}/cwd`) === cluster
      );
    } catch {
      return false;
    }
  }
  try {
    const command = execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8', timeout: 5000 });
    return command.includes('postgres') && command.includes(cluster);
  } catch {
    return false;
  }
}

/** Only a living process hinders PostgreSQL; it forgets a dead one by itself. */
export function stalePid(running: Postmaster | undefined): number | undefined {
  return running && Number.isInteger(running.pid) && isAlive(running.pid) ? running.pid : undefined;
}

/**
 * Ends what a killed main process left behind: sessions that are still computing would keep PostgreSQL from starting again.
 * They cannot commit anything any more. Only on Linux; elsewhere PostgreSQL's own check says it in the log.
 */
export async function endOrphans(cluster: string): Promise<void> {
  if (orphans(cluster).length === 0) return;
  const left = await waitFor(() => {
    for (const pid of orphans(cluster)) signal(pid, 'SIGQUIT');
    return orphans(cluster).length === 0 ? true : undefined;
  }, orphanMillisecondsMax);
  if (left === undefined) for (const pid of orphans(cluster)) signal(pid, 'SIGKILL');
}

/**
 * Stops a server: sessions are cut and a checkpoint is written; when that takes too long, at once, and the next start recovers.
 * @throws when it is still there after that
 */
export async function stopServer(pid: number, cluster: string): Promise<void> {
  const gone = () => (isServerOf(pid, cluster) ? undefined : true);
  if (gone()) return;
  signal(pid, 'SIGINT');
  let stopped = await waitFor(gone, fastStopMillisecondsMax);
  if (!stopped) {
    signal(pid, 'SIGQUIT');
    stopped = await waitFor(gone, immediateStopMillisecondsMax);
  }
  if (stopped) {
    // It has finished; a moment more until its entry in the process list is gone too. In a container nobody may ever remove that.
    await waitFor(() => (isAlive(pid) ? undefined : true), entryMillisecondsMax, 5);
    return;
  }
  throw new Error(
    `PostgreSQL (process ${pid}) does not stop: end it with kill -QUIT ${pid}; nothing that was committed is lost.`,
  );
}

/** Sends a signal to a process that may be gone already. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function orphans(cluster: string): number[] {
  if (!existsSync('/proc/self/comm')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isServerOf(pid, cluster) && isChild(pid) && !isServerOf(parentOf(pid), cluster));
}

/** The main process shows its command line, its children a title such as 'postgres: checkpointer'. */
function isChild(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('postgres: ');
  } catch {
    return false;
  }
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return Number.NaN;
  }
}
