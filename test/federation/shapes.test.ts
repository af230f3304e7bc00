/**
 * The two shapes of a hub, side by side: every bureau in its process, and every bureau on its own premises. Whatever is asked, the answers are the
 * same, and so are the records of them. `HEYAN_TEST_SHAPE=remote` runs whole suites in the second shape; see test/support/shape.ts.
 */
import { listen } from '../../src/gateway/listen';
import { CASE_INVESTIGATION, FUND_SUPERVISION, SUPERVISION } from '../../src/hub/codes';
import { agencyWithout, cells, controls, offences, openMatrix, termsWithout } from '../sharing/attack-matrix';
import { approve } from '../support/agreement';
import { agree, ONE_BIT_ANSWERS } from '../support/callers';
import { OPERATIONS } from '../support/client-operations';
import { type TestHub, testHub } from '../support/hub';
import { BING, claim, deliver, HOSPITAL, household, JIA, keyOf, numberOf, smallCity, YI } from '../support/small-city';

jest.setTimeout(180_000);

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON came
type Data = any;

interface Asked {
  query: string;
  variables?: Record<string, unknown>;
  agency?: string;
  purpose?: string;
}

let near: TestHub;
let far: TestHub;
const both = () => [near, far] as const;
beforeAll(async () => {
  [near, far] = await Promise.all([testHub({ shape: 'local' }), testHub({ shape: 'remote' })]);
  for (const one of both()) {
    await deliver(one.database, smallCity());
    await one.nightly();
    await agreeOn(one);
  }
});
afterAll(async () => {
  await Promise.all(both().map((one) => one?.close()));
});

/** Agreements on one bit, in part, in some districts, and on few persons. */
async function agreeOn({ database, hub: { signer } }: TestHub): Promise<void> {
  for (const [provider, recordKind, field] of ONE_BIT_ANSWERS)
    await approve(database, signer, {
      id: `${provider}/window/1`,
      provider,
      agency: 'window',
      clauses: [{ recordKind, fields: [field], verbs: ['VERIFY'] }],
    });
  await approve(database, signer, {
    id: 'public-security/county/1',
    provider: 'public-security',
    agency: 'county',
    clauses: [
      {
        recordKind: 'household',
        fields: ['sourceId', 'name', 'birthDate', 'address', 'districtCode'],
        verbs: ['LOOKUP', 'FEED'],
        masks: { name: 'PARTIAL', birthDate: 'YEAR', address: 'PARTIAL' },
        districts: ['3403'],
      },
    ],
  });
  await approve(database, signer, {
    id: 'public-security/village/1',
    provider: 'public-security',
    agency: 'village',
    personsPerDay: 1,
    clauses: [{ recordKind: 'household', fields: ['name'], verbs: ['LOOKUP'] }],
  });
}

/** An answer without what is new every time. */
async function answered(one: TestHub, { query, variables, agency, purpose }: Asked): Promise<object> {
  const who = { agency: agency ?? SUPERVISION, purpose: purpose ?? CASE_INVESTIGATION };
  const { data, errors, extensions } = await one.as(who)(query, variables && { ...variables });
  const { freshness = {}, late } = (extensions ?? {}) as { freshness?: object; late?: object };
  return {
    data,
    // Bureaus answer at once, and in no order.
    errors: errors?.map(({ path, extensions: { bureau: _, ...told } = {} }) => ({ path, told })).sort(byPath),
    fresh: Object.keys(freshness),
    late: late && Object.keys(late),
    recorded: await newestRecord(one),
  };
}

const byPath = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

async function newestRecord({ database }: TestHub): Promise<object> {
  const { rows } = await database.pool.query('select leaf from audit.record order by seq desc limit 1');
  const { id: _id, at: _at, freshness, ...record } = JSON.parse(rows[0].leaf);
  return { ...record, freshness: Object.keys(freshness) };
}

const person = (inside: string, { number }: { number: string } = JIA, args = '') =>
  `{ person(idNumber: "${number}"${args}) { ${inside} } }`;
