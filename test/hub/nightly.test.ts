import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SAMPLE_CITY, type TestHub, testHub } from '../support/hub';

const FINDINGS = `query Findings($after: String) {
  findings(first: 1000, after: $after) { edges { node { rule { code } subjectKind subject amount tier state } } pageInfo { hasNextPage endCursor } }
}`;

/** The lines of an expectation file that belong to the rules there are, as the graph tells them. */
function expected(file: string, rules: ReadonlySet<string>): string[] {
  const lines = readFileSync(path.join(SAMPLE_CITY, file), 'utf8').trim().split('\n').slice(1);
  return lines.filter((line) => rules.has(line.split(',')[0] as string)).sort();
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
    const rules = new Set(first.check.rules.map(({ rule }) => rule));
    expect(first.follow.failed).toEqual([]);
    expect(await standing(hub)).toEqual(expected('expected.csv', rules));

    const again = await hub.nightly('delivery');
    expect(again.delivery?.kinds.map(({ kind, rowsIn, unchanged }) => [kind, rowsIn - unchanged])).toEqual(
      again.delivery?.kinds.map(({ kind }) => [kind, 0]),
    );
    expect(Object.values(again.follow.changes)).toEqual(Object.values(again.follow.changes).map(() => 0));
    expect(await standing(hub)).toEqual(expected('expected.csv', rules));

    await hub.nightly('delivery-2');
    expect(await standing(hub)).toEqual(expected('expected-2.csv', rules));
    await hub.nightly('delivery-2');
    expect(await standing(hub)).toEqual(expected('expected-2.csv', rules));
    expect(hub.reported).toEqual([]);
  }, 180_000);
});
