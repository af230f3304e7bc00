import { spawn } from 'node:child_process';
import { type Account, runningAs } from './account';

/** What a finished program said; `code` is null when it was ended by a signal. */
export interface Outcome {
  code: number | null;
  output: string;
}

const outputCharactersMax = 64 * 1024;

/** The whole environment of PostgreSQL's programs: nothing of ours (PGPORT, LC_MESSAGES …) may change what they do. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/**
 * Runs one program to its end as `account` and collects what it prints.
 * @throws when it cannot be started (ENOENT, EACCES) or outlives `secondsMax`
 */
export function runProgram(program: string, args: string[], account: Account, secondsMax: number): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    // '/' because the account may not be able to enter the directory we were started in.
    const child = spawn(program, args, {
      ...runningAs(account),
      cwd: '/',
      env: serverEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: secondsMax * 1000,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-outputCharactersMax);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
