import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type OpenOptions, openExchangeFile } from './csv/file';
import { MANIFEST, stemOf } from './file-name';
import { type Manifest, readManifest } from './manifest';
import { type Rows, SourceFault } from './source';
import { openWorkbook } from './workbook/workbook';

/** A file of a delivery, or why it cannot be one. */
export type Found = { path: string } | { fault: string };

/** The exchange files of one delivery directory, by kind, and what else lies there. */
export interface DeliveryFiles {
  /** One path per kind; `fault` instead when it cannot be told which file counts. */
  files: Map<string, Found>;
  /** Its control totals, when it carries any that can be understood. */
  manifest: Manifest | null;
  warnings: string[];
}

/**
 * Finds the exchange files and the manifest of a delivery. A file that the manifest names and that is not there is a fault of its kind; a manifest that
 * cannot be understood is one of every kind, because nobody can say what was meant to be delivered. Throws when the directory cannot be read.
 */
export async function findDelivery(directory: string, kinds: readonly string[]): Promise<DeliveryFiles> {
  const { files, warnings } = await findFiles(directory, kinds);
  try {
    const manifest = await readManifest(directory);
    for (const name of manifest?.missing(kinds) ?? [])
      files.set(stemOf(name) as string, {
        fault: `${name} is named in ${MANIFEST} and is not there: deliver it again`,
      });
    return { files, warnings, manifest };
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    for (const kind of files.keys()) files.set(kind, { fault: `${MANIFEST} ${error.message}` });
    return { files, warnings, manifest: null };
  }
}

/**
 * Finds `<kind>.csv`, `<kind>.csv.gz` and `<kind>.xlsx` in a directory. Anything else but the manifest is ignored with a warning; two forms of one
 * kind are a fault of that kind, because either might be the newer one. Throws when the directory cannot be read.
 */
async function findFiles(directory: string, kinds: readonly string[]): Promise<Omit<DeliveryFiles, 'manifest'>> {
  const names = (await namesIn(directory)).sort();
  const files = new Map<string, Found>();
  for (const kind of kinds) {
    const forms = names.filter((name) => stemOf(name) === kind);
    if (forms.length === 1) files.set(kind, { path: path.join(directory, forms[0] as string) });
    else if (forms.length > 1)
      files.set(kind, {
        fault: `${forms.join(' and ')} are ${forms.length > 2 ? 'all' : 'both'} there: remove ${forms.length > 2 ? 'those that do' : 'the one that does'} not count`,
      });
  }
  const warnings = names
    .filter((name) => name !== MANIFEST && !kinds.includes(stemOf(name) ?? ''))
    .map((name) => `${name} is no exchange file (<kind>.csv, .csv.gz or .xlsx) and was ignored`);
  return { files, warnings };
}

/** Opens a file of a delivery, a workbook or an exchange file, by its ending. Throws a SourceFault. */
export function openDeliveryFile(file: string, options: OpenOptions = {}): Promise<Rows> {
  return file.endsWith('.xlsx') ? openWorkbook(file, options) : openExchangeFile(file, options);
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
