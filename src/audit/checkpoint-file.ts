/**
 * Checkpoint files: tree heads, one a line, only ever appended to. A line that a crash cut short has no end of line; it is taken away before
 * the next is written, and passed over by readers.
 */
import {
  appendFileSync,
  chmodSync,
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
} from 'node:fs';
import path from 'node:path';
import { type Head, LINE_CHARACTERS_MAX, readHead } from './head';

const LINE_END = 10;

export interface Line {
  text: string;
  /** Its number in what was read, from 1. */
  number: number;
  /** Bytes of the file up to and with its end. */
  end: number;
}

/** The whole lines of a file from an offset on. Throws at a line that is too long to be a head. */
export async function* linesOf(file: string, from = 0): AsyncGenerator<Line> {
  let rest = '';
  let [number, end] = [0, from];
  for await (const chunk of createReadStream(file, { start: from, encoding: 'latin1' })) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() as string;
    for (const part of parts) {
      number += 1;
      end += part.length + 1;
      yield { text: Buffer.from(part, 'latin1').toString('utf8'), number, end };
    }
    if (rest.length > LINE_CHARACTERS_MAX)
      throw new Error(`${file}:${number + 1}: the line is too long to be a tree head`);
  }
}

/** The last head of a checkpoint file; undefined when the file is not there or empty. Throws when its last line is no head. */
export function lastHead(file: string): Head | undefined {
  if (!existsSync(file)) return undefined;
  const open = openSync(file, 'r');
  try {
    const text = tailOf(open);
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    const last = lines.at(-2);
    return last === undefined ? undefined : readHead(last);
  } catch (error) {
    throw new Error(
      `The last line of ${file} is no tree head (${(error as Error).message}): bring back a copy of the file`,
    );
  } finally {
    closeSync(open);
  }
}

/** Appends a line and waits until it is on disk. The file is made for its owner only, its folder too. */
export function appendLine(file: string, line: string): void {
  const isNew = !existsSync(file);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // 'a+' could not be cut; 'r+' needs the file.
  if (isNew) closeSync(openSync(file, 'a', 0o600));
  if (isNew) chmodSync(file, 0o600);
  const open = openSync(file, 'r+');
  try {
    const text = tailOf(open);
    const whole = text.lastIndexOf('\n') + 1;
    if (whole < text.length) ftruncateSync(open, fstatSync(open).size - (text.length - whole));
  } finally {
    closeSync(open);
  }
  const append = openSync(file, 'a', 0o600);
  try {
    appendFileSync(append, `${line}\n`);
    fsyncSync(append);
  } finally {
    closeSync(append);
  }
  if (isNew) syncFolder(path.dirname(file));
}

/** Enough of the end to hold the last whole line and a cut one after it. */
function tailOf(open: number): string {
  const { size } = fstatSync(open);
  const length = Math.min(size, 2 * LINE_CHARACTERS_MAX);
  const bytes = Buffer.alloc(length);
  readSync(open, bytes, 0, length, size - length);
  const begin = length === size ? 0 : bytes.indexOf(LINE_END) + 1;
  return bytes.toString('latin1', begin);
}

/** A new file's name is on disk when its folder is. */
function syncFolder(folder: string): void {
  const open = openSync(folder, 'r');
  try {
    fsyncSync(open);
  } finally {
    closeSync(open);
  }
}
