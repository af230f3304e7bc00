/**
 * The deliveries that wait in a watched directory, where a bureau's machine drops them and nobody says when it is done.
 *
 * Each folder in it is a delivery; exchange files that lie in it directly are one more, named `.`. A delivery is done when its manifest is the last
 * of its files to be written and names all of them, or when none of them has changed for a minute. What was taken is known by its fingerprint, so
 * nothing has to be moved, and files that come again under an old name are a new delivery.
 *
 * Symbolic links are not followed, neither folders nor files: what is taken in must lie in the directory that the operator named, and a link
 * `latest` would be every delivery twice.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, type Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { isUnfinished, MANIFEST, stemOf } from './file-name';
import { readManifest } from './manifest';
import { SourceFault } from './source';

export interface WaitingDelivery {
  /** Name of its folder; `.` is the directory itself. */
  name: string;
  path: string;
  /** SHA-256 in hex of the names, sizes and times of its files: another one is another delivery. */
  fingerprint: string;
  ready: boolean;
  /** Why it is not ready; completes "<delivery>: …". */
  says?: string;
}

export interface WaitingOptions {
  /** Names of the files that count, before their endings. */
  kinds: readonly string[];
  /** Whether a delivery was taken, which then does not wait. */
  isTaken(name: string, fingerprint: string): boolean | Promise<boolean>;
  /** Milliseconds since 1970. */
  now(): number;
  /** How long nothing may have changed in a delivery without a manifest; 60 unless told. */
  settleSeconds?: number;
}

const SETTLE_SECONDS = 60;
const ENTRIES_MAX = 10_000;
const READY_MAX = 1_000;

/**
 * The waiting deliveries in the order of their names by code point, at most 1,000 that are ready: those behind come when these are taken. Throws
 * a SourceFault when the directory cannot be read or holds more than 10,000 entries.
 */
export async function waitingDeliveries(directory: string, options: WaitingOptions): Promise<WaitingDelivery[]> {
  const entries = await entriesIn(directory);
  const folders = entries.filter(
    (entry) => !isUnfinished(entry.name) && (entry.isDirectory() || entry.isSymbolicLink()),
  );
  const isLoose = entries.some(({ name }) => counts(name, options.kinds));
  const names = [...(isLoose ? ['.'] : []), ...folders.map(({ name }) => name).sort(byCodePoint)];
  const waiting: WaitingDelivery[] = [];
  let ready = 0;
  for (const name of names) {
    if (ready === READY_MAX) break;
    const folder = name === '.' ? directory : path.join(directory, name);
    const found = await lookAt(folder, name, options);
    if (found === undefined || (await options.isTaken(name, found.fingerprint))) continue;
    waiting.push({ name, path: folder, ...found });
    if (found.ready) ready++;
  }
  return waiting;
}

type Seen = Pick<WaitingDelivery, 'fingerprint' | 'ready' | 'says'>;

async function lookAt(folder: string, name: string, options: WaitingOptions): Promise<Seen | undefined> {
  const self = await lstat(folder, { bigint: true }).catch(() => undefined);
  // Gone since it was listed, or a link to a file, which the delivery `.` will speak of.
  if (!self || (self.isSymbolicLink() && counts(name, options.kinds))) return undefined;
  if (name !== '.' && self.isSymbolicLink())
    return notReady('', 'is a symbolic link, and those are not followed: put the delivery itself here');
  try {
    const files = await filesOf(folder, options.kinds);
    const fingerprint = fingerprintOf(files.filter((file) => file.counts));
    const says =
      files.find((file) => file.fault !== undefined)?.fault ?? (await whyNotYet(folder, self.ctimeNs, files, options));
    return says === undefined ? { fingerprint, ready: true } : notReady(fingerprint, says);
  } catch (error) {
    if (error instanceof SourceFault) return notReady('', error.message);
    throw error;
  }
}

function notReady(fingerprint: string, says: string): Seen {
  return { fingerprint, ready: false, says };
}

interface FileSeen {
  name: string;
  stats: BigIntStats;
  /** False of one that is still being written under another name. */
  counts: boolean;
  fault?: string;
}

/** The files that count, and those that are still being written; others are none of the delivery. */
async function filesOf(folder: string, kinds: readonly string[]): Promise<FileSeen[]> {
  const files: FileSeen[] = [];
  for (const { name } of await entriesIn(folder)) {
    const isCounted = counts(name, kinds);
    if (!isCounted && !(isUnfinished(name) && [...kinds, 'manifest'].some((stem) => name.includes(`${stem}.`))))
      continue;
    const stats = await lstat(path.join(folder, name), { bigint: true }).catch(() => undefined);
    // Renamed or removed while we looked: it is being written.
    if (!stats) throw new SourceFault('is still being written');
    if (!isCounted && !stats.isFile()) continue;
    const fault = stats.isSymbolicLink()
      ? `${name} is a symbolic link, and those are not followed: put the file itself here`
      : stats.isFile()
        ? undefined
        : `${name} is not a regular file`;
    files.push({ name, stats, counts: isCounted, fault: isCounted ? fault : undefined });
  }
  return files.sort((a, b) => byCodePoint(a.name, b.name));
}

async function whyNotYet(
  folder: string,
  madeAt: bigint,
  files: readonly FileSeen[],
  { now, kinds, settleSeconds = SETTLE_SECONDS }: WaitingOptions,
): Promise<string | undefined> {
  // The time of the last change of any kind: the time of content alone is often that of the machine the file was copied from.
  const changes = files.length > 0 ? files.map(({ stats }) => stats.ctimeNs) : [madeAt];
  const settledAt = Math.max(...changes.map((at) => Number(at / 1_000_000n))) + settleSeconds * 1_000;
  if (now() < settledAt && !(await isNamedWhole(folder, files))) return 'is still being written';
  if (files.some((file) => file.counts && file.name !== MANIFEST)) return undefined;
  return `holds no exchange file of this bureau: they are named ${kinds.join('.csv, ')}.csv, or .csv.gz, or .xlsx`;
}

/** Whether the manifest was written last and names every file that counts, and none that is not there: then nobody has to wait. */
async function isNamedWhole(folder: string, files: readonly FileSeen[]): Promise<boolean> {
  const manifest = files.find(({ name }) => name === MANIFEST);
  const others = files.filter((file) => file !== manifest);
  if (
    !manifest ||
    others.length === 0 ||
    others.some((file) => !file.counts || file.stats.ctimeNs > manifest.stats.ctimeNs)
  )
    return false;
  try {
    const read = await readManifest(folder);
    const there = new Set((await entriesIn(folder)).map(({ name }) => name));
    return (
      read !== null &&
      others.every(({ name }) => read.files.includes(name)) &&
      read.files.every((name) => there.has(name))
    );
  } catch (error) {
    if (error instanceof SourceFault) return false;
    throw error;
  }
}

function counts(name: string, kinds: readonly string[]): boolean {
  return name === MANIFEST || (!isUnfinished(name) && kinds.includes(stemOf(name) ?? ''));
}

function fingerprintOf(files: readonly FileSeen[]): string {
  const digest = createHash('sha256');
  for (const { name, stats } of files) digest.update(`${name}\u0000${stats.size}\u0000${stats.mtimeNs}\n`);
  return digest.digest('hex');
}

async function entriesIn(directory: string): Promise<Dirent[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new SourceFault(`cannot be read (${error.code})`);
  });
  if (entries.length > ENTRIES_MAX) throw new SourceFault(`holds more than ${ENTRIES_MAX} entries: move old ones away`);
  return entries;
}

/** UTF-8 keeps the order of code points, which UTF-16 does not. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
