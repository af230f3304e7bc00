/**
 * A database that runs and can take nothing more: its connections are all taken by others, its disk is full, its log has no room. Real ones: the
 * embedded server of a running `serve` on a tmpfs of its own, and in the same cluster the database of a bureau on its own premises. No answer
 * goes out without its record, and everything goes on by itself when there is room.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { recordKinds } from '../../src/bureaus/bureau';
import { readPassword } from '../../src/db/cluster';
import { type Database, openDatabase } from '../../src/db/database';
import { migrate } from '../../src/db/migrate';
import { findPlace } from '../../src/db/place';
import { readPostmaster } from '../../src/db/postmaster';
import { waitFor } from '../../src/db/wait';
import { Agency } from '../../src/sharing/agency';
import { Agreement } from '../../src/sharing/agreement';
import { printed } from '../support/command';
import { compileIfStale, MAIN } from '../support/compiled';
import { withClient } from '../support/database';
import { post } from '../support/http';
import { SAMPLE_CITY, SAMPLE_KEY, type TestHub, testHub } from '../support/hub';
import { hubDirectory, type TestPremises, testPremises } from '../support/premises';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';
import { type TinyDisk, tinyDisk } from '../support/tiny-disk';

jest.setTimeout(240_000);
/** PostgreSQL's own beginning takes 80 of it; Heyan wants 200 free before it begins. */
const DISK_MEGABYTES = 320;
const UP_MILLISECONDS_MAX = 90_000;
/** What an operation may take. */
const ANSWER_MILLISECONDS_MAX = 10_000;
/** What fits into what is left of a table's last page, and more. */
const ASKS_MAX = 200;

const mounted = tinyDisk(DISK_MEGABYTES);
if (mounted) onTinyDisk(mounted);
else
  test('no disk to fill: a tmpfs may not be mounted here (root with CAP_SYS_ADMIN may)', () =>
    expect(mounted).toBeUndefined());

