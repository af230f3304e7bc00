import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isComplete, type NightlyOptions, type NightlyReport, runNightly } from '../../src/hub/nightly';
import type { BureauSettings } from '../../src/sync/setting';
import { SAMPLE_CITY, SAMPLE_DAY, SAMPLE_KEY, type TestHub, testHub } from '../support/hub';
import { inOneProcess } from '../support/shape';
import { smallCity } from '../support/small-city';

const FINDINGS = `query Findings($after: String) {
  findings(first: 1000, after: $after) { edges { node { rule { code } subjectKind subject amount tier state } } pageInfo { hasNextPage endCursor } }
}`;

/** The lines of an expectation file, of all rules. */
function expected(file: string): string[] {
  return readFileSync(path.join(SAMPLE_CITY, file), 'utf8').trim().split('\n').slice(1).sort();
}

/** What a run did besides finding the same again, by rule; a rule that was skipped shows as itself. */
function changed({ check }: NightlyReport): unknown[] {
  return check.rules.filter((outcome) => {
    if ('skipped' in outcome) return true;
    const { version: _, found: __, milliseconds: ___, ...counts } = outcome;
    return Object.values(counts).some((count) => typeof count === 'number' && count > 0);
  });
}

async function standing(hub: TestHub): Promise<string[]> {
  const { data, errors } = await hub.as()(FINDINGS);
  expect(errors).toBeUndefined();
  const found = data?.findings as { edges: { node: Record<string, unknown> & { rule: { code: string } } }[] };
  return found.edges
    .filter(({ node }) => node.state !== 'WITHDRAWN')
    .map(({ node }) => [node.rule.code, node.subjectKind, node.subject, node.amount, node.tier ?? ''].join(','))
    .sort();
}

describe('the nightly chain over the sample city', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await testHub();
  }, 60_000);
  afterAll(() => hub.close());

  test('finds exactly what is there, the same again when run again, and what a later delivery makes of it', async () => {
    const first = await hub.nightly('delivery');
    expect(first.follow.failed).toEqual([]);
    expect(await standing(hub)).toEqual(expected('expected.csv'));

    const again = await hub.nightly('delivery');
    expect(again.delivery?.kinds.map(({ kind, rowsIn, unchanged }) => [kind, rowsIn - unchanged])).toEqual(
      again.delivery?.kinds.map(({ kind }) => [kind, 0]),
    );
    expect(Object.values(again.follow.changes)).toEqual(Object.values(again.follow.changes).map(() => 0));
    expect(changed(again)).toEqual([]);
    expect(await standing(hub)).toEqual(expected('expected.csv'));

    await hub.nightly('delivery-2');
    expect(await standing(hub)).toEqual(expected('expected-2.csv'));
    expect(changed(await hub.nightly('delivery-2'))).toEqual([]);
    expect(await standing(hub)).toEqual(expected('expected-2.csv'));
    expect(hub.reported).toEqual([]);
  }, 180_000);
});

const inThisShape = inOneProcess('bureaus elsewhere have their sources there');
inThisShape('the nightly chain over configured sources', () => {
  let hub: TestHub;
  let folder: string;
  beforeAll(async () => {
    hub = await testHub();
    folder = mkdtempSync(path.join(tmpdir(), 'heyan-inbox-'));
  });
  afterAll(async () => {
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A delivery of some kinds of the small city, in the inbox of a bureau; answers the bureau's setting. */
  function delivered(bureau: string, ...kinds: string[]): BureauSettings {
    const inbox = path.join(folder, bureau);
    mkdirSync(path.join(inbox, '2026-06-30'), { recursive: true });
    for (const kind of kinds) {
      const [first = {}, ...others] = smallCity()[kind] ?? [];
      const lines = [Object.keys(first), Object.values(first), ...others.map((row) => Object.values(row))];
      writeFileSync(
        path.join(inbox, '2026-06-30', `${kind}.csv`),
        `${lines.map((line) => line.join(',')).join('\n')}\n`,
      );
    }
    return { [bureau]: { lateAfterMinutes: 120, deliveries: inbox, kinds: {} } };
  }

  const nightly = (more: Partial<NightlyOptions>) =>
    runNightly(hub.database, hub.hub, {
      asOf: SAMPLE_DAY,
      hubKey: SAMPLE_KEY,
      quarantineLimit: 0.2,
      // An hour from now: files written now have lain there for an hour then.
      now: () => new Date(Date.now() + 3_600_000),
      ...more,
    });

  test('takes in what they have, follows and checks; a bureau that fails does not stop the others', async () => {
    const settings: BureauSettings = {
      ...delivered('household', 'household'),
      ...delivered('death', 'death'),
      ...delivered('enrollment', 'enrollment'),
      ...delivered('claim', 'claim', 'claim_line'),
      poverty: { lateAfterMinutes: 120, deliveries: path.join(folder, 'nowhere'), kinds: {} },
    };
    const first = await nightly({ settings });
    expect(first.delivery).toBeNull();
    expect(Object.fromEntries(first.sync?.kinds.map(({ kind, state }) => [kind, state]) ?? [])).toEqual({
      household: 'COMPLETE',
      death: 'COMPLETE',
      enrollment: 'COMPLETE',
      claim: 'COMPLETE',
      claim_line: 'COMPLETE',
      poverty: 'FAILED',
    });
    expect(isComplete(first)).toBe(false);
    expect(first.check.rules.some((rule) => 'found' in rule)).toBe(true);

    const { poverty: _, ...others } = settings;
    const again = await nightly({ settings: others });
    expect([again.sync, isComplete(again)]).toEqual([{ kinds: [], waiting: [] }, true]);
  });

  test('a directory is taken in instead of them', async () => {
    delivered('death', 'death');
    const from = path.join(folder, 'death', '2026-06-30');
    const report = await nightly({ settings: delivered('claim', 'claim'), from });
    expect([report.sync, report.delivery?.kinds.map(({ kind }) => kind)]).toEqual([null, ['death']]);
  });

  test('without either it follows and checks', async () => {
    expect(await nightly({})).toMatchObject({ delivery: null, sync: null, follow: { failed: [] } });
  });

  test('ends behind what is under way when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('told to end'));
    await expect(nightly({ settings: delivered('death', 'death'), signal })).rejects.toThrow('told to end');
  });
});
