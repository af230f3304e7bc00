import { approve, tamper } from '../support/agreement';
import { emptyAudit } from '../support/audit';
import { type TestHub, testHub } from '../support/hub';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
type Data = any;

const ALL = `id provider agency purposes caseRequired covertDays { purpose days } clauses { recordKind fields verbs masks { field mask } districts }
  validFrom validTo personsPerDay state proposedBy proposedAt approvedBy approvedAt approval { algorithm keyId publicKey signature hash } signed
  revokedBy revokedAt revokedReason version events { at agency officer fromState toState reason }`;
const DRAFT = `mutation Draft($input: AgreementInput!) { draftAgreement(input: $input) { ${ALL} } }`;
const step = (name: string) => `mutation Step($id: ID!) { ${name}Agreement(id: $id) { state version } }`;
const REVOKE = 'mutation Revoke($id: ID!, $reason: String!) { revokeAgreement(id: $id, reason: $reason) { state } }';
const ID = 'civil-affairs/pensions/1';
const INPUT = {
  id: ID, agency: 'pensions', purposes: ['REVIEW'], covertDays: [{ purpose: 'REVIEW', days: 30 }],
  clauses: [{ recordKind: 'death', fields: ['deathDate', 'name'], verbs: ['LOOKUP'], masks: [{ field: 'name', mask: 'PARTIAL' }], districts: ['3403'] }],
  validFrom: '2026-06-01', validTo: '2026-12-31', personsPerDay: 5,
}; // biome-ignore format: one agreement

