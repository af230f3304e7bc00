/** What runs by itself while `heyan serve` and `heyan start` serve, as processes of their own. */
import { type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expectationsOf } from '../../src/cli/schedules';
import type { Database } from '../../src/db/database';
import { startCommand } from '../support/command';
import { compileIfStale } from '../support/compiled';
import { testDatabase } from '../support/database';
import { smallCity } from '../support/small-city';

jest.setTimeout(180_000);

describe('when kinds are due', () => {
  const inbox = { lateAfterMinutes: 120, deliveries: '/inbox', kinds: {} };
  const register = { sql: { url: 'postgres://register' } } as never;
  test.each<[string, Parameters<typeof expectationsOf>[0], string[]]>([
    ['nothing without a source', { bureaus: {}, nightly: { schedule: '0 3 * * *' } }, []],
    ['not without a schedule', { bureaus: { death: inbox }, nightly: null }, []],
    ['by the schedule of the bureau', { bureaus: { death: { ...inbox, schedule: '0 2 * * *' } }, nightly: { schedule: '0 3 * * *' } }, ['death death 0 2 * * * 120']],
    ["else by the chain's", { bureaus: { death: { ...inbox, lateAfterMinutes: 5 } }, nightly: { schedule: '0 3 * * *' } }, ['death death 0 3 * * * 5']],
    ['each kind of a watched directory', { bureaus: { claim: { ...inbox, schedule: '0 2 * * *' } }, nightly: null }, ['claim claim 0 2 * * * 120', 'claim claim_line 0 2 * * * 120']],
    ['each kind that has a register', { bureaus: { claim: { lateAfterMinutes: 60, schedule: '0 2 * * *', kinds: { claim: register } } }, nightly: null }, ['claim claim 0 2 * * * 60']],
  ])('%s', (_, config, expected) => {
    expect(expectationsOf(config).map((one) => [one.bureau, one.kind, one.cron, one.lateAfterMinutes].join(' '))).toEqual(expected);
  }); // biome-ignore format: a table
});

describe('served', () => {
  let directory: string;
  let database: Database;
  beforeAll(() => compileIfStale());
  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
    database = await testDatabase();
  });
  afterEach(async () => {
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Exchange files of kinds of the small city in an inbox, and the manifest that says that they are all there. */
  function deliver(inbox: string, ...kinds: string[]): void {
    const folder = path.join(directory, inbox, '2026-06-30');
    mkdirSync(folder, { recursive: true });
    const manifest = kinds.map((kind) => {
      const rows = smallCity()[kind] ?? [];
      const text = [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))].join('\n');
      writeFileSync(path.join(folder, `${kind}.csv`), text);
      return `${kind}.csv,${rows.length},${createHash('sha256').update(text).digest('hex')}`;
    });
    writeFileSync(path.join(folder, 'manifest.csv'), ['file,rows,sha256', ...manifest].join('\n'));
  }

  const configure = (...lines: string[]) => writeFileSync(path.join(directory, 'heyan.yaml'), `${lines.join('\n')}\n`);

  /** Resolves with everything a process has said when all of these are among it. */
  function says(child: ChildProcess, ...texts: string[]): Promise<string> {
    let said = '';
    return new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          if (texts.every((wanted) => said.includes(wanted))) resolve(said);
        });
      child.on('close', () => reject(new Error(`ended without saying ${texts.join(' and ')}: ${said}`)));
    });
  }

  /** Jobs and kinds that have been expected for two days. */
  async function since(jobs: string[], kinds: string[]): Promise<void> {
    await database.pool.query(`insert into sync.schedule select job, '', now() - interval '2 days' from unnest($1::text[]) job`, [jobs]);
    await database.pool.query(`insert into sync.expected select kind, '', '', 0, now() - interval '2 days' from unnest($1::text[]) kind`, [kinds]);
  } // biome-ignore format: two statements

  async function interrupt(child: ChildProcess): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    child.kill('SIGINT');
    return ended;
  }

  test('heyan serve does what is due, says who is late, and ends at once', async () => {
    deliver('inbox', 'death');
    mkdirSync(path.join(directory, 'empty'));
    configure(
      'bureaus:',
      '  death: { schedule: "* * * * *", deliveries: inbox }',
      '  poverty: { schedule: "0 2 * * *", lateAfterMinutes: 1, deliveries: empty }',
      'nightly: { schedule: "* * * * *" }',
    );
    await since(['sync-death', 'sync-poverty', 'nightly'], ['death', 'poverty']);
    const serving = startCommand({ directory, database }, ['serve'], { PORT: '0' });
    const said = await says(serving, 'Synced death', 'Nightly chain', 'LATE: poverty', 'Waiting for');
    expect(said).toMatch(/^Synced death: COMPLETE, 1 rows in, 1 inserted$/m);
    expect(said).toMatch(/^Nightly chain: findings as of \d{4}-\d{2}-\d{2}: .*D1/m);
    expect(said).toMatch(/^LATE: poverty \(poverty\) was due at .* 02:00 and has not delivered completely/m);
    expect(said).toMatch(/^Waiting for poverty: there is no new delivery$/m);
    expect(said).toMatch(/^Scheduled: sync-poverty, next at \d{4}-\d{2}-\d{2} 02:00$/m);
    expect(await interrupt(serving)).toBe(130);
    const { rows } = await database.pool.query(`select job, state from sync.due where state <> 'DONE'`);
    expect(rows.filter(({ state }) => state === 'RUNNING')).toEqual([]);
  });

  test('heyan start with sources takes them in, makes no demo city, and does not do again what it has just done', async () => {
    deliver('inbox', 'household', 'death');
    configure(
      'bureaus:',
      '  death: { deliveries: inbox }',
      '  household: { deliveries: inbox, schedule: "0 0 1 1 *" }',
      'nightly: { schedule: "* * * * *" }',
    );
    await since(['nightly', 'sync-household'], []);
    const started = startCommand({ directory, database }, ['start'], { PORT: '0' });
    const said = await says(started, 'Ctrl-C stops everything', 'Scheduled: nightly');
    expect(said).toMatch(/^Sources\n.*kind +rows in/m);
    expect(said).not.toContain('demo city');
    expect(await interrupt(started)).toBe(130);
    const { rows } = await database.pool.query('select kind, state from sync.run order by kind');
    expect(rows).toEqual([
      { kind: 'death', state: 'COMPLETE' },
      { kind: 'household', state: 'COMPLETE' },
    ]);
  });

  test('with nothing scheduled, nothing of the queue is there', async () => {
    const serving = startCommand({ directory, database }, ['serve'], { PORT: '0' });
    await says(serving, 'Graph');
    expect(await interrupt(serving)).toBe(130);
    expect((await database.pool.query(`select from pg_namespace where nspname = 'jobs'`)).rowCount).toBe(0);
  });
});
