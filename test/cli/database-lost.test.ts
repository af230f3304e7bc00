/** A database that is lost under a running `serve`: clear codes while it is away, and service by itself when it is back. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { findPlace } from '../../src/db/place';
import { isAlive, readPostmaster } from '../../src/db/postmaster';
import { waitFor } from '../../src/db/wait';
import { printed } from '../support/command';
import { compileIfStale, MAIN } from '../support/compiled';
import { makeDataDirectory, removeDataDirectory } from '../support/data-directory';
import { post } from '../support/http';

jest.setTimeout(180_000);
const UP_MILLISECONDS_MAX = 90_000;

describe('serve on the embedded database', () => {
  let directory: string;
  let serving: ChildProcessWithoutNullStreams;
  let err = '';
  let url: string;
  let token: string;

  beforeAll(async () => {
    compileIfStale();
    directory = makeDataDirectory();
    // The queue of the schedules has connections of its own.
    writeFileSync(path.join(directory, 'heyan.yaml'), 'nightly: {schedule: "0 4 1 1 *"}\n');
    serving = heyan('serve');
    serving.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const out = await printed(serving, /Graph +(\S+)\/graphql/, () => err);
    url = out;
    token = await printed(
      heyan('token', '--agency', 'medical-insurance-supervision', '--purpose', 'CASE_INVESTIGATION'),
      /(\S+)/,
    );
  });

  afterAll(async () => {
    const gone = new Promise((resolve) => serving.once('exit', resolve));
    serving.kill('SIGINT');
    await gone;
    removeDataDirectory(directory);
  });

  function heyan(...args: string[]): ChildProcessWithoutNullStreams {
    const env = { PATH: process.env.PATH, HEYAN_DATA: directory, PORT: '0', HEYAN_LOG: 'off' };
    return spawn(process.execPath, [MAIN, ...args], { cwd: directory, env });
  }

  /** Status and code of an operation, of `/readyz` and of `/healthz`. */
  async function state(): Promise<string> {
    const [graph, ready, health] = await Promise.all([
      post(`${url}/graphql`, token, { query: '{ rules { code } }' }),
      fetch(`${url}/readyz`),
      fetch(`${url}/healthz`),
    ]);
    const { errors } = (await graph.json()) as { errors?: { extensions: { code: string } }[] };
    const { code = 'ready' } = (await ready.json()) as { code?: string };
    return `${graph.status} ${errors?.[0]?.extensions.code ?? 'answered'}, ${ready.status} ${code}, ${health.status}`;
  }

  const cluster = () => findPlace(directory, () => undefined).cluster;
  const pid = () => (readPostmaster(cluster()) as { pid: number }).pid;

  test('killed, it is started again by the process that serves, and everything goes on', async () => {
    expect(await state()).toBe('200 answered, 200 ready, 200');
    for (let time = 1; time <= 2; time++) {
      const before = pid();
      process.kill(before, 'SIGKILL');
      const seen = new Set<string>();
      const back = await waitFor(async () => {
        const now = await state();
        seen.add(now);
        return now === '200 answered, 200 ready, 200' && seen.size > 1 ? true : undefined;
      }, UP_MILLISECONDS_MAX);
      expect(back).toBe(true);
      expect(isAlive(before)).toBe(false);
      expect(pid()).not.toBe(before);
      const allowed =
        /^(200 answered|503 AUDIT_UNAVAILABLE|200 UNAVAILABLE), (200 ready|503 DATABASE_UNREACHABLE|503 AUDIT_UNWRITABLE), 200$/;
      expect([...seen].filter((one) => !allowed.test(one))).toEqual([]);
      expect([...seen].join()).toMatch(/503 AUDIT_UNAVAILABLE/);
      expect(err).toContain(
        `the embedded PostgreSQL ended unexpectedly; it is started again (${time} of 5 times an hour)`,
      );
    }
    expect(serving.exitCode).toBeNull();
  });
});
