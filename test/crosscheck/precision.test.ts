import { listFindings } from '../../src/crosscheck/finding';
import { ruleFigures } from '../../src/crosscheck/precision';
import { type Deciding, decide, takeUp } from '../../src/crosscheck/review';
import { check } from '../../src/crosscheck/run';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { AS_OF, DELIVERED, markFollowed, plant } from './plant';

const FIRST = '2026-06-30T18:00:00.000Z';
const SECOND = '2026-07-01T18:00:00.000Z';

let database: Database;

beforeEach(async () => {
  database = await testDatabase();
  await markFollowed(database);
  // Six claims without cover (E0), and six records under an old number (X3).
  const six = <T>(row: T) => Array.from({ length: 6 }, () => row);
  await plant(database, 'one', { household: [{}], claim: six({}) });
  await plant(database, 'old', { poverty: six({ old_number: true }) });
  await run(FIRST);
});

afterEach(() => database.close());

const run = (at: string, options: Partial<Parameters<typeof check>[0]> = {}) =>
  check({ database, asOf: AS_OF, rules: ['E0', 'X3'], freshness: DELIVERED, now: () => new Date(at), ...options });

/** Decides on the findings of a rule, one after another. */
async function decided(rule: string, outcomes: readonly string[]): Promise<void> {
  const { findings } = await listFindings(database, { first: 100, rule });
  const means = { database, reviewer: { agency: 'supervision', officer: '甲' }, now: () => new Date(FIRST) };
  for (const [place, outcome] of outcomes.entries()) {
    const { id, version } = findings[place] as { id: string; version: number };
    await takeUp(means, [{ id, version }]);
    const bureau = outcome === 'SOURCE_ERROR' ? 'tax' : null;
    await decide(means, [{ id, version: version + 1 }], { outcome, reason: '已核实', bureau } as Deciding, ['tax']);
  }
}

const figures = async (rule: string) => (await ruleFigures(database, ['D1', 'E0', 'X3'])).get(rule);
const E0 = { findings: 6, lastRun: '2026-06-30T18:00:00Z', skippedBecause: null };

test.each<[string, string, string[], object]>([
  ['nothing decided', 'E0', [], { decided: 0, legitimate: 0, precision: null }],
  ['undecided as far as the rule is concerned', 'E0', ['UNDETERMINED'], { decided: 1, legitimate: 0, precision: null }],
  [
    'right three times in four',
    'E0',
    ['FRAUD_LEAD', 'RECOVER', 'ALREADY_RECOVERED', 'LEGITIMATE', 'UNDETERMINED'],
    { decided: 5, legitimate: 1, precision: 0.75 },
  ],
  [
    'a claim is not wrong because a record is',
    'E0',
    ['RECOVER', 'SOURCE_ERROR', 'IDENTITY_ERROR'],
    { decided: 3, precision: 1 / 3 },
  ],
  [
    'but a rule about records is right then',
    'X3',
    ['SOURCE_ERROR', 'IDENTITY_ERROR', 'LEGITIMATE'],
    { decided: 3, legitimate: 1, precision: 2 / 3 },
  ],
])('%s', async (_, rule, outcomes, told) => {
  await decided(rule, outcomes);
  expect(await figures(rule)).toMatchObject({ ...E0, ...told });
});

test('what a rule finds no more still counts as decided', async () => {
  await decided('E0', ['LEGITIMATE', 'RECOVER']);
  await database.pool.query(`delete from matching.claim`);
  await run(SECOND);
  expect(await figures('E0')).toMatchObject({ findings: 0, decided: 2, legitimate: 1, precision: 0.5 });
});

test('a rule that was skipped says why, and when it last ran; one that never ran has none of either', async () => {
  await run(SECOND, { freshness: { ...DELIVERED, claim_line: null } });
  expect(await figures('E0')).toMatchObject({
    ...E0,
    skippedBecause: ['claim_line has never had a complete delivery'],
  });
  expect(await figures('X3')).toMatchObject({ lastRun: '2026-07-01T18:00:00Z', skippedBecause: null });
  expect(await figures('D1')).toEqual({
    findings: 0,
    decided: 0,
    legitimate: 0,
    precision: null,
    lastRun: null,
    skippedBecause: null,
  });
});
