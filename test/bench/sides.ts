/** The sides of a comparison, each a server in a process of its own, so that neither's memory and compiled code are the other's. */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';

/**
 * `heyan` is the product, `bare` the same gateway and resolvers without sharing and audit, `peer` the stack of test/bench/peer, `bytes` a
 * server that gives everybody the same bytes.
 */
export type SideName = 'heyan' | 'bare' | 'peer' | 'bytes';

export interface SideOptions {
  side: SideName;
  databaseUrl: string;
  /** Where the hub keeps its keys. */
  directory: string;
}

export interface Side {
  url: string;
  /** The headers of a reviewer with a case. */
  headers: Readonly<Record<string, string>>;
  /** Milliseconds of processor that it has used. */
  processorMilliseconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a side; `flags` are Node's, such as --cpu-prof. */
export async function startSide(options: SideOptions, flags: readonly string[] = []): Promise<Side> {
  const child = fork(path.join(__dirname, 'serve.ts'), [JSON.stringify(options)], {
    execArgv: ['--require', path.join(__dirname, '../support/run-typescript.cjs'), ...flags],
  });
  const told = await new Promise<{ url: string; headers: Record<string, string> }>((resolve, reject) => {
    child.once('message', resolve as (message: unknown) => void);
    child.once('exit', (code) => reject(new Error(`the ${options.side} side ended with ${code}`)));
  });
  return { ...told, processorMilliseconds: () => processorMilliseconds(child), stop: () => stop(child) };
}

function processorMilliseconds(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('message', (told: { used: number }) => resolve(told.used));
    child.send('used');
  });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.send('stop');
  });
}
