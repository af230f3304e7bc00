import { emptyAudit } from '../support/audit';
import { type TestHub, testHub } from '../support/hub';
import { inOneProcess } from '../support/shape';
import { JIA, smallCity } from '../support/small-city';
import { deaths, deliverDirty } from './dirty-delivery';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
type Data = any;

const QUARANTINE = `query Waiting($kind: String, $first: Int, $after: String) {
  quarantine(kind: $kind, first: $first, after: $after) {
    edges { node { id kind file line sourceId reason row quarantinedAt } }
    pageInfo { hasNextPage endCursor }
  }
}`;

const inThisShape = inOneProcess('a bureau keeps its quarantine where it takes its deliveries in');
inThisShape('rows in quarantine, shown to the bureau they came from', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await testHub();
  });
  beforeEach(async () => {
    await hub.database.pool.query('truncate sync.run, death.revision, household.revision cascade');
    const household = (smallCity().household ?? []).map((row) => ({ ...row, sex: 7 }));
    await deliverDirty(hub.database, { death: deaths(6, 1, 3, 4) }, '2026-06-29T02:00:00+08:00');
    await deliverDirty(hub.database, { household }, '2026-06-29T02:00:00+08:00');
  });
  afterAll(() => hub.close());

  const civilAffairs = () => hub.as({ agency: 'civil-affairs' });
  const waiting = async (ask: ReturnType<TestHub['as']>, variables = {}): Promise<Data> => {
    const { data, errors } = await ask(QUARANTINE, variables);
    expect(errors).toBeUndefined();
    const { edges, pageInfo } = (data as Data).quarantine;
    return { ...pageInfo, rows: edges.map(({ node }: Data) => node) };
  };

  test('as they were delivered, the newest first, until they come again whole', async () => {
    const { rows, hasNextPage } = await waiting(civilAffairs());
    expect([rows.map(({ sourceId }: Data) => sourceId), hasNextPage]).toEqual([['SW5', 'SW4', 'SW2'], false]);
    expect(rows[2]).toEqual({
      id: expect.stringMatching(/^\d+$/),
      kind: 'death',
      file: 'death.csv',
      line: 3,
      sourceId: 'SW2',
      reason: expect.stringMatching(/^death_date /),
      row: expect.stringContaining(JIA.number),
      quarantinedAt: expect.stringMatching(/^2026-06-28T18:00:00/),
    });
    await deliverDirty(hub.database, { death: deaths(6, 3) }, '2026-06-30T02:00:00+08:00');
    expect((await waiting(civilAffairs())).rows.map(({ sourceId }: Data) => sourceId)).toEqual(['SW4']);
  });

  test('a register has no lines, and a row that is none has no key', async () => {
    await hub.database.pool.query(`update sync.quarantine set line = 0, source_id = null where source_id = 'SW5'`);
    const { rows } = await waiting(civilAffairs(), { kind: 'death', first: 1 });
    expect(rows).toMatchObject([{ line: null, sourceId: null }]);
  });

  test('in pages of one', async () => {
    const seen: string[] = [];
    let page = await waiting(civilAffairs(), { first: 1 });
    for (let pages = 1; pages < 10; pages++) {
      seen.push(...page.rows.map(({ sourceId }: Data) => sourceId));
      if (!page.hasNextPage) break;
      page = await waiting(civilAffairs(), { first: 1, after: page.endCursor });
    }
    expect(seen).toEqual(['SW5', 'SW4', 'SW2']);
  });

  test('a page of long rows is shorter than asked for, and goes on', async () => {
    await hub.database.pool.query(`update sync.quarantine set row = repeat('长', 3000000) where kind = 'death'`);
    const first = await waiting(civilAffairs());
    expect([first.rows.length, first.hasNextPage]).toEqual([2, true]);
    const second = await waiting(civilAffairs(), { after: first.endCursor });
    expect([second.rows.map(({ sourceId }: Data) => sourceId), second.hasNextPage]).toEqual([['SW2'], false]);
  });

  test('nobody else sees them, under whatever agreement', async () => {
    const own = await waiting(hub.as({ agency: 'public-security' }));
    expect(new Set(own.rows.map(({ kind }: Data) => kind))).toEqual(new Set(['household']));
    for (const agency of ['medical-insurance-supervision', 'medical-insurance', 'outsider']) {
      expect((await waiting(hub.as({ agency }))).rows).toEqual([]);
      const foreign = await hub.as({ agency })(QUARANTINE, { kind: 'death' });
      const unknown = await hub.as({ agency })(QUARANTINE, { kind: 'ghost' });
      expect(foreign.errors?.map(({ message }) => message)).toEqual(unknown.errors?.map(({ message }) => message));
      expect(foreign.data).toEqual({ quarantine: null });
    }
  });

  test('looking leaves its record, and the record holds nothing of the rows', async () => {
    await emptyAudit(hub.database.pool);
    await waiting(civilAffairs());
    const { rows } = await hub.database.pool.query<{ leaf: string }>('select leaf from audit.record');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.leaf).toMatch(/"agency":"civil-affairs".*"name":"Waiting"/);
    expect(rows[0]?.leaf).not.toContain(JIA.number);
  });
});
