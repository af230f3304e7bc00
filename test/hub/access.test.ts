import { CASE_INVESTIGATION, FUND_SUPERVISION } from '../../src/hub/codes';
import { emptyAudit } from '../support/audit';
import { type TestHub, testHub } from '../support/hub';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
type Data = any;

const ALL = 'at agency officer purpose case kinds verbs receipt';
const NOW = new Date('2026-06-30T02:00:00.000Z');
const DAY_MILLISECONDS = 86_400_000;

describe('who looked at a person', () => {
  let hub: TestHub;
  let now = NOW;
  beforeAll(async () => {
    hub = await testHub({ now: () => now });
    await deliver(hub.database, smallCity());
  });
  beforeEach(async () => {
    now = NOW;
    await emptyAudit(hub.database.pool);
  });
  afterAll(() => hub.close());

  const look = async (query: string, who?: object) => {
    const { data, errors, extensions } = await hub.as(who)(query);
    expect(errors).toBeUndefined();
    return { data: data as Data, receipt: extensions?.receipt as string };
  };
  const person = (inside: string, number = JIA.number) => `{ person(idNumber: "${number}") { ${inside} } }`;
  const accesses = async (args = '', number = JIA.number) => {
    const { data } = await look(
      person(`accesses${args} { edges { node { ${ALL} } } pageInfo { hasNextPage endCursor } }`, number),
    );
    return { ...data.person.accesses, nodes: data.person.accesses.edges.map(({ node }: Data) => node) };
  };

  test('a look-up: by whom, when, why, at what, with the receipt they were given', async () => {
    const { receipt } = await look(person('deaths { deathDate } claims { edges { node { status } } }'));
    expect((await accesses()).nodes).toEqual([
      {
        at: NOW.toISOString(), agency: 'medical-insurance-supervision', officer: 'tester', purpose: CASE_INVESTIGATION, case: 'TEST-1',
        kinds: expect.arrayContaining(['claim', 'death']), verbs: ['LOOKUP'], receipt,
      },
    ]); // biome-ignore format: one access
  });

  test('asking who looked is a look itself, and nobody looked at somebody else', async () => {
    await accesses();
    expect((await accesses()).nodes.map(({ kinds }: Data) => kinds)).toEqual([expect.arrayContaining(['access'])]);
    expect((await accesses('', '11010519491231002X')).nodes).toEqual([]);
  });

  test('a feed, by the place of their records in it and no other', async () => {
    const feed = (kind: string, args: string) =>
      look(`{ ${kind}Changes(${args}) { endCursor changes { seq } } }`, { purpose: FUND_SUPERVISION });
    const { data, receipt } = await feed('claim', 'first: 5000');
    const places = data.claimChanges.changes.map(({ seq }: Data) => seq) as string[];
    const { rows } = await hub
      .keeping('claim')
      .pool.query<{ seq: string }>('select seq from claim.revision where person_key = $1 order by seq', [
        Buffer.from(keyOf(JIA.number), 'hex'),
      ]);
    const [own] = rows.map(({ seq }) => seq) as [string];
    expect(places).toContain(own);
    expect((await accesses()).nodes).toMatchObject([{ purpose: FUND_SUPERVISION, verbs: ['FEED'], receipt }]);
    // The page that ends before their first record did not show them.
    await emptyAudit(hub.database.pool);
    const before = places.indexOf(own);
    if (before > 0) await feed('claim', `first: ${before}`);
    expect((await accesses()).nodes).toEqual([]);
    await feed('claim', `first: 1, after: "${Number(own) - 1}"`);
    expect((await accesses()).nodes.filter(({ verbs }: Data) => verbs.includes('FEED'))).toHaveLength(1);
  });

  test('what was refused showed nothing', async () => {
    const { errors } = await hub.as({ agency: 'tax', purpose: 'PENSION_REVIEW' })(person('deaths { deathDate }'));
    expect(errors?.length).toBeGreaterThan(0);
    expect((await accesses()).nodes).toEqual([]);
  });

  test('the newest first, in pages that neither repeat nor leave out', async () => {
    const receipts: string[] = [];
    for (let i = 0; i < 5; i++) receipts.unshift((await look(person('deaths { deathDate }'))).receipt);
    const page = await accesses('(first: 2)');
    expect(page.nodes.map(({ receipt }: Data) => receipt)).toEqual(receipts.slice(0, 2));
    const seen: string[] = [];
    let after = page.pageInfo.endCursor as string;
    for (let pages = 0; pages < 5; pages++) {
      const next = await accesses(`(first: 2, after: "${after}")`);
      seen.push(...next.nodes.map(({ receipt }: Data) => receipt));
      if (!next.pageInfo.hasNextPage) break;
      after = next.pageInfo.endCursor;
    }
    expect(seen).toEqual(receipts.slice(2));
  });

  test('a covert purpose is told after its delay', async () => {
    await hub.database.pool.query(
      `insert into sharing.agreement (id, provider, agency, purposes, case_required, clauses, valid_from, valid_to, state, covert_days)
       values ('covert', 'tax', 'public-security', '{${CASE_INVESTIGATION}}', false, '[]', '2026-01-01', '2026-12-31', 'DRAFT', '{"${CASE_INVESTIGATION}": 30}')`,
    );
    const looked = await look(person('deaths { deathDate }'));
    const told = async (milliseconds: number) => {
      now = new Date(NOW.getTime() + milliseconds);
      return (await accesses()).nodes.filter(({ receipt }: Data) => receipt === looked.receipt).length;
    };
    expect(await told(0)).toBe(0);
    expect(await told(30 * DAY_MILLISECONDS - 1)).toBe(0);
    expect(await told(30 * DAY_MILLISECONDS)).toBe(1);
    await hub.database.pool.query(`update sharing.agreement set covert_days = '{}' where id = 'covert'`);
  });

  test.each(['first: 0', 'first: 5001', 'after: "zzz"', `after: "${Buffer.from('["x",""]').toString('base64url')}"`])(
    '%s is bad input',
    async (argument) => {
      const { errors } = await hub.as()(person(`accesses(${argument}) { edges { cursor } }`));
      expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT']);
    },
  );

  test('only whom an agreement lets may ask', async () => {
    const { data, errors } = await hub.as({ purpose: FUND_SUPERVISION })(
      person('accesses { edges { node { agency } } }'),
    );
    expect(data).toBeNull();
    expect(errors?.map(({ extensions }) => extensions?.code)).toContain('NOT_SHARED');
  });
});