const WINDOW = { agency: 'window', purpose: 'REVIEW' };
const COUNTY = { agency: 'county', purpose: 'REVIEW' };
const FEEDS = { purpose: FUND_SUPERVISION };
const ONE_BIT =
  'aliveOn(date: "2026-03-11") insuredOn(date: "2026-05-01", scheme: RESIDENT) retiredOn(date: "2006-05-07") paidFor(period: "2025", scheme: RESIDENT) monitoredOn(date: "2024-01-01")';
const NOBODY = { number: numberOf('19900909', 909) };

const ASKED: readonly (readonly [string, Asked])[] = [
  ...OPERATIONS.map(({ name, ...operation }) => [name, operation] as const),
  ...[JIA, YI, BING, NOBODY].map(
    (one, place) => [`one-bit answers ${place}`, { query: person(ONE_BIT, one), ...WINDOW }] as const,
  ),
  ['a right to one bit is none to read', { query: person('name aliveOn(date: "2026-03-11")'), ...WINDOW }],
  ['masks', { query: person('household { sourceId name birthDate address }'), ...COUNTY }],
  ['masks in a feed', { query: '{ householdChanges(first: 9) { changes { op sourceId record { name birthDate } } endCursor } }', ...COUNTY }],
  ['no agreement', { query: person('name'), agency: 'tax', purpose: 'CURIOSITY' }],
  ['a default', { query: `query($y: Boolean = true, $n: Boolean! = false) ${person('name @include(if: $y) deaths @skip(if: $n) { deathDate }')}` }],
  ['several operations', { query: `query One ${person('name')}`, variables: { beside: 'the question' } }],
  ['as known on days', { query: `{ a: person(idNumber: "${JIA.number}", knownAt: "2020-01-01") { deaths { deathDate } claims { edges { node { sourceId } } } aliveOn(date: "2026-03-11") } b: person(idNumber: "${JIA.number}", knownAt: "2199-01-01") { household { status } deaths { deathDate } } }` }],
  ['pages', { query: `{ claims(institutionCode: "${HOSPITAL}", first: 2) { edges { node { sourceId lines(first: 3) { edges { node { itemName quantity } } pageInfo { hasNextPage } } } } pageInfo { endCursor } } }` }],
  ['all that is wrong at once', { query: `{ person(id: "zz") { name } claims(institutionCode: "${HOSPITAL}", first: 0) { edges { cursor } } }` }],
  ['a cursor that is none', { query: '{ claimChanges(after: "x") { endCursor } }', ...FEEDS }],
  ['one cursor more than there is', { query: '{ deathChanges(after: "999999") { changes { seq } endCursor hasNextPage } }', ...FEEDS }],
  ['the first of a day', { query: person('name'), agency: 'village', purpose: 'REVIEW' }],
  ['one more than a day has', { query: person('name', YI), agency: 'village', purpose: 'REVIEW' }],
]; // biome-ignore format: a table

test.each(ASKED)('%s', async (_, asked) => {
  const [here, there] = await Promise.all(both().map((one) => answered(one, asked)));
  expect(there).toEqual(here);
  expect(far.reported).toEqual([]);
});

test('who looked at a person, by feed and by look-up', async () => {
  for (const one of both()) {
    for (const kind of ['claim', 'death', 'household', 'enrollment'])
      await one.as({ purpose: FUND_SUPERVISION })(`{ ${kind}Changes(first: 5000) { endCursor } }`);
    await one.as({ agency: 'county', purpose: 'REVIEW' })(person('household { name }'));
  }
  const query = person('accesses(first: 6) { edges { node { agency purpose kinds verbs } } }');
  const [here, there] = await Promise.all(both().map((one) => one.as()(query)));
  expect(here?.errors).toBeUndefined();
  expect(there?.data).toEqual(here?.data);
  const looks = (here as Data).data.person.accesses.edges.map(({ node }: Data) => node);
  expect(looks.filter(({ verbs }: Data) => verbs.includes('FEED')).length).toBeGreaterThanOrEqual(4);
});

