import { type Finding, type FindingState, findingById, listFindings } from '../../src/crosscheck/finding';
import { historyOf } from '../../src/crosscheck/history';
import { decide, takeUp } from '../../src/crosscheck/review';
import { type CheckReport, check } from '../../src/crosscheck/run';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { AS_OF, DELIVERED, markFollowed, plant } from './plant';

let database: Database;
let nights = 0;
let cases = 0;

beforeAll(async () => {
  database = await testDatabase();
  await markFollowed(database);
});
afterAll(() => database.close());

/** One night later, the rules that these cases break. */
function run(): Promise<CheckReport> {
  nights += 1;
  const at = new Date(Date.UTC(2026, 5, 30, 18) + nights * 86_400_000);
  return check({ database, asOf: AS_OF, rules: ['D1', 'E0'], freshness: DELIVERED, now: () => at });
}
const outcome = (report: CheckReport, code = 'D1') => report.rules.find(({ rule }) => rule === code);
const means = () => ({
  database,
  reviewer: { agency: 'supervision', officer: '甲' },
  now: () => new Date(Date.UTC(2026, 6, 1, 1) + nights * 86_400_000),
});

/** A dead person, treated after death: one finding of D1. */
async function found(): Promise<Finding> {
  cases += 1;
  await plant(database, `case-${cases}`, { household: [{}], death: [{}], enrollment: [{}], claim: [{}] });
  await run();
  return standing(cases);
}
async function standing(n = cases): Promise<Finding> {
  const { findings } = await listFindings(database, { rule: 'D1', first: 5_000 });
  return findings.find(({ subject }) => subject === `case-${n}-claim-1`) as Finding;
}
const again = async ({ id }: Finding) => (await findingById(database, id)) as Finding;
const reviewed = async (finding: Finding) => {
  await takeUp(means(), [{ id: finding.id, version: (await again(finding)).version }]);
};
const decided = async (finding: Finding, outcomeOfIt: 'RECOVER' | 'LEGITIMATE' = 'RECOVER') => {
  if ((await again(finding)).state === 'OPEN') await reviewed(finding);
  const seen = [{ id: finding.id, version: (await again(finding)).version }];
  await decide(means(), seen, { outcome: outcomeOfIt, reason: '已核实' }, []);
};
const change = (what: string, kind = 'death') =>
  database.pool.query(`update matching.${kind} set ${what}, revision = revision + 100 where source_id = $1`, [
    `case-${cases}-${kind}-1`,
  ]);
const voided = () => change(`status = 'VOIDED'`);
const restored = () => change(`status = 'VALID'`);

/** The acts and states of a history, having seen that it is whole: each change once, and each begins where the last one ended. */
async function told(finding: Finding): Promise<string[]> {
  const events = (await historyOf(database, [finding.id], { first: 100 })).get(finding.id) ?? [];
  const now = await again(finding);
  expect(events.map(({ version }) => version)).toEqual(events.map((_, at) => at + 1));
  expect(events.map(({ fromState }) => fromState)).toEqual([
    null,
    ...events.slice(0, -1).map(({ toState }) => toState),
  ]);
  expect([now.version, now.state]).toEqual([events.length, events.at(-1)?.toState]);
  const times = events.map(({ at }) => Date.parse(at));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const { rows } = await database.pool.query(`select state from crosscheck.finding_before where finding_id = $1 order by until_run`, [finding.id]); // biome-ignore format: one question
  const ofRuns = events.filter(({ run: night, fromState }) => night !== null && fromState !== null);
  expect(rows.map(({ state }) => state)).toEqual(ofRuns.map(({ fromState }) => fromState));
  return events.map(({ act, toState }) => `${act} ${toState}`);
}

