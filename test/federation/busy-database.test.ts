/** All connections to the database in use, at the hub and at a bureau on its own premises: a clear code in time, nothing wrong, and all is well once one is free. */
import type { Pool } from 'pg';
import { waitFor } from '../../src/db/wait';
import { type Listening, listen } from '../../src/gateway/listen';
import { CASE_INVESTIGATION, SUPERVISION } from '../../src/hub/codes';
import { SAMPLE_DAY, type TestHub, testHub } from '../support/hub';
import { hubDirectory, type TestPremises, testPremises } from '../support/premises';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

const POOL = 3;
const WAIT_MILLISECONDS = 400;
/** Once for the data and once for the record, and what a busy machine needs. */
const ANSWER_MILLISECONDS_MAX = 2 * WAIT_MILLISECONDS + 2_000;
const LIMITS = { poolSize: POOL, waitMilliseconds: WAIT_MILLISECONDS };

const QUERY = `query($id: ID!, $day: Date!) { person(id: $id) {
  name household { status } deaths { deathDate } claims(first: 5) { edges { node { sourceId } } } aliveOn(date: $day)
} }`;
const VARIABLES = { id: keyOf(JIA.number), day: SAMPLE_DAY };

/** Takes every connection of a pool; what it answers with gives them back. */
async function takeAll(pool: Pool): Promise<() => void> {
  const taken = await Promise.all(Array.from({ length: POOL }, () => pool.connect()));
  return () => {
    for (const client of taken.splice(0)) client.release();
  };
}

describe('at the hub', () => {
  let hub: TestHub;
  let at: Listening;
  let token: string;
  let clock = 0;
  beforeAll(async () => {
    hub = await testHub({ ...LIMITS, elapsed: () => clock });
    await deliver(hub.database, smallCity());
    at = await listen(hub.hub.gateway, { host: '127.0.0.1', port: 0, pages: null, ready: hub.hub.ready });
    token = await hub.hub.issuer.issue(SUPERVISION, 'tester');
    await ask();
  });
  afterAll(async () => {
    await at.close();
    await hub.close();
  });

  async function ask() {
    const began = performance.now();
    const answer = await fetch(`${at.url}/graphql`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-purpose': CASE_INVESTIGATION,
        'x-case': 'T-1',
      },
      body: JSON.stringify({ query: QUERY, variables: VARIABLES }),
    });
    const { data, errors } = (await answer.json()) as Awaited<ReturnType<ReturnType<TestHub['as']>>>;
    const codes = errors?.map(({ extensions }) => extensions?.code);
    return { status: answer.status, data, errors, codes, took: performance.now() - began };
  }
  const records = async () =>
    Number((await hub.database.pool.query('select count(*) from audit.record')).rows[0].count);

  test.each([
    ['whether a token still stands, is read anew', 60_000],
    ['that is remembered', 0],
  ])('%s: nothing is answered without its record', async (_, later) => {
    const before = await ask();
    expect([before.status, before.errors]).toEqual([200, undefined]);
    const kept = await records();
    const giveBack = await takeAll(hub.database.pool);
    clock += later;
    const during = await ask();
    expect([during.status, during.data, during.codes]).toEqual([503, undefined, ['AUDIT_UNAVAILABLE']]);
    expect(during.took).toBeLessThan(ANSWER_MILLISECONDS_MAX);
    giveBack();
    expect(await records()).toBe(kept);
    const after = await ask();
    expect([after.status, after.data, after.errors]).toEqual([200, before.data, undefined]);
  });

  test('a connection that comes free in time: the record is written, and then the answer leaves', async () => {
    const before = await ask();
    const kept = await records();
    const { pool } = hub.database;
    const giveBack = await takeAll(pool);
    const asked = ask();
    await waitFor(() => (pool.waitingCount > 0 ? true : undefined), ANSWER_MILLISECONDS_MAX);
    giveBack();
    const { status, data, errors } = await asked;
    expect([status, data, errors]).toEqual([200, before.data, undefined]);
    expect(await records()).toBe(kept + 1);
  });

  test('/readyz says so, and takes it back', async () => {
    const ready = async () => (await fetch(`${at.url}/readyz`)).status;
    const giveBack = await takeAll(hub.database.pool);
    clock += 60_000;
    expect(await ready()).toBe(503);
    giveBack();
    clock += 60_000;
    expect(await ready()).toBe(200);
  });
});

describe('at a bureau', () => {
  let directory: Awaited<ReturnType<typeof hubDirectory>>;
  let death: TestPremises;
  let hub: TestHub;
  let clock = 0;
  beforeAll(async () => {
    directory = await hubDirectory();
    death = await testPremises(['death'], { keysFile: directory.keysFile, ...LIMITS });
    const { dataDirectory } = directory;
    hub = await testHub({ dataDirectory, subgraphs: death.settings, elapsed: () => (clock += 1_000) });
    const { death: deaths = [], ...others } = smallCity();
    await deliver(death.database, { death: deaths });
    await deliver(hub.database, others);
    await hub.as()(QUERY, VARIABLES);
  });
  afterAll(async () => {
    await hub.close();
    await death.close();
    directory.remove();
  });

  test('the others’ data come complete and in time, the error names it, and it is asked again by itself', async () => {
    const before = await hub.as()(QUERY, VARIABLES);
    expect(before.errors).toBeUndefined();
    const giveBack = await takeAll(death.database.pool);
    const began = performance.now();
    const { data, errors = [] } = await hub.as()(QUERY, VARIABLES);
    expect(performance.now() - began).toBeLessThan(ANSWER_MILLISECONDS_MAX * 2);
    expect(data).toEqual({ person: { ...(before.data?.person as object), deaths: null, aliveOn: 'UNKNOWN' } });
    expect(errors.map(({ extensions }) => extensions)).toEqual(
      errors.map(() => ({ code: 'UNAVAILABLE', bureau: 'death' })),
    );
    expect(errors.length).toBeGreaterThan(0);
    giveBack();
    clock += 60_000;
    const after = await hub.as()(QUERY, VARIABLES);
    expect([after.data, after.errors]).toEqual([before.data, undefined]);
  });

  test('several in a row, and it is given a rest, which a caller’s own operation ends and no question of how it is', async () => {
    const giveBack = await takeAll(death.database.pool);
    await Promise.all(Array.from({ length: 5 }, () => hub.as()(QUERY, VARIABLES)));
    giveBack();
    const resting = (isResting: boolean) => [{ name: 'death', isChanged: false, isResting }];
    expect(hub.hub.bureaus()).toEqual(resting(true));
    clock += 60_000;
    await hub.hub.freshness();
    expect(hub.hub.bureaus()).toEqual(resting(true));
    expect((await hub.as()(QUERY, VARIABLES)).errors).toBeUndefined();
    expect(hub.hub.bureaus()).toEqual(resting(false));
  });
});
