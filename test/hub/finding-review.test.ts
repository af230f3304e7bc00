import { CASE_INVESTIGATION, FUND_SUPERVISION, SUPERVISION } from '../../src/hub/codes';
import { approve } from '../support/agreement';
import { emptyAudit } from '../support/audit';
import { type TestHub, testHub } from '../support/hub';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
type Data = any;

const LIFE = `id state version isSupported changedSinceDecision changedAt decision { outcome bureau reason decidedBy agency decidedAt }
  withdrawnBecause { records { kind sourceId before after became } supersededBy ruleChanged run asOf at }
  history { edges { node { version at act fromState toState run records { kind sourceId became } agency officer outcome bureau reason } } pageInfo { hasNextPage endCursor } }`;
const ANSWER = '{ id state version }';
const TAKE_UP = `mutation TakeUp($findings: [FindingSeenInput!]!) { takeUpFindings(findings: $findings) ${ANSWER} }`;
const GIVE_BACK = `mutation GiveBack($findings: [FindingSeenInput!]!) { giveBackFindings(findings: $findings) ${ANSWER} }`;
const DECIDE = `mutation Decide($findings: [FindingSeenInput!]!, $outcome: FindingOutcome!, $reason: String!, $bureau: String) {
  decideFindings(findings: $findings, outcome: $outcome, reason: $reason, bureau: $bureau) ${ANSWER}
}`;
const DECISION = { outcome: 'RECOVER', reason: `死亡后结算，已向家属核实：${JIA.name}` };

