import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Another Heyan process on a data directory, in a process group of its own. */
export interface OtherProcess {
  pid: number;
  url: string;
  owned: boolean;
  child: ChildProcess;
  /** Resolves to the exit code, null after a signal. */
  ended: Promise<number | null>;
}

export async function startOther(directory: string): Promise<OtherProcess> {
  const child = spawn(
    process.execPath,
    ['-r', join(__dirname, '..', 'support', 'run-typescript.cjs'), join(__dirname, 'server-process.ts'), directory],
    { detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line').then(([line]) => line as string), ended]);
  if (typeof first !== 'string') throw new Error(`the other process ended: ${complaint}`);
  return { ...(JSON.parse(first) as { url: string; owned: boolean }), pid: child.pid ?? 0, child, ended };
}
