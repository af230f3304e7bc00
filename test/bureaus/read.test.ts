import { withClient } from '../support/database';
import type { TestHub } from '../support/hub';
import { testHub } from '../support/hub';
import { BING, claim, deliver, HOSPITAL, household, JIA, keyOf, numberOf, smallCity, YI } from '../support/small-city';
import { watchStatements } from '../support/statements';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
type Data = any;

describe('reading what stands', () => {
  let hub: TestHub;
  let ask: (query: string, variables?: Record<string, unknown>) => Promise<Data>;
  const crowd = Array.from({ length: 100 }, (_, i) => ({ number: numberOf('19900101', i + 300), name: `众${i}` }));
  beforeAll(async () => {
    hub = await testHub();
    const city = smallCity();
    await deliver(hub.database, {
      ...city,
      household: [...(city.household ?? []), ...crowd.map((one, i) => household(one, `ZH${i}`))],
      claim: [
        ...(city.claim ?? []),
        ...crowd.flatMap((one, i) => [claim(one, `ZJS${i}-1`, '2026-01-01'), claim(one, `ZJS${i}-2`, '2026-01-02')]),
      ],
    });
    ask = async (query, variables) => {
      const { data, errors } = await hub.as()(query, variables);
      expect(errors).toBeUndefined();
      return data;
    };
  });
  afterAll(() => hub.close());

  async function pages(query: string, field: (data: Data) => Data, first: number): Promise<string[][]> {
    const found: string[][] = [];
    let after: string | null = null;
    for (let page = 0; page < 50; page++) {
      const { edges, pageInfo } = field(await ask(query, { first, after }));
      found.push(edges.map((edge: Data) => edge.node.sourceId));
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null);
      if (!pageInfo.hasNextPage) return found;
      after = pageInfo.endCursor;
    }
    throw new Error('pages without end');
  }

  const PAGE = '{ edges { cursor node { sourceId } } pageInfo { hasNextPage hasPreviousPage endCursor } }';
  const OF_YI = `query($first: Int, $after: String) { person(id: "${keyOf(YI.number)}") { claims(first: $first, after: $after) ${PAGE} } }`;
  const OF_HOSPITAL = `query($first: Int, $after: String) { claims(institutionCode: "${HOSPITAL}", to: "2026-12-31", first: $first, after: $after) ${PAGE} }`;
  const LINES = `query($first: Int, $after: String) { claim(sourceId: "JS1") { lines(first: $first, after: $after) ${PAGE} } }`;
  const OF_JIA = `query($first: Int, $after: String) { person(idNumber: "${JIA.old}") { claims(first: $first, after: $after) ${PAGE} } }`;
  const PAID_BY_JIA = `query($first: Int, $after: String) { person(idNumber: "${JIA.old}") { contributions(first: $first, after: $after) ${PAGE} } }`;
  const ofYi = ['JS20', 'JS16', 'JS15', 'JS14', 'JS13', 'JS12', 'JS11', 'JS10'];

  test.each<[string, string, (data: Data) => Data, string[]]>([
    ['claims of a person, newest care first, then by key', OF_YI, (data) => data.person.claims, ofYi],
    ['claims filed under two numbers of one person', OF_JIA, (data) => data.person.claims, ['JS2', 'JS3', 'JS1']],
    ['contributions filed under two numbers', PAID_BY_JIA, (data) => data.person.contributions, ['ZJ2', 'ZJ1']],
    [
      'lines of a claim, by their number and not its text',
      LINES,
      (data) => data.claim.lines,
      Array.from({ length: 12 }, (_, i) => `JS1-${i + 1}`),
    ],
  ])('%s, through pages of every size', async (_, query, field, expected) => {
    for (const first of [1, 2, 3, 7, expected.length, 100]) {
      const found = await pages(query, field, first);
      expect(found.flat()).toEqual(expected);
      expect(found.length).toBe(Math.ceil(expected.length / first));
    }
  });

  test('claims of an institution, all of them once', async () => {
    const found = (await pages(OF_HOSPITAL, (data) => data.claims, 9)).flat();
    expect(found).toHaveLength(210);
    expect(new Set(found).size).toBe(210);
    expect(found.slice(0, 3)).toEqual(['JS2', 'JS3', 'JS1']);
  });

  test.each([
    ['from: "2026-03-01"', ['JS2', 'JS3']],
    ['from: "2026-02-01", to: "2026-03-01"', ['JS3', 'JS1']],
    ['from: "2026-02-01", to: "2026-02-01"', ['JS1']],
    ['from: "2026-05-01", to: "2026-04-01"', []],
  ])('claims of an institution %s', async (days, expected) => {
    const data = await ask(`{ claims(institutionCode: "${HOSPITAL}", ${days}) { edges { node { sourceId } } } }`);
    expect(data.claims.edges.map(({ node }: Data) => node.sourceId)).toEqual(expected);
  });

  test('a cursor stays where it is while records come and go', async () => {
    const first = (await ask(OF_YI, { first: 3, after: null })).person.claims;
    expect(first.edges.map(({ node }: Data) => node.sourceId)).toEqual(ofYi.slice(0, 3));
    const gone = { source_id: 'JS15', op: 'D', updated_at: '2026-06-02' };
    await deliver(hub.database, {
      claim: [
        { ...claim(YI, 'JS30', '2026-06-20', { updated_at: '2026-06-02' }), op: 'U' },
        { ...claim(YI, 'JS15', '2026-01-03'), ...gone },
      ],
    });
    const second = (await ask(OF_YI, { first: 3, after: first.pageInfo.endCursor })).person.claims;
    expect(second.edges.map(({ node }: Data) => node.sourceId)).toEqual(ofYi.slice(3, 6));
    expect((await pages(OF_YI, (data) => data.person.claims, 2)).flat()).toEqual([
      'JS30',
      ...ofYi.filter((id) => id !== 'JS15'),
    ]);
    await deliver(hub.database, {
      claim: [
        { ...claim(YI, 'JS15', '2026-01-03', { updated_at: '2026-06-03' }), op: 'U' },
        { ...claim(YI, 'JS30', '2026-06-20', { updated_at: '2026-06-03' }), op: 'D' },
      ],
    });
    expect((await pages(OF_YI, (data) => data.person.claims, 4)).flat()).toEqual(ofYi);
  });

  const cursor = (...position: string[]) => Buffer.from(JSON.stringify(position)).toString('base64url');
  test.each([
    ['claims', cursor('not a day', 'JS1')], ['claims', cursor('2026-01-01', 'a\0')], ['claims', 'zzz'], ['claims', '%'], ['claims', cursor("2026-01-01'; drop table x; --", 'JS1')],
    ['contributions', cursor('a\0', 'ZJ1')], ['claims', cursor('2026-02-30', 'JS1')],
  ])('%s after %j is bad input', async (list, after) => {
    const { errors } = await hub.as()(`query($after: String) { person(id: "${keyOf(YI.number)}") { ${list}(after: $after) { edges { cursor } } } }`, { after });
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT']);
  }); // biome-ignore format: a table

  test.each([0, -1, 5_001])('first: %i is bad input, wherever a page is asked for', async (first) => {
    for (const query of [OF_YI, OF_HOSPITAL, LINES, PAID_BY_JIA]) {
      const { errors } = await hub.as()(query, { first });
      expect(errors?.map(({ extensions, message }) => [extensions?.code, message])).toEqual([
        ['BAD_USER_INPUT', 'first must be between 1 and 5000'],
      ]);
    }
  });

  test('one statement for each kind and hop, for one person and for a hundred', async () => {
    const query = `query($ids: [ID!]!) { persons(ids: $ids) {
      name household { sourceId } deaths { sourceId } enrollments { sourceId } retirements { sourceId } povertyMonitoring { sourceId }
      contributions(first: 2) { edges { node { sourceId } } }
      claims(first: 2) { edges { node { sourceId lines(first: 3) { edges { node { sourceId } } } person { id } } } }
    } }`;
    const counts: number[] = [];
    for (const persons of [[YI], crowd]) {
      const watch = watchStatements(hub.database);
      const data = await ask(query, { ids: persons.map(({ number }) => keyOf(number)) });
      watch.stop();
      expect(data.persons).toHaveLength(persons.length);
      expect(data.persons.every((person: Data) => person.claims.edges.length === 2)).toBe(true);
      counts.push(watch.ofBureaus().length);
    }
    // The numbers of a person, the register, six kinds, and the lines of claims.
    expect(counts).toEqual([9, 9]);
  });

  test('no statement has to read a table whole: there is an index for each, and it is used however small the table is', async () => {
    const watch = watchStatements(hub.database);
    await ask(
      `{ person(id: "${keyOf(JIA.number)}") { household { status } deaths { deathDate } enrollments { scheme } retirements { status }
           contributions(first: 1) { edges { node { scheme } } } povertyMonitoring { category } aliveOn(date: "2026-01-01")
           claims(first: 1) { edges { node { status lines(first: 1) { edges { node { amount } } } } } } } }`,
    );
    watch.stop();
    const texts = watch.ofBureaus();
    expect(texts.length).toBeGreaterThan(9);
    // As all lookups are planned.
    const plans = await withClient(hub.database.url, async (client) => {
      await client.query('set enable_seqscan = off');
      const all: string[] = [];
      for (const text of texts) {
        const { rows } = await client.query(`explain (generic_plan) ${text}`);
        all.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      }
      return all;
    });
    expect(plans.filter((plan) => /Seq Scan|Disabled: true/.test(plan))).toEqual([]);
  });

  test('no column that was not decided on is ever selected', async () => {
    const watch = watchStatements(hub.database);
    await ask(
      `{ person(id: "${keyOf(JIA.number)}") { household { status } deaths { deathDate } claims(first: 1) { edges { node { status lines(first: 1) { edges { node { amount } } } } } } } }`,
    );
    watch.stop();
    const selected = watch.ofBureaus().join('\n');
    expect(selected).toMatch(/r\.death_date/);
    expect(selected).not.toMatch(
      /\br\.(\*|id_number|previous|name|address|certificate|cancel|item_|\w*paid|institution|sex|place)/,
    );
  });

  test('one person with more records than a list may hold is said, never cut', async () => {
    const many = { number: numberOf('19550505', 404), name: '多' };
    const template = { status: 'VALID', ...smallCity().death?.[0] };
    await deliver(hub.database, {
      death: Array.from({ length: 1_001 }, (_, i) => ({
        ...template,
        source_id: `DS${i}`,
        id_number: many.number,
        name: many.name,
        birth_date: '',
      })),
    });
    const { data, errors } = await hub.as()(
      `{ persons(ids: ["${keyOf(many.number)}", "${keyOf(JIA.number)}"]) { deaths { sourceId } } }`,
    );
    expect(data?.persons).toEqual([{ deaths: null }, { deaths: null }]);
    expect(new Set(errors?.map(({ extensions }) => extensions?.code))).toEqual(new Set(['TOO_MANY_RECORDS']));
  });

  test('tombstones and what was replaced are not shown', async () => {
    expect(await ask('{ claim(sourceId: "JS30") { sourceId } }')).toEqual({ claim: null });
    expect(await ask('{ claim(sourceId: "NEVER") { sourceId } }')).toEqual({ claim: null });
  });

  test('the register row that speaks for a person: ACTIVE first, then the latest, then the larger key', async () => {
    expect(
      (await ask(`{ person(id: "${keyOf(BING.number)}") { household { sourceId } } }`)).person.household.sourceId,
    ).toBe('HJ5');
    await deliver(hub.database, { household: [household(BING, 'HJ0', { updated_at: '2026-06-06' })] });
    expect(
      (await ask(`{ person(id: "${keyOf(BING.number)}") { household { sourceId } } }`)).person.household.sourceId,
    ).toBe('HJ0');
  });
});
