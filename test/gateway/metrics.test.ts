import { feedLag } from '../../src/crosscheck/lag';
import { type Listening, listen } from '../../src/gateway/listen';
import { type Metrics, type MetricsServer, openMetrics, serveMetrics } from '../../src/gateway/metrics';
import { CASE_INVESTIGATION, SUPERVISION } from '../../src/hub/codes';
import { type TestHub, testHub } from '../support/hub';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

describe('figures', () => {
  let hub: TestHub;
  let at: Listening;
  let server: MetricsServer;
  const metrics: Metrics = openMetrics();
  beforeAll(async () => {
    hub = await testHub({ watch: metrics });
    await deliver(hub.database, smallCity());
    const { freshness } = hub.hub;
    const now = () => new Date(Date.now() + 3_600_000);
    metrics.tellOf({
      pool: hub.database.pool,
      freshness,
      feedLag: () => feedLag(hub.database.pool, hub.hub.isElsewhere),
      now,
    });
    server = await serveMetrics(metrics, { host: '127.0.0.1', port: 0 });
    at = await listen(hub.hub.gateway, { host: '127.0.0.1', port: 0, pages: null, answered: metrics.answered });
  });
  afterAll(async () => {
    await at.close();
    await server.close();
    await hub.close();
  });

  /** The figures by name and labels. */
  async function figures(): Promise<Map<string, number>> {
    const text = await (await fetch(server.url)).text();
    const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    );
  }

  async function ask(query: string, headers: Record<string, string> = {}): Promise<void> {
    const token = await hub.hub.issuer.issue(SUPERVISION, '王审核');
    const known = { authorization: `Bearer ${token}`, 'x-purpose': CASE_INVESTIGATION, 'x-case': 'T-1' };
    const answer = await fetch(`${at.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...known, ...headers },
      body: JSON.stringify({ query }),
    });
    await answer.text();
  }

  test('count operations by agency, decision, kind and bureau', async () => {
    await ask(
      `{ person(id: "${keyOf(JIA.number)}") { name deaths { deathDate } claims { edges { node { sourceId } } } } }`,
    );
    await ask('{ deathChanges { endCursor } }');
    await ask('{ person(');
    await ask('{ __typename }', { authorization: 'Bearer a.b.c' });
    const told = await figures();
    const rows: [string, number][] = [
      [`heyan_operations_total{agency="${SUPERVISION}",decision="GRANTED"}`, 1],
      [`heyan_operations_total{agency="${SUPERVISION}",decision="REFUSED"}`, 1],
      [`heyan_operations_total{agency="${SUPERVISION}",decision="INVALID"}`, 1],
      [`heyan_kind_operations_total{agency="${SUPERVISION}",kind="death"}`, 2],
      [`heyan_kind_operations_total{agency="${SUPERVISION}",kind="claim"}`, 1],
      [`heyan_operation_seconds_count{agency="${SUPERVISION}",outcome="ok"}`, 1],
      [`heyan_operation_seconds_count{agency="${SUPERVISION}",outcome="errors"}`, 1],
      ['heyan_bureau_seconds_count{bureau="household",outcome="ok"}', 1],
      ['heyan_bureau_seconds_count{bureau="death",outcome="ok"}', 1],
      ['heyan_bureau_seconds_count{bureau="claim",outcome="ok"}', 1],
      ['heyan_plan_seconds_count{outcome="ok"}', 1],
      ['heyan_audit_append_seconds_count{outcome="ok"}', 3],
      ['heyan_http_request_seconds_count{route="/graphql",status="200"}', 2],
      ['heyan_http_request_seconds_count{route="/graphql",status="400"}', 1],
      ['heyan_http_request_seconds_count{route="/graphql",status="401"}', 1],
    ];
    expect(rows.map(([name]) => [name, told.get(name)])).toEqual(rows);
  });

  test('tell how fresh each kind is, how far followed, and how the pool stands', async () => {
    const before = await figures();
    expect(before.get('heyan_freshness_age_seconds{kind="claim"}')).toBeGreaterThan(3_500);
    expect(before.get('heyan_late{kind="claim"}')).toBe(0);
    // How many changes there are elsewhere is not known here: there is no figure then, and not a zero.
    const isHere = hub.shape === 'local';
    expect(before.get('heyan_feed_lag_changes{kind="claim"}')).toBe(isHere ? smallCity().claim?.length : undefined);
    expect(before.get('heyan_pool_connections{state="total"}')).toBeGreaterThan(0);
    await hub.nightly();
    expect((await figures()).get('heyan_feed_lag_changes{kind="claim"}')).toBe(isHere ? 0 : undefined);
  });

  test('an audit log that takes nothing is counted as failed', async () => {
    await hub.database.pool.query('alter table audit.record rename to hidden');
    await ask('{ __typename }');
    await hub.database.pool.query('alter table audit.hidden rename to record');
    expect((await figures()).get('heyan_audit_append_seconds_count{outcome="failed"}')).toBe(1);
  });

  test('labels come from lists that end, and nothing personal is among them', async () => {
    for (let i = 0; i < 300; i++) metrics.recorded?.({ agency: `a${i}`, decision: 'GRANTED', footprint: [] } as never);
    const told = [...(await figures()).keys()].filter((name) => name.startsWith('heyan_'));
    const agencies = new Set(told.flatMap((name) => /agency="([^"]+)"/.exec(name)?.[1] ?? []));
    expect(agencies.size).toBe(201);
    expect(agencies).toContain('other');
    expect(told.join('\n')).not.toMatch(new RegExp(`金丝雀|王审核|${JIA.number.slice(0, 10)}|${keyOf(JIA.number)}`));
  });

  test('are on an address of their own, and nowhere else', async () => {
    expect((await fetch(`${at.url}/metrics`)).status).toBe(404);
    expect((await fetch(server.url.replace('/metrics', '/'))).status).toBe(404);
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(404);
    const port = Number(new URL(server.url).port);
    await expect(serveMetrics(metrics, { host: '127.0.0.1', port })).rejects.toThrow(
      `HEYAN_METRICS 127.0.0.1:${port} cannot be listened on (EADDRINUSE): set it to a free address here`,
    );
  });
});
