import { emptyAudit } from '../support/audit';
import { type TestHub, testHub } from '../support/hub';
import { inOneProcess } from '../support/shape';
import { smallCity } from '../support/small-city';
import { deaths, deliverDirty } from './dirty-delivery';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
type Data = any;

const RUNS = `query Runs($kind: String, $first: Int, $after: String) {
  syncRuns(kind: $kind, first: $first, after: $after) {
    edges { cursor node { id kind source state reason startedAt finishedAt chunks rowsIn inserted changed unchanged deleted stale quarantined warnings } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}`;

const inThisShape = inOneProcess('a bureau tells of its deliveries where it takes them in');
inThisShape('what became of deliveries, told to the bureau', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await testHub();
    const { household = [], claim = [] } = smallCity();
    await deliverDirty(hub.database, { death: deaths(4, 1), household, claim }, '2026-06-28T02:00:00+08:00');
    await deliverDirty(hub.database, { death: deaths(5) }, '2026-06-29T02:00:00+08:00');
    await deliverDirty(hub.database, { death: deaths(5, 0, 1, 2, 3, 4) }, '2026-06-30T02:00:00+08:00');
  });
  afterAll(() => hub.close());

  const civilAffairs = () => hub.as({ agency: 'civil-affairs', purpose: 'OWN_AFFAIRS', case: undefined });
  const runs = async (ask: ReturnType<TestHub['as']>, variables = {}): Promise<Data[]> => {
    const { data, errors } = await ask(RUNS, variables);
    expect(errors).toBeUndefined();
    return (data as Data).syncRuns.edges.map(({ node }: Data) => node);
  };

  test('the newest first, with every count', async () => {
    const [rejected, second, first, ...others] = await runs(civilAffairs());
    expect(others).toEqual([]);
    expect(first).toEqual({
      id: expect.stringMatching(/^\d+$/),
      kind: 'death',
      source: expect.stringContaining('heyan-delivery-'),
      state: 'COMPLETE',
      reason: null,
      startedAt: '2026-06-27T18:00:00Z',
      finishedAt: expect.stringMatching(/^2026-06-27T18:00:00/),
      chunks: 1,
      rowsIn: 4,
      inserted: 3,
      changed: 0,
      unchanged: 0,
      deleted: 0,
      stale: 0,
      quarantined: 1,
      warnings: [],
    });
    expect(second).toMatchObject({ state: 'COMPLETE', rowsIn: 5, inserted: 2, unchanged: 3, quarantined: 0 });
    expect(rejected).toMatchObject({
      state: 'REJECTED',
      reason: expect.stringContaining('5 of 5 rows of death.csv broke a rule'),
      quarantined: 5,
    });
  });

  test('in pages of one, in the same order', async () => {
    const all = await runs(civilAffairs());
    const seen: Data[] = [];
    let after: string | null = null;
    for (let page = 0; page < 10; page++) {
      const { syncRuns } = (await civilAffairs()(RUNS, { kind: 'death', first: 1, after })).data as Data;
      seen.push(...syncRuns.edges.map(({ node }: Data) => node));
      expect(syncRuns.pageInfo.hasPreviousPage).toBe(page > 0);
      after = syncRuns.pageInfo.endCursor;
      if (!syncRuns.pageInfo.hasNextPage) break;
    }
    expect(seen).toEqual(all);
  });

  test('of a run that goes on and of one that was interrupted', async () => {
    await hub.database.pool.query(
      `update sync.run set state = 'RUNNING', finished_at = null, chunks = 3 where kind = 'claim'`,
    );
    const [going] = await runs(hub.as({ agency: 'medical-insurance' }), { kind: 'claim' });
    expect(going).toMatchObject({ state: 'RUNNING', finishedAt: null, chunks: 3 });
    await hub.database.pool.query(
      `update sync.run set state = 'INTERRUPTED', finished_at = now() where kind = 'claim'`,
    );
    expect(await runs(hub.as({ agency: 'medical-insurance' }))).toMatchObject([
      { kind: 'claim', state: 'INTERRUPTED' },
    ]);
  });

  test('each bureau sees its own; who provides nothing sees nothing', async () => {
    expect((await runs(hub.as({ agency: 'public-security' }))).map(({ kind }) => kind)).toEqual(['household']);
    expect(await runs(hub.as({ agency: 'medical-insurance-supervision' }))).toEqual([]);
    expect(await runs(hub.as({ agency: 'outsider' }))).toEqual([]);
  });

  test("another's kind and no kind at all are told alike", async () => {
    const told = async (agency: string, kind: string) => {
      const { data, errors } = await hub.as({ agency })(RUNS, { kind });
      expect((data as Data).syncRuns).toBeNull();
      return errors?.map(({ message, extensions }) => [message, extensions?.code]);
    };
    for (const kind of ['household', 'ghost', '', 'a\u0000b', 'death ', "death'"])
      expect(await told('civil-affairs', kind)).toEqual([
        ['kind is no kind of record of your agency: write death, or leave it out for all', 'BAD_USER_INPUT'],
      ]);
    expect(await told('outsider', 'death')).toEqual(await told('outsider', 'ghost'));
  });

  test.each([
    ['first too large', { first: 5_001 }, /first must be between 1 and 5000/],
    ['a cursor that is none', { after: 'x' }, /after is not a cursor/],
    ['a cursor of another list', { after: Buffer.from('["","civil-affairs/1"]').toString('base64url') }, /after is not a cursor/],
    ['a cursor beyond all numbers', { after: Buffer.from(`["","${'9'.repeat(19)}"]`).toString('base64url') }, /after is not a cursor/],
  ])('refused as bad input: %s', async (_, variables, message) => {
    const { errors } = await civilAffairs()(RUNS, variables);
    expect(errors?.map((error) => [error.message, error.extensions?.code])).toEqual([
      [expect.stringMatching(message), 'BAD_USER_INPUT'],
    ]);
  }); // biome-ignore format: a table

  test('asking leaves its record', async () => {
    await emptyAudit(hub.database.pool);
    await runs(civilAffairs());
    const { rows } = await hub.database.pool.query(`select leaf::jsonb as record from audit.record`);
    expect(rows.map(({ record }) => [record.agency, record.operation.name, record.decision])).toEqual([
      ['civil-affairs', 'Runs', 'GRANTED'],
    ]);
  });
});
