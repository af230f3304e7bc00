import { type Finding, findingById, listFindings } from '../../src/crosscheck/finding';
import { type CheckOptions, type CheckReport, check } from '../../src/crosscheck/run';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';
import { AS_OF, DELIVERED, key, markFollowed, plant } from './plant';

const FIRST = '2026-06-30T18:00:00.000Z';
const SECOND = '2026-07-01T18:00:00.000Z';

let database: Database;

beforeEach(async () => {
  database = await testDatabase();
  await markFollowed(database);
});

afterEach(() => database.close());

/** Runs all rules unless told, at the first evening unless told. */
function run(options: Partial<CheckOptions> = {}, at = FIRST): Promise<CheckReport> {
  return check({ database, asOf: AS_OF, freshness: DELIVERED, now: () => new Date(at), ...options });
}

async function standing(): Promise<Record<string, Finding>> {
  const { findings } = await listFindings(database, { first: 5_000 });
  return Object.fromEntries(findings.map((finding) => [`${finding.rule} ${finding.subject}`, finding]));
}

/** Every finding as the database holds it, with the transaction that wrote it. */
async function bytes(): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `select xmin::text, f::text as whole from crosscheck.finding f order by id`,
  );
  return rows;
}

const outcome = (report: CheckReport, code: string) => report.rules.find(({ rule }) => rule === code);
const remove = (kind: string, sourceId: string) =>
  database.pool.query(`delete from matching.${kind} where source_id = $1`, [sourceId]);

/** A dead person's claim (D1), and a living person's three claims without cover (E0), retirement (T1) and monitoring (P1). */
async function plantTwo(): Promise<void> {
  await plant(database, 'dead', {
    household: [{}],
    death: [{}],
    enrollment: [{ end_date: '2026-02-15' }],
    claim: [{}],
  });
  await plant(database, 'alive', {
    household: [{}],
    claim: [{}, { benefit_tier: 'RETIREE' }, { benefit_tier: 'POVERTY' }],
  });
}

test('findings carry their evidence', async () => {
  await plantTwo();
  const agreements = { 'claim.status': 'agreement-7' };
  const report = await run({ rules: ['D1'], agreements: () => agreements });
  expect(await standing()).toEqual({
    'D1 dead-claim-1': {
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      rule: 'D1',
      ruleVersion: 1,
      subjectKind: 'claim',
      subject: 'dead-claim-1',
      personKey: key('dead/own').toString('hex'),
      amount: '100.00',
      tier: 'PROVEN',
      state: 'OPEN',
      class: 'CLAIM',
      advice: 'RECOVER',
      foundAt: '2026-06-30T18:00:00Z',
      changedAt: '2026-06-30T18:00:00Z',
      foundRun: report.run,
      changedRun: report.run,
      version: 1,
      isSupported: true,
      decision: null,
      changedSinceDecision: false,
      withdrawnBecause: null,
      evidence: {
        rule: 'D1',
        version: 1,
        parameters: { graceDays: 1 },
        agreements,
        tier: 'PROVEN',
        window: { earliest: '2026-01-10', latest: '2026-01-10' },
        records: ['claim', 'death', 'household'].map((kind) => ({
          kind,
          sourceId: `dead-${kind}-1`,
          revision: '1',
          recordedAt: '2026-06-01T08:00:00.000000Z',
        })),
      },
    },
  });
});

test('a rule that reads what is late runs on what is known, and says so', async () => {
  await plantTwo();
  const since = '2026-06-29T18:00:00Z';
  const onTime = await run({ late: { unknown: since } });
  const report = await run({ late: { death: since, poverty: since } }, SECOND);
  const late = Object.fromEntries(report.rules.map((rule) => [rule.rule, 'late' in rule ? rule.late : undefined]));
  expect(late).toMatchObject({ D1: ['death'], P1: ['death', 'poverty'] });
  expect(onTime.rules.filter((rule) => 'late' in rule)).toEqual([]);
  const found = (of: CheckReport) => of.rules.map((rule) => ('found' in rule ? rule.found : rule.skipped));
  expect(found(report)).toEqual(found(onTime));
});

test('a life sign and every enrolment looked at are evidence too', async () => {
  await plant(database, 'x', {
    household: [{}],
    death: [{}],
    contribution: [{ period: '2026-05' }, { period: '2026-04' }],
    enrollment: [{ end_date: '2026-01-12' }, { status: 'SUSPENDED' }],
    claim: [{}],
  });
  await run();
  const { 'E0 x-claim-1': finding } = await standing();
  expect(finding?.tier).toBe('CONTESTED');
  expect(finding?.advice).toBe('VERIFY');
  expect(finding?.evidence.records.map(({ sourceId }) => sourceId)).toEqual([
    'x-claim-1',
    'x-contribution-2',
    'x-death-1',
    'x-enrollment-1',
    'x-enrollment-2',
    'x-household-1',
  ]);
});