describe('what a run makes of a finding that', () => {
  const lose: [string, (finding: Finding) => Promise<void>, FindingState, object][] = [
    ['is open', async () => undefined, 'WITHDRAWN', { withdrawn: 1, contradicted: 0 }],
    ['is under review', reviewed, 'WITHDRAWN', { withdrawn: 1, contradicted: 0 }],
    ['is decided', decided, 'CONTRADICTED', { withdrawn: 0, contradicted: 1 }],
  ];
  test.each(lose)('%s, when it is no longer supported', async (_, act, expected, counts) => {
    const finding = await found();
    await act(finding);
    const before = await again(finding);
    await voided();
    expect(outcome(await run())).toMatchObject({ changed: 0, reopened: 0, ...counts });
    const after = await again(finding);
    expect(after).toMatchObject({
      state: expected,
      isSupported: false,
      decision: before.decision,
      evidence: before.evidence,
      withdrawnBecause: { records: [expect.objectContaining({ kind: 'death', became: 'VOIDED' })] },
    });
    expect(after.changedSinceDecision).toBe(expected === 'CONTRADICTED');
    // And once only.
    expect(outcome(await run())).toMatchObject({ withdrawn: 0, contradicted: 0 });
    expect(await again(finding)).toEqual(after);
  });

  test('was withdrawn, when it is supported again: it is open, whoever had taken it up', async () => {
    const finding = await found();
    await reviewed(finding);
    await voided();
    await run();
    await restored();
    expect(outcome(await run())).toMatchObject({ found: expect.any(Number), opened: 0, reopened: 1, restored: 0 });
    expect(await again(finding)).toMatchObject({ state: 'OPEN', isSupported: true, withdrawnBecause: null });
    expect(await told(finding)).toEqual([
      'FOUND OPEN',
      'TAKEN_UP UNDER_REVIEW',
      'WITHDRAWN WITHDRAWN',
      'SUPPORTED OPEN',
    ]);
  });

  test('was contradicted, when it is supported again: the flag goes, the decision stands, the history shows it', async () => {
    const finding = await found();
    await decided(finding);
    const { decision } = await again(finding);
    // The same record again, byte for byte: nothing has changed since the decision.
    await database.pool.query(`update matching.death set status = 'VOIDED' where source_id = $1`, [
      `case-${cases}-death-1`,
    ]);
    await run();
    await database.pool.query(`update matching.death set status = 'VALID' where source_id = $1`, [
      `case-${cases}-death-1`,
    ]);
    expect(outcome(await run())).toMatchObject({ reopened: 0, restored: 1 });
    expect(await again(finding)).toMatchObject({
      state: 'RECOVER',
      isSupported: true,
      changedSinceDecision: false,
      decision,
    });
    expect(await told(finding)).toEqual([
      'FOUND OPEN',
      'TAKEN_UP UNDER_REVIEW',
      'DECIDED RECOVER',
      'CONTRADICTED CONTRADICTED',
      'SUPPORTED RECOVER',
    ]);
  });

  test('was contradicted and decided anew: the new decision stands, also in the next run and when it is supported again', async () => {
    const finding = await found();
    await decided(finding);
    await voided();
    await run();
    await decided(finding, 'LEGITIMATE');
    const answered = { state: 'LEGITIMATE', isSupported: false, changedSinceDecision: false };
    expect(await again(finding)).toMatchObject(answered);
    expect(outcome(await run())).toMatchObject({ contradicted: 0, changed: 0 });
    expect(await again(finding)).toMatchObject(answered);
    await restored();
    expect(outcome(await run())).toMatchObject({ reopened: 0, restored: 1 });
    expect(await again(finding)).toMatchObject({ state: 'LEGITIMATE', isSupported: true, changedSinceDecision: true });
    expect((await told(finding)).slice(-3)).toEqual([
      'CONTRADICTED CONTRADICTED',
      'DECIDED LEGITIMATE',
      'SUPPORTED LEGITIMATE',
    ]);
  });

  test.each<[string, string, string, object]>([
    ['amount', 'pooled_paid = 70', 'claim', { amount: '70.00' }],
    ['evidence', `registered_on = '2026-06-11'`, 'death', {}],
    ['tier', `source = 'CREMATION'`, 'death', { tier: 'SUSPECTED', advice: 'VERIFY' }],
  ])(
    'was decided, when its %s changes: the decision stands and says that it changed since',
    async (_, what, kind, seen) => {
      const finding = await found();
      await decided(finding);
      const { decision } = await again(finding);
      await change(what, kind);
      expect(outcome(await run())).toMatchObject({ changed: 1, contradicted: 0 });
      expect(await again(finding)).toMatchObject({ state: 'RECOVER', decision, changedSinceDecision: true, ...seen });
      await decided(finding);
      expect(await again(finding)).toMatchObject({ state: 'RECOVER', changedSinceDecision: false });
      expect((await told(finding)).slice(-3)).toEqual(['DECIDED RECOVER', 'CHANGED RECOVER', 'DECIDED RECOVER']);
    },
  );

  test('was decided, when only the agreement was renewed: nothing', async () => {
    const finding = await found();
    await decided(finding);
    const before = await again(finding);
    await check({
      database,
      asOf: AS_OF,
      rules: ['D1'],
      freshness: DELIVERED,
      agreements: () => ({ 'claim.status': 'new' }),
    });
    expect(await again(finding)).toEqual(before);
  });
});

