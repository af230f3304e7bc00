/** `heyan findings export` and `verify` as users type them: each a process of its own. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '../../src/db/database';
import { CHILD_MILLISECONDS_MAX, ended, startCommand, startNode } from '../support/command';
import { compileIfStale, MAIN } from '../support/compiled';
import { testDatabase } from '../support/database';
import { deliver, smallCity } from '../support/small-city';

jest.setTimeout(3 * CHILD_MILLISECONDS_MAX);

describe('heyan findings', () => {
  let directory: string;
  let database: Database;
  let id: string;
  beforeAll(async () => {
    compileIfStale();
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
    database = await testDatabase();
    expect(await ended(startCommand({ directory, database }, ['audit', 'head']))).toMatchObject({ code: 0 });
    await deliver(database, smallCity());
    expect(await run('nightly', '--as-of', '2026-06-30')).toMatchObject({ code: 0 });
    id = JSON.parse((await run('findings', '--rule', 'D1', '--json')).out)[0].id;
  });
  afterAll(async () => {
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const run = (...args: string[]) => ended(startCommand({ directory, database }, args));
  const heads = () => path.join(directory, 'data/checkpoints/heads.jsonl');

  test('export writes one file that verify takes, without a database', async () => {
    const written = await run('findings', 'export', id, '--out', 'finding.json', '--officer', '张三', '--json');
    expect([written.code, JSON.parse(written.out)]).toMatchObject([0, { finding: id, missing: [] }]);
    expect(statSync(path.join(directory, 'finding.json')).mode & 0o777).toBe(0o600);
    const text = readFileSync(path.join(directory, 'finding.json'), 'utf8');
    expect(JSON.parse(JSON.parse(text).proof.export.leaf)).toMatchObject({ officer: '张三', case: null });
    // No database stands at this address, and none is brought up.
    const nowhere = { DATABASE_URL: 'postgres://127.0.0.1:1/none', HEYAN_DATA: path.join(directory, 'nowhere') };
    const alone = (...args: string[]) => ended(startNode({ directory, database }, [MAIN, 'findings', 'verify', ...args], nowhere));
    writeFileSync(path.join(directory, 'harmed.json'), text.replace('"D1"', '"D2"'));
    const [good, bad, untrusting] = await Promise.all([
      alone('finding.json', '--head', heads()),
      alone('harmed.json', '--head', heads(), '--json'),
      alone('finding.json'),
    ]);
    expect(good).toMatchObject({ code: 0, out: expect.stringContaining(`Finding ${id} (D1, OPEN, version 1) is as it was handed out`) });
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.out)).toEqual({ isGood: false, what: expect.stringMatching(/^The file's document.finding was changed/) });
    expect(untrusting).toMatchObject({ code: 2, err: expect.stringMatching(/name what you trust: '--head <file>', '--key <hex>'/) });
    expect(existsSync(nowhere.HEYAN_DATA)).toBe(false);
  }); // biome-ignore format: short enough

  test('what is wrong is told in one sentence, and nothing is written', async () => {
    const [there, unknown, wrong] = await Promise.all([
      run('findings', 'export', id, '--out', 'heyan.txt/none.json'),
      run('findings', 'export', '0'.repeat(32), '--out', 'unknown.json'),
      run('findings', 'export', 'X'),
    ]);
    expect(there).toMatchObject({ code: 1, err: expect.stringMatching(/none\.json cannot be made \(ENOENT\)/) });
    expect(unknown).toMatchObject({ code: 1, err: expect.stringMatching(/^There is no finding 0{32}/) });
    expect(wrong).toMatchObject({ code: 2, err: expect.stringMatching(/write the hex digits of a finding’s id/) });
    expect(existsSync(path.join(directory, 'unknown.json'))).toBe(false);
  });
});
