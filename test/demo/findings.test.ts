import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeDemoCity } from '../../src/demo/city';
import { runNightly } from '../../src/hub/nightly';
import { SAMPLE_DAY, SAMPLE_KEY, testHub } from '../support/hub';

const FINDINGS = '{ findings(first: 5000) { edges { node { rule { code } subject } } } }';

test('the cross-check finds in a demo city what was planted there, and nothing else', async () => {
  const out = mkdtempSync(path.join(tmpdir(), 'heyan-demo-'));
  const hub = await testHub();
  try {
    const { planted } = await writeDemoCity({ persons: 1_500, seed: 7, out, asOf: SAMPLE_DAY });
    await runNightly(hub.database, hub.hub, { from: out, asOf: SAMPLE_DAY, hubKey: SAMPLE_KEY, quarantineLimit: 0 });
    const { data } = await hub.as()(FINDINGS);
    const found = data?.findings as { edges: { node: { rule: { code: string }; subject: string } }[] };
    expect(found.edges.map(({ node }) => `${node.rule.code} ${node.subject}`).sort()).toEqual(
      planted.map(({ rule, subject }) => `${rule} ${subject}`).sort(),
    );
    expect(planted.length).toBeGreaterThan(10);
  } finally {
    await hub.close();
    rmSync(out, { recursive: true, force: true });
  }
}, 180_000);
