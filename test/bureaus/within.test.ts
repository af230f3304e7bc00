import { approve } from '../support/agreement';
import { type TestHub, testHub } from '../support/hub';
import { claim, deliver, household, keyOf, numberOf } from '../support/small-city';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
type Data = any;

const HERE = '340302';
const THERE = '340404';
const JIA = { number: numberOf('19460507', 111), name: '里甲' };
const YI = { number: numberOf('19460508', 112), name: '外乙' };
const NOBODY = { number: numberOf('19460509', 113), name: '' };

describe('an agreement on district 3403', () => {
  let hub: TestHub;
  let ask: (query: string, variables?: Record<string, unknown>) => Promise<Data>;

  beforeAll(async () => {
    hub = await testHub({ founded: false });
    await deliver(hub.database, {
      household: [household(JIA, 'HJ1', { district_code: HERE }), household(YI, 'HJ2', { district_code: THERE })],
      death: [death(JIA, 'SW1', HERE), death(YI, 'SW2', THERE), death(YI, 'SW3', '')],
      claim: [
        claim(JIA, 'JS1', '2026-01-01', { pooling_district: HERE }),
        claim(YI, 'JS2', '2026-01-02', { pooling_district: THERE }),
        claim(YI, 'JS3', '2026-01-03', { pooling_district: HERE }),
      ],
      claim_line: [line('JS1'), line('JS2')],
    });
    const fields = (names: string) => names.split(' ');
    const verbs = ['LOOKUP', 'LIST', 'FEED', 'VERIFY'] as const;
    const districts = ['3403'];
    const agreements = [
      {
        provider: 'public-security',
        clauses: [{ recordKind: 'household', fields: fields('sourceId name districtCode aliveOn') }],
      },
      {
        provider: 'civil-affairs',
        clauses: [{ recordKind: 'death', fields: fields('sourceId deathDate person aliveOn') }],
      },
      {
        provider: 'medical-insurance',
        clauses: [
          {
            recordKind: 'claim',
            fields: fields('sourceId person serviceDate admissionDate institutionCode totalAmount'),
          },
          { recordKind: 'claim_line', fields: fields('sourceId lineNo amount') },
        ],
      },
    ];
    for (const { provider, clauses } of agreements)
      await approve(hub.database, hub.hub.signer, {
        provider,
        agency: 'county',
        clauses: clauses.map((clause) => ({ ...clause, verbs, districts })),
      });
    ask = async (query, variables) => {
      const { data, errors } = await hub.as({ agency: 'county', purpose: 'REVIEW' })(query, variables);
      expect(errors).toBeUndefined();
      return data;
    };
  });
  afterAll(() => hub.close());

  function death(person: { number: string; name: string }, source_id: string, place_district: string) {
    return {
      source_id, source: 'CREMATION', id_number: person.number, name: person.name, birth_date: '', death_date: '2026-03-10',
      date_precision: '', certificate_no: '', place_district, registered_at: '2026-03-12', status: 'VALID', updated_at: '2026-06-01',
    }; // biome-ignore format: a row
  }
  function line(claimId: string) {
    return {
      source_id: `${claimId}-1`, claim_source_id: claimId, line_no: 1, item_code: 'X', item_name: '', item_group: 'DRUG',
      service_date: '2026-01-01', quantity: '1', unit_price: '1.00', amount: '1.00', updated_at: '2026-06-01',
    }; // biome-ignore format: a row
  }

  const page = '{ edges { node { sourceId } } pageInfo { hasNextPage endCursor } }';
  test.each<[string, string]>([
    ['a register entry', 'household { sourceId name }'],
    ['a name', 'name'],
    ['deaths, with one without a district', 'deaths { sourceId deathDate }'],
    ['claims', `claims(first: 1) ${page}`],
    ['an answer', 'aliveOn(date: "2026-05-01")'],
  ])('%s: of a person outside there is what there is of a person who does not exist', async (_, field) => {
    const of = async ({ number }: { number: string }) =>
      (await ask(`query($n: String!) { person(idNumber: $n) { ${field} } }`, { n: number })).person;
    const outside = await of(YI);
    if (!field.startsWith('claims')) expect(outside).toEqual(await of(NOBODY));
    expect(JSON.stringify(outside)).not.toMatch(/外乙|HJ2|SW2|SW3|JS2|2026-03-10|NO"/);
    expect(await of(JIA)).not.toEqual(outside);
  });

  test('claims by key, by institution and their lines', async () => {
    expect(
      await ask(
        '{ a: claim(sourceId: "JS1") { sourceId lines { edges { node { sourceId } } } } b: claim(sourceId: "JS2") { sourceId } c: claim(sourceId: "JS9") { sourceId } }',
      ),
    ).toEqual({
      a: { sourceId: 'JS1', lines: { edges: [{ node: { sourceId: 'JS1-1' } }] } },
      b: null,
      c: null,
    });
    const { claims } = await ask(`{ claims(institutionCode: "H34030300001", first: 1) ${page} }`);
    expect(claims.edges.map((edge: Data) => edge.node.sourceId)).toEqual(['JS3']);
    const rest = await ask(`query($after: String) { claims(institutionCode: "H34030300001", after: $after) ${page} }`, {
      after: claims.pageInfo.endCursor,
    });
    expect(rest.claims).toMatchObject({ edges: [{ node: { sourceId: 'JS1' } }], pageInfo: { hasNextPage: false } });
  });

  async function feed(kind: string, after?: string): Promise<{ told: string[]; endCursor: string }> {
    const told: string[] = [];
    let cursor = after ?? null;
    for (let i = 0; i < 20; i++) {
      const data = await ask(
        `query($after: String) { page: ${kind}Changes(after: $after, first: 1) { changes { op sourceId record { sourceId } } endCursor hasNextPage } }`,
        { after: cursor },
      );
      for (const { op, sourceId, record } of data.page.changes) told.push(`${op} ${sourceId}${record ? '' : ' -'}`);
      cursor = data.page.endCursor;
      if (!data.page.hasNextPage) return { told, endCursor: cursor as string };
    }
    throw new Error('a feed without end');
  }

  test('a feed tells what is there, what leaves as deleted, and of the rest nothing', async () => {
    const first = await feed('household');
    expect(first.told).toEqual(['UPSERT HJ1']);
    expect((await feed('claimLine')).told).toEqual(['UPSERT JS1-1']);
    const moved = (person: typeof JIA, id: string, district_code: string, updated_at: string) => ({
      ...household(person, id),
      district_code,
      updated_at,
      op: 'U',
    });
    await deliver(hub.database, {
      household: [moved(JIA, 'HJ1', THERE, '2026-06-02'), moved(YI, 'HJ2', HERE, '2026-06-02')],
    });
    const second = await feed('household', first.endCursor);
    expect(second.told).toEqual(['DELETE HJ1 -', 'UPSERT HJ2']);
    await deliver(hub.database, {
      household: [moved(JIA, 'HJ1', '350102', '2026-06-03'), { ...moved(YI, 'HJ2', HERE, '2026-06-03'), op: 'D' }],
    });
    const third = await feed('household', second.endCursor);
    expect(third.told).toEqual(['DELETE HJ2 -']);
    await deliver(hub.database, { household: [{ ...moved(JIA, 'HJ1', THERE, '2026-06-04'), op: 'D' }] });
    expect(await feed('household', third.endCursor)).toEqual({ told: [], endCursor: expect.stringMatching(/^\d+$/) });
    expect((await feed('household')).told).toEqual(['UPSERT HJ1', 'DELETE HJ1 -', 'UPSERT HJ2', 'DELETE HJ2 -']);
  });

  test('the record of a feed page names its persons, for the ends of the page do not', async () => {
    await feed('death');
    const { rows } = await hub.database.pool.query('select leaf from audit.record order by seq desc limit 1');
    const persons = rows.flatMap(({ leaf }) => JSON.parse(leaf).persons);
    expect(persons).toEqual([keyOf(JIA.number)]);
    expect(rows.flatMap(({ leaf }) => JSON.parse(leaf).feeds)).toEqual([]);
  });
});

describe('an agreement on three persons a day', () => {
  const people = Array.from({ length: 5 }, (_, i) => ({ number: numberOf('19700101', 400 + i), name: `丙${i}` }));
  let hub: TestHub;
  let time = '2026-06-30T10:00:00+08:00';
  beforeAll(async () => {
    hub = await testHub({ founded: false, now: () => new Date(time) });
    await deliver(hub.database, { household: people.map((one, i) => household(one, `HJ${i}`)) });
    await approve(hub.database, hub.hub.signer, {
      provider: 'public-security',
      agency: 'county',
      personsPerDay: 3,
      clauses: [{ recordKind: 'household', fields: ['name', 'sourceId'], verbs: ['LOOKUP', 'FEED'] }],
    });
  });
  afterAll(() => hub.close());

  const ask = async (query: string, variables = {}) => {
    const { data, errors } = await hub.as({ agency: 'county', purpose: 'REVIEW' })(query, variables);
    return errors ? errors.map(({ extensions }) => `${extensions?.code} ${extensions?.reason}`).join() : (data as Data);
  };
  const look = (...which: number[]) =>
    ask('query($ids: [ID!]!) { persons(ids: $ids) { name } }', {
      ids: which.map((i) => keyOf((people[i] as { number: string }).number)),
    });

  test('counts each person once, refuses the fourth, and begins anew the next day', async () => {
    expect(await look(0)).toEqual({ persons: [{ name: '丙0' }] });
    expect(await look(0, 1)).toEqual({ persons: [{ name: '丙0' }, { name: '丙1' }] });
    expect(await look(2, 3)).toBe('NOT_SHARED QUOTA');
    expect(await look(2)).toEqual({ persons: [{ name: '丙2' }] });
    expect(await look(0)).toBe('NOT_SHARED QUOTA');
    time = '2026-07-01T00:00:00+08:00';
    expect(await look(3, 4)).toEqual({ persons: [{ name: '丙3' }, { name: '丙4' }] });
  });

  test('counts those of a feed, and two at once cannot both take the last place', async () => {
    time = '2026-07-02T00:00:00+08:00';
    const feed = await ask('{ householdChanges(first: 2) { changes { record { name } } } }');
    expect(feed.householdChanges.changes).toHaveLength(2);
    const both = await Promise.all([look(3), look(4)]);
    expect(both.filter((one) => one === 'NOT_SHARED QUOTA')).toHaveLength(1);
  });

  test('where one agreement is used up, another serves and counts', async () => {
    time = '2026-07-03T00:00:00+08:00';
    await look(0, 1, 2);
    expect(await look(3)).toBe('NOT_SHARED QUOTA');
    await approve(hub.database, hub.hub.signer, {
      provider: 'public-security',
      agency: 'county',
      personsPerDay: 1,
      clauses: [{ recordKind: 'household', fields: ['name', 'sourceId'], verbs: ['LOOKUP'] }],
    });
    expect(await look(3)).toEqual({ persons: [{ name: '丙3' }] });
    expect(await look(4)).toBe('NOT_SHARED QUOTA');
  });
});
