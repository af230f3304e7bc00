import type { Database } from '../../../src/db/database';
import { waitFor } from '../../../src/db/wait';
import { type Expectation, expectDeliveries, lookForLate, watchLate } from '../../../src/sync/schedule/late';
import { testDatabase } from '../../support/database';

/** 10:00 in Shanghai on the day before the due time that the tests are about. */
const SINCE = new Date('2026-06-29T10:00:00+08:00');
const at = (text: string) => new Date(`${text}:00+08:00`);

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => database.pool.query('truncate sync.run, sync.expected cascade'));
afterAll(() => database.close());

function expected(kind: string, more: Partial<Expectation> = {}): Expectation {
  return { kind, bureau: kind, cron: '0 2 * * *', lateAfterMinutes: 120, ...more };
}

async function ran(kinds: string, finishedAt: string, state = 'COMPLETE'): Promise<void> {
  await database.pool.query(
    `insert into sync.run (kind, source, started_at, finished_at, state, rows_in, inserted, changed, unchanged, deleted, stale, quarantined)
     select kind, 'a register', $2, $2, $3, 0, 0, 0, 0, 0, 0, 0 from unnest($1::text[]) kind`,
    [kinds.split(' '), at(finishedAt).toISOString(), state],
  );
}

const standing = async () =>
  (await database.pool.query(`select kind, due_at as "dueAt" from sync.late order by kind`)).rows;

describe('who is late', () => {
  test.each<[string, [string, string?][], Partial<Expectation>, string, string | null]>([
    ['nobody before the time allowed has passed', [], {}, '2026-06-30T03:59', null],
    ['who never delivered, since the first due time', [], {}, '2026-06-30T04:00', '2026-06-29T18:00:00Z'],
    ['the same a week later', [], {}, '2026-07-07T09:00', '2026-06-29T18:00:00Z'],
    ['not who delivered after the due time', [['2026-06-30T02:10']], {}, '2026-06-30T09:00', null],
    ['not who delivered late', [['2026-06-30T08:59']], {}, '2026-06-30T09:00', null],
    ['who delivered before the due time only', [['2026-06-30T01:59']], {}, '2026-06-30T09:00', '2026-06-29T18:00:00Z'],
    ['who delivered the day before, since the due time that was missed', [['2026-06-30T02:10']], {}, '2026-07-05T09:00', '2026-06-30T18:00:00Z'],
    ['not by a run that failed', [['2026-06-30T02:10', 'FAILED'], ['2026-06-30T02:20', 'INTERRUPTED']], {}, '2026-06-30T09:00', '2026-06-29T18:00:00Z'],
    ['not who has longer', [], { lateAfterMinutes: 600 }, '2026-06-30T11:59', null],
    ['who is due more often than may be late', [['2026-06-30T08:10']], { cron: '0 * * * *' }, '2026-06-30T11:00', '2026-06-30T01:00:00Z'],
    ['nobody who is never due', [], { cron: '0 0 30 2 *' }, '2026-06-30T11:00', null],
  ])('%s', async (_, runs, more, time, since) => {
    await expectDeliveries(database.pool, [expected('death', more)], SINCE);
    for (const [finishedAt, state] of runs) await ran('death', finishedAt, state);
    await lookForLate(database.pool, at(time));
    expect(await standing()).toEqual(since ? [{ kind: 'death', dueAt: since }] : []);
  }); // biome-ignore format: a table
});

test('a change is told once, by one of those who look, with all kinds of the bureau', async () => {
  const claims = ['claim', 'claim_line'].map((kind) => expected(kind, { bureau: 'claim' }));
  await expectDeliveries(database.pool, [expected('death'), ...claims], SINCE);
  await ran('death', '2026-06-30T02:05');
  const looks = async (time: string) => {
    const all = await Promise.all([1, 2, 3].map(() => lookForLate(database.pool, at(time))));
    return all.flat().flatMap(({ became, bureau, kinds }) => kinds.map((kind) => `${became} ${bureau} ${kind}`)).sort();
  }; // biome-ignore format: one look of three
  expect(await looks('2026-06-30T03:00')).toEqual([]);
  expect(await looks('2026-06-30T04:00')).toEqual(['LATE claim claim', 'LATE claim claim_line']);
  expect(await looks('2026-06-30T04:01')).toEqual([]);
  await ran('claim', '2026-06-30T05:00');
  expect(await looks('2026-06-30T05:01')).toEqual(['DELIVERED claim claim']);
  await ran('claim_line', '2026-06-30T05:30');
  expect(await looks('2026-06-30T05:31')).toEqual(['DELIVERED claim claim_line']);
  expect(await looks('2026-06-30T05:32')).toEqual([]);
});

test('who is not expected any more is not late, and who is still keeps since when', async () => {
  await expectDeliveries(database.pool, [expected('death'), expected('claim')], SINCE);
  await lookForLate(database.pool, at('2026-06-30T04:00'));
  await expectDeliveries(
    database.pool,
    [expected('death', { lateAfterMinutes: 60 }), expected('poverty')],
    at('2026-07-01T10:00'),
  );
  expect(await standing()).toEqual([{ kind: 'death', dueAt: '2026-06-29T18:00:00Z' }]);
  expect(await lookForLate(database.pool, at('2026-07-01T11:00'))).toEqual([]);
  await expectDeliveries(database.pool, [], at('2026-07-01T12:00'));
  expect(await standing()).toEqual([]);
});

test('a watch tells a line when a bureau becomes late and one when it has delivered', async () => {
  const claims = ['claim', 'claim_line'].map((kind) => expected(kind, { bureau: 'claim' }));
  await expectDeliveries(database.pool, claims, SINCE);
  const told: string[] = [];
  let now = at('2026-06-30T04:00');
  let looks = 0;
  const watch = watchLate({
    pool: database.pool,
    tell: (line) => told.push(line),
    now: () => {
      looks++;
      return now;
    },
    everyMilliseconds: 1,
  });
  const many = async () => {
    const from = looks;
    await waitFor(() => (looks > from + 5 ? true : undefined), 10_000, 1);
  };
  await many();
  await ran('claim claim_line', '2026-06-30T05:00');
  now = at('2026-06-30T05:01');
  await many();
  await watch.stop();
  expect(told).toEqual([
    'LATE: claim (claim, claim_line) was due at 2026-06-30 02:00 and has not delivered completely. Answers that rest on it say so until it has.',
    'No longer late: claim (claim, claim_line), due at 2026-06-30 02:00, has delivered completely.',
  ]);
});