test('no evidence of death: no tier, no window', async () => {
  await plantTwo();
  await run();
  expect((await standing())['E0 alive-claim-1']).toMatchObject({
    tier: null,
    advice: 'VERIFY',
    evidence: { tier: null, window: null },
  });
});

test('a second run writes nothing', async () => {
  await plantTwo();
  await run();
  const before = await bytes();
  const report = await run({}, SECOND);
  expect(await bytes()).toEqual(before);
  expect(before).toHaveLength(6);
  for (const each of report.rules) expect(each).toMatchObject({ opened: 0, reopened: 0, changed: 0, withdrawn: 0 });
  const { rows } = await database.pool.query(`select count(*) from crosscheck.finding_before`);
  expect(rows).toEqual([{ count: '0' }]);
});

test('the same records in another database give the same id and evidence', async () => {
  await plantTwo();
  await run();
  const here = await standing();
  await database.close();
  database = await testDatabase();
  await markFollowed(database);
  await plantTwo();
  await run({}, SECOND);
  const there = await standing();
  const told = (all: Record<string, Finding>) =>
    Object.values(all).map(({ id, evidence }) => [id, JSON.stringify(evidence)]);
  expect(told(there)).toEqual(told(here));
});

test('a renewed agreement alone changes nothing; other records take it up', async () => {
  await plantTwo();
  await run({ rules: ['D1'], agreements: () => ({ 'claim.status': 'old' }) });
  const renewed = { rules: ['D1'], agreements: () => ({ 'claim.status': 'new' }) };
  expect(outcome(await run(renewed), 'D1')).toMatchObject({ found: 1, changed: 0 });
  await database.pool.query(`update matching.claim set revision = 9 where source_id = 'dead-claim-1'`);
  expect(outcome(await run(renewed), 'D1')).toMatchObject({ found: 1, changed: 1 });
  expect((await standing())['D1 dead-claim-1']?.evidence.agreements).toEqual({ 'claim.status': 'new' });
});

test('no longer supported: withdrawn; supported again: open again; and what it was is kept', async () => {
  await plantTwo();
  const first = await run();
  const { 'D1 dead-claim-1': opened } = await standing();
  await remove('death', 'dead-death-1');
  const second = await run({}, SECOND);
  expect(outcome(second, 'D1')).toMatchObject({ found: 0, withdrawn: 1 });
  const withdrawn = await findingById(database, opened?.id as string);
  expect(withdrawn).toEqual({
    ...opened,
    state: 'WITHDRAWN',
    changedAt: '2026-07-01T18:00:00Z',
    changedRun: second.run,
    version: 2,
    isSupported: false,
    withdrawnBecause: expect.objectContaining({ run: second.run }),
  });
  expect(outcome(await run({}, SECOND), 'D1')).toMatchObject({ found: 0, withdrawn: 0 });
  await plant(database, 'dead', { death: [{ source: 'CREMATION' }] });
  const third = await run({}, SECOND);
  expect(outcome(third, 'D1')).toMatchObject({ found: 1, opened: 0, reopened: 1 });
  expect(await findingById(database, opened?.id as string)).toMatchObject({
    state: 'OPEN',
    tier: 'SUSPECTED',
    advice: 'VERIFY',
    foundRun: first.run,
    changedRun: third.run,
  });
  const { rows } = await database.pool.query(
    `select state, tier, changed_run, until_run from crosscheck.finding_before where finding_id = $1 order by until_run`,
    [opened?.id],
  );
  expect(rows).toEqual([
    { state: 'OPEN', tier: 'PROVEN', changed_run: first.run, until_run: second.run },
    { state: 'WITHDRAWN', tier: 'PROVEN', changed_run: second.run, until_run: third.run },
  ]);
});

test('the day of the check is an argument', async () => {
  await plant(database, 'x', { household: [{}], death: [{}], enrollment: [{}] });
  expect(outcome(await run({ asOf: '2026-04-10' }), 'D8')).toMatchObject({ found: 0 });
  expect(outcome(await run({ asOf: '2026-04-11' }), 'D8')).toMatchObject({ found: 1 });
  await expect(run({ asOf: '30/06/2026' })).rejects.toThrow('as-of 30/06/2026 is no day: write YYYY-MM-DD.');
});

