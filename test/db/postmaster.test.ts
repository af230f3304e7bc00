import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isServerOf, signal } from '../../src/db/postmaster';
import { waitFor } from '../../src/db/wait';
import { withClient } from '../support/database';
import { clusterOf, endAll, endServers, keep, kept, newDirectory, other, serverPid, start, value } from './servers';

jest.setTimeout(120_000);

// Making a database takes longer than starting one, so these tests use one directory, each with servers of its own.
let directory: string;
beforeAll(() => {
  directory = newDirectory();
});
afterEach(endServers);
afterAll(endAll);

describe('after a kill -9', () => {
  test('of PostgreSQL, the next start recovers what was committed', async () => {
    const first = await start(directory);
    await keep(first.url, 'committed');
    const pid = serverPid(directory) ?? 0;
    signal(pid, 'SIGKILL');
    await waitFor(() => (isServerOf(pid, clusterOf(directory)) ? undefined : true), 10_000);

    const second = await start(directory);
    expect(await kept(second.url)).toBe('committed');
  });

  test('of PostgreSQL, whoever is the last user of the new server stops it', async () => {
    const first = await start(directory);
    const pid = serverPid(directory) ?? 0;
    signal(pid, 'SIGKILL');
    await waitFor(() => (isServerOf(pid, clusterOf(directory)) ? undefined : true), 10_000);
    const second = await start(directory);
    const users = "SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'heyan presence'";
    await waitFor(async () => ((await value(second.url, users)) === 2 ? true : undefined), 10_000);
    await second.stop();
    expect(serverPid(directory)).toBeDefined();
    await first.stop();
    expect(serverPid(directory)).toBeUndefined();
  });

  test('of our process, the next start adopts the running server and stops it', async () => {
    const first = await other(directory);
    const pid = serverPid(directory);
    signal(first.pid, 'SIGKILL');
    await first.ended;
    expect(serverPid(directory)).toBe(pid);

    const second = await start(directory);
    expect(second.owned).toBe(true);
    expect(serverPid(directory)).toBe(pid);
    await second.stop();
    expect(serverPid(directory)).toBeUndefined();
  });

  test('of both in the middle of a statement, the next start recovers', async () => {
    const first = await other(directory);
    await keep(first.url, 'committed');
    const busy = withClient(first.url, async (client) => {
      client.on('error', () => undefined);
      await client.query('SELECT count(*) FROM generate_series(1, 1000000000)');
    }).catch(() => 'cut');
    const computing =
      "SELECT count(*)::int FROM pg_stat_activity WHERE query LIKE '%generate_series(1, 1%' AND state = 'active'";
    await waitFor(async () => ((await value(first.url, computing)) === 2 ? true : undefined), 10_000);
    signal(first.pid, 'SIGKILL');
    signal(serverPid(directory) ?? 0, 'SIGKILL');

    const second = await start(directory);
    expect(await kept(second.url)).toBe('committed');
    expect(await busy).toBe('cut');
  });

  test.each([
    ['that is a living stranger', () => process.pid],
    ['that is our parent', () => process.ppid],
    ['that nobody has', () => 4_194_303],
  ])('a leftover postmaster.pid names a process %s, and is no obstacle', async (_name, pid) => {
    const first = await start(directory);
    const file = join(clusterOf(directory), 'postmaster.pid');
    const text = readFileSync(file, 'utf8');
    await first.stop();
    writeFileSync(file, text.replace(/^\d+/, String(pid())));

    const second = await start(directory);
    expect(await value(second.url, 'SELECT 1')).toBe(1);
  });
});
