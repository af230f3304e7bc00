/** A disk of a few megabytes that a test can really fill: a tmpfs of its own, where this process may mount one (root with CAP_SYS_ADMIN, on Linux). */
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TinyDisk {
  directory: string;
  /** Writes until nothing more goes in. */
  fill(): void;
  /** Takes away what filled it. */
  clear(): void;
  remove(): void;
}

const PAGE = Buffer.alloc(4_096);

/** Undefined where none may be mounted. */
export function tinyDisk(megabytes: number): TinyDisk | undefined {
  const directory = mkdtempSync(path.join(tmpdir(), 'heyan-disk-'));
  try {
    const options = `size=${megabytes}m,mode=755`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
  chmodSync(directory, 0o755);
  const ballast = path.join(directory, 'ballast');
  return {
    directory,
    fill() {
      const file = openSync(ballast, 'a');
      try {
        for (let left = megabytes * 256; left > 0 && statfsSync(directory).bavail > 0; left--) writeSync(file, PAGE);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    clear: () => rmSync(ballast, { force: true }),
    remove() {
      // Lazily: whoever still works in it goes on until they end.
      execFileSync('umount', ['-l', directory], { stdio: 'ignore' });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
