/**
 * The control totals of a delivery: `manifest.csv`, which names each of its files with the number of its rows and its SHA-256 (FIPS 180-4) in hex:
 *
 *     file,rows,sha256
 *     death.csv,269,0b7a…
 *
 * The digest is that of the bytes on disk, compressed or not; the rows are those below the header that are not blank, the ones that end in
 * quarantine too. A delivery with a manifest is what the manifest says or it is refused.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { openExchangeFile } from './csv/file';
import { MANIFEST, stemOf } from './file-name';
import type { FileLimits } from './limits';
import { SourceFault } from './source';

export interface Manifest {
  /** Names of the files it names, in its order. */
  files: readonly string[];
  /** Reads a file of the delivery and answers why it is not the one that the manifest names, to complete "<file> …"; nothing when it is. */
  check(file: string): Promise<string | undefined>;
  /** How many rows the file must have, to be compared with `rowsIn`; nothing when the manifest does not name it. */
  rows(file: string): number | undefined;
  /** Files that it names and that were not there when it was read, of those with one of these names before their ending. */
  missing(stems: readonly string[]): string[];
}

const COLUMNS = ['file', 'rows', 'sha256'] as const;
const FILES_MAX = 1_000;
const LIMITS: Partial<FileLimits> = { fileBytesMax: 1_048_576, lineBytesMax: 10_000, columnsMax: 50 };

/** Null when the delivery has none. Throws a SourceFault, which completes "manifest.csv …", when it cannot be understood to its last line. */
export async function readManifest(directory: string): Promise<Manifest | null> {
  const there = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    throw new SourceFault(`cannot be looked for (${error.code})`);
  });
  if (!there.includes(MANIFEST)) return null;
  const promised = await readPromises(path.join(directory, MANIFEST));
  return {
    files: [...promised.keys()],
    rows: (file) => promised.get(file)?.rows,
    missing: (stems) =>
      [...promised.keys()].filter((file) => !there.includes(file) && stems.includes(stemOf(file) ?? '')),
    async check(file) {
      const { sha256 } = promised.get(file) ?? {};
      if (sha256 === undefined) return `is not named in ${MANIFEST}: deliver it with a manifest that names it`;
      if ((await digestOf(path.join(directory, file))) === sha256) return undefined;
      return `is not the file that ${MANIFEST} names, its SHA-256 is another: deliver both again`;
    },
  };
}

interface Promised {
  rows: number;
  sha256: string;
}

async function readPromises(file: string): Promise<Map<string, Promised>> {
  const promised = new Map<string, Promised>();
  const { columns, rows, close } = await openExchangeFile(file, { limits: LIMITS });
  try {
    const places = COLUMNS.map((column) => columns.indexOf(column));
    const missing = COLUMNS.filter((_, at) => (places[at] as number) < 0);
    if (missing.length > 0) throw broken(1, `the column ${missing.join(', ')} is missing`);
    const twice = COLUMNS.find((column, at) => columns.lastIndexOf(column) !== places[at]);
    if (twice) throw broken(1, `the column ${twice} is there twice`);
    for await (const batch of rows) {
      for (const { line, cells, fault } of batch) {
        if (!cells) throw broken(line, fault as string);
        const [name, count, digest] = places.map((at) => (cells[at] as string).trim()) as [string, string, string];
        if (!isFileName(name)) throw broken(line, 'file is no name of a file beside it');
        if (promised.has(name)) throw broken(line, 'the file is named before');
        if (!/^\d{1,12}$/.test(count)) throw broken(line, 'rows is no number');
        if (!/^[0-9a-f]{64}$/i.test(digest)) throw broken(line, 'sha256 is not 64 hexadecimal digits');
        if (promised.size === FILES_MAX) throw broken(line, `it names more than ${FILES_MAX} files`);
        promised.set(name, { rows: Number(count), sha256: digest.toLowerCase() });
      }
    }
  } finally {
    await close();
  }
  return promised;
}

function broken(line: number, why: string): SourceFault {
  return new SourceFault(`is broken on line ${line}, ${why}: write it again`);
}

function isFileName(name: string): boolean {
  return name !== '' && name !== MANIFEST && !/^\.+$|[/\\]/.test(name);
}

async function digestOf(file: string): Promise<string | undefined> {
  const digest = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) digest.update(chunk as Buffer);
  } catch {
    return undefined;
  }
  return digest.digest('hex');
}
