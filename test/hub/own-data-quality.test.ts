import { recordKinds } from '../../src/bureaus/bureau';
import { decide, takeUp } from '../../src/crosscheck/review';
import { allRules } from '../../src/crosscheck/rulebook';
import { SUPERVISION } from '../../src/hub/codes';
import { emptyAudit } from '../support/audit';
import { type TestHub, testHub } from '../support/hub';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
type Data = any;

jest.setTimeout(60_000);

const LIST = `query Own($first: Int, $after: String, $state: FindingState) {
  ownDataQuality(first: $first, after: $after, state: $state) {
    edges { node { id rule title titleZh subjectKind records { kind sourceId revision } state isSourceError foundAt changedAt } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const PERSON = 'ca'.repeat(16);
const PROVIDERS = [...new Set(recordKinds().map(({ provider }) => provider))].sort();
const providerOf = (kind: string) => recordKinds().find((one) => one.kind === kind)?.provider;
/** A rule's text is all that a ticket needs of it; its class is written with the finding. */
const RULE = allRules()[0]?.code as string;
const RECORDS = recordKinds().map(({ kind }) => ({
  kind,
  sourceId: `CANARY-${kind}`,
  revision: '7',
  recordedAt: '2026-06-01T00:00:00.000000Z',
}));

describe('what a bureau is told of its own records', () => {
  let hub: TestHub;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    hub = await testHub();
    await hub.database.pool.query(
      `insert into crosscheck.run (as_of, is_full, started_at, finished_at) values ('2026-06-30', true, now(), now())`,
    );
    for (const { kind } of recordKinds()) await plant(kind, kind);
    await plant('person', 'person');
    await plant('claim', 'a claim of no data quality', { class: 'CLAIM' });
    await plant('death', 'withdrawn', { state: 'WITHDRAWN' });
    await plant('person', 'of one bureau', { records: RECORDS.filter(({ kind }) => kind === 'poverty') });
  });
  afterAll(() => hub.close());

  let planted = 0;
  /** A finding on a record of this kind that rests on one record of every kind. */
  async function plant(
    kind: string,
    name: string,
    more: { class?: string; state?: string; records?: object[] } = {},
  ): Promise<void> {
    planted += 1;
    const id = planted.toString(16).padStart(32, '0');
    ids[name] = id;
    const subject =
      kind === 'person'
        ? `${PERSON.slice(0, 30)}${planted.toString(16).padStart(2, '0')}`
        : `CANARY-${kind}-${planted}`;
    await hub.database.pool.query(
      `insert into crosscheck.finding (id, rule, rule_version, subject_kind, subject, person_key, amount, class, advice, state, evidence,
         found_at, changed_at, found_run, changed_run, unsupported_since)
       select $1, $2, 1, $3, $4, decode($5, 'hex'), 123456.78, $6, 'VERIFY', $7, $8, $9, $9, id, id, case $7 when 'WITHDRAWN' then 1 end
       from crosscheck.run`,
      [
        id, RULE, kind, subject, PERSON, more.class ?? 'DATA_QUALITY', more.state ?? 'OPEN',
        { rule: RULE, version: 1, parameters: {}, agreements: {}, tier: null, window: null, records: more.records ?? RECORDS },
        `2026-06-${String(planted).padStart(2, '0')}T00:00:00Z`,
      ], // biome-ignore format: a row
    );
  }
  const ask = async (agency: string, variables: object = {}): Promise<Data> =>
    hub.as({ agency, purpose: 'OWN' })(LIST, variables as never);
  const nodes = async (agency: string, variables: object = {}): Promise<Data[]> => {
    const { data, errors } = await ask(agency, { first: 5_000, ...variables });
    expect(errors).toBeUndefined();
    return data.ownDataQuality.edges.map(({ node }: Data) => node);
  };
  const nameOf = (id: string) => Object.entries(ids).find(([, one]) => one === id)?.[0];

  test.each(PROVIDERS)('%s: findings on its own records and on persons of whom it has one, newest first', async (agency) => {
    const own = recordKinds().filter(({ provider }) => provider === agency).map(({ kind }) => kind);
    const found = await nodes(agency);
    const persons = agency === providerOf('poverty') ? ['of one bureau', 'person'] : ['person'];
    expect(found.map(({ id }) => nameOf(id))).toEqual([...persons, ...own.reverse()]);
    for (const ticket of found) {
      expect(new Set(ticket.records.map(({ kind }: Data) => providerOf(kind)))).toEqual(new Set([agency]));
      expect(ticket).toMatchObject({ rule: RULE, state: 'OPEN', isSourceError: false, records: ticket.records.map(() => ({ revision: '7' })) });
      expect(['person', ...own]).toContain(ticket.subjectKind);
      expect([/[A-Za-z]/.test(ticket.title), /\p{Script=Han}/u.test(ticket.titleZh)]).toEqual([true, true]);
    }
  }); // biome-ignore format: one table

  test.each(PROVIDERS)('%s: nothing of another bureau’s records, persons, money or reasons, in whatever way it asks', async (agency) => {
    const answers = [await ask(agency), await ask(agency, { first: 1 }), await ask(agency, { state: 'WITHDRAWN' }), await ask(agency, { after: 'x' })];
    const text = JSON.stringify(answers);
    for (const { kind, provider } of recordKinds())
      expect([kind, new RegExp(`CANARY-${kind}[-"]`).test(text)]).toEqual([kind, provider === agency]);
    expect(text).not.toMatch(/123456|cacaca/);
  }); // biome-ignore format: one table

  test.each(['social-affairs', SUPERVISION])('%s, which gives no records, is told nothing', async (agency) => {
    expect(await nodes(agency)).toEqual([]);
  });

  test('withdrawn ones only when they are asked for', async () => {
    expect((await nodes('civil-affairs', { state: 'WITHDRAWN' })).map(({ id }) => id)).toEqual([ids.withdrawn]);
    expect((await nodes('tax', { state: 'WITHDRAWN' })).map(({ id }) => id)).toEqual([]);
  });

  test('page by page they are the same', async () => {
    const all = await nodes('medical-insurance');
    expect(all.length).toBeGreaterThan(3);
    const found: Data[] = [];
    let after: string | null = null;
    for (let page = 0; page < all.length; page++) {
      const { data } = await ask('medical-insurance', { first: 1, after });
      found.push(...data.ownDataQuality.edges.map(({ node }: Data) => node));
      after = data.ownDataQuality.pageInfo.endCursor;
      if (!data.ownDataQuality.pageInfo.hasNextPage) break;
    }
    expect(found).toEqual(all);
  });

  test.each([{ first: 0 }, { first: 5_001 }, { after: '' }, { after: 'zzz' }, { after: Buffer.from('["2026-01-01","\\u0000"]').toString('base64url') }])('%j is bad input', async (variables) => {
    const { data, errors } = await ask('tax', variables);
    expect([data, errors.map(({ extensions }: Data) => extensions.code)]).toEqual([{ ownDataQuality: null }, ['BAD_USER_INPUT']]);
  }); // biome-ignore format: one table

  test('a decision that names the bureau is told to it, of whatever class, and the reason is not', async () => {
    const id = ids['a claim of no data quality'] as string;
    const means = { database: hub.database, reviewer: { agency: SUPERVISION, officer: '甲' }, now: () => new Date() };
    await takeUp(means, [{ id, version: 1 }]);
    const decision = { outcome: 'SOURCE_ERROR' as const, bureau: 'civil-affairs', reason: '金丝雀理由' };
    await decide(means, [{ id, version: 2 }], decision, PROVIDERS);
    const told = (await nodes('civil-affairs')).filter((ticket) => ticket.id === id);
    expect(told).toMatchObject([
      { isSourceError: true, state: 'SOURCE_ERROR', subjectKind: null, records: [{ kind: 'death', sourceId: 'CANARY-death' }] },
    ]); // biome-ignore format: one ticket
    expect(JSON.stringify(told)).not.toMatch(/金丝雀|CANARY-claim/);
    for (const agency of PROVIDERS.filter((one) => one !== 'civil-affairs'))
      expect((await nodes(agency)).map((ticket) => ticket.id)).not.toContain(id);
    // Decided otherwise, it is no more the bureau's.
    await decide(means, [{ id, version: 3 }], { outcome: 'LEGITIMATE', reason: '合规' }, PROVIDERS);
    expect((await nodes('civil-affairs')).map((ticket) => ticket.id)).not.toContain(id);
  });

  test('reading it is recorded with the persons concerned', async () => {
    await emptyAudit(hub.database.pool);
    await nodes('tax');
    const { rows } = await hub.database.pool.query<{ record: Data }>('select leaf::jsonb as record from audit.record');
    expect(rows.map(({ record }) => [record.agency, record.decision, record.persons])).toEqual([
      ['tax', 'GRANTED', [PERSON]],
    ]);
  });
});
