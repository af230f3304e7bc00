/**
 * Two gateways over one database, behind nginx with the settings of docker/nginx.conf, are each replaced while clients ask: no request fails.
 *
 *     HEYAN_ROLLING_ROUNDS=10 npm run jest -- test/cli/rolling-restart.test.ts      # again, and more often
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '../../src/db/database';
import { waitFor } from '../../src/db/wait';
import { ended, type Place, runLines, startCommand } from '../support/command';
import { compileIfStale } from '../support/compiled';
import { testDatabase } from '../support/database';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

const NGINX = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'].find((file) => existsSync(file));
const ROUNDS = Number(process.env.HEYAN_ROLLING_ROUNDS ?? 1);
const CLIENTS = 6;
const UP_MILLISECONDS_MAX = 60_000;

jest.setTimeout(120_000 + ROUNDS * 60_000);

if (NGINX) behindNginx(NGINX);
else
  test('no balancer to replace gateways behind: nginx is missing (apt-get install nginx-light)', () =>
    expect(NGINX).toBeUndefined());

interface Gateway {
  child: ChildProcess;
  ended: ReturnType<typeof ended>;
}

function behindNginx(nginxProgram: string): void {
  let directory: string;
  let database: Database;
  let place: Place;
  let ports: number[];
  let nginx: ChildProcess;
  let token: string;
  const running: Gateway[] = [];

  beforeAll(async () => {
    compileIfStale();
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-rolling-'));
    database = await testDatabase();
    place = { directory, database };
    await deliver(database, smallCity());
    const [issued] = await runLines(place, [
      'token --agency medical-insurance-supervision --purpose CASE_INVESTIGATION',
    ]);
    token = (issued?.out ?? '').trim();
    ports = [await freePort(), await freePort(), await freePort()];
    nginx = startNginx(nginxProgram, directory, ports);
    running.push(...(await Promise.all([serve(1), serve(2)])));
    await waitFor(async () => ((await isReady(0)) ? true : undefined), UP_MILLISECONDS_MAX);
  });

  afterAll(async () => {
    nginx.kill('SIGTERM');
    for (const { child } of running) child.kill('SIGINT');
    await Promise.all(running.map((one) => one.ended));
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Starts the gateway that listens on a port, and waits until it is ready. */
  async function serve(which: number): Promise<Gateway> {
    const child = startCommand(place, ['serve'], {
      PORT: String(ports[which]),

      HEYAN_LOG: 'off',
    });
    const gateway = { child, ended: ended(child) };
    const up = await waitFor(async () => ((await isReady(which)) ? true : undefined), UP_MILLISECONDS_MAX, 50);
    if (!up) throw new Error(`the gateway did not come up: ${JSON.stringify(await gateway.ended)}`);
    return gateway;
  }

  const isReady = (which: number) =>
    fetch(`http://127.0.0.1:${ports[which]}/readyz`).then(
      ({ status }) => status === 200,
      () => false,
    );

  /** Clients that ask one thing after the other by nginx until they are stopped; answers with what each answer was. */
  function load(): { stop(): Promise<Map<string, number>> } {
    const told = new Map<string, number>();
    let isOver = false;
    const agent = new Agent({ keepAlive: true });
    const client = async (operation: (typeof OPERATIONS)[number]) => {
      while (!isOver) {
        const outcome = await ask(ports[0] as number, agent, token, operation);
        told.set(outcome, (told.get(outcome) ?? 0) + 1);
      }
    };
    const clients = Array.from({ length: CLIENTS }, (_, i) =>
      client(OPERATIONS[i % OPERATIONS.length] as (typeof OPERATIONS)[number]),
    );
    return {
      async stop() {
        isOver = true;
        await Promise.all(clients);
        agent.destroy();
        return told;
      },
    };
  }

  test(`${ROUNDS} of both gateways: every request is answered, and each gateway ends with 0`, async () => {
    const clients = load();
    const codes: (number | null)[] = [];
    for (let round = 0; round < ROUNDS; round++)
      for (const which of [1, 2]) {
        const { child, ended: end } = running[which - 1] as Gateway;
        child.kill('SIGTERM');
        codes.push((await end).code);
        running[which - 1] = await serve(which);
      }
    const told = await clients.stop();
    const log = readFileSync(path.join(directory, 'access.log'), 'utf8').trim().split('\n');
    const gateways = log.map((line) => (JSON.parse(line) as { gateway: string }).gateway);
    const answeredBy = new Set(gateways.map((gateway) => gateway.split(', ').at(-1)));
    process.stderr.write(
      `rolling restart: ${[...told].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}; ` +
        `${gateways.filter((gateway) => gateway.includes(', ')).length} were refused by one gateway and answered by the other\n`,
    );
    expect([...told.keys()]).toEqual(['answered']);
    expect(told.get('answered')).toBeGreaterThan(300);
    expect(answeredBy.size).toBe(2);
    expect(codes).toEqual(Array.from({ length: ROUNDS * 2 }, () => 0));
  });
}

