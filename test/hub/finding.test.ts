import { FUND_SUPERVISION } from '../../src/hub/codes';
import { emptyAudit } from '../support/audit';
import { type TestHub, testHub } from '../support/hub';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
type Data = any;

const ALL = `id rule { code version title titleZh basis class reads } subjectKind subject amount tier state class advice foundAt changedAt person { id }
  evidence { records { kind sourceId revision recordedAt } window { earliest latest } ruleVersion parameters { name value } agreements { field agreement } }`;

describe('findings in the graph', () => {
  let hub: TestHub;
  let found: Data[];
  beforeAll(async () => {
    hub = await testHub();
    await deliver(hub.database, smallCity());
    await hub.nightly();
    const { data, errors } = await hub.as()(`{ findings(first: 5000) { edges { node { ${ALL} } } } }`);
    expect(errors).toBeUndefined();
    const page = data?.findings as Data;
    found = page.edges.map(({ node }: Data) => node);
  });
  afterAll(() => hub.close());

  const ask = async (query: string, who?: object): Promise<Data> => (await hub.as(who)(query)).data;

  test('tell what the rules say of the small city: care paid three weeks after a death', () => {
    expect(found.map(({ rule, subject, tier }) => [rule.code, subject, tier])).toContainEqual(['D1', 'JS2', 'PROVEN']);
    const finding = found.find(({ rule, subject }) => rule.code === 'D1' && subject === 'JS2');
    expect(finding).toMatchObject({
      subjectKind: 'claim',
      amount: '70.00',
      state: 'OPEN',
      class: 'CLAIM',
      advice: 'RECOVER',
      person: { id: keyOf(JIA.number) },
    });
    expect(finding.evidence).toMatchObject({
      window: { earliest: '2026-03-10', latest: '2026-03-10' },
      ruleVersion: finding.rule.version,
    });
    expect(finding.evidence.records.map(({ kind, sourceId }: Data) => `${kind} ${sourceId}`).sort()).toEqual(
      expect.arrayContaining(['claim JS2', 'death SW1']),
    );
    expect(finding.evidence.agreements.map(({ field }: Data) => field)).toEqual(
      expect.arrayContaining(['claim.status', 'death.deathDate']),
    );
  });

  test('one by its id is the one of the list; an id of nobody is null', async () => {
    expect(found.length).toBeGreaterThan(0);
    for (const finding of found) expect(await ask(`{ finding(id: "${finding.id}") { ${ALL} } }`)).toEqual({ finding });
    for (const id of ['', 'f'.repeat(32), 'x', "' or 1=1 --", '\\u0000'])
      expect(await ask(`{ finding(id: "${id}") { id } }`)).toEqual({ finding: null });
  });

  test('in pages of one they are the same', async () => {
    const ids: string[] = [];
    let after = 'null';
    for (let page = 0; page <= found.length; page++) {
      const { findings } = await ask(
        `{ findings(first: 1, after: ${after}) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`,
      );
      ids.push(...findings.edges.map(({ node }: Data) => node.id));
      after = JSON.stringify(findings.pageInfo.endCursor);
      if (!findings.pageInfo.hasNextPage) break;
    }
    expect(ids).toEqual(found.map(({ id }) => id));
  });

  test.each([
    ['rule: "D1"', (finding: Data) => finding.rule.code === 'D1'],
    ['state: OPEN', (finding: Data) => finding.state === 'OPEN'],
    ['state: WITHDRAWN', (finding: Data) => finding.state === 'WITHDRAWN'],
    ['rule: "D99"', () => false],
  ])('with %s', async (filter, keep) => {
    const { findings } = await ask(`{ findings(${filter}) { edges { node { id } } } }`);
    expect(findings.edges.map(({ node }: Data) => node.id)).toEqual(found.filter(keep).map(({ id }) => id));
  });

  test.each(['first: 0', 'first: 5001', 'after: ""', 'after: "zzz"', 'after: "\\u0000"', 'rule: "\\u0000"'])(
    '%s is bad input',
    async (argument) => {
      const { data, errors } = await hub.as()(`{ findings(${argument}) { edges { cursor } } }`);
      expect([data, errors?.map(({ extensions }) => extensions?.code)]).toEqual([
        { findings: null },
        ['BAD_USER_INPUT'],
      ]);
    },
  );

  test('the rules, each in both languages with its law', async () => {
    const { rules } = await ask('{ rules { code version title titleZh basis class reads } }');
    expect(rules.map(({ code }: Data) => code)).toEqual(expect.arrayContaining(['D1', 'D3', 'D8', 'E0', 'P1', 'T1']));
    for (const { title, titleZh, basis, reads } of rules) {
      expect([/[A-Za-z]/.test(title), /[\u4e00-\u9fff]/.test(titleZh), basis.length > 0, reads.length > 0]).toEqual([
        true,
        true,
        true,
        true,
      ]);
    }
  });

  test('reading them is recorded with the persons concerned; other agencies may not', async () => {
    await emptyAudit(hub.database.pool);
    await ask('{ findings { edges { node { id } } } }', { purpose: FUND_SUPERVISION });
    const refused = await hub.as({ agency: 'social-security', purpose: 'PENSION_REVIEW' })(
      '{ findings { edges { node { id } } } }',
    );
    expect(refused.errors?.map(({ extensions }) => extensions?.reason)).toContain('NO_AGREEMENT');
    const { rows } = await hub.database.pool.query<{ record: Data }>(
      'select leaf::jsonb as record from audit.record order by seq',
    );
    expect(rows.map(({ record }) => [record.decision, record.persons.length > 0])).toEqual([
      ['GRANTED', true],
      ['REFUSED', false],
    ]);
    expect(rows[0]?.record.persons).toContain(keyOf(JIA.number));
    expect(rows[0]?.record.freshness.finding).toMatch(/^\d{4}-/);
  });
});
