import { isUtf8 } from 'node:buffer';
import type { FileLimits } from '../limits';
import { SourceFault } from '../source';
import { readBytes } from './bytes';
import { decide, type Encoding, noEvidence, weigh } from './encoding';

/** One physical line, counted from 1, without its line end. `fault` says why it cannot be read; `text` is then what can be shown of it. */
export interface Line {
  number: number;
  text: string;
  fault?: string;
}

const SHOWN_OF_LONG_LINE = 2_000;
const LINE_FEED = 0x0a;
const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const GB18030_MARK = Buffer.from([0x84, 0x31, 0x95, 0x33]);

/** Reads the file once to decide its encoding (see encoding.ts). A byte order mark decides at once. */
export async function encodingOf(file: string, limits: FileLimits): Promise<Encoding> {
  const evidence = noEvidence();
  let first = true;
  for await (const block of wholeLines(file, limits)) {
    if (first) {
      if (startsWith(block.bytes, UTF8_MARK)) return 'utf-8';
      if (startsWith(block.bytes, GB18030_MARK)) return 'gb18030';
      const [one, two] = block.bytes;
      if ((one === 0xff && two === 0xfe) || (one === 0xfe && two === 0xff)) {
        throw new SourceFault('is UTF-16: deliver it as UTF-8 or GB18030');
      }
      first = false;
    }
    if (!block.tooLong) weigh(evidence, block.bytes);
  }
  return decide(evidence);
}

/**
 * The lines of a file, a few thousand at a time. LF and CRLF end a line, mixed as they come. A line that is not valid in the file's encoding
 * or is too long comes with a fault and costs only itself.
 */
export async function* readLines(
  file: string,
  encoding: Encoding,
  limits: FileLimits,
  onRead?: (bytes: number) => void,
): AsyncGenerator<Line[]> {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const shownDecoder = new TextDecoder(encoding, { ignoreBOM: true });
  let number = 1;
  for await (const block of wholeLines(file, limits, onRead)) {
    const bytes = number === 1 ? withoutMark(block.bytes) : block.bytes;
    if (block.tooLong) {
      const text = shownDecoder.decode(bytes.subarray(0, SHOWN_OF_LONG_LINE));
      yield [{ number: number++, text, fault: `the line is longer than ${limits.lineBytesMax} bytes` }];
      continue;
    }
    const text = decodeWhole(bytes, encoding, decoder);
    const lines: Line[] = [];
    if (text !== undefined) {
      const parts = text.split('\n');
      if (parts[parts.length - 1] === '') parts.pop();
      for (const part of parts) lines.push({ number: number++, text: part.endsWith('\r') ? part.slice(0, -1) : part });
    } else {
      for (const line of splitBytes(bytes)) {
        const good = decodeWhole(line, encoding, decoder);
        lines.push(
          good !== undefined
            ? { number: number++, text: good }
            : {
                number: number++,
                text: shownDecoder.decode(line),
                fault: `the line is not valid ${encoding.toUpperCase()}`,
              },
        );
      }
    }
    yield lines;
  }
}

interface Block {
  bytes: Buffer;
  /** The block is the beginning of one line beyond the limit; the rest of that line was dropped. */
  tooLong: boolean;
}

async function* wholeLines(file: string, limits: FileLimits, onRead?: (bytes: number) => void): AsyncGenerator<Block> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let skipping = false;
  for await (let chunk of readBytes(file, limits, onRead)) {
    const first = chunk.indexOf(LINE_FEED);
    if (skipping) {
      if (first < 0) continue;
      skipping = false;
      chunk = chunk.subarray(first + 1);
    } else if (restBytes + (first < 0 ? chunk.length : first) > limits.lineBytesMax) {
      yield { bytes: Buffer.concat([...rest, chunk.subarray(0, first < 0 ? chunk.length : first)]), tooLong: true };
      rest = [];
      restBytes = 0;
      skipping = first < 0;
      if (skipping) continue;
      chunk = chunk.subarray(first + 1);
    }
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      yield* cutLongLines(
        rest.length > 0 ? Buffer.concat([...rest, chunk.subarray(0, end)]) : chunk.subarray(0, end),
        limits,
      );
      rest = [];
      restBytes = 0;
    }
    if (end < chunk.length) {
      rest.push(chunk.subarray(end));
      restBytes += chunk.length - end;
    }
  }
  if (restBytes > 0) yield { bytes: Buffer.concat(rest), tooLong: restBytes > limits.lineBytesMax };
}

/** A chunk is shorter than a line may be by default, so this costs one comparison; a smaller limit must hold within a chunk too. */
function* cutLongLines(bytes: Buffer, limits: FileLimits): Generator<Block> {
  if (bytes.length <= limits.lineBytesMax) {
    yield { bytes, tooLong: false };
    return;
  }
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, start);
    const line = bytes.subarray(start, end + 1);
    yield { bytes: line, tooLong: line.length - 1 > limits.lineBytesMax };
    start = end + 1;
  }
}

function decodeWhole(
  bytes: Buffer,
  encoding: Encoding,
  decoder: { decode(bytes: Uint8Array): string },
): string | undefined {
  if (encoding === 'utf-8') return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function* splitBytes(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found < 0 ? bytes.length : found;
    yield bytes.subarray(start, end > start && bytes[end - 1] === 0x0d ? end - 1 : end);
    start = end + 1;
  }
}

function withoutMark(bytes: Buffer): Buffer {
  if (startsWith(bytes, UTF8_MARK)) return bytes.subarray(UTF8_MARK.length);
  return startsWith(bytes, GB18030_MARK) ? bytes.subarray(GB18030_MARK.length) : bytes;
}

function startsWith(bytes: Buffer, mark: Buffer): boolean {
  return bytes.subarray(0, mark.length).equals(mark);
}
