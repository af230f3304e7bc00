/** Commands as users type them: each a process of its own, in a directory of its own, over a database of the run's server. */
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import path from 'node:path';
import type { Database } from '../../src/db/database';
import { MAIN } from './compiled';
import { SAMPLE_KEY } from './hub';

export const CHILD_MILLISECONDS_MAX = 120_000;

/** Where a command works. */
export interface Place {
  directory: string;
  database: Database;
}

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Starts node on a compiled file. */
export function startNode(
  { directory, database }: Place,
  args: readonly string[],
  env: Record<string, string> = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, args, {
    cwd: directory,
    timeout: CHILD_MILLISECONDS_MAX,
    env: {
      PATH: process.env.PATH,
      HEYAN_DATA: path.join(directory, 'data'),
      DATABASE_URL: database.url,
      HEYAN_PERSON_KEY: SAMPLE_KEY.toString('hex'),
      ...env,
    },
  });
}

/** Starts `heyan <args>`. */
export function startCommand(place: Place, args: readonly string[], env?: Record<string, string>) {
  return startNode(place, [MAIN, ...args], env);
}

/** What a process has said when it has ended. */
export function ended(child: ChildProcess): Promise<Ended> {
  const told = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (told.out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (told.err += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...told })));
}

/**
 * What `what` finds in what a process prints, once the line is whole. Rejects when it ends before.
 * @param told more of what it said, for that error
 */
export function printed(child: ChildProcessWithoutNullStreams, what: RegExp, told = () => ''): Promise<string> {
  let out = '';
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const found = what.exec(out)?.[1];
      if (found && out.endsWith('\n')) resolve(found);
    });
    child.once('close', (code) => reject(new Error(`ended with ${code}: ${out}${told()}`)));
  });
}

/** Runs command lines two at a time: a process takes two seconds of a core before it does anything. */
export async function runLines(place: Place, lines: readonly string[]): Promise<Ended[]> {
  const run = (line: string) => ended(startCommand(place, line.split(' ').filter(Boolean)));
  const all: Ended[] = [];
  for (let i = 0; i < lines.length; i += 2) all.push(...(await Promise.all(lines.slice(i, i + 2).map(run))));
  return all;
}
