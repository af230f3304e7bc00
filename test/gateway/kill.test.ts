/**
 * Whatever dies, and whenever: an answer that a client has received has its audit record, and when the record cannot be written there is no
 * answer. Real processes are killed under real load.
 *
 * `HEYAN_KILLS=50` kills so often; fewer by default, for each takes seconds.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { openDatabase } from '../../src/db/database';
import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded';
import { migrate } from '../../src/db/migrate';
import { findPlace } from '../../src/db/place';
import { readPostmaster } from '../../src/db/postmaster';
import { openIssuer } from '../../src/gateway/issuer';
import { CASE_INVESTIGATION, SUPERVISION } from '../../src/hub/codes';
import { compileIfStale, MAIN } from '../support/compiled';
import { makeDataDirectory, removeDataDirectory } from '../support/data-directory';
import { withClient } from '../support/database';
import { SAMPLE_KEY } from '../support/hub';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

const KILLS = Number(process.env.HEYAN_KILLS ?? 8);
const CLIENTS = 6;
const LIMIT_MILLISECONDS = 600_000;
jest.setTimeout(LIMIT_MILLISECONDS);

/** A serving process; `url` is where. */
interface Serving {
  child: ChildProcess;
  url: string;
  ended: Promise<unknown>;
}

/** What clients were answered: receipts of answers with data, and the codes of the rest. */
interface Heard {
  receipts: string[];
  codes: Map<string, number>;
  listeners: Set<() => void>;
}

const heardNothing = (): Heard => ({ receipts: [], codes: new Map(), listeners: new Set() });

