import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from '../../src/db/account';
import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded';
import { findPlace } from '../../src/db/place';
import { makeDataDirectory, removeDataDirectory } from '../support/data-directory';
import { clusterOf, endAll, keep, kept, newDirectory, serverPid, start, value } from './servers';

jest.setTimeout(120_000);

afterEach(endAll);

describe('a server on a new directory', () => {
  test.each([
    ['data_checksums', 'on'],
    ['fsync', 'on'],
    ['synchronous_commit', 'on'],
    ['full_page_writes', 'on'],
    ['server_encoding', 'UTF8'],
    ['TimeZone', 'UTC'],
    ['DateStyle', 'ISO, MDY'],
    ['jit', 'off'],
    ['password_encryption', 'scram-sha-256'],
    ['log_min_error_statement', 'panic'],
  ])('has %s %s', async (name, expected) => {
    const url = await sharedServer();
    expect(await value(url, `SELECT current_setting('${name}')`)).toBe(expected);
  });

  test.each([
    ['no password', (url: URL) => (url.password = '')],
    ['another password', (url: URL) => (url.password = 'x'.repeat(48))],
    ['the account of the system', (url: URL) => ([url.username, url.password] = ['postgres', ''])],
  ])('lets nobody in with %s', async (_name, change) => {
    const url = new URL(await sharedServer());
    change(url);
    await expect(value(url.toString(), 'SELECT 1')).rejects.toThrow(/password|authentication/i);
  });

  test('compares text by code point', async () => {
    const sql = "SELECT string_agg(word, ' ' ORDER BY word) FROM unnest(ARRAY['b', 'A', 'a', 'B', '1', '中']) word";
    expect(await value(await sharedServer(), sql)).toBe('1 A B a b 中');
  });

  test('keeps its password and its folder to its account', async () => {
    await sharedServer();
    const place = findPlace(sharedDirectory ?? '', () => undefined);
    expect(statSync(place.folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(place.cluster, 'heyan.password')).mode & 0o777).toBe(0o600);
    expect(statSync(join(place.cluster, 'heyan.password')).uid).toBe(place.account.uid);
  });

  let sharedDirectory: string | undefined;
  let shared: EmbeddedServer | undefined;
  async function sharedServer(): Promise<string> {
    sharedDirectory ??= makeDataDirectory();
    shared ??= await startEmbedded(sharedDirectory);
    return shared.url;
  }
  afterAll(async () => {
    await shared?.stop();
    if (sharedDirectory) removeDataDirectory(sharedDirectory);
  });
});

describe('one process', () => {
  test('stops the server, and a second start finds the data', async () => {
    const directory = newDirectory();
    const first = await start(directory);
    expect(first.owned).toBe(true);
    await keep(first.url, 'one');
    await first.stop();
    expect(serverPid(directory)).toBeUndefined();
    expect(existsSync(join(clusterOf(directory), 'postmaster.pid'))).toBe(false);

    const second = await start(directory);
    expect(await kept(second.url)).toBe('one');
  });

  test('may call stop twice', async () => {
    const server = await start(newDirectory());
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
  });

  test('runs two servers on two directories', async () => {
    const [left, right] = await Promise.all([start(newDirectory()), start(newDirectory())]);
    await keep(left.url, 'left');
    await keep(right.url, 'right');
    expect([await kept(left.url), await kept(right.url)]).toEqual(['left', 'right']);
  });

  test('serves a directory whose path is too long for a socket on a loopback port', async () => {
    const parent = newDirectory();
    const directory = join(parent, 'long'.repeat(30));
    const server = await start(directory);
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
    expect(await value(server.url, 'SHOW listen_addresses')).toBe('127.0.0.1');
    await server.stop();
    const again = await start(directory);
    expect(await value(again.url, 'SELECT 1')).toBe(1);
  });

  test('serves a directory with quotes, commas and Chinese in its name', async () => {
    const server = await start(join(newDirectory(), `核验 "a", b's %20`));
    expect(await value(server.url, 'SELECT 1')).toBe(1);
  });
});

// The account that PostgreSQL runs as cannot enter root's home, and an ordinary user has no such place.
const home = isRoot() && existsSync('/root') ? '/root' : undefined;

test(`a data directory ${home ? 'below /root' : 'that only its user may enter'} works as any other`, async () => {
  const directory = newDirectory(home);
  const first = await start(directory);
  await keep(first.url, 'one');
  expect(findPlace(directory, () => undefined).folder.startsWith('/var/lib/heyan/')).toBe(home !== undefined);
  await first.stop();
  const second = await start(directory);
  expect(await kept(second.url)).toBe('one');
});
