/** The main job as a process: interrupted while it loads, started again, and once more. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '../../src/db/database';
import { compileIfStale, MAIN } from '../support/compiled';
import { testDatabase } from '../support/database';

const LIMIT_MILLISECONDS = 180_000;
jest.setTimeout(LIMIT_MILLISECONDS);

interface Started {
  child: ChildProcess;
  /** Resolves with everything said so far when it holds the text; rejects when the process ends without. */
  says(text: string): Promise<string>;
  ended: Promise<number | null>;
}

function start(directory: string, database: Database): Started {
  const child = spawn(process.execPath, [MAIN, 'start'], {
    cwd: directory,
    timeout: LIMIT_MILLISECONDS,
    env: { PATH: process.env.PATH, HEYAN_DATA: path.join(directory, 'data'), DATABASE_URL: database.url, PORT: '0' },
  });
  let said = '';
  const heard = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      for (const look of heard) look();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const says = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => said.includes(text) && resolve(said);
      heard.add(look);
      look();
      void ended.then(() => reject(new Error(`ended without saying "${text}": ${said}`)));
    });
  return { child, says, ended };
}

describe('heyan start', () => {
  let directory: string;
  let database: Database;
  beforeAll(async () => {
    compileIfStale();
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
    database = await testDatabase();
  });
  afterAll(async () => {
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const count = async (table: string) => {
    const { rows } = await database.pool.query<{ n: string }>(`select count(*) as n from ${table}`);
    return Number(rows[0]?.n);
  };

  test('interrupted while it loads it ends at once; the next start completes the demo city, and one more loads nothing', async () => {
    const first = start(directory, database);
    await first.says('writing a demo city');
    // The first bureau of eight kinds is in: the load is half done.
    for (let looks = 0; looks < 20_000 && (await count('sync.run')) === 0; looks++);
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(130);
    // What it was writing is undone by the database, at the latest when the next load asks for the lease.
    expect(await count('sync.run')).toBeLessThan(8);

    const second = start(directory, database);
    const told = await second.says('Ctrl-C stops everything');
    expect(told).toMatch(/^D1 +[1-9]/m);
    expect(told).toContain('x-purpose: CASE_INVESTIGATION');
    const claims = await count('claim.revision');
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(130);
    const runs = await count('sync.run');

    const third = start(directory, database);
    await third.says('Ctrl-C stops everything');
    third.child.kill('SIGINT');
    expect(await third.ended).toBe(130);
    expect([await count('sync.run'), await count('claim.revision')]).toEqual([runs, claims]);
  });
});
