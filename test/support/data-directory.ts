import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new directory, below the system's temporary one unless told, that the account PostgreSQL runs as may walk through. */
export function makeDataDirectory(parent = tmpdir()): string {
  const directory = mkdtempSync(join(parent, 'heyan-test-'));
  chmodSync(directory, 0o711);
  return directory;
}

/** Removes a data directory and, where the database had to be kept elsewhere, that too. */
export function removeDataDirectory(directory: string): void {
  const pointer = join(directory, 'postgres.location');
  const elsewhere = existsSync(pointer) ? readFileSync(pointer, 'utf8').split('\n')[0] : undefined;
  if (elsewhere) rmSync(elsewhere, { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
}