test('findings say that a bureau is late, and a bureau elsewhere tells of its own deliveries', async () => {
  for (const one of both()) {
    const { pool } = one.keeping('death');
    await pool.query(`insert into sync.expected values ('death', 'death', '0 2 * * *', 120, '2026-06-01')`);
    await pool.query(`insert into sync.late values ('death', '2026-06-29T18:00:00Z', '2026-06-29T18:00:00Z')`);
    const { extensions } = await one.as()('{ findings(first: 1) { edges { node { id } } } }');
    expect(extensions).toMatchObject({ late: { finding: expect.any(String) } });
    await pool.query('delete from sync.expected');
  }
  for (const query of ['{ syncRuns { edges { node { kind } } } }', '{ quarantine { edges { node { kind } } } }']) {
    const { errors } = await far.as({ agency: 'medical-insurance', purpose: 'OWN_AFFAIRS' })(query);
    expect(errors?.map(({ extensions }) => extensions)).toMatchObject([
      { code: 'KEPT_ELSEWHERE', kinds: ['claim', 'claim_line', 'enrollment'] },
    ]);
    expect((await near.as({ agency: 'medical-insurance', purpose: 'OWN_AFFAIRS' })(query)).errors).toBeUndefined();
  }
});

test('a feed as a stream of lines', async () => {
  const query =
    'query($after: String) { claimChanges(first: 4, after: $after) { changes { seq op record { sourceId } } } }';
  const heard = await Promise.all(
    both().map(async ({ hub }) => {
      const http = await listen(hub.gateway, { host: '127.0.0.1', port: 0, pages: null });
      const answer = await fetch(`${http.url}/graphql`, {
        method: 'POST',
        headers: {
          accept: 'application/x-ndjson',
          'content-type': 'application/json',
          authorization: `Bearer ${await hub.issuer.issue(SUPERVISION, 'tester')}`,
          'x-purpose': FUND_SUPERVISION,
        },
        body: JSON.stringify({ query, variables: { after: null } }),
      });
      const lines = (await answer.text()).trim().split('\n');
      await http.close();
      return lines.map((line) => ({ ...JSON.parse(line), receipt: null, freshness: null }));
    }),
  );
  expect(heard[1]).toEqual(heard[0]);
  // Eleven changes, and a line behind each of three pages.
  expect(heard[0]).toHaveLength(14);
});

test('a record that changes, moves and goes is told the same', async () => {
  for (const one of both())
    await deliver(one.database, {
      claim: [{ ...claim(JIA, 'JS1', '2026-02-01', { status: 'RECOVERED', updated_at: '2026-06-10' }), op: 'U' }],
      household: [{ ...household(YI, 'HJ2', { district_code: '350102', updated_at: '2026-06-10' }), op: 'U' }],
    });
  for (const asked of [
    { query: '{ claimChanges(after: "11") { changes { op sourceId record { status } } } }', ...FEEDS },
    { query: '{ householdChanges(after: "6") { changes { op sourceId record { name } } } }', ...COUNTY },
    { query: person('household { name }', YI), ...COUNTY },
    { query: `{ persons(ids: ["${keyOf(JIA.number)}", "${keyOf(YI.number)}"]) { id name deaths { sourceId } } }` },
  ]) {
    const [here, there] = await Promise.all(both().map((one) => answered(one, asked)));
    expect(there).toEqual(here);
  }
});

test('a sample of the attack matrix, against bureaus elsewhere', async () => {
  const matrix = await openMatrix('remote');
  try {
    const sample = cells(matrix).filter((_, place) => place % 149 === 0);
    expect(sample.length).toBeGreaterThan(15);
    const withheld = [...new Set(sample.map((cell) => cell.withheld))];
    await agree(matrix.hub, new Map(withheld.map((name) => [agencyWithout(name), termsWithout(name)])));
    expect(await offences(matrix, sample)).toEqual([]);
    // Without what is shown to who is granted it, the sample could not fail.
    const positions = matrix.graph.positions.filter(({ type }) => type === 'Death');
    expect(await controls({ ...matrix, graph: { ...matrix.graph, positions } })).toEqual([]);
  } finally {
    await matrix.close();
  }
});
