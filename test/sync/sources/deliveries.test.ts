import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type WaitingOptions, waitingDeliveries } from '../../../src/sync/sources/deliveries';
import { SourceFault } from '../../../src/sync/sources/source';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'heyan-watched-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const MINUTE = 60_000;
const kinds = ['claim', 'claim_line'];

function write(name: string, content = 'x\n'): string {
  const file = path.join(directory, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** Writes a file until its time is a later millisecond than that of another: the clock of a file system ticks slowly. */
function writeAfter(earlier: string, name: string): string {
  const millisecond = (file: string) => Math.floor(statSync(file).ctimeMs);
  for (;;) {
    const file = write(name);
    if (millisecond(file) > millisecond(path.join(directory, earlier))) return file;
  }
}

/** A manifest of what lies in a folder now, and of further names. */
function writeManifest(folder: string, files: readonly string[], more: readonly string[] = []): void {
  const digest = createHash('sha256').update('x\n').digest('hex');
  write(
    `${folder}/manifest.csv`,
    ['file,rows,sha256', ...[...files, ...more].map((file) => `${file},0,${digest}`), ''].join('\n'),
  );
}

/** What waits so many milliseconds from now: by name, ready or why not. */
async function waiting(later: number, options: Partial<WaitingOptions> = {}): Promise<Record<string, string>> {
  const all = await waitingDeliveries(directory, {
    kinds,
    isTaken: () => false,
    now: () => Date.now() + later,
    ...options,
  });
  return Object.fromEntries(all.map(({ name, ready, says }) => [name, ready ? 'ready' : (says as string)]));
}

test('folders are deliveries, and loose files are one more; in the order of names', async () => {
  for (const name of ['2026-06-30', '2026-07-01', '2026-10', '2026-9', '\u{20000}', '\uff21', 'a', 'B'])
    write(`${name}/claim.csv`);
  write('claim_line.csv.gz');
  write('notes.txt');
  for (const name of ['.hidden', 'upload.part', 'upload.tmp']) write(`${name}/claim.csv`);
  expect(Object.keys(await waiting(MINUTE + 5_000))).toEqual([
    '.',
    '2026-06-30',
    '2026-07-01',
    '2026-10',
    '2026-9',
    'B',
    'a',
    '\uff21',
    '\u{20000}',
  ]);
  expect(new Set(Object.values(await waiting(MINUTE + 5_000)))).toEqual(new Set(['ready']));
});

describe('without a manifest', () => {
  test('a delivery is ready when nothing in it has changed for a minute, or as long as told', async () => {
    write('a/claim.csv');
    expect(await waiting(MINUTE - 5_000)).toEqual({ a: 'is still being written' });
    expect(await waiting(MINUTE + 5_000)).toEqual({ a: 'ready' });
    expect(await waiting(10_000, { settleSeconds: 5 })).toEqual({ a: 'ready' });
  });
  test('times that were copied with the files are not believed', async () => {
    utimesSync(write('a/claim.csv'), 1, 1);
    utimesSync(write('b/claim.csv'), 4e9, 4e9);
    expect(await waiting(0)).toEqual({ a: 'is still being written', b: 'is still being written' });
    expect(await waiting(MINUTE + 5_000)).toEqual({ a: 'ready', b: 'ready' });
  });
  test.each(['claim_line.csv.part', 'claim_line.csv.tmp', '.claim_line.csv.a8F'])(
    '%s keeps it waiting',
    async (name) => {
      write('a/claim.csv');
      const changed = Math.floor(statSync(writeAfter('a/claim.csv', `a/${name}`)).ctimeMs);
      expect(await waiting(0, { now: () => changed + MINUTE - 1 })).toEqual({ a: 'is still being written' });
      expect(await waiting(0, { now: () => changed + MINUTE })).toEqual({ a: 'ready' });
    },
  );
  test('a folder of nothing that counts says so', async () => {
    write('a/CLAIM.CSV');
    mkdirSync(path.join(directory, 'b'));
    const says =
      'holds no exchange file of this bureau: they are named claim.csv, claim_line.csv, or .csv.gz, or .xlsx';
    expect(await waiting(0)).toEqual({ a: 'is still being written', b: 'is still being written' });
    expect(await waiting(MINUTE + 5_000)).toEqual({ a: says, b: says });
  });
});

describe('with a manifest', () => {
  test('that was written last and names all its files it is ready at once', async () => {
    write('a/claim.csv');
    write('a/claim_line.csv');
    writeManifest('a', ['claim.csv', 'claim_line.csv']);
    expect(await waiting(0)).toEqual({ a: 'ready' });
  });
  test.each<[string, () => void]>([
    ['that names more', () => writeManifest('a', ['claim.csv'], ['claim_line.csv'])],
    ['that names less', () => writeManifest('a', [])],
    ['that is broken', () => write('a/manifest.csv', 'file')],
    [
      'that is older',
      () => {
        writeManifest('a', ['claim.csv']);
        utimesSync(writeAfter('a/manifest.csv', 'a/claim.csv'), 5, 5);
      },
    ],
    [
      'beside a file that is still being written',
      () => {
        write('a/claim.csv.part');
        writeManifest('a', ['claim.csv']);
      },
    ],
  ])('%s it waits its minute, and is then looked at as it is', async (_, damage) => {
    write('a/claim.csv');
    damage();
    expect(await waiting(0)).toEqual({ a: 'is still being written' });
    expect(await waiting(MINUTE + 5_000)).toEqual({ a: 'ready' });
  });
  test('alone it is no delivery', async () => {
    writeManifest('a', ['claim.csv']);
    writeManifest('.', []);
    const says = expect.stringMatching(/^holds no exchange file of this bureau/);
    expect(await waiting(MINUTE + 5_000)).toEqual({ '.': says, a: says });
  });
});

describe('what was taken', () => {
  const fingerprints = async () => {
    const seen: [string, string][] = [];
    await waiting(MINUTE + 5_000, { isTaken: (name, fingerprint) => seen.push([name, fingerprint]) < 0 });
    return Object.fromEntries(seen) as Record<string, string>;
  };

  test('does not wait any more', async () => {
    write('a/claim.csv');
    write('b/claim.csv');
    const { a } = await fingerprints();
    expect(a).toMatch(/^[0-9a-f]{64}$/);
    const isTaken = (name: string, fingerprint: string) => Promise.resolve(name === 'a' && fingerprint === a);
    expect(await waiting(MINUTE + 5_000, { isTaken })).toEqual({ b: 'ready' });
  });

  test.each<[string, boolean, (file: string) => void]>([
    ['nothing', false, () => undefined],
    ['a file that does not count', false, () => write('a/notes.txt')],
    ['an unfinished file', false, () => write('a/claim_line.csv.part')],
    ['a longer file', true, (file) => appendFileSync(file, 'x')],
    ['a file of the same length', true, (file) => utimesSync(file, 7, 7)],
    ['another file', true, () => write('a/claim_line.csv')],
    ['a file under another name', true, (file) => renameSync(file, `${file}.gz`)],
    ['a manifest', true, () => writeManifest('a', ['claim.csv'])],
  ])('%s in its place: another delivery is %j', async (_, isAnother, change) => {
    const file = write('a/claim.csv');
    utimesSync(file, 1_000, 1_000);
    const before = (await fingerprints()).a;
    change(file);
    expect((await fingerprints()).a !== before).toBe(isAnother);
  });
});

describe('what is not taken in', () => {
  test('symbolic links, of folders and of files', async () => {
    const outside = mkdtempSync(path.join(tmpdir(), 'heyan-outside-'));
    writeFileSync(path.join(outside, 'claim.csv'), 'x\n');
    write('a/claim_line.csv');
    symlinkSync(path.join(outside, 'claim.csv'), path.join(directory, 'a/claim.csv'));
    symlinkSync(path.join(outside, 'claim.csv'), path.join(directory, 'claim.csv'));
    symlinkSync(outside, path.join(directory, 'b'));
    symlinkSync('a', path.join(directory, 'latest'));
    const link = 'claim.csv is a symbolic link, and those are not followed: put the file itself here';
    const folder = 'is a symbolic link, and those are not followed: put the delivery itself here';
    expect(await waiting(MINUTE + 5_000)).toEqual({ '.': link, a: link, b: folder, latest: folder });
    rmSync(outside, { recursive: true });
  });
  test('a folder where a file should be', async () => {
    mkdirSync(path.join(directory, 'a/claim.csv'), { recursive: true });
    expect(await waiting(MINUTE + 5_000)).toEqual({ a: 'claim.csv is not a regular file' });
  });
  test('a directory that cannot be read, or is beyond all measure', async () => {
    const nowhere = waitingDeliveries(path.join(directory, 'nowhere'), { kinds, isTaken: () => false, now: Date.now });
    await expect(nowhere).rejects.toThrow(new SourceFault('cannot be read (ENOENT)'));
    for (let at = 0; at <= 10_000; at++) writeFileSync(path.join(directory, `${at}.txt`), '');
    await expect(waiting(0)).rejects.toThrow('holds more than 10000 entries: move old ones away');
  });
  test('more than a thousand at a time; those behind come when these are taken', async () => {
    for (let at = 0; at < 1_003; at++) write(`${String(at).padStart(4, '0')}/claim.csv`);
    const first = Object.keys(await waiting(MINUTE + 30_000));
    expect([first.length, first.at(-1)]).toEqual([1_000, '0999']);
    const rest = await waiting(MINUTE + 30_000, { isTaken: (name) => first.includes(name) });
    expect(Object.keys(rest)).toEqual(['1000', '1001', '1002']);
  });
});
