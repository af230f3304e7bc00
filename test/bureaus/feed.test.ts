import { FUND_SUPERVISION } from '../../src/hub/codes';
import { type TestHub, testHub } from '../support/hub';
import { claim, deliver, JIA, keyOf, smallCity, YI } from '../support/small-city';
import { watchStatements } from '../support/statements';

// biome-ignore lint/suspicious/noExplicitAny: data of the graph
type Data = any;

const QUERY = `query($after: String, $first: Int) { claimChanges(after: $after, first: $first) {
  changes { seq op sourceId recordedAt record { sourceId revision status person { id } } } endCursor hasNextPage } }`;

describe('a change feed', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await testHub();
    await deliver(hub.database, smallCity());
  });
  afterAll(() => hub.close());

  const feed = async (variables: Record<string, unknown> = {}): Promise<Data> => {
    const { data, errors } = await hub.as({ purpose: FUND_SUPERVISION })(QUERY, variables);
    expect(errors).toBeUndefined();
    return data?.claimChanges;
  };
  const follow = async (first: number, from: string | null = null): Promise<Data[]> => {
    const changes: Data[] = [];
    for (let after = from, page = 0; page < 100; page++) {
      const one = await feed({ after, first });
      expect(one.changes.length).toBeLessThanOrEqual(first);
      changes.push(...one.changes);
      after = one.endCursor;
      if (!one.hasNextPage) return changes;
    }
    throw new Error('a feed without end');
  };

  test('is the same in pages of every size, and in rising order', async () => {
    const whole = await follow(5_000);
    expect(whole).toHaveLength(11);
    const places = whole.map(({ seq }) => BigInt(seq));
    expect(places).toEqual([...places].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(places).size).toBe(11);
    for (const first of [1, 2, 5, 11, 12]) expect(await follow(first)).toEqual(whole);
    expect(
      whole.every((change) => change.record.revision === change.seq && change.record.sourceId === change.sourceId),
    ).toBe(true);
  });

  test('goes on from where it was left, tells what changed, and leaves a tombstone; a cursor holds for ever', async () => {
    const { endCursor: first } = await feed({ first: 4 });
    const { endCursor: end, hasNextPage } = await feed({ first: 5_000 });
    expect(hasNextPage).toBe(false);
    expect(await feed({ after: end })).toEqual({ changes: [], endCursor: end, hasNextPage: false });
    await deliver(hub.database, {
      claim: [
        { ...claim(JIA, 'JS1', '2026-02-01', { status: 'RECOVERED', updated_at: '2026-06-10' }), op: 'U' },
        { ...claim(YI, 'JS10', '2026-01-01', { updated_at: '2026-06-10' }), op: 'D' },
      ],
    });
    const after = await follow(1, end);
    expect(
      after.map(({ op, sourceId, record }) => [sourceId, op, record?.status ?? null, record?.person.id ?? null]).sort(),
    ).toEqual([
      ['JS1', 'UPSERT', 'RECOVERED', keyOf(JIA.number)],
      ['JS10', 'DELETE', null, null],
    ]);
    const old = await follow(3, first);
    expect(old.slice(-2)).toEqual(after);
    expect(old).toHaveLength(9);
  });

  test.each(['', 'x', '-1', '1.5', '1e3', '9'.repeat(19), "1'; drop table claim.revision; --", ' 1'])(
    'after %j is bad input',
    async (after) => {
      const watch = watchStatements(hub.database);
      const { data, errors } = await hub.as({ purpose: FUND_SUPERVISION })(QUERY, { after });
      watch.stop();
      expect([data, watch.ofBureaus()]).toEqual([{ claimChanges: null }, []]);
      expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_USER_INPUT']);
    },
  );

  test.each([0, -1, 5_001])('first %i is bad input', async (first) => {
    const { errors } = await hub.as({ purpose: FUND_SUPERVISION })(QUERY, { first });
    expect(errors?.map(({ message }) => message)).toEqual(['first must be between 1 and 5000']);
  });

  test('every kind has one', async () => {
    const feeds = { household: 6, death: 1, enrollment: 2, retirement: 1, contribution: 2, poverty: 1, claimLine: 12 };
    for (const [name, count] of Object.entries(feeds)) {
      const { data, errors } = await hub.as({ purpose: FUND_SUPERVISION })(
        `{ ${name}Changes { changes { seq sourceId record { sourceId } } } }`,
      );
      expect([name, errors, (data?.[`${name}Changes`] as Data)?.changes.length]).toEqual([name, undefined, count]);
    }
  });
});