test('a late certificate finds claims of months ago, and what told of them before gives way', async () => {
  cases += 1;
  const care = { service_date: '2026-02-01' };
  await plant(database, `case-${cases}`, { household: [{}], claim: [care, { ...care, service_date: '2026-01-05' }] });
  await run();
  const weaker = (await listFindings(database, { rule: 'E0', first: 5_000 })).findings.find(
    ({ subject }) => subject === `case-${cases}-claim-1`,
  ) as Finding;
  await decided(weaker);
  await plant(database, `case-${cases}`, { death: [{}] });
  expect(outcome(await run())).toMatchObject({ opened: 1 });
  expect(await standing()).toMatchObject({ state: 'OPEN', tier: 'PROVEN' });
  expect(await again(weaker)).toMatchObject({
    state: 'CONTRADICTED',
    decision: { outcome: 'RECOVER' },
    withdrawnBecause: { supersededBy: 'D1' },
  });
});

describe('while a run is under way', () => {
  /** Does something when the run has its snapshot, and before it writes. */
  async function meanwhile(act: () => Promise<void>): Promise<CheckReport> {
    const holder = await database.pool.connect();
    try {
      await holder.query('begin; lock table matching.evidence in access share mode');
      const running = run();
      for (;;) {
        const { rows } = await database.pool.query(
          `select 1 from pg_locks where relation = 'matching.evidence'::regclass and not granted`,
        );
        if (rows.length > 0) break;
      }
      await act();
      await holder.query('commit');
      return await running;
    } finally {
      holder.release();
    }
  }

  test('a finding may be taken up: the run withdraws what is under review', async () => {
    const finding = await found();
    await voided();
    expect(outcome(await meanwhile(() => reviewed(finding)))).toMatchObject({ withdrawn: 1 });
    expect(await told(finding)).toEqual(['FOUND OPEN', 'TAKEN_UP UNDER_REVIEW', 'WITHDRAWN WITHDRAWN']);
  });

  test('a finding may be decided: the run contradicts it, and the decision is not lost', async () => {
    const finding = await found();
    await voided();
    expect(outcome(await meanwhile(() => decided(finding)))).toMatchObject({ withdrawn: 0, contradicted: 1 });
    expect(await again(finding)).toMatchObject({ state: 'CONTRADICTED', decision: { outcome: 'RECOVER' } });
    expect((await told(finding)).slice(-2)).toEqual(['DECIDED RECOVER', 'CONTRADICTED CONTRADICTED']);
  });

  test('a finding that the run changes may be decided: it says that it changed since', async () => {
    const finding = await found();
    await change('pooled_paid = 70', 'claim');
    await meanwhile(() => decided(finding));
    expect(await again(finding)).toMatchObject({ state: 'RECOVER', amount: '70.00', changedSinceDecision: true });
  });
});

test('a run that fails while it writes leaves nothing', async () => {
  const finding = await found();
  await voided();
  await database.pool.query(
    `alter table crosscheck.finding_event add constraint broken check (act <> 'WITHDRAWN') not valid`,
  );
  const { rows: before } = await database.pool.query('select count(*) from crosscheck.run');
  await expect(run()).rejects.toThrow(/broken/);
  expect(await again(finding)).toEqual(finding);
  expect((await database.pool.query('select count(*) from crosscheck.run')).rows).toEqual(before);
  await database.pool.query(`alter table crosscheck.finding_event drop constraint broken`);
  expect(outcome(await run())).toMatchObject({ withdrawn: 1 });
});
