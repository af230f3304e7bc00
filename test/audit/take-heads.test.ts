import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lastHead } from '../../src/audit/checkpoint-file';
import { isSignedBy, LEAVES_PER_HEAD_MAX } from '../../src/audit/head';
import { openLog } from '../../src/audit/log';
import { tamper } from '../support/audit';
import { testDatabase } from '../support/database';
import { type LogFixture, logFixture } from './log-fixture';

let log: LogFixture;
beforeEach(async () => {
  log = await logFixture();
});
afterEach(() => log.close());

const lines = (file = log.file) => readFileSync(file, 'utf8').trimEnd().split('\n');
const sizes = (file = log.file) => lines(file).map((line) => (JSON.parse(line) as { size: number }).size);

describe('the log', () => {
  test('keeps its id, and the hash it was begun with', async () => {
    expect(await openLog(log.database.pool, 'sha256')).toEqual(log.log);
    expect(log.log.id).toMatch(/^[0-9a-f]{32}$/);
    await expect(openLog(log.database.pool, 'sm3')).rejects.toThrow(
      'The audit log was begun with sha256 and cannot go on with sm3: set audit.hash to sha256',
    );
  });

  test('has another id in another database', async () => {
    const other = await testDatabase();
    try {
      expect((await openLog(other.pool)).id).not.toBe(log.log.id);
    } finally {
      await other.close();
    }
  });
});

describe('a head', () => {
  test('is none of an empty log', async () => {
    expect(await log.heads().take()).toBeUndefined();
    expect(lastHead(log.file)).toBeUndefined();
  });

  test('covers the records, is signed, and stands in a file for its owner only', async () => {
    const [receipt] = await log.append(1);
    const head = await log.heads().take();
    expect(head).toMatchObject({
      log: log.log.id,
      size: 1,
      root: receipt,
      hash: 'sha256',
      at: '2026-06-30T02:00:00.000Z',
      keyId: log.signer.keyId,
    });
    expect(head && isSignedBy(head, [log.signer])).toBe(true);
    expect(lastHead(log.file)).toEqual(head);
    expect(statSync(log.file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(log.file)).mode & 0o777).toBe(0o700);
  });

  test('is taken again only when the log grew', async () => {
    const heads = log.heads();
    await log.append(3);
    await heads.take();
    await heads.take();
    await log.append(2);
    await heads.take();
    expect(sizes()).toEqual([3, 5]);
  });

  test('of many new records is several, so that no line is endless', async () => {
    await log.append(2 * LEAVES_PER_HEAD_MAX + 1);
    await log.heads().take();
    expect(sizes()).toEqual([LEAVES_PER_HEAD_MAX, 2 * LEAVES_PER_HEAD_MAX, 2 * LEAVES_PER_HEAD_MAX + 1]);
    expect(Math.max(...lines().map((line) => line.length))).toBeLessThan(50_000);
    expect((await log.verify()).isGood).toBe(true);
  });

  test('reads only what is new, also in a process that was not there before', async () => {
    await log.append(50);
    await log.heads().take();
    await log.append(1);
    // Were the old ones read, it would say that the log is not the one before.
    await tamper(log.database.pool, [`update audit.record set leaf_hash = sha256('x') where seq = 10`]);
    await log.heads().take();
    expect(sizes()).toEqual([50, 51]);
    expect((await log.verify()).badRecord?.seq).toBe(10);
  });

  test.each([
    ['was lost', (file: string) => rmSync(file)],
    [
      'is of another tree',
      (file: string) => writeFileSync(file, JSON.stringify({ size: 1, peaks: ['00'.repeat(32)] })),
    ],
    ['is no JSON', (file: string) => writeFileSync(file, '{')],
  ])('continues when the frontier kept beside it %s', async (_, harm) => {
    await log.append(7);
    await log.heads().take();
    harm(path.join(path.dirname(log.file), 'frontier.json'));
    await log.append(2);
    await log.heads().take();
    expect(await log.verify()).toMatchObject({ isGood: true, heads: 2 });
  });

  test('follows a line that a crash cut short', async () => {
    await log.append(2);
    await log.heads().take();
    appendFileSync(log.file, '{"algorithm":"ed');
    await log.append(1);
    await log.heads().take();
    expect(sizes()).toEqual([2, 3]);
  });

  test('is taken by processes in turns: they never disagree', async () => {
    const processes = Array.from({ length: 4 }, () => log.heads());
    for (let round = 0; round < 8; round++)
      await Promise.all([log.append(3), ...processes.map((heads) => heads.take()), log.append(2)]);
    await processes[0]?.take();
    expect(await log.verify()).toMatchObject({ isGood: true, records: 40, uncovered: 0 });
    expect(new Set(sizes()).size).toBe(sizes().length);
  });

  test('is taken by itself, and at the end', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
    const heads = log.heads({ everyMilliseconds: 60_000 });
    await log.append(1);
    jest.advanceTimersByTime(60_000);
    jest.useRealTimers();
    // It takes turns with what the timer began.
    await heads.take();
    expect(sizes()).toEqual([1]);
    await log.append(1);
    await heads.close();
    expect(sizes()).toEqual([1, 2]);
    expect(log.reported).toEqual([]);
  });
});

describe('a log that no longer agrees with its last head gets no further one', () => {
  test.each<[string, string[], RegExp]>([
    [
      'cut',
      ['delete from audit.record where seq > 2'],
      /ends at record 2, but the tree head of .* covers 5: run heyan audit verify/,
    ],
    [
      'rewritten',
      [`update audit.record set leaf_hash = sha256('x') where seq = 5`],
      /Record 5 of the audit log is not the one/,
    ],
    ['made anew', ['truncate audit.log, audit.record', `select audit.open('sha256')`], /heads of another audit log/],
    [
      'with a gap',
      ['delete from audit.record where seq = 5', `insert into audit.record select 6, sha256('y'), 'y', '{}'`],
      /Record 5 .* missing/,
    ],
  ])('%s', async (_, harm, what) => {
    await log.append(5);
    await log.heads().take();
    await tamper(log.database.pool, harm);
    const heads = log.heads({ log: await openLog(log.database.pool) });
    await expect(heads.take()).rejects.toThrow(what);
    await heads.close();
    expect(log.reported).toEqual([expect.stringMatching(what)]);
    expect(sizes()).toEqual([5]);
  });

  test('nor when the file does not end with a head', async () => {
    await log.append(1);
    await log.heads().take();
    appendFileSync(log.file, 'nonsense\n');
    await expect(log.heads().take()).rejects.toThrow(/heads.jsonl is no tree head \(it is not JSON\)/);
  });
});