describe('agreements in the graph', () => {
  let hub: TestHub;
  let now = new Date('2026-06-30T10:00:00+08:00');
  beforeAll(async () => {
    hub = await testHub({ now: () => now });
    for (const code of ['pensions', 'outsider'])
      await hub.database.pool.query('insert into sharing.agency (code, name_en, name_zh) values ($1, $1, $1)', [code]);
    await deliver(hub.database, smallCity());
  });
  beforeEach(async () => {
    now = new Date('2026-06-30T10:00:00+08:00');
    await tamper(hub.database, `delete from sharing.agreement_event where agreement like 'civil-affairs/pensions/%'`);
    await tamper(hub.database, `delete from sharing.agreement where agency = 'pensions'`);
  });
  afterAll(() => hub.close());

  const officer = (name: string | null) => hub.as({ agency: 'civil-affairs', officer: name });
  const user = () => hub.as({ agency: 'pensions', purpose: 'REVIEW' });
  const outsider = () => hub.as({ agency: 'outsider' });
  const codes = (answer: Data) => answer.errors?.map(({ extensions }: Data) => extensions.code);
  const grant = () =>
    approve(hub.database, hub.hub.signer, {
      id: ID,
      agency: 'pensions',
      clauses: [{ recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP'] }],
    });

  test('an officer drafts and proposes, another approves, the agency uses it, and one revokes it', async () => {
    const drafted = await officer('甲')(DRAFT, { input: INPUT });
    expect(drafted.errors).toBeUndefined();
    expect((drafted.data as Data).draftAgreement).toMatchObject({
      ...INPUT,
      provider: 'civil-affairs',
      caseRequired: false,
      state: 'DRAFT',
      signed: false,
      approval: null,
      version: 1,
    });
    expect((await officer('甲')(step('propose'), { id: ID })).data).toEqual({
      proposeAgreement: { state: 'PROPOSED', version: 2 },
    });
    expect((await officer('乙')(step('approve'), { id: ID })).data).toEqual({
      approveAgreement: { state: 'APPROVED', version: 3 },
    });
    const { data } = await user()(`{ agreement(id: "${ID}") { ${ALL} } }`);
    expect(data?.agreement).toMatchObject({
      state: 'APPROVED',
      signed: true,
      proposedBy: '甲',
      approvedBy: '乙',
      approval: { keyId: hub.hub.signer.keyId },
      events: [{ toState: 'DRAFT' }, { toState: 'PROPOSED' }, { toState: 'APPROVED', officer: '乙' }],
    });
    expect((await officer('丙')(REVOKE, { id: ID, reason: '不再需要' })).data).toEqual({
      revokeAgreement: { state: 'REVOKED' },
    });
  });

  test('every mistake in the terms comes back with its place', async () => {
    const [clause] = INPUT.clauses;
    const input = {
      ...INPUT,
      agency: 'ghost',
      purposes: ['x'],
      covertDays: [],
      clauses: [clause, { ...clause, fields: ['sin'] }],
    };
    const answer = await officer('甲')(DRAFT, { input });
    expect([codes(answer), answer.data]).toEqual([['BAD_USER_INPUT'], { draftAgreement: null }]);
    expect((answer as Data).errors[0].extensions.mistakes.map(({ path }: Data) => path.join('.'))).toEqual([
      'agency', 'purposes.0', 'clauses.1.fields.0', 'clauses.1.masks.name',
    ]); // biome-ignore format: a list
  });

  test.each<[string, (id: string) => Promise<Data>, RegExp]>([
    ['no officer', () => officer(null)(DRAFT, { input: INPUT }), /An officer is required/],
    ["another's id", () => outsider()(DRAFT, { input: INPUT }), /id must begin with outsider\//],
    ["another's records", () => outsider()(DRAFT, { input: { ...INPUT, id: 'outsider/1' } }), /death is civil-affairs's to give, not outsider's/],
    ['a mask twice', () => officer('甲')(DRAFT, { input: { ...INPUT, clauses: [{ ...INPUT.clauses[0], masks: [{ field: 'name', mask: 'PARTIAL' }, { field: 'name', mask: 'PLAIN' }] }] } }), /field name stands there twice/],
    ['the user proposes', (id) => user()(step('propose'), { id }), /can be proposed by officers of civil-affairs only/],
    ['the user revokes', (id) => user()(REVOKE, { id, reason: 'x' }), /can be revoked by officers of civil-affairs only/],
    ['a stranger approves', (id) => outsider()(step('approve'), { id }), /There is no agreement civil-affairs\/pensions\/1 of which/],
    ['a stranger approves nothing', () => outsider()(step('approve'), { id: 'civil-affairs/none' }), /There is no agreement civil-affairs\/none of which/],
    ['no reason', (id) => officer('甲')(REVOKE, { id, reason: ' ' }), /A reason is required/],
  ])('refused as bad input: %s', async (_, ask, expected) => {
    await officer('甲')(DRAFT, { input: INPUT });
    const answer = await ask(ID);
    expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors[0].message).toMatch(expected);
    expect(Object.values(answer.data)).toEqual([null]);
  }); // biome-ignore format: a table

  test('its two sides see an agreement, in every state; nobody else finds out that there is one', async () => {
    await officer('甲')(DRAFT, { input: INPUT });
    const LIST = '{ agreements(first: 5000) { edges { node { id provider agency } } } }';
    for (const see of [officer('甲'), user()]) {
      expect((await see(`{ agreement(id: "${ID}") { id state } }`)).data).toEqual({
        agreement: { id: ID, state: 'DRAFT' },
      });
      const { agreements } = (await see(LIST)).data as Data;
      expect(agreements.edges.map(({ node }: Data) => node.id)).toContain(ID);
    }
    for (const id of [ID, 'civil-affairs/none', 'a\\u0000b', ''])
      expect(await outsider()(`{ agreement(id: "${id}") { id } }`)).toMatchObject({ data: { agreement: null } });
    expect(((await outsider()(LIST)).data as Data).agreements.edges).toEqual([]);
    // Of everybody's agreements, each agency sees exactly those of which it is a side.
    const { rows } = await hub.database.pool.query<{ id: string; provider: string; agency: string }>(
      'select id, provider, agency from sharing.agreement order by id',
    );
    for (const agency of new Set(rows.flatMap((row) => [row.provider, row.agency]))) {
      const { agreements } = (await hub.as({ agency })(LIST)).data as Data;
      const own = rows.filter((row) => row.provider === agency || row.agency === agency);
      expect(agreements.edges.map(({ node }: Data) => node)).toEqual(own);
    }
  });

  test('in pages of one, and by state', async () => {
    await grant();
    const ids: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 20; page++) {
      const { agreements } = (await officer('甲')('query($after: String) { agreements(first: 1, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } }', { after })).data as Data; // biome-ignore format: one question
      ids.push(...agreements.edges.map(({ node }: Data) => node.id));
      after = agreements.pageInfo.endCursor;
      if (!agreements.pageInfo.hasNextPage) break;
    }
    const { agreements } = (await officer('甲')('{ agreements { edges { node { id } } } }')).data as Data;
    expect(ids).toEqual(agreements.edges.map(({ node }: Data) => node.id));
    expect(ids).toContain(ID);
    const inState = async (state: string) =>
      ((await user()(`{ agreements(state: ${state}) { edges { node { id state } } } }`)).data as Data).agreements.edges.map(({ node }: Data) => node.state); // biome-ignore format: one question
    expect([await inState('APPROVED'), await inState('EXPIRED')]).toEqual([['APPROVED'], []]);
    now = new Date('2027-01-01T00:00:00+08:00');
    expect([await inState('APPROVED'), await inState('EXPIRED')]).toEqual([[], ['EXPIRED']]);
    for (const wrong of ['first: 0', 'first: 5001', 'after: "x"'])
      expect(codes(await user()(`{ agreements(${wrong}) { edges { cursor } } }`))).toEqual(['BAD_USER_INPUT']);
  });

  test('a change is on record before it is made; with no record, nothing changes', async () => {
    await officer('甲')(DRAFT, { input: INPUT });
    await emptyAudit(hub.database.pool);
    await officer('甲')(step('propose'), { id: ID });
    const { rows } = await hub.database.pool.query<{ record: Data }>(
      'select leaf::jsonb as record from audit.record order by seq',
    );
    // What was to be done, and what was done.
    expect(rows.map(({ record }) => record.agreements)).toEqual([[], [ID]]);
    for (const { record } of rows)
      expect(record).toMatchObject({
        agency: 'civil-affairs',
        officer: '甲',
        operation: { name: 'Step' },
        decision: 'GRANTED',
      });
    await hub.database.pool.query('alter table audit.record rename to hidden');
    const answer = await officer('乙')(step('approve'), { id: ID });
    await hub.database.pool.query('alter table audit.hidden rename to record');
    expect(codes(answer)).toEqual(['AUDIT_UNAVAILABLE']);
    expect((await user()(`{ agreement(id: "${ID}") { state } }`)).data).toEqual({ agreement: { state: 'PROPOSED' } });
  });

  test('a clause widened in the database is shown as unsigned, grants nothing, and the operator hears of it', async () => {
    await grant();
    const ask = (field: string) => user()(`{ person(id: "${keyOf(JIA.number)}") { deaths { ${field} } } }`);
    expect((await ask('deathDate')).data).toEqual({ person: { deaths: [{ deathDate: '2026-03-10' }] } });
    await tamper(
      hub.database,
      `update sharing.agreement set clauses = jsonb_set(clauses, '{0,fields}', '["deathDate", "name"]') where id = $1`,
      [ID],
    );
    hub.reported.length = 0;
    for (const field of ['name', 'deathDate']) {
      const answer = await ask(field);
      expect([answer.data ?? null, answer.errors?.map(({ extensions }) => extensions?.reason)]).toEqual([
        null,
        ['NO_AGREEMENT'],
      ]);
      expect(JSON.stringify(answer)).not.toMatch(/金丝雀|2026-03-10/);
    }
    expect((await user()(`{ agreement(id: "${ID}") { signed } }`)).data).toEqual({ agreement: { signed: false } });
    expect(hub.reported.map(String).filter((line) => /counts for nothing/.test(line))).not.toEqual([]);
  });

  test('a provider is told who used which of its fields; others are told of theirs', async () => {
    await grant();
    await emptyAudit(hub.database.pool);
    await user()(`{ person(id: "${keyOf(JIA.number)}") { deaths { deathDate } } }`);
    await user()(`{ person(id: "${keyOf(JIA.number)}") { deaths { name } } }`);
    const REPORT =
      '{ fieldUses(from: "2026-06-30", to: "2026-06-30") { isComplete lines { agency purpose kind field verb refused operations } } }';
    const { fieldUses } = (await officer('甲')(REPORT)).data as Data;
    const told = { agency: 'pensions', purpose: 'REVIEW', kind: 'death', verb: 'LOOKUP', operations: 1 };
    expect(fieldUses.lines).toEqual(
      expect.arrayContaining([
        { ...told, field: 'deathDate', refused: null },
        { ...told, field: 'name', refused: 'FIELD' },
      ]),
    );
    for (const ask of [user(), hub.as({ agency: 'tax' })])
      expect((await ask(REPORT)).data).toEqual({ fieldUses: { isComplete: true, lines: [] } });
  });
});
