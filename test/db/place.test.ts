import { chmodSync, cpSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from '../../src/db/account';
import { findPlace } from '../../src/db/place';
import { makeDataDirectory, removeDataDirectory } from '../support/data-directory';

const quiet = () => undefined;
let directory: string;
beforeEach(() => {
  directory = makeDataDirectory();
});
afterEach(() => removeDataDirectory(directory));

test('keeps the database inside the data directory, for its account only', () => {
  const { folder, account } = findPlace(directory, quiet);
  expect(folder).toBe(join(directory, 'postgres'));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(folder).uid).toBe(account.uid);
  expect(account.uid).not.toBe(0);
});

test('finds the same place again, also through another name of the directory', () => {
  const first = findPlace(directory, quiet);
  expect(findPlace(`${directory}/../${directory.split('/').pop()}/`, quiet)).toEqual(first);
});

test('makes a missing directory, closed to lookers-on', () => {
  const missing = join(directory, 'a', 'b');
  findPlace(missing, quiet);
  expect(statSync(missing).mode & 0o066).toBe(0);
});

// Only root runs PostgreSQL as another account, so only root meets directories it cannot enter.
const rootOnly = isRoot() ? describe : undefined;
rootOnly?.('a data directory that the account cannot enter', () => {
  beforeEach(() => chmodSync(directory, 0o700));

  test('keeps its database elsewhere and says where', () => {
    const lines: string[] = [];
    const { folder } = findPlace(directory, (line) => lines.push(line));
    expect(folder).toMatch(/^\/var\/lib\/heyan\//);
    expect(readFileSync(join(directory, 'postgres.location'), 'utf8')).toContain(folder);
    expect(lines.join()).toContain(folder);
    expect(findPlace(directory, quiet).folder).toBe(folder);
  });

  test('keeps that database when the directory can be entered later', () => {
    const { folder } = findPlace(directory, quiet);
    chmodSync(directory, 0o711);
    expect(findPlace(directory, quiet).folder).toBe(folder);
  });

  test('takes its database along when it is moved', () => {
    const { folder } = findPlace(directory, quiet);
    const moved = `${directory}-moved`;
    renameSync(directory, moved);
    directory = moved;
    expect(findPlace(moved, quiet).folder).toBe(folder);
  });

  test('does not share its database with a copy', () => {
    findPlace(directory, quiet);
    const copy = `${directory}-copy`;
    cpSync(directory, copy, { recursive: true });
    expect(() => findPlace(copy, quiet)).toThrow(/is a copy of .*remove .*postgres\.location to start empty/);
    rmSync(copy, { recursive: true });
  });

  test('says that its database is gone', () => {
    const { folder } = findPlace(directory, quiet);
    rmSync(folder, { recursive: true });
    expect(() => findPlace(directory, quiet)).toThrow(/is gone: bring .* back, or remove that file/);
  });

  test('names an earlier database that was left behind', () => {
    const { folder } = findPlace(directory, quiet);
    rmSync(join(directory, 'postgres.location'));
    const lines: string[] = [];
    findPlace(directory, (line) => lines.push(line));
    expect(lines.join('\n')).toContain(`is left in ${folder}`);
    rmSync(folder, { recursive: true });
  });

  test('cannot be entered any more: says what to do', () => {
    chmodSync(directory, 0o711);
    findPlace(directory, quiet);
    chmodSync(directory, 0o700);
    expect(() => findPlace(directory, quiet)).toThrow(/cannot enter the directories above it: let it/);
  });
});
