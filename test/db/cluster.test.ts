import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbedded } from '../../src/db/embedded';
import { findPlace } from '../../src/db/place';
import { clusterOf, endAll, newDirectory, serverPid, start } from './servers';

jest.setTimeout(120_000);

afterEach(endAll);

test('a kill -9 in the middle of making the database leaves nothing, and the next start begins again', async () => {
  const directory = newDirectory();
  const { folder, cluster } = findPlace(directory, () => undefined);
  mkdirSync(`${cluster}.4194303.partial`);
  writeFileSync(`${cluster}.4194303.partial.password`, 'x');
  await start(directory);
  expect(existsSync(`${cluster}.4194303.partial`)).toBe(false);
  expect(existsSync(`${cluster}.4194303.partial.password`)).toBe(false);
  expect(existsSync(join(folder, 'cluster', 'PG_VERSION'))).toBe(true);
});

describe('a directory that cannot serve', () => {
  test('made by another version of PostgreSQL', async () => {
    const directory = newDirectory();
    const first = await start(directory);
    await first.stop();
    writeFileSync(join(clusterOf(directory), 'PG_VERSION'), '17\n');
    await expect(startEmbedded(directory)).rejects.toThrow(/made by PostgreSQL 17.*brings PostgreSQL 18.*DATABASE_URL/);
  });

  test('whose password file is gone', async () => {
    const directory = newDirectory();
    const first = await start(directory);
    await first.stop();
    rmSync(join(clusterOf(directory), 'heyan.password'));
    await expect(startEmbedded(directory)).rejects.toThrow(/password file .* is gone: restore it/);
    expect(serverPid(directory)).toBeUndefined();
  });

  test("whose password file is another database's", async () => {
    const directory = newDirectory();
    const first = await start(directory);
    await first.stop();
    writeFileSync(join(clusterOf(directory), 'heyan.password'), 'x'.repeat(48));
    await expect(startEmbedded(directory)).rejects.toThrow(/is not the database's: restore the file/);
    expect(serverPid(directory)).toBeUndefined();
  });

  test('that holds something else where the database should be', async () => {
    const directory = newDirectory();
    const { cluster } = findPlace(directory, () => undefined);
    mkdirSync(cluster);
    writeFileSync(join(cluster, 'letter.txt'), '');
    await expect(startEmbedded(directory)).rejects.toThrow(/is no PostgreSQL data directory/);
  });

  test('that is a file', async () => {
    const file = join(newDirectory(), 'file');
    writeFileSync(file, '');
    await expect(startEmbedded(file)).rejects.toThrow(/is not a directory; set HEYAN_DATA/);
  });

  test('whose files PostgreSQL finds damaged', async () => {
    const directory = newDirectory();
    const first = await start(directory);
    await first.stop();
    rmSync(join(clusterOf(directory), 'global', 'pg_control'));
    await expect(startEmbedded(directory)).rejects.toThrow(/does not start on .*pg_control.*Its log is /s);
  });
});
