import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { FileLimits } from '../limits';
import { SourceFault } from '../source';

const CHUNK_BYTES = 256 * 1024;
/** Zeros that may stand behind a gzip stream: tapes and block devices fill up to so much. */
const PADDING_BYTES_MAX = 64 * 1024;

/**
 * The decompressed bytes of a `.csv` or `.csv.gz`, in chunks. Throws a SourceFault when the file cannot be read, its compression is broken or
 * cut short, or it grows past the limits (a decompression bomb). `onRead` hears how far the file on disk has been read, in bytes.
 */
export async function* readBytes(
  file: string,
  limits: FileLimits,
  onRead?: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const size = await sizeOf(file);
  const disk = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  const compressed = file.endsWith('.gz');
  const gunzip = compressed ? createGunzip({ chunkSize: CHUNK_BYTES }) : undefined;
  if (gunzip) {
    disk.on('error', (error) => gunzip.destroy(error));
    disk.pipe(gunzip);
  }
  let bytes = 0;
  try {
    for await (const chunk of (gunzip ?? disk) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.fileBytesMax)
        throw new SourceFault(`holds more than ${limits.fileBytesMax} bytes: split the delivery`);
      if (compressed && bytes > limits.compressedFreeBytes && bytes > disk.bytesRead * limits.compressionRatioMax) {
        throw new SourceFault(
          `grows more than ${limits.compressionRatioMax}-fold when decompressed: deliver it uncompressed if it is genuine`,
        );
      }
      onRead?.(disk.bytesRead);
      yield chunk;
    }
    if (gunzip) await mustBePadding(file, gunzip.bytesWritten, size);
  } catch (error) {
    if (error instanceof SourceFault) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new SourceFault(
      compressed && String(code).startsWith('Z_')
        ? `is broken or cut short as gzip (${code}): deliver it again`
        : `cannot be read (${code})`,
    );
  } finally {
    disk.destroy();
    gunzip?.destroy();
  }
}

/** Size of a regular file, in bytes. Throws a SourceFault when it cannot be read or is something else. */
export async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new SourceFault(`cannot be read (${error.code})`);
  });
  if (!found.isFile()) throw new SourceFault('is not a regular file');
  return found.size;
}

/** Zlib stops without a word at a zero byte behind a gzip member, so what comes after it would be lost in silence. */
async function mustBePadding(file: string, from: number, size: number): Promise<void> {
  if (size <= from) return;
  const rest = Buffer.alloc(Math.min(size - from, PADDING_BYTES_MAX));
  const disk = await open(file);
  const { bytesRead } = await disk.read(rest, 0, rest.length, from).finally(() => disk.close());
  if (size - from > PADDING_BYTES_MAX || rest.subarray(0, bytesRead).some((byte) => byte !== 0))
    throw new SourceFault('goes on behind the end of its compressed data: compress it again and deliver it again');
}
