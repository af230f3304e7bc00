/**
 * Whatever dies, and whenever, also inside a commit: a sync started again ends in the state of one that nobody disturbed, and every row is
 * accounted for. Workers and PostgreSQL are real processes, killed with SIGKILL.
 *
 * `HEYAN_KILLS=100` kills so often; fewer by default, for they take seconds each.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { openDatabase } from '../../src/db/database';
import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded';
import { migrate } from '../../src/db/migrate';
import { findPlace } from '../../src/db/place';
import { readPostmaster } from '../../src/db/postmaster';
import { makeDataDirectory, removeDataDirectory } from '../support/data-directory';
import { testDatabase, withClient } from '../support/database';
import { SAMPLE_KEY } from '../support/hub';
import type { WorkerTask } from './sync-process';
import { fillTaxRegister, taxSettings } from './tax-register';

const KILLS = Number(process.env.HEYAN_KILLS ?? 6);
const POSTGRES_KILLS = Math.ceil(KILLS / 5);
const ROWS = Number(process.env.HEYAN_KILL_ROWS ?? 30_000);
const CHUNKS = 20;
const LIMIT_MILLISECONDS = 1_800_000;
jest.setTimeout(LIMIT_MILLISECONDS);

/** A worker under way: `steps` lines were heard of it. */
interface Worker {
  child: ChildProcess;
  ended: Promise<number | null>;
  /** Resolves at its next step, or when it has ended. */
  step(): Promise<unknown>;
  said: { last: string; err: string };
}

describe(`a sync of ${ROWS} rows`, () => {
  let register: Awaited<ReturnType<typeof testDatabase>>;
  let directory: string;
  let postgres: EmbeddedServer;
  let undisturbed: State;
  let seed = 20_261_122;
  /** A number from 0 up to, but not including, `below`. */
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };

  beforeAll(async () => {
    register = await testDatabase();
    await fillTaxRegister(register.url, ROWS);
    directory = makeDataDirectory();
    postgres = await startEmbedded(path.join(directory, 'hub'));
    const database = await openDatabase(postgres.url);
    await migrate(database);
    await database.close();
    const worker = work();
    expect([await worker.ended, worker.said.err]).toEqual([0, '']);
    undisturbed = await stateOf(postgres.url);
    expect(undisturbed.rows).toBe(ROWS - ROWS / 100);
    expect(undisturbed.quarantined).toBe(ROWS / 100);
  });
  afterAll(async () => {
    await postgres.stop();
    await register.close();
    removeDataDirectory(path.join(directory, 'hub'));
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(() => forget(postgres.url));

  function work(): Worker {
    const task: WorkerTask = {
      databaseUrl: postgres.url,
      hubKey: SAMPLE_KEY.toString('hex'),
      settings: taxSettings(register.url),
      chunkRows: ROWS / CHUNKS,
    };
    const child = spawn(
      process.execPath,
      [
        '-r',
        path.join(__dirname, '../support/run-typescript.cjs'),
        path.join(__dirname, 'sync-process.ts'),
        JSON.stringify(task),
      ],
      { timeout: LIMIT_MILLISECONDS },
    );
    const said = { last: '', err: '' };
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => (said.last = line));
    const ended = once(child, 'close').then(([code]) => code as number | null);
    return { child, ended, said, step: () => Promise.race([once(lines, 'line'), ended]) };
  }

  /** Lets a worker go on for some steps and some milliseconds more; answers whether it has ended by itself, with which code. */
  async function letWork(worker: Worker): Promise<{ ended: boolean; code: number | null }> {
    let code: number | null | undefined;
    void worker.ended.then((end) => (code = end));
    for (let steps = 1 + random(12); steps > 0 && code === undefined; steps--) await worker.step();
    const pause = new Promise((resolve) => setTimeout(resolve, random(80)));
    await Promise.race([pause, worker.ended]);
    return { ended: code !== undefined, code: code ?? null };
  }

  test(`its worker killed at ${KILLS} moments`, async () => {
    let whole = 0;
    let worker = work();
    for (let kills = 0; kills < KILLS; ) {
      const { ended, code } = await letWork(worker);
      if (ended) {
        expect([code, worker.said.err]).toEqual([0, '']);
        expect(await stateOf(postgres.url)).toEqual(undisturbed);
        whole++;
        await forget(postgres.url);
      } else {
        worker.child.kill('SIGKILL');
        await worker.ended;
        kills++;
      }
      worker = work();
    }
    expect([await worker.ended, worker.said.err]).toEqual([0, '']);
    expect(await stateOf(postgres.url)).toEqual(undisturbed);
    await everyRowIsAccountedFor(postgres.url);
    console.info(`${KILLS} kills; the register was read whole ${whole + 1} times`);
  });

  test(`PostgreSQL killed at ${POSTGRES_KILLS} moments`, async () => {
    const { cluster } = findPlace(path.join(directory, 'hub'), () => undefined);
    for (let kills = 0; kills < POSTGRES_KILLS; kills++) {
      const worker = work();
      await letWork(worker);
      const { pid } = readPostmaster(cluster) as { pid: number };
      process.kill(pid, 'SIGKILL');
      const code = await worker.ended;
      await postgres.stop();
      postgres = await startEmbedded(path.join(directory, 'hub'));
      // One that had done its work before the server died says so; what it did must be there.
      const isDone = worker.said.last.startsWith('{') && !worker.said.last.includes('FAILED');
      expect(code).toBe(isDone ? 0 : 1);
      if (!isDone) continue;
      expect(await stateOf(postgres.url)).toEqual(undisturbed);
      await forget(postgres.url);
    }
    const worker = work();
    expect([await worker.ended, worker.said.err]).toEqual([0, '']);
    expect(await stateOf(postgres.url)).toEqual(undisturbed);
    await everyRowIsAccountedFor(postgres.url);
  });
});

