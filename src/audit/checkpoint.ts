/**
 * Handing tree heads to the providers' checkpoint sinks: files (on another machine's disk, best) and URLs. The hub's own file has every head;
 * a sink that could not take some gets them later, in order, from there.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { appendLine, lastHead, linesOf } from './checkpoint-file';
import { type Head, readHead } from './head';

/** How long a URL may take for one head. */
const POST_MILLISECONDS_MAX = 5_000;
/** Waits between tries of one round; the next round comes within a minute. */
const RETRY_MILLISECONDS: readonly number[] = [200, 1_000];
/** Heads that a sink gets in one round; one that missed more goes on in the next. */
const HEADS_PER_ROUND = 500;

/** How far each sink is: the size of the last head it took, and where the next begins in the hub's own file. */
type Progress = Record<string, { size: number; offset: number }>;

/**
 * Gives each sink the heads of `own` that it does not have yet.
 * @param sinks absolute paths and http(s) URLs
 * @param report told of each sink that did not take them
 */
export async function deliverHeads(
  own: string,
  sinks: readonly string[],
  report: (error: unknown) => void,
): Promise<void> {
  if (sinks.length === 0 || !existsSync(own)) return;
  const file = path.join(path.dirname(own), 'delivered.json');
  const progress = readProgress(file);
  for (const sink of sinks) {
    const name = createHash('sha256').update(sink).digest('hex').slice(0, 16);
    try {
      const before = progress[name];
      const size = isUrl(sink) ? (before?.size ?? 0) : (lastHead(sink)?.size ?? 0);
      const from = before?.size === size ? before : { size, offset: 0 };
      for await (const reached of deliver(own, sink, from)) progress[name] = reached;
    } catch (error) {
      report(
        new Error(
          `The checkpoint sink ${nameOf(sink)} did not take the tree heads and gets them later: ${reason(error)}`,
        ),
      );
    }
  }
  writeFileSync(`${file}.new`, JSON.stringify(progress), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function isUrl(sink: string): boolean {
  return /^https?:\/\//.test(sink);
}

async function* deliver(
  own: string,
  sink: string,
  from: { size: number; offset: number },
): AsyncGenerator<Progress[string]> {
  let { size, offset } = from;
  let given = 0;
  for await (const { text, end } of linesOf(own, offset)) {
    const head = readHead(text);
    if (head.size > size) {
      if (given >= HEADS_PER_ROUND) return;
      if (isUrl(sink)) await post(sink, text);
      else give(sink, head, text);
      given += 1;
      size = head.size;
    }
    offset = end;
    yield { size, offset };
  }
}

function give(sink: string, head: Head, text: string): void {
  const last = lastHead(sink);
  if (last && last.log !== head.log) throw new Error('it holds heads of another log: name another file');
  appendLine(sink, text);
}

/** A receiver must take a head that it has already as one more success: the answer to a try may have been lost. */
async function post(url: string, text: string): Promise<void> {
  for (let tried = 0; ; tried++) {
    try {
      const response = await fetch(url, {
        method: 'POST',
        body: text,
        headers: { 'content-type': 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(POST_MILLISECONDS_MAX),
      });
      await response.body?.cancel();
      if (response.ok) return;
      throw new Error(`it answered ${response.status}`);
    } catch (error) {
      const wait = RETRY_MILLISECONDS[tried];
      if (wait === undefined) throw error;
      await pause(wait);
    }
  }
}

function readProgress(file: string): Progress {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Progress;
  } catch {
    // Absent or cut short: URLs get every head again, which they must bear, and files say themselves how far they are.
    return {};
  }
}

/** A URL's query may hold a secret. */
function nameOf(sink: string): string {
  return isUrl(sink) ? sink.replace(/[?#].*$/, '') : sink;
}

function reason(error: unknown): string {
  const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.code ?? message;
}
