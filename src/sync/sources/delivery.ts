import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type OpenOptions, openExchangeFile } from './file';
import type { Rows } from './source';

/** The exchange files of one delivery directory, by kind, and what else lies there. */
/** A file of a delivery, or why it cannot be one. */
export type Found = { path: string } | { fault: string };

export interface DeliveryFiles {
  /** One path per kind; `fault` instead when it cannot be told which file counts. */
  files: Map<string, Found>;
  warnings: string[];
}

/**
 * Finds `<kind>.csv` and `<kind>.csv.gz` in a directory. Anything else is ignored with a warning; both forms of one kind are a fault of that
 * kind, because either might be the newer one. Throws when the directory cannot be read.
 */
export async function findFiles(directory: string, kinds: readonly string[]): Promise<DeliveryFiles> {
  const found: DeliveryFiles = { files: new Map(), warnings: [] };
  for (const name of (await namesIn(directory)).sort()) {
    const kind = kinds.find((word) => name === `${word}.csv` || name === `${word}.csv.gz`);
    if (kind === undefined) {
      found.warnings.push(`${name} is no exchange file (<kind>.csv or <kind>.csv.gz) and was ignored`);
    } else if (found.files.has(kind)) {
      found.files.set(kind, {
        fault: `${kind}.csv and ${kind}.csv.gz are both there: remove the one that does not count`,
      });
    } else {
      found.files.set(kind, { path: path.join(directory, name) });
    }
  }
  return found;
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new Error(`there is no delivery directory ${directory}: name a directory of exchange files`);
    if (code === 'ENOTDIR') throw new Error(`${directory} is a file: name the directory of the delivery`);
    throw new Error(`the delivery directory ${directory} cannot be read (${code})`);
  }
}

/** Opens a file of a delivery by its ending. */
export function openDeliveryFile(file: string, options: OpenOptions): Promise<Rows> {
  return openExchangeFile(file, options);
}
