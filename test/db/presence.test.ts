import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPlace } from '../../src/db/place';
import { waitFor } from '../../src/db/wait';
import { endAll, endServers, keep, kept, newDirectory, other, serverPid, start, value } from './servers';

jest.setTimeout(120_000);

// Making a database takes longer than starting one, so these tests use one directory, each with servers of its own.
let directory: string;
beforeAll(() => {
  directory = newDirectory();
});
afterEach(endServers);
afterAll(endAll);

describe('several processes on one directory', () => {
  test('the second joins the running server and leaves it running', async () => {
    const server = await start(directory);
    const second = await other(directory);
    expect(second.owned).toBe(false);
    expect(second.url).toBe(server.url);
    second.child.stdin?.end();
    expect(await second.ended).toBe(0);
    expect(await value(server.url, 'SELECT 1')).toBe(1);
  });

  test('the last to stop stops the server, whoever started it', async () => {
    const server = await start(directory);
    const second = await other(directory);
    await server.stop();
    expect(await value(second.url, 'SELECT 1')).toBe(1);
    second.child.stdin?.end();
    expect(await second.ended).toBe(0);
    expect(serverPid(directory)).toBeUndefined();
  });

  test('starting at the same moment on a new directory share one server', async () => {
    const directory = newDirectory();
    const all = await Promise.all([other(directory), other(directory), other(directory)]);
    expect(all.filter(({ owned }) => owned)).toHaveLength(1);
    expect(new Set(all.map(({ url }) => url)).size).toBe(1);
    await keep(all[0].url, 'shared');
    expect(await kept(all[2].url)).toBe('shared');
  });

  test('starting while the last one stops brings the server up again', async () => {
    const first = await start(directory);
    await keep(first.url, 'one');
    const [, second] = await Promise.all([first.stop(), start(directory)]);
    expect(await kept(second.url)).toBe('one');
  });
});

describe('the end of a process', () => {
  test('Ctrl-C, which reaches its whole group, shuts PostgreSQL down in order', async () => {
    const process_ = await other(directory);
    process.kill(-process_.pid, 'SIGINT');
    expect(await process_.ended).toBe(0);
    expect(serverPid(directory)).toBeUndefined();
    const log = readFileSync(join(findPlace(directory, () => undefined).folder, 'server.log'), 'utf8');
    expect(log).toMatch(/database system is shut down\s*$/);
  });

  test('an exit without stop ends PostgreSQL too', async () => {
    const process_ = await other(directory);
    process_.child.stdin?.write('exit\n');
    expect(await process_.ended).toBe(3);
    expect(await waitFor(() => (serverPid(directory) === undefined ? true : undefined), 10_000)).toBe(true);
  });

  test('an exit without stop leaves PostgreSQL to the others', async () => {
    const first = await other(directory);
    const second = await other(directory);
    first.child.stdin?.write('exit\n');
    expect(await first.ended).toBe(3);
    expect(await value(second.url, 'SELECT 1')).toBe(1);
  });

  test('a session that crashes does not lose our place among the users', async () => {
    const server = await start(directory);
    const holder = "SELECT pid FROM pg_stat_activity WHERE application_name = 'heyan presence'";
    const before = await value(server.url, holder);
    await value(server.url, `SELECT pg_terminate_backend(${before})`);
    const after = await waitFor(async () => {
      const now = await value(server.url, holder);
      return now !== before && now !== undefined ? now : undefined;
    }, 10_000);
    expect(after).toBeDefined();
    const second = await other(directory);
    expect(second.owned).toBe(false);
  });
});