const PERSON = keyOf(JIA.number);
/** What is asked, and what the answer must hold. A change of no agreement is a mutation that is refused in the same words each time. */
const OPERATIONS = [
  { accept: 'application/json', query: `{ person(id: "${PERSON}") { name deaths { deathDate } } }`, holds: JIA.name },
  { accept: 'application/json', query: `{ person(id: "${PERSON}") { household { status } } }`, holds: '"ACTIVE"' },
  {
    accept: 'application/json',
    query: 'mutation { revokeAgreement(id: "none", reason: "none") { id } }',
    holds: '"errors"',
  },
  {
    accept: 'application/x-ndjson',
    purpose: 'FUND_SUPERVISION',
    query: '{ claimChanges(first: 2) { changes { seq } endCursor hasNextPage } }',
    holds: '"endCursor"',
  },
] as const satisfies readonly { accept: string; purpose?: string; query: string; holds: string }[];

/** `answered`, or what happened instead. */
function ask(port: number, agent: Agent, token: string, operation: (typeof OPERATIONS)[number]): Promise<string> {
  const { accept, query, holds } = operation;
  const purpose = 'purpose' in operation ? operation.purpose : 'CASE_INVESTIGATION';
  const headers = {
    accept,
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    'x-purpose': purpose,
    'x-case': 'T-1',
  };
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, agent, method: 'POST', path: '/graphql', headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.on('error', (error: NodeJS.ErrnoException) => resolve(`cut off (${error.code})`));
      response.on('end', () =>
        resolve(
          response.statusCode === 200 && body.includes(holds)
            ? 'answered'
            : `${response.statusCode} ${body.slice(0, 200)}`,
        ),
      );
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(`not sent (${error.code})`));
    sent.end(JSON.stringify({ query }));
  });
}

/** nginx as docker/nginx.conf has it, but for the addresses, its folders and, as root, the account of its workers. */
function startNginx(program: string, directory: string, [own, first, second]: readonly number[]): ChildProcess {
  const conf = readFileSync(path.join(__dirname, '../../docker/nginx.conf'), 'utf8')
    .replace('listen 8080', `listen 127.0.0.1:${own}`)
    .replace('hub-1:4000', `127.0.0.1:${first}`)
    .replace('hub-2:4000', `127.0.0.1:${second}`)
    .replace('/dev/stdout', path.join(directory, 'access.log'))
    .replace('/dev/stderr', path.join(directory, 'error.log'))
    .replaceAll('/tmp/nginx', path.join(directory, 'nginx'));
  const file = path.join(directory, 'nginx.conf');
  writeFileSync(file, process.getuid?.() === 0 ? `user root;\n${conf}` : conf);
  const child = spawn(
    program,
    ['-p', directory, '-c', file, '-e', path.join(directory, 'error.log'), '-g', 'daemon off;'],
    {
      stdio: 'inherit',
    },
  );
  return child;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
