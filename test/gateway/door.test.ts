import { leafHash } from '../../src/audit/record';
import { FUND_SUPERVISION, SUPERVISION } from '../../src/hub/codes';
import type { AgreementState } from '../../src/sharing/agreement';
import { approve } from '../support/agreement';
import { emptyAudit } from '../support/audit';
import { type TestHub, testHub } from '../support/hub';
import { databasesOf } from '../support/shape';
import { deliver, HOSPITAL, JIA, keyOf, smallCity, YI } from '../support/small-city';
import { watchStatements } from '../support/statements';

const JIA_KEY = keyOf(JIA.number);
const YI_KEY = keyOf(YI.number);

interface Kept {
  hash: string;
  leaf: string;
  // biome-ignore lint/suspicious/noExplicitAny: a record as it was written
  record: any;
}

describe('the door', () => {
  let hub: TestHub;
  let time = Date.parse('2026-06-30T10:00:00+08:00');
  beforeAll(async () => {
    hub = await testHub({ now: () => new Date(time) });
    await deliver(hub.database, smallCity());
  });
  beforeEach(() => emptyAudit(hub.database.pool));
  afterAll(() => hub.close());

  async function kept(): Promise<Kept[]> {
    const { rows } = await hub.database.pool.query<Kept>(
      `select encode(leaf_hash, 'hex') as hash, leaf, leaf::jsonb as record from audit.record order by seq`,
    );
    return rows;
  }

  test('one record says who asked what, why, under which agreements, and whom it reached', async () => {
    const answer = await hub.as({ case: 'K-9' })(
      'query Look($n: String!) { person(idNumber: $n) { name deaths { deathDate } claims(first: 1) { edges { node { status } } } } }',
      { n: JIA.old },
    );
    expect(answer.errors).toBeUndefined();
    const [only, ...others] = await kept();
    expect(others).toEqual([]);
    expect(only?.record).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      at: '2026-06-30T02:00:00.000Z',
      agency: SUPERVISION,
      officer: 'tester',
      purpose: 'CASE_INVESTIGATION',
      case: 'K-9',
      operation: { hash: expect.stringMatching(/^[0-9a-f]{64}$/), name: 'Look' },
      footprint: [
        'claim.*:LOOKUP',
        'claim.admissionDate:LOOKUP',
        'claim.serviceDate:LOOKUP',
        'claim.sourceId:LOOKUP',
        'claim.status:LOOKUP',
        'death.*:LOOKUP',
        'death.deathDate:LOOKUP',
        'household.name:LOOKUP',
      ],
      agreements: ['civil-affairs', 'medical-insurance', 'public-security'].map((provider) =>
        expect.stringMatching(new RegExp(`^${provider}/${SUPERVISION}/`)),
      ),
      decision: 'GRANTED',
      refusals: [],
      persons: [JIA_KEY, keyOf(JIA.old)].sort(),
      feeds: [],
      freshness: { claim: expect.any(String), death: expect.any(String), household: expect.any(String) },
      errors: 0,
    });
    expect(answer.extensions?.receipt).toBe(only?.hash);
    expect(leafHash(only?.leaf ?? '', 'sha256').toString('hex')).toBe(only?.hash);
  });

  describe('when bureaus are late', () => {
    const since = '2026-06-29T18:00:00Z';
    beforeAll(async () => {
      for (const kind of ['claim', 'death', 'enrollment'])
        await hub
          .keeping(kind)
          .pool.query(`insert into sync.expected values ($1, $1, '0 2 * * *', 120, '2026-06-01')`, [kind]);
      for (const kind of ['claim', 'death'])
        await hub.keeping(kind).pool.query('insert into sync.late values ($1, $2, $2)', [kind, since]);
    });
    afterAll(async () => {
      for (const { pool } of databasesOf(hub.database)) await pool.query('delete from sync.expected');
    });

    test.each<[string, string, Record<string, string> | undefined]>([
      ['that it rests on', `{ person(id: "${JIA_KEY}") { deaths { deathDate } claims(first: 1) { edges { node { status } } } } }`, { claim: since, death: since }],
      ['of a yes or no', `{ person(id: "${JIA_KEY}") { aliveOn(date: "2026-01-01") } }`, { death: since }],
      ['of the records that findings rest on', '{ findings { edges { node { id } } } }', { finding: since }],
      ['of none that it rests on', `{ person(id: "${JIA_KEY}") { enrollments { scheme } } }`, undefined],
      ['of none when it is refused', `{ person(id: "${JIA_KEY}") { claims(first: 1) { edges { node { doctorCode } } } nothing: accesses { edges { cursor } } } }`, undefined],
    ])('an answer names those %s, and since when', async (name, query, late) => {
      const refused = name.endsWith('refused');
      const answer = await hub.as(refused ? { purpose: 'CURIOSITY' } : {})(query);
      expect(answer.errors === undefined).toBe(!refused);
      expect(answer.extensions).toEqual({
        receipt: expect.any(String),
        freshness: expect.any(Object),
        ...(late && { late }),
      });
    }); // biome-ignore format: a table
  });

  test('a feed is recorded by its range', async () => {
    const ask = hub.as({ purpose: FUND_SUPERVISION });
    const { data } = await ask('{ claimChanges(first: 3) { endCursor changes { seq record { person { id } } } } }');
    const page = data?.claimChanges as { changes: { seq: string }[] };
    expect((await kept()).map(({ record }) => [record.feeds, record.persons])).toEqual([
      [[{ kind: 'claim', from: page.changes[0]?.seq, to: page.changes[2]?.seq }], []],
    ]);
  });

  test('the owner of an account that is named is a person reached', async () => {
    await hub.as()('{ claim(sourceId: "JS20") { accountOwner { id } } }');
    expect((await kept())[0]?.record.persons).toEqual(
      [YI_KEY, keyOf(smallCity().household?.[2]?.id_number as string)].sort(),
    );
  });

  test('operations that are alike in everything, in the same moment, have a record and a receipt each', async () => {
    const ask = hub.as();
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(`{ person(id: "${JIA_KEY}") { name } }`)));
    expect(answers.map(({ data }) => data)).toEqual(answers.map(() => ({ person: { name: JIA.name } })));
    const receipts = answers.map(({ extensions }) => extensions?.receipt);
    expect(new Set(receipts).size).toBe(40);
    expect((await kept()).map(({ hash }) => hash).sort()).toEqual([...receipts].sort());
  });

  test('no record holds a value or a name, whatever was asked', async () => {
    const ask = hub.as();
    await ask(
      'query($n: String!) { person(idNumber: $n) { idNumber name household { name address previousIdNumbers } deaths { certificateNo name } claims { edges { node { name institutionName idNumber } } } } }',
      { n: JIA.number },
    );
    await ask(`{ person(idNumber: "${JIA.number}") { name } }`);
    await ask(`{ person(idNumber: "${JIA.number.slice(0, 17)}A") { name } }`);
    await ask(
      `{ claims(institutionCode: "${HOSPITAL}") { edges { node { name idNumber lines { edges { node { itemName } } } } } } }`,
    );
    await ask(`{ persons(ids: ["${JIA_KEY}", "${YI_KEY}"]) { name nme } }`);
    await ask(`{ person(idNumber: ${JIA.old}) { name } }`);
    await ask('query($n: String!) { person(idNumber: $n) { name } }', { n: { 张: JIA.number } });
    const records = await kept();
    expect(records).toHaveLength(7);
    for (const { leaf } of records) expect(leaf).not.toMatch(/金丝雀|CANARY|340303(19|46)|H340303|JS\d/);
  });

  describe('refuses the whole operation, reaches no bureau, and records it', () => {
    const NAME = `{ person(id: "${JIA_KEY}") { id enrollments { scheme } household { name } } }`;
    test.each<[string, { agency?: string; purpose?: string; case?: string }, string, string[]]>([
      ['no agreement', { agency: 'tax', purpose: 'REVIEW' }, NAME, ['*:LOOKUP:NO_AGREEMENT']],
      ['an agency nobody knows', { agency: 'ghost', purpose: 'REVIEW' }, NAME, ['*:LOOKUP:NO_AGREEMENT']],
      ['another purpose', { purpose: 'CURIOSITY' }, NAME, ['*:LOOKUP:PURPOSE']],
      [
        'no case where one is required',
        { case: '' },
        NAME,
        [
          'household.name:LOOKUP:PURPOSE',
          'any.*:LOOKUP:PURPOSE',
          'enrollment.*:LOOKUP:PURPOSE',
          'enrollment.scheme:LOOKUP:PURPOSE',
          'household.*:LOOKUP:PURPOSE',
        ],
      ],
      [
        'one field, deep inside',
        { purpose: FUND_SUPERVISION },
        `{ claims(institutionCode: "${HOSPITAL}") { edges { node { status person { deaths { deathDate certificateNo } } } } } }`,
        ['death.certificateNo:LIST:FIELD'],
      ],
      [
        'one field, under an alias',
        { purpose: FUND_SUPERVISION },
        `{ person(id: "${JIA_KEY}") { status: name } }`,
        ['household.name:LOOKUP:FIELD'],
      ],
      [
        'one field, in a fragment',
        { purpose: FUND_SUPERVISION },
        `{ person(id: "${JIA_KEY}") { ...f } } fragment f on Person { name }`,
        ['household.name:LOOKUP:FIELD'],
      ],
      [
        'one field, in an inline fragment',
        { purpose: FUND_SUPERVISION },
        `{ person(id: "${JIA_KEY}") { ... on Person { name } } }`,
        ['household.name:LOOKUP:FIELD'],
      ],
      [
        'one field, not even included',
        { purpose: FUND_SUPERVISION },
        `{ person(id: "${JIA_KEY}") { name @include(if: false) } }`,
        ['household.name:LOOKUP:FIELD'],
      ],
      [
        'one field, skipped by a variable',
        { purpose: FUND_SUPERVISION },
        `query($skip: Boolean = true) { person(id: "${JIA_KEY}") { ... @skip(if: $skip) { name } } }`,
        ['household.name:LOOKUP:FIELD'],
      ],
      [
        'a field beside the schema',
        { purpose: FUND_SUPERVISION },
        `{ __typename person(id: "${JIA_KEY}") { name } }`,
        ['household.name:LOOKUP:FIELD'],
      ],
      [
        'a verb',
        {},
        '{ deathChanges { endCursor changes { record { status } } } }',
        ['death.*:FEED:VERB', 'death.status:FEED:VERB'],
      ],
      [
        'a list by a field that may not be read',
        { agency: 'rural-revitalisation', purpose: 'POVERTY_MONITORING' },
        `{ claims(institutionCode: "${HOSPITAL}") { pageInfo { hasNextPage } } }`,
        [
          'claim.*:LIST:VERB',
          'claim.admissionDate:LIST:VERB',
          'claim.institutionCode:LIST:FIELD',
          'claim.serviceDate:LIST:VERB',
          'claim.sourceId:LIST:VERB',
        ],
      ],
      ['nothing but structure', { agency: 'tax', purpose: 'REVIEW' }, '{ __typename }', ['*:LOOKUP:NO_AGREEMENT']],
    ])('%s', async (_, who, query, refusals) => {
      const watch = watchStatements(hub.database);
      const answer = await hub.as(who)(query);
      watch.stop();
      const [{ record } = { record: undefined }, ...others] = await kept();
      // Whose terms ask for a case may grow; what matters is that everything about them is refused.
      const expected = refusals.length > 4 ? expect.arrayContaining(record.refusals) : refusals;
      expect(answer.data ?? null).toBeNull();
      expect(
        answer.errors?.map(({ extensions }) => `${extensions?.field}:${extensions?.verb}:${extensions?.reason}`),
      ).toEqual(expected);
      expect(
        answer.errors?.every(
          ({ extensions }) =>
            extensions?.code === 'NOT_SHARED' && typeof extensions.apply === 'string' && 'provider' in extensions,
        ),
      ).toBe(true);
      expect([others, record.decision, record.persons, record.feeds]).toEqual([[], 'REFUSED', [], []]);
      expect(record.refusals).toEqual(
        answer.errors?.map(({ extensions }) => `${extensions?.field}:${extensions?.verb}:${extensions?.reason}`),
      );
      expect(watch.ofBureaus()).toEqual([]);
      expect(answer.extensions?.receipt).toMatch(/^[0-9a-f]{64}$/);
    });
  });

  test.each<[AgreementState, string, string, string]>([
    ['APPROVED', '2026-06-30', '2026-06-30', 'GRANTED'],
    ['REVOKED', '2026-01-01', '2026-12-31', 'REVOKED'],
    ['EXPIRED', '2026-01-01', '2026-12-31', 'EXPIRED'],
    ['APPROVED', '2026-01-01', '2026-06-29', 'EXPIRED'],
    ['APPROVED', '2026-07-01', '2026-12-31', 'NO_AGREEMENT'],
    ['PROPOSED', '2026-01-01', '2026-12-31', 'NO_AGREEMENT'],
  ])('an agreement that is %s, from %s to %s: %s', async (state, from, to, expected) => {
    const agency = `probe-${state}-${from}-${to}`.toLowerCase();
    await approve(hub.database, hub.hub.signer, {
      agency,
      clauses: [{ recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP'] }],
      validFrom: from,
      validTo: to,
      state,
    });
    const { data, errors } = await hub.as({ agency, purpose: 'REVIEW' })(
      `{ person(id: "${JIA_KEY}") { deaths { deathDate } } }`,
    );
    expect(errors?.[0]?.extensions?.reason ?? 'GRANTED').toBe(expected);
    expect(data ?? null).toEqual(expected === 'GRANTED' ? { person: { deaths: [{ deathDate: '2026-03-10' }] } } : null);
  });

  test('agreements end with their last day in Shanghai', async () => {
    const ask = hub.as();
    const query = `{ person(id: "${JIA_KEY}") { name } }`;
    try {
      time = Date.parse('2027-06-30T23:59:59+08:00');
      expect((await ask(query)).errors).toBeUndefined();
      time = Date.parse('2027-07-01T00:00:00+08:00');
      expect((await ask(query)).errors?.[0]?.extensions?.reason).toBe('EXPIRED');
    } finally {
      time = Date.parse('2026-06-30T10:00:00+08:00');
    }
  });

  test('the audit log unwritable: no data, no receipt; written again without a restart', async () => {
    const ask = hub.as();
    const query = `{ person(id: "${JIA_KEY}") { name } }`;
    await hub.database.pool.query('alter table audit.record rename to hidden');
    const answers = await Promise.all([ask(query), ask('{ nonsense }'), hub.as({ purpose: 'OTHER' })(query)]);
    await hub.database.pool.query('alter table audit.hidden rename to record');
    for (const answer of answers) {
      expect(answer.errors?.map(({ extensions }) => extensions?.code)).toEqual(['AUDIT_UNAVAILABLE']);
      expect(JSON.stringify(answer)).not.toMatch(/金丝雀|receipt|freshness/);
    }
    expect((await ask(query)).data).toEqual({ person: { name: JIA.name } });
    expect(await kept()).toHaveLength(1);
  });

  test('a bureau that fails takes only its own part, says so without a word of the driver, and the operator hears it', async () => {
    await hub.keeping('death').pool.query('alter table death.revision rename to hidden');
    hub.reported.length = 0;
    const answer = await hub.as()(
      `{ person(id: "${JIA_KEY}") { name deaths { deathDate } enrollments { sourceId } } }`,
    );
    await hub.keeping('death').pool.query('alter table death.hidden rename to revision');
    expect(answer.data).toEqual({ person: { name: JIA.name, deaths: null, enrollments: [{ sourceId: 'CB1' }] } });
    expect(
      answer.errors?.map(({ message, extensions }) => [
        extensions?.code,
        /relation|revision|does not exist/.test(message),
      ]),
    ).toEqual([['UNAVAILABLE', false]]);
    expect(JSON.stringify(hub.reported.map(String))).toMatch(/does not exist/);
    expect((await kept())[0]?.record).toMatchObject({ decision: 'GRANTED', errors: 1 });
  });

  test('agreements that cannot be read deny', async () => {
    await hub.database.pool.query('alter table sharing.agreement rename to hidden');
    const answer = await hub.as({ agency: 'public-security', purpose: 'X' })(`{ person(id: "${JIA_KEY}") { name } }`);
    await hub.database.pool.query('alter table sharing.hidden rename to agreement');
    expect(answer.data ?? null).toBeNull();
    expect(answer.errors?.map(({ extensions }) => extensions?.code)).toEqual(['UNAVAILABLE']);
    expect((await kept()).map(({ record }) => [record.decision, record.persons])).toEqual([['FAILED', []]]);
  });
});