/** What a sync leaves: revisions and what they say, what stands, quarantine, and what the last run says. */
interface State {
  rows: number;
  revisions: number;
  content: string;
  quarantined: number;
  quarantine: string;
  standing: string;
}

async function stateOf(url: string): Promise<State> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<State>(`
      select (select count(distinct source_id)::int from contribution.revision) as rows, (select count(*)::int from contribution.revision) as revisions,
             (select md5(string_agg(concat_ws('|', source_id, op, content_hash, person_key, amount, updated_at), ',' order by source_id)) from contribution.revision where recorded_to is null) as content,
             (select count(*)::int from sync.quarantine where resolved_at is null) as quarantined,
             (select md5(string_agg(concat_ws('|', source_id, reason, row), ',' order by source_id, row)) from sync.quarantine) as quarantine,
             (select state from sync.run order by id desc limit 1) as standing`);
    return rows[0] as State;
  });
}

/** Begins anew. */
async function forget(url: string): Promise<void> {
  await withClient(url, (client) =>
    client.query('truncate contribution.revision, sync.quarantine, sync.checkpoint, sync.run cascade'),
  );
}

/** Of every run that stands, also an interrupted one, the rows that came in are the sum of what became of them; numbers have no gap and no double. */
async function everyRowIsAccountedFor(url: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query(
      `select id from sync.run where state <> 'FAILED' and rows_in <> inserted + changed + unchanged + deleted + stale + quarantined`,
    );
    expect(rows).toEqual([]);
    const numbers = await client.query(
      'select min(seq)::int as first, max(seq)::int as last, count(*)::int as count from contribution.revision',
    );
    expect(numbers.rows[0]).toEqual({ first: 1, last: numbers.rows[0].count, count: numbers.rows[0].count });
    const running = await client.query(`select id from sync.run where state = 'RUNNING'`);
    expect(running.rows).toEqual([]);
  });
}
