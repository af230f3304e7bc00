import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { personKey } from '../../src/bureaus/keys';
import { writeDemoCity } from '../../src/demo/city';
import { runNightly } from '../../src/hub/nightly';
import { SAMPLE_DAY, SAMPLE_KEY, testHub } from '../support/hub';
import { allFindings, PLANTED_RULES, readDelivery } from './oracle';

const FINDINGS = '{ findings(first: 5000) { edges { node { rule { code } subject } } } }';

test('the cross-check finds in a demo city what was planted there, what follows from it by the other rules, and nothing else', async () => {
  const out = mkdtempSync(path.join(tmpdir(), 'heyan-demo-'));
  const hub = await testHub();
  try {
    const { planted } = await writeDemoCity({ persons: 1_500, seed: 7, out, asOf: SAMPLE_DAY });
    await runNightly(hub.database, hub.hub, { from: out, asOf: SAMPLE_DAY, hubKey: SAMPLE_KEY, quarantineLimit: 0 });
    const { data } = await hub.as()(FINDINGS);
    const found = data?.findings as { edges: { node: { rule: { code: string }; subject: string } }[] };
    const lines = found.edges.map(({ node }) => `${node.rule.code} ${node.subject}`).sort();
    expect(lines.filter((line) => PLANTED_RULES.includes(line.split(' ')[0] as string))).toEqual(
      planted.map(({ rule, subject }) => `${rule} ${subject}`).sort(),
    );
    const keyOf = (number: string) => personKey(SAMPLE_KEY, number).toString('hex');
    expect(lines).toEqual(allFindings(readDelivery(out), SAMPLE_DAY, keyOf));
    expect(planted.length).toBeGreaterThan(10);
  } finally {
    await hub.close();
    rmSync(out, { recursive: true, force: true });
  }
}, 180_000);