describe('findings reviewed in the graph', () => {
  let hub: TestHub;
  let id: string;

  beforeAll(async () => {
    hub = await testHub();
    await deliver(hub.database, smallCity());
    await hub.nightly();
    const { data } = await hub.as()('{ findings(rule: "D1") { edges { node { id subject } } } }');
    id = (data as Data).findings.edges.find(({ node }: Data) => node.subject === 'JS2').node.id;
  });
  afterAll(() => hub.close());

  const officer = (name: string | null, purpose = CASE_INVESTIGATION) => hub.as({ officer: name, purpose });
  const seen = (version: number, ...ids: string[]) => ({ findings: (ids.length ? ids : [id]).map((one) => ({ id: one, version })) }); // biome-ignore format: one line
  const look = async (): Promise<Data> => {
    const { data, errors } = await officer(null)(`{ finding(id: "${id}") { ${LIFE} } }`);
    expect(errors).toBeUndefined();
    return (data as Data).finding;
  };
  const codes = (answer: Data) => answer.errors?.map(({ extensions }: Data) => extensions.code);
  const acts = ({ history }: Data) => history.edges.map(({ node }: Data) => `${node.act} ${node.officer ?? 'run'}`);

  test('nobody has looked at a new one', async () => {
    expect(await look()).toMatchObject({
      state: 'OPEN',
      version: 1,
      isSupported: true,
      changedSinceDecision: false,
      decision: null,
      withdrawnBecause: null,
    });
  });

  test('one is taken up, given back, taken up and decided; its history tells who, when and why', async () => {
    expect(await officer('甲')(TAKE_UP, seen(1))).toMatchObject({
      data: { takeUpFindings: [{ id, state: 'UNDER_REVIEW', version: 2 }] },
    });
    expect((await officer('甲')(GIVE_BACK, seen(2))).data).toEqual({
      giveBackFindings: [{ id, state: 'OPEN', version: 3 }],
    });
    await officer('乙')(TAKE_UP, seen(3));
    expect((await officer('乙')(DECIDE, { ...seen(4), ...DECISION })).data).toEqual({
      decideFindings: [{ id, state: 'RECOVER', version: 5 }],
    });
    const finding = await look();
    expect(finding).toMatchObject({
      state: 'RECOVER',
      version: 5,
      decision: { ...DECISION, bureau: null, decidedBy: '乙', agency: SUPERVISION, decidedAt: finding.changedAt },
    });
    expect(acts(finding)).toEqual(['FOUND run', 'TAKEN_UP 甲', 'GIVEN_BACK 甲', 'TAKEN_UP 乙', 'DECIDED 乙']);
    expect(finding.history.edges[4].node).toMatchObject({ reason: DECISION.reason, outcome: 'RECOVER', run: null });
  });

  test('the history comes in pages', async () => {
    const versions: number[] = [];
    let after: string | null = null;
    for (let page = 0; page < 5; page++) {
      const { data } = (await officer(null)(
        `query($id: ID!, $after: String) { finding(id: $id) { history(first: 2, after: $after) { edges { node { version } } pageInfo { hasNextPage endCursor } } } }`,
        { id, after },
      )) as Data;
      versions.push(...data.finding.history.edges.map(({ node }: Data) => node.version));
      after = data.finding.history.pageInfo.endCursor;
      if (!data.finding.history.pageInfo.hasNextPage) break;
    }
    expect(versions).toEqual([1, 2, 3, 4, 5]);
    for (const wrong of ['first: 0', 'first: 5001', 'after: "x"', 'after: "WyJ4IiwiIl0"'])
      expect(codes(await officer(null)(`{ finding(id: "${id}") { history(${wrong}) { edges { cursor } } } }`))).toEqual(['BAD_USER_INPUT']); // biome-ignore format: one question
  });

  test('a stale version is refused with what stands now, and with the next step', async () => {
    const answer = (await officer('甲')(DECIDE, { ...seen(4), outcome: 'LEGITIMATE', reason: '另有结论' })) as Data;
    expect(answer.data).toEqual({ decideFindings: null });
    const message = `Finding ${id} has changed since you looked at it: it is RECOVER, version 5. Read it again`;
    expect(answer.errors).toMatchObject([
      { message, extensions: { code: 'CONFLICT', refused: [{ id, because: 'CHANGED', state: 'RECOVER', version: 5, message }] } },
    ]); // biome-ignore format: one answer
  });

  test.each<[string, () => Promise<Data>, string, RegExp]>([
    ['no officer', () => officer(null)(TAKE_UP, seen(5)), 'BAD_USER_INPUT', /^An officer is required: use a token that names one$/],
    ['no such finding', () => officer('甲')(TAKE_UP, seen(1, 'f'.repeat(32))), 'BAD_USER_INPUT', /^There is no finding f{32}/],
    ['no reason', () => officer('甲')(DECIDE, { ...seen(5), ...DECISION, reason: ' ' }), 'BAD_USER_INPUT', /^A reason is required/],
    ['an unknown bureau', () => officer('甲')(DECIDE, { ...seen(5), reason: 'x', outcome: 'SOURCE_ERROR', bureau: '金丝雀局' }), 'BAD_USER_INPUT', /one of civil-affairs, medical-insurance, public-security, rural-revitalisation, social-security, tax$/],
    ['a decided one taken up', () => officer('甲')(TAKE_UP, seen(5)), 'CONFLICT', /is RECOVER: decide on it anew$/],
    ['too many', () => officer('甲')(TAKE_UP, seen(1, ...Array.from({ length: 501 }, (_, n) => `${n}`))), 'BAD_USER_INPUT', /^Name from 1 to 500 findings/],
  ])('refused: %s', async (_, ask, code, expected) => {
    const before = await look();
    const answer = await ask();
    expect([codes(answer), Object.values(answer.data)]).toEqual([[code], [null]]);
    expect(answer.errors[0].message).toMatch(expected);
    expect(JSON.stringify(answer)).not.toMatch(/金丝雀/);
    expect(await look()).toEqual(before);
  }); // biome-ignore format: a table

  test('an outcome that there is not is refused before anything is asked', async () => {
    const answer = await officer('甲')(DECIDE, { ...seen(5), ...DECISION, outcome: 'OPEN' });
    expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
    expect(JSON.stringify(answer)).not.toMatch(/金丝雀/);
  });

  describe('needs an agreement that grants REVIEW on what it changes', () => {
    const grants = (agency: string, fields: string[], more: object = {}) =>
      approve(hub.database, hub.hub.signer, {
        provider: SUPERVISION,
        agency,
        clauses: [
          { recordKind: 'finding', fields: ['id', 'state', 'version', 'decision', 'history'], verbs: ['LOOKUP', 'LIST'] },
          ...(fields.length > 0 ? [{ recordKind: 'finding', fields, verbs: ['REVIEW' as const] }] : []),
        ],
        ...more,
      }); // biome-ignore format: one agreement
    const asked = (agency: string) => hub.as({ agency, purpose: 'REVIEW', officer: '外' });
    const reasons = ({ errors }: Data) =>
      errors?.map(({ extensions: { code, field, verb, reason } }: Data) => `${code} ${field}:${verb} ${reason}`).sort();

    test('without the verb: NOT_SHARED, and nothing changes', async () => {
      await grants('reader', []);
      const before = await look();
      const all = ['*', 'id', 'state', 'version'].map((field) => `NOT_SHARED finding.${field}:REVIEW VERB`);
      expect(reasons(await asked('reader')(TAKE_UP, seen(5)))).toEqual(all);
      expect(reasons(await asked('reader')(DECIDE, { ...seen(5), ...DECISION }))).toEqual(
        [...all, 'NOT_SHARED finding.decision:REVIEW VERB'].sort(),
      );
      expect(await look()).toEqual(before);
    });

    test('without the decision: it may be taken up and given back, and not decided', async () => {
      await grants('helper', ['id', 'state', 'version']);
      expect(codes(await asked('helper')(TAKE_UP, seen(5)))).toEqual(['CONFLICT']);
      expect(reasons(await asked('helper')(DECIDE, { ...seen(5), ...DECISION }))).toEqual([
        'NOT_SHARED finding.decision:REVIEW VERB',
      ]);
    });

    test('for the supervision’s case investigation it is there from the beginning, for its blind work it is not', async () => {
      expect(reasons(await officer('甲', FUND_SUPERVISION)(TAKE_UP, seen(5)))).toContain(
        'NOT_SHARED finding.state:REVIEW VERB',
      );
      const blind = `{ finding(id: "${id}") { state version isSupported changedSinceDecision withdrawnBecause { run } } }`;
      expect((await officer(null, FUND_SUPERVISION)(blind)).errors).toBeUndefined();
      // Reasons are people's own words: they may name somebody.
      for (const field of ['decision { reason }', 'history { edges { node { reason } } }'])
        expect(reasons(await officer(null, FUND_SUPERVISION)(`{ finding(id: "${id}") { ${field} } }`))).toEqual([
          `NOT_SHARED finding.${field.split(' ')[0]}:LOOKUP FIELD`,
        ]);
    });

    test('not under one that counts persons: what was done could not be kept back', async () => {
      await grants('counted', ['id', 'state', 'version', 'decision'], { personsPerDay: 5 });
      const answer = (await asked('counted')(TAKE_UP, seen(5))) as Data;
      expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
      expect(answer.errors[0].message).toMatch(/counts persons: ask for REVIEW in one of its own$/);
    });
  });

  test('many are one act: all or none, answered for each', async () => {
    const { data } = (await officer(null)('{ findings { edges { node { id state version } } } }')) as Data;
    const open = data.findings.edges.map(({ node }: Data) => node).filter(({ state }: Data) => state === 'OPEN');
    expect(open.length).toBeGreaterThan(1);
    const ids = open.map((node: Data) => node.id);
    const refused = (await officer('戊')(TAKE_UP, seen(1, ...ids, id))) as Data;
    expect(refused.errors[0].message).toMatch(/^1 of \d+ findings stand in the way, and nothing was done/);
    expect(refused.errors[0].extensions.refused).toMatchObject([{ id, because: 'CHANGED', version: 5 }]);
    const { data: done } = (await officer('甲')(TAKE_UP, seen(1, ...ids))) as Data;
    expect(done.takeUpFindings).toEqual(ids.map((one: string) => ({ id: one, state: 'UNDER_REVIEW', version: 2 })));
  });

  test('each act is on record before it is done, and again with the persons concerned; the reason is not', async () => {
    await emptyAudit(hub.database.pool);
    await officer('丙')(DECIDE, { ...seen(5), ...DECISION });
    const { rows } = await hub.database.pool.query<{ leaf: string }>('select leaf from audit.record order by seq');
    const records: Data[] = rows.map(({ leaf }) => JSON.parse(leaf));
    expect(records.map(({ decision, officer: who, persons, operation }) => [decision, who, persons, operation.name])).toEqual([
      ['GRANTED', '丙', [], 'Decide'],
      ['GRANTED', '丙', [keyOf(JIA.number)], 'Decide'],
    ]); // biome-ignore format: a table
    expect(records[1].footprint).toContain('finding.decision:REVIEW');
    expect(rows.map(({ leaf }) => leaf).join()).not.toMatch(/金丝雀/);
    expect(await look()).toMatchObject({ version: 6, decision: { decidedBy: '丙' } });
  });

  test('what cannot be recorded is not done', async () => {
    await hub.database.pool.query(`alter table audit.record add constraint full_up check (seq < 0) not valid`);
    const answer = await officer('丁')(DECIDE, { ...seen(6), ...DECISION });
    await hub.database.pool.query(`alter table audit.record drop constraint full_up`);
    expect(codes(answer)).toEqual(['AUDIT_UNAVAILABLE']);
    expect(await look()).toMatchObject({ version: 6, decision: { decidedBy: '丙' } });
  });

  test('a voided certificate contradicts what was decided and withdraws the rest; one that comes late brings them back, and the graph tells what changed', async () => {
    const [death] = smallCity().death ?? [];
    await deliver(hub.database, { death: [{ ...death, status: 'VOIDED', updated_at: '2026-07-01' }] });
    const { check } = await hub.nightly(undefined, '2026-07-01');
    expect(check.rules.find(({ rule }) => rule === 'D1')).toMatchObject({ found: 0, contradicted: 1 });
    const finding = await look();
    expect(finding).toMatchObject({
      state: 'CONTRADICTED',
      version: 7,
      isSupported: false,
      changedSinceDecision: true,
      decision: { ...DECISION, decidedBy: '丙' },
      withdrawnBecause: {
        records: [{ kind: 'death', sourceId: 'SW1', before: expect.any(String), after: expect.any(String), became: 'VOIDED' }],
        supersededBy: null,
        ruleChanged: false,
        run: check.run,
        asOf: '2026-07-01',
      },
    }); // biome-ignore format: one finding
    expect(finding.history.edges.at(-1).node).toMatchObject({
      act: 'CONTRADICTED',
      fromState: 'RECOVER',
      run: check.run,
      records: [{ kind: 'death', sourceId: 'SW1', became: 'VOIDED' }],
    });
    const { data } = (await officer(null)(`{ findings(state: WITHDRAWN) { edges { node { withdrawnBecause { records { sourceId became } } } } } }`)) as Data; // biome-ignore format: one question
    expect(data.findings.edges.map(({ node }: Data) => node.withdrawnBecause.records)).toContainEqual([
      { sourceId: 'SW1', became: 'VOIDED' },
    ]);

    await deliver(hub.database, { death: [{ ...death, source_id: 'SW2', updated_at: '2026-07-02' }] });
    await hub.nightly(undefined, '2026-07-02');
    const back = await look();
    expect(back).toMatchObject({
      state: 'RECOVER',
      isSupported: true,
      changedSinceDecision: true,
      withdrawnBecause: null,
    });
    expect(acts(back).slice(-3)).toEqual(['DECIDED 丙', 'CONTRADICTED run', 'SUPPORTED run']);
  });
});
