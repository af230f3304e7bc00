/** The lines of README.md under "Backup", run as they stand: what is restored goes on where it was. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openLog } from '../../src/audit/log';
import { openSigner } from '../../src/audit/signing';
import { headsFile } from '../../src/audit/take-heads';
import { verifyLog } from '../../src/audit/verify';
import { recordKinds } from '../../src/bureaus/bureau';
import { runningAs, serverAccount } from '../../src/db/account';
import { openDatabase } from '../../src/db/database';
import { startEmbedded } from '../../src/db/embedded';
import { migrate } from '../../src/db/migrate';
import { waitFor } from '../../src/db/wait';
import { CASE_INVESTIGATION, SUPERVISION } from '../../src/hub/codes';
import { foundHub } from '../../src/hub/founding';
import { openHub } from '../../src/hub/hub';
import { runNightly } from '../../src/hub/nightly';
import { Agency } from '../../src/sharing/agency';
import { Agreement } from '../../src/sharing/agreement';
import { makeDataDirectory, removeDataDirectory } from '../support/data-directory';
import { withClient } from '../support/database';
import { SAMPLE_DAY, SAMPLE_KEY } from '../support/hub';
import { deliver, JIA, smallCity } from '../support/small-city';

jest.setTimeout(240_000);

const readme = readFileSync(path.join(__dirname, '../../README.md'), 'utf8');
const [embedded, own] = [...readme.slice(readme.indexOf('**Backup**')).matchAll(/```\n([^`]+)```/g)].map(
  (block) => (block[1] as string).trim().split('\n') as [string, string],
);

/** Runs a line of the README where nothing else is. */
function run(line: string, directory: string, env: Record<string, string>): void {
  const { status, stderr } = spawnSync('bash', ['-eu', '-c', line], {
    cwd: directory,
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${line}\n${stderr}`);
}

interface State {
  findings: unknown;
  /** What a follower gets from a cursor that it kept. */
  changes: unknown;
  /** Who a number belongs to, as found by the key of person keys, asked with a token that was given before. */
  person: unknown;
  isGood: boolean;
  records: number;
}

/** Works on a hub over a database and gives everything up again. `prepare` fills it. */
async function visit(url: string, dataDirectory: string, token?: string): Promise<{ state: State; token: string }> {
  const database = await openDatabase(url, {
    entities: [Agency, Agreement, ...recordKinds().map((kind) => kind.class)],
  });
  await migrate(database);
  const now = () => new Date(`${SAMPLE_DAY}T10:00:00+08:00`);
  const signer = openSigner(dataDirectory);
  await foundHub(database.dataSource, signer, SAMPLE_DAY, now);
  const hub = await openHub({ database, dataDirectory, hubKey: () => SAMPLE_KEY, now });
  try {
    if (!token) {
      await deliver(database, smallCity());
      await runNightly(database, hub, { asOf: SAMPLE_DAY, hubKey: SAMPLE_KEY, quarantineLimit: 0.2 });
    }
    const given = token ?? (await hub.issuer.issue(SUPERVISION, 'tester'));
    const credentials = { authorization: `Bearer ${given}`, purpose: CASE_INVESTIGATION, case: 'T-1' };
    const { data: person } = await hub.gateway.ask(
      credentials,
      'query($n: String!) { person(idNumber: $n) { id name deaths { deathDate } } }',
      { n: JIA.number },
    );
    const { data: changes } = await hub.ask('{ claimChanges(after: "3") { changes { seq op } endCursor } }', {});
    const { rows: findings } = await database.pool.query('select * from crosscheck.finding order by id');
    await hub.heads.take();
    const log = await openLog(database.pool);
    const verdict = await verifyLog(database.pool, { log, files: [headsFile(dataDirectory)], keys: [signer] });
    const { isGood, records } = verdict;
    return { state: { findings, changes, person, isGood, records }, token: given };
  } finally {
    await hub.close();
    await database.close();
  }
}

/** All of it as it was; and the log has gone on behind the records that were kept. */
function expectSame(before: State, after: State): void {
  expect(before.findings).not.toEqual([]);
  expect(before.person).toMatchObject({ person: { name: JIA.name, deaths: [{ deathDate: '2026-03-10' }] } });
  expect({ ...after, records: 0 }).toEqual({ ...before, records: 0, isGood: true });
  expect(after.records).toBeGreaterThan(before.records);
}

test('the embedded database: lost with everything, and restored', async () => {
  const data = makeDataDirectory();
  const files = mkdtempSync(path.join(tmpdir(), 'heyan-backup-'));
  try {
    const first = await startEmbedded(data);
    const before = await visit(first.url, data);
    await first.stop();
    run((embedded as string[])[0] as string, files, { HEYAN_DATA: data });
    removeDataDirectory(data);
    run((embedded as string[])[1] as string, files, { HEYAN_DATA: data });
    const second = await startEmbedded(data);
    const after = await visit(second.url, data, before.token);
    await second.stop();
    expectSame(before.state, after.state);
  } finally {
    removeDataDirectory(data);
    rmSync(files, { recursive: true, force: true });
  }
});

/** Folders of PostgreSQL servers with their own pg_dump, as Debian's packages have them. */
const servers = existsSync('/usr/lib/postgresql')
  ? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
  : [];
const programs = servers.find((bin) =>
  ['initdb', 'postgres', 'pg_dump'].every((name) => existsSync(path.join(bin, name))),
);

if (programs) ownServer(programs);
else
  test('no server with its pg_dump to back up: PostgreSQL is missing (apt-get install postgresql)', () =>
    expect(programs).toBeUndefined());

function ownServer(bin: string): void {
  test(`a server of one's own, ${bin}: dumped while it serves, lost, and restored into another`, async () => {
    const files = makeDataDirectory();
    const [from, to] = await Promise.all([startServer(bin, files, 'from'), startServer(bin, files, 'to')]);
    const [data, restored] = [path.join(files, 'data'), path.join(files, 'restored')];
    mkdirSync(data);
    try {
      const before = await visit(from.url, data);
      run((own as string[])[0] as string, files, {
        PATH: `${bin}:${process.env.PATH}`,
        HEYAN_DATA: data,
        DATABASE_URL: from.url,
      });
      run((own as string[])[1] as string, files, {
        PATH: `${bin}:${process.env.PATH}`,
        HEYAN_DATA: restored,
        DATABASE_URL: to.url,
      });
      const after = await visit(to.url, restored, before.token);
      expectSame(before.state, after.state);
    } finally {
      await Promise.all([from.stop(), to.stop()]);
      removeDataDirectory(files);
    }
  });
}