function onTinyDisk(disk: TinyDisk): void {
  const data = path.join(disk.directory, 'data');
  let serving: ChildProcessWithoutNullStreams;
  let url: string;
  let token: string;
  let directory: Awaited<ReturnType<typeof hubDirectory>>;
  let bureauDatabase: Database;
  let bureau: TestPremises;
  let hub: TestHub;
  let clock = 0;

  beforeAll(async () => {
    compileIfStale();
    mkdirSync(data, { mode: 0o711 });
    serving = heyan('serve');
    url = await printed(serving, /Graph +(\S+)\/graphql/, () => said.get(serving) ?? '');
    token = await printed(
      heyan('token', '--agency', 'medical-insurance-supervision', '--purpose', 'CASE_INVESTIGATION'),
      /(\S+)/,
    );
    await withClient(at('postgres'), (client) => client.query('create database bureau'));
    const entities = [Agency, Agreement, ...recordKinds().map((kind) => kind.class)];
    bureauDatabase = await openDatabase(at('bureau'), { entities, waitMilliseconds: 500 });
    await migrate(bureauDatabase);
    directory = await hubDirectory();
    const { keysFile, dataDirectory } = directory;
    bureau = await testPremises(['death'], { keysFile, database: bureauDatabase });
    hub = await testHub({ dataDirectory, subgraphs: bureau.settings, elapsed: () => (clock += 1_000) });
    const { death = [], ...others } = smallCity();
    await deliver(bureauDatabase, { death });
    await deliver(hub.database, others);
    await hub.as()(PERSON);
  });
  afterAll(async () => {
    disk.clear();
    await hub.close();
    await bureau.close();
    directory.remove();
    const gone = new Promise((resolve) => serving.once('exit', resolve));
    serving.kill('SIGINT');
    await gone;
    disk.remove();
  });

  const PERSON = `{ person(id: "${keyOf(JIA.number)}") { name deaths { deathDate } aliveOn(date: "2026-06-01") } }`;
  const WHOLE = { person: { name: JIA.name, deaths: [{ deathDate: '2026-03-10' }], aliveOn: 'NO' } };
  const WITHOUT = { person: { name: JIA.name, deaths: null, aliveOn: 'UNKNOWN' } };

  function heyan(...args: string[]): ChildProcessWithoutNullStreams {
    const key = SAMPLE_KEY.toString('hex');
    const env = { PATH: process.env.PATH, HEYAN_DATA: data, PORT: '0', HEYAN_LOG: 'off', HEYAN_PERSON_KEY: key };
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: disk.directory, env });
    said.set(child, '');
    child.stderr.setEncoding('utf8').on('data', (text: string) => said.set(child, said.get(child) + text));
    return child;
  }
  const said = new Map<ChildProcessWithoutNullStreams, string>();

  /** A database of the cluster on that disk, as its superuser. */
  function at(name: string): string {
    const place = findPlace(data, () => undefined);
    const { port, socketFolder } = readPostmaster(place.cluster) as { port: number; socketFolder: string };
    const socket = socketFolder === '' ? '' : `?host=${encodeURIComponent(socketFolder)}`;
    return `postgres://heyan:${readPassword(place)}@${socketFolder === '' ? '127.0.0.1' : 'localhost'}:${port}/${name}${socket}`;
  }

  /** Status and code of an operation. It has to come in time. */
  async function ask(): Promise<string> {
    const began = performance.now();
    const graph = await post(`${url}/graphql`, token, { query: '{ rules { code } }' });
    const { data: answered, errors } = (await graph.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] }; // biome-ignore format: its shape
    expect(performance.now() - began).toBeLessThan(ANSWER_MILLISECONDS_MAX);
    if (errors) expect(answered ?? null).toBeNull();
    return `${graph.status} ${errors?.[0]?.extensions.code ?? 'answered'}`;
  }
  const ready = async () => {
    const answer = await fetch(`${url}/readyz`);
    return ((await answer.json()) as { code?: string }).code ?? 'ready';
  };
  const isWell = () =>
    waitFor(async () => ((await ask()) === '200 answered' && (await ready()) === 'ready' ? true : undefined), UP_MILLISECONDS_MAX); // biome-ignore format: one condition
  const counted = async (client: Pick<Client, 'query'>, table: string) =>
    Number((await client.query(`select count(*) from ${table}`)).rows[0].count);

  test('every connection taken by others: said in time, and served again when they go', async () => {
    expect(await isWell()).toBe(true);
    const others: Client[] = [];
    await withClient(at('postgres'), async (client) => {
      // Ours are ended, and others are there before we are back: the last of them also takes what is kept for the operator.
      for (let isFull = false; !isFull; ) {
        await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'heyan'`);
        const more = await Promise.all(Array.from({ length: 25 }, () => foreign(others)));
        isFull = more.includes(false);
      }
      expect(await ask()).toMatch(/^(503 AUDIT_UNAVAILABLE|200 UNAVAILABLE)$/);
    });
    await Promise.all(others.map((client) => client.end()));
    expect(await isWell()).toBe(true);
  });

  async function foreign(others: Client[]): Promise<boolean> {
    const client = new Client({ connectionString: at('postgres') });
    client.on('error', () => undefined);
    try {
      await client.connect();
      others.push(client);
      return true;
    } catch (error) {
      expect((error as { code?: string }).code).toBe('53300');
      return false;
    }
  }

  test('the disk is full: no answer without its record, a load loses nothing; with room all goes on', async () => {
    expect(await isWell()).toBe(true);
    await withClient(at('heyan'), async (client) => {
      const before = await counted(client, 'audit.record');
      disk.fill();
      let answered = 0;
      let now = '';
      for (let i = 0; i < ASKS_MAX && now !== '503 AUDIT_UNAVAILABLE'; i++) {
        now = await ask();
        if (now === '200 answered') answered += 1;
      }
      expect(now).toBe('503 AUDIT_UNAVAILABLE');
      expect(await counted(client, 'audit.record')).toBe(before + answered);
      expect(await waitFor(async () => ((await ready()) === 'AUDIT_UNWRITABLE' ? true : undefined), 10_000)).toBe(true);

      const full = heyan('load', path.join(SAMPLE_CITY, 'delivery'));
      expect(await new Promise((resolve) => full.once('close', resolve))).toBe(1);
      expect(said.get(full)).toContain('The disk of the database is full: what was being written is undone');
      expect(await counted(client, 'death.revision')).toBe(0);

      disk.clear();
      expect(await isWell()).toBe(true);
      const again = heyan('load', path.join(SAMPLE_CITY, 'delivery'));
      expect(await new Promise((resolve) => again.once('close', resolve))).toBe(0);
      expect(await counted(client, 'death.revision')).toBeGreaterThan(0);
    });
    expect(said.get(serving)).toMatch(/the audit log cannot take the record: The disk of the database is full/);
  });

  test('the disk of a bureau on its own premises is full: the others answer, it is named, and it comes back by itself', async () => {
    expect((await hub.as()(PERSON)).data).toEqual(WHOLE);
    const before = await counted(bureauDatabase.pool, 'audit.record');
    disk.fill();
    let whole = 0;
    let isNamed = false;
    for (let i = 0; i < ASKS_MAX && !isNamed; i++) {
      const { data: told, errors } = await hub.as()(PERSON);
      if (errors) {
        expect(errors.map(({ extensions }) => extensions)).toEqual(
          errors.map(() => ({ code: 'UNAVAILABLE', bureau: 'death' })),
        );
        expect(told).toEqual(WITHOUT);
        isNamed = true;
      } else {
        expect(told).toEqual(WHOLE);
        whole += 1;
      }
    }
    expect(isNamed).toBe(true);
    // Its lists and its one-bit answer are two calls at most, each on record.
    expect(await counted(bureauDatabase.pool, 'audit.record')).toBeGreaterThanOrEqual(before + whole);
    disk.clear();
    clock += 60_000;
    const { data: after, errors } = await hub.as()(PERSON);
    expect([after, errors]).toEqual([WHOLE, undefined]);
  });

  test('its log has no room: PostgreSQL ends rather than lose anything, and is started again when there is some', async () => {
    expect(await isWell()).toBe(true);
    const server = () => readPostmaster(findPlace(data, () => undefined).cluster)?.pid;
    const before = server();
    const client = new Client({ connectionString: at('heyan') });
    client.on('error', () => undefined);
    await client.connect();
    const kept = await counted(client, 'audit.record');
    disk.fill();
    // Each takes the rest of a segment; the next one has no room.
    await expect(
      (async () => {
        for (let i = 0; i < 40; i++)
          await client.query(`select pg_switch_wal(), pg_logical_emit_message(true, '', '')`);
      })(),
    ).rejects.toThrow();
    await client.end().catch(() => undefined);
    const waits = 'the embedded PostgreSQL has ended, since the disk of';
    expect(await waitFor(() => (said.get(serving)?.includes(waits) ? true : undefined), UP_MILLISECONDS_MAX)).toBe(
      true,
    );
    expect([await ask(), await ready()]).toEqual(['503 AUDIT_UNAVAILABLE', 'DATABASE_UNREACHABLE']);
    disk.clear();
    expect(await isWell()).toBe(true);
    expect(server()).not.toBe(before);
    expect(serving.exitCode).toBeNull();
    await withClient(at('heyan'), async (back) => expect(await counted(back, 'audit.record')).toBeGreaterThan(kept));
  });
}