describe('under load', () => {
  let directory: string;
  let postgres: EmbeddedServer;
  let token: string;
  const running = new Set<Serving>();
  let seed = 20_260_630;
  /** A number from 0 up to, but not including, `below`. */
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };

  beforeAll(async () => {
    compileIfStale();
    directory = makeDataDirectory();
    postgres = await startEmbedded(path.join(directory, 'postgres-of-its-own'));
    const database = await openDatabase(postgres.url);
    await migrate(database);
    await deliver(database, smallCity());
    await database.close();
    token = await (await openIssuer(path.join(directory, 'data'))).issue(SUPERVISION, 'tester');
  });
  afterAll(async () => {
    for (const { child, ended } of running) {
      child.kill('SIGKILL');
      await ended;
    }
    await postgres.stop();
    removeDataDirectory(path.join(directory, 'postgres-of-its-own'));
    rmSync(directory, { recursive: true, force: true });
  });

  async function serve(): Promise<Serving> {
    const child = spawn(process.execPath, [MAIN, 'serve'], {
      cwd: directory,
      timeout: LIMIT_MILLISECONDS,
      env: {
        PATH: process.env.PATH,
        HEYAN_DATA: path.join(directory, 'data'),
        HEYAN_PERSON_KEY: SAMPLE_KEY.toString('hex'),
        DATABASE_URL: postgres.url,
        PORT: '0',
      },
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    let said = '';
    const url = await new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          const found = /Graph +(http\S+)/.exec(said)?.[1];
          if (found) resolve(found);
        });
      void ended.then(() => reject(new Error(`ended without serving: ${said}`)));
    });
    const serving = { child, url, ended };
    running.add(serving);
    void ended.then(() => running.delete(serving));
    return serving;
  }

  async function ask(url: string, heard: Heard): Promise<void> {
    const count = (code: string) => heard.codes.set(code, (heard.codes.get(code) ?? 0) + 1);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          'x-purpose': CASE_INVESTIGATION,
          'x-case': 'KILL-1',
        },
        body: JSON.stringify({ query: `{ person(id: "${keyOf(JIA.number)}") { name deaths { deathDate } } }` }),
      });
      const text = await response.text();
      const { data, errors, extensions } = JSON.parse(text);
      if (text.includes(JIA.name)) {
        heard.receipts.push(extensions?.receipt ?? 'an answer without a receipt');
        for (const look of heard.listeners) look();
      } else count(`${response.status} ${errors?.[0]?.extensions?.code ?? (data ? 'DATA' : 'NOTHING')}`);
    } catch {
      count('no answer');
    }
  }

  /** Clients that ask without a pause until told to stop. */
  function load(url: string, heard: Heard): { stop(): Promise<void> } {
    let on = true;
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (on) await ask(url, heard);
    });
    return {
      async stop() {
        on = false;
        await Promise.all(clients);
      },
    };
  }

  /** Resolves when so many more answers were received; a random count of answers is a random moment that a slow machine has too. */
  function answered(heard: Heard, more: number): Promise<void> {
    const enough = heard.receipts.length + more;
    return new Promise((resolve) => {
      const look = () => {
        if (heard.receipts.length < enough) return;
        heard.listeners.delete(look);
        resolve();
      };
      heard.listeners.add(look);
      look();
    });
  }

  async function withoutRecord(receipts: readonly string[]): Promise<string[]> {
    return withClient(postgres.url, async (client) => {
      const { rows } = await client.query<{ receipt: string }>(
        `select given as receipt from unnest($1::text[]) given
         where not exists (select 1 from audit.record r where encode(r.leaf_hash, 'hex') = given)`,
        [receipts],
      );
      return rows.map(({ receipt }) => receipt);
    });
  }

  test(`the server killed at ${KILLS} moments: every answer received is on record`, async () => {
    const heard = heardNothing();
    let next = serve();
    for (let kill = 0; kill < KILLS; kill++) {
      const serving = await next;
      const clients = load(serving.url, heard);
      await answered(heard, 1 + random(60));
      // The next comes up while the last one still answers: a machine has nothing else to wait for.
      if (kill < KILLS - 1) next = serve();
      await answered(heard, random(40));
      serving.child.kill('SIGKILL');
      await serving.ended;
      await clients.stop();
    }
    expect(heard.receipts.length).toBeGreaterThan(KILLS);
    expect(new Set(heard.receipts).size).toBe(heard.receipts.length);
    expect(await withoutRecord(heard.receipts)).toEqual([]);
  });

  test(`PostgreSQL killed at ${KILLS} moments: every answer received is on record, and service resumes by itself`, async () => {
    const heard = heardNothing();
    const serving = await serve();
    const clients = load(serving.url, heard);
    const { cluster } = findPlace(path.join(directory, 'postgres-of-its-own'), () => undefined);
    for (let kill = 0; kill < KILLS; kill++) {
      await answered(heard, 1 + random(100));
      const { pid } = readPostmaster(cluster) as { pid: number };
      process.kill(pid, 'SIGKILL');
      await postgres.stop();
      postgres = await startEmbedded(path.join(directory, 'postgres-of-its-own'));
    }
    await answered(heard, 10);
    await clients.stop();
    expect(await withoutRecord(heard.receipts)).toEqual([]);
    expect([...heard.codes.keys()].filter((code) => !/^503 AUDIT_UNAVAILABLE$|^200 UNAVAILABLE$/.test(code))).toEqual(
      [],
    );
    serving.child.kill('SIGINT');
    await serving.ended;
  });

  test('with a log that takes nothing there is no answer at all, and service resumes when it can', async () => {
    const heard = heardNothing();
    const serving = await serve();
    const sql = (statement: string) => withClient(postgres.url, (client) => client.query(statement));
    await ask(serving.url, heard);
    expect(heard.receipts).toHaveLength(1);
    await sql('alter table audit.record rename to moved');
    for (let i = 0; i < 20; i++) await ask(serving.url, heard);
    expect([...heard.codes]).toEqual([['503 AUDIT_UNAVAILABLE', 20]]);
    await sql('alter table audit.moved rename to record');
    await ask(serving.url, heard);
    expect(heard.receipts).toHaveLength(2);
    serving.child.kill('SIGINT');
    await serving.ended;
  });
});
