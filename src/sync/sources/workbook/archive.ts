/**
 * The ZIP archive that a workbook is, read with yauzl by its central directory. Nothing is believed of what it says about itself: every entry is
 * inflated in a stream, its bytes are counted and its CRC-32 is checked, so a bomb ends at the limit and a flipped byte is never taken for data.
 */
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { sizeOf } from '../csv/bytes';
import type { FileLimits } from '../limits';
import { SourceFault } from '../source';

export interface Archive {
  has(name: string): boolean;
  /** The bytes of one entry, in chunks; `bytesMax` less than the limit of the whole archive where the entry is kept in memory. */
  read(name: string, bytesMax?: number): AsyncGenerator<Buffer>;
  /** May be called twice. */
  close(): void;
}

const BROKEN =
  'is no workbook that can be read, its archive is broken or cut short: save it as .xlsx and deliver it again';
/** Compound files (MS-CFB, section 2.2): workbooks of before 2007, and those under a password. */
const COMPOUND_FILE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);

/** Opens an archive. `onRead` hears how far the file on disk has been read, in bytes. Throws a SourceFault when it is none or beyond a limit. */
export async function openArchive(
  file: string,
  limits: FileLimits,
  onRead?: (bytes: number) => void,
): Promise<Archive> {
  const size = await sizeOf(file);
  if ((await firstBytes(file)).equals(COMPOUND_FILE))
    throw new SourceFault('is an old workbook or under a password: save it as .xlsx without a password');
  const zip = await openPromise(file, { autoClose: false }).catch(() => {
    throw new SourceFault(BROKEN);
  });
  try {
    const entries = await entriesOf(zip, size, limits);
    const counted = { bytes: 0, compressed: 0, size, limits, onRead };
    return {
      has: (name) => entries.has(name.toLowerCase()),
      read: (name, bytesMax) => readEntry(zip, entries.get(name.toLowerCase()), counted, bytesMax ?? Infinity),
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error instanceof SourceFault ? error : new SourceFault(BROKEN);
  }
}

/** By name in lower case, in which parts of a package are compared (ECMA-376, part 2, section 9.1.1). */
async function entriesOf(zip: ZipFile, size: number, limits: FileLimits): Promise<Map<string, Entry>> {
  if (zip.entryCount > limits.archiveEntriesMax)
    throw new SourceFault(`is an archive of more than ${limits.archiveEntriesMax} files, which no workbook is`);
  const entries = new Map<string, Entry>();
  let promised = 0;
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.toLowerCase();
    if (entries.has(name)) throw new SourceFault(BROKEN);
    if (entry.isEncrypted()) throw new SourceFault('is under a password: save it as .xlsx without a password');
    promised += entry.uncompressedSize;
    mustNotGrow(promised, size, limits);
    entries.set(name, entry);
  }
  return entries;
}

interface Counted {
  /** Inflated of all entries so far, and compressed of those that were read to their end. */
  bytes: number;
  compressed: number;
  size: number;
  limits: FileLimits;
  onRead?: (bytes: number) => void;
}

async function* readEntry(
  zip: ZipFile,
  entry: Entry | undefined,
  counted: Counted,
  bytesMax: number,
): AsyncGenerator<Buffer> {
  if (!entry) throw new SourceFault(BROKEN);
  const { size, limits, onRead } = counted;
  let bytes = 0;
  let checksum = 0;
  try {
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      counted.bytes += chunk.length;
      mustNotGrow(counted.bytes, size, limits);
      if (bytes > bytesMax) throw new SourceFault(`has a part of more than ${bytesMax} bytes: deliver it as CSV`);
      checksum = crc32(chunk, checksum);
      onRead?.(counted.compressed + Math.round((bytes / entry.uncompressedSize) * entry.compressedSize));
      yield chunk;
    }
  } catch (error) {
    throw error instanceof SourceFault ? error : new SourceFault(BROKEN);
  }
  if (checksum !== entry.crc32) throw new SourceFault(BROKEN);
  counted.compressed += entry.compressedSize;
}

function mustNotGrow(bytes: number, size: number, limits: FileLimits): void {
  if (bytes > limits.workbookBytesMax)
    throw new SourceFault(`holds more than ${limits.workbookBytesMax} bytes once decompressed: deliver it as CSV`);
  if (bytes > limits.compressedFreeBytes && bytes > size * limits.compressionRatioMax)
    throw new SourceFault(
      `grows more than ${limits.compressionRatioMax}-fold when decompressed: deliver it as CSV if it is genuine`,
    );
}

async function firstBytes(file: string): Promise<Buffer> {
  const disk = await open(file);
  try {
    const { buffer, bytesRead } = await disk.read(Buffer.alloc(COMPOUND_FILE.length), 0, COMPOUND_FILE.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await disk.close();
  }
}