/** A server with an empty database, on a socket in its own folder. */
async function startServer(
  bin: string,
  parent: string,
  name: string,
): Promise<{ url: string; stop(): Promise<unknown> }> {
  const account = serverAccount();
  const folder = path.join(parent, name);
  mkdirSync(folder, { mode: 0o700 });
  chmodSync(folder, 0o700);
  if (account.switched) chownSync(folder, account.uid, account.gid);
  const cluster = path.join(folder, 'cluster');
  const as = { ...runningAs(account), cwd: '/' };
  const made = spawnSync(
    path.join(bin, 'initdb'),
    ['-D', cluster, '-U', 'owner', '--auth=trust', '-E', 'UTF8', '--locale=C', '-N'],
    as,
  );
  if (made.status !== 0) throw new Error(String(made.stderr));
  const child = spawn(
    path.join(bin, 'postgres'),
    ['-D', cluster, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${folder}`, '-c', 'fsync=off'],
    { ...as, stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const at = (database: string) => `postgres://owner@localhost/${database}?host=${encodeURIComponent(folder)}`;
  const up = await waitFor(
    () =>
      withClient(at('postgres'), (client) => client.query('create database hub')).then(
        () => true,
        () => undefined,
      ),
    60_000,
  );
  if (!up) throw new Error('the server did not come up');
  return {
    url: at('hub'),
    stop: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}
