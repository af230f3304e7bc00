/** The sample city's two deliveries, ten days apart: what the rules would have found with what was known between them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { follow } from '../../src/crosscheck/follow';
import type { RuleTrial } from '../../src/crosscheck/trial';
import { backTest } from '../../src/hub/back-test';
import { runCheck } from '../../src/hub/nightly';
import { SAMPLE_CITY, SAMPLE_DAY, SAMPLE_KEY, type TestHub, testHub } from '../support/hub';
import { takeIn } from '../support/shape';

let t: TestHub;

beforeAll(async () => {
  t = await testHub();
  for (const [delivery, now] of [
    ['delivery', '2026-06-20T03:00:00+08:00'],
    ['delivery-2', '2026-06-30T03:00:00+08:00'],
  ] as const)
    await takeIn(t.database, {
      directory: path.join(SAMPLE_CITY, delivery),
      hubKey: SAMPLE_KEY,
      quarantineLimit: 0.2,
      now: () => new Date(now),
    });
  await follow({ database: t.database, ask: t.hub.ask });
  await runCheck(t.database, t.hub, { asOf: SAMPLE_DAY });
});

afterAll(() => t.close());

/** Findings by rule in a file of expected ones. */
function expected(file: string): Record<string, number> {
  const [, ...lines] = readFileSync(path.join(SAMPLE_CITY, file), 'utf8').trim().split('\n');
  const counts: Record<string, number> = {};
  for (const line of lines) counts[line.split(',')[0] as string] = (counts[line.split(',')[0] as string] ?? 0) + 1;
  return counts;
}

const found = (rules: readonly object[]) =>
  Object.fromEntries((rules as RuleTrial[]).filter((rule) => rule.found > 0).map((rule) => [rule.rule, rule.found]));

const databases = async () =>
  (await t.database.pool.query(`select datname from pg_database where datname like 'heyan_scratch_%'`)).rows;

test('with what was known before the second delivery, what the first one shows; with what is known now, what stands', async () => {
  const before = await backTest(t.database, t.hub, { asOf: SAMPLE_DAY, knownAt: '2026-06-29' });
  expect(before).toMatchObject({ asOf: SAMPLE_DAY, knownAt: '2026-06-29', comparedWith: null });
  expect(found(before.rules)).toEqual(expected('expected.csv'));
  const now = await backTest(t.database, t.hub, { asOf: SAMPLE_DAY });
  expect(now).toMatchObject({ knownAt: null, comparedWith: 'STANDING' });
  expect(found(now.rules)).toEqual(expected('expected-2.csv'));
  for (const rule of now.rules) expect(rule).toMatchObject({ opened: 0, changed: 0, lost: 0 });
  expect(await databases()).toEqual([]);
});

test('a changed parameter is compared with the rule as it is, with what was known then', async () => {
  const report = await backTest(t.database, t.hub, {
    asOf: SAMPLE_DAY,
    knownAt: '2026-06-29',
    rules: ['D1', 'D3', 'D5'],
    set: { graceDays: 60 },
  });
  expect(report.comparedWith).toBe('UNCHANGED_RULES');
  const d1 = report.rules.find(({ rule }) => rule === 'D1') as RuleTrial;
  expect(d1.parameters).toEqual({ graceDays: 60 });
  expect(d1.found + d1.lost).toBe(expected('expected.csv').D1);
  expect(d1.lost).toBeGreaterThan(0);
  expect(d1.examples.some(({ fate }) => fate === 'LOST')).toBe(true);
});

test('before anything was known the rules say that they cannot run', async () => {
  const { rules } = await backTest(t.database, t.hub, { asOf: SAMPLE_DAY, knownAt: '2026-06-19', rules: ['D1'] });
  expect(rules).toEqual([
    { rule: 'D1', version: 1, skipped: expect.arrayContaining(['death has never had a complete delivery']) },
  ]);
});

test('a parameter that no rule has is refused, and what there is is named', async () => {
  const attempt = backTest(t.database, t.hub, { asOf: SAMPLE_DAY, rules: ['D1'], set: { grace: 3 } });
  await expect(attempt).rejects.toThrow('None of the rules asked for has a parameter grace; they have graceDays.');
});