test('parameters may be given, and are written into the evidence', async () => {
  await plantTwo();
  expect(outcome(await run({ parameters: { D1: { graceDays: 22 } } }), 'D1')).toMatchObject({ found: 0 });
  expect(outcome(await run({ parameters: { D1: { graceDays: 21 } } }), 'D1')).toMatchObject({ found: 1 });
  expect((await standing())['D1 dead-claim-1']?.evidence.parameters).toEqual({ graceDays: 21 });
  await expect(run({ parameters: { D1: { graceDays: 0.5 } } })).rejects.toThrow('must be a whole number');
  await expect(run({ parameters: { D1: { grace: 1 } } })).rejects.toThrow('Rule D1 has no parameter grace.');
  await expect(run({ rules: ['Z9'] })).rejects.toThrow('There is no rule Z9');
});

describe('a rule that cannot know', () => {
  const skips: [string, () => Promise<Partial<CheckOptions>>, string][] = [
    [
      'a kind never delivered',
      async () => ({ freshness: { ...DELIVERED, poverty: null } }),
      'poverty has never had a complete delivery',
    ],
    [
      'a field not granted',
      async () => ({ granted: (rule) => (rule.code === 'P1' ? ['poverty.riskRemovedOn'] : []) }),
      'poverty.riskRemovedOn is not granted',
    ],
    [
      'a feed not followed to its end',
      async () => {
        await database.pool.query(`update matching.progress set behind = true where kind = 'poverty'`);
        return {};
      },
      'the change feed of poverty has not been followed to its end',
    ],
  ];

  test.each(skips)('%s: skipped with the reason, its findings left, the others run', async (_, given, reason) => {
    await plantTwo();
    await run();
    await remove('claim', 'alive-claim-3');
    await remove('claim', 'alive-claim-2');
    const before = (await standing())['P1 alive-claim-3'];
    const report = await run(await given(), SECOND);
    expect(outcome(report, 'P1')).toEqual({ rule: 'P1', version: 1, skipped: [reason] });
    expect(outcome(report, 'T1')).toMatchObject({ withdrawn: 1 });
    expect((await standing())['P1 alive-claim-3']).toEqual(before);
    const { rows } = await database.pool.query(`select rules from crosscheck.run where id = $1`, [report.run]);
    expect(rows[0].rules).toEqual(report.rules);
  });

  test('no household register: nothing runs, for nobody is known', async () => {
    await plantTwo();
    const report = await run({ freshness: { ...DELIVERED, household: null } });
    for (const each of report.rules)
      expect(each).toMatchObject({ skipped: ['household has never had a complete delivery'] });
    expect(await standing()).toEqual({});
  });

  test('numbers not settled yet are not followed to the end', async () => {
    await database.pool.query(`update matching.progress set unsettled = true where kind = 'household'`);
    expect(outcome(await run(), 'D1')).toMatchObject({ skipped: [expect.stringContaining('household')] });
  });
});

describe('one wrong, told once', () => {
  beforeEach(() =>
    plant(database, 'x', {
      household: [{}],
      death: [{}],
      claim: [{ benefit_tier: 'RETIREE' }, { benefit_tier: 'POVERTY' }],
    }),
  );

  test('by D1 where death is proven', async () => {
    await run();
    expect(Object.keys(await standing())).toEqual(['D1 x-claim-1', 'D1 x-claim-2']);
  });

  test('also when only the weaker rules are asked for, and D1 is then not stored', async () => {
    expect(outcome(await run({ rules: ['E0', 'T1', 'P1'] }), 'E0')).toMatchObject({ found: 0 });
    expect(await standing()).toEqual({});
  });

  test('also by what D1 found before, when D1 cannot run', async () => {
    await run({ rules: ['D1'] });
    const granted: CheckOptions['granted'] = (rule) => (rule.code === 'D1' ? ['claim.claimType'] : []);
    expect(outcome(await run({ granted }), 'E0')).toMatchObject({ found: 0 });
  });

  test('by the weaker rules, when D1 cannot run and never could', async () => {
    const granted: CheckOptions['granted'] = (rule) => (rule.code === 'D1' ? ['claim.claimType'] : []);
    expect(outcome(await run({ granted }), 'E0')).toMatchObject({ found: 2 });
    expect(outcome(await run(), 'E0')).toMatchObject({ found: 0, withdrawn: 2 });
  });
});

test('two runs at once: one after the other', async () => {
  await plantTwo();
  const [one, two] = await Promise.all([run(), run()]);
  const opened = [one, two]
    .map((report) => outcome(report, 'D1'))
    .map((each) => (each && 'opened' in each ? each.opened : -1));
  expect(opened.sort()).toEqual([0, 1]);
});
