/** A bureau's server as its operator sees it: its log and traces meet the hub's, and it ends without failing anybody. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from '../../src/db/wait';
import { AT_ONCE } from '../../src/gateway/drain';
import { type Listening, listen } from '../../src/gateway/listen';
import { openTracing, type Tracing } from '../../src/gateway/tracing';
import { CASE_INVESTIGATION, SUPERVISION } from '../../src/hub/codes';
import { post } from '../support/http';
import { type TestHub, testHub } from '../support/hub';
import { hubDirectory, type TestPremises, testPremises } from '../support/premises';
import { deliver, JIA, keyOf, smallCity } from '../support/small-city';

const QUERY = `{ person(id: "${keyOf(JIA.number)}") { name deaths { deathDate } } }`;
const DEATHS = [{ deathDate: '2026-03-10' }];
const ID = '0e37df36-f698-41e6-8dd4-cb9ced3df992';

let directory: Awaited<ReturnType<typeof hubDirectory>>;
let collector: Server;
let tracing: Tracing;
let death: TestPremises;
let hub: TestHub;
let at: Listening;
const sent: string[] = [];
const hubLines: string[] = [];
const bureauLines: string[] = [];
let clock = 0;

beforeAll(async () => {
  collector = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text) => sent.push(text));
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  tracing = openTracing();
  directory = await hubDirectory();
  const { keysFile, dataDirectory } = directory;
  death = await testPremises(['death'], { keysFile, watch: tracing, log: { write: (line) => bureauLines.push(line) } });
  hub = await testHub({
    dataDirectory,
    subgraphs: death.settings,
    watch: tracing,
    elapsed: () => (clock += 1_000),
  });
  const { death: deaths = [], ...others } = smallCity();
  await deliver(death.database, { death: deaths });
  await deliver(hub.database, others);
  const log = { write: (line: string) => hubLines.push(line) };
  at = await listen(hub.hub.gateway, { host: '127.0.0.1', port: 0, pages: null, log });
  await ask();
});
afterAll(async () => {
  await at.close();
  await hub.close();
  await death.close();
  directory.remove();
  collector.closeAllConnections();
  collector.close();
});

async function ask(headers: Record<string, string> = {}) {
  const token = await hub.hub.issuer.issue(SUPERVISION, '王审核');
  const answer = await post(`${at.url}/graphql`, token, { query: QUERY }, headers);
  return (await answer.json()) as { data: { person: { deaths: unknown } }; errors?: { extensions: object }[] };
}

test('the bureau logs a call under the id of the request that the hub answers, and nothing personal', async () => {
  bureauLines.length = 0;
  hubLines.length = 0;
  expect((await ask({ 'x-request-id': ID })).data.person.deaths).toEqual(DEATHS);
  await waitFor(() => (bureauLines.length > 0 && hubLines.length > 0 ? true : undefined), 5_000);
  expect(bureauLines.map((line) => JSON.parse(line))).toEqual([
    {
      ...{ level: 30, time: expect.any(String), message: 'request', milliseconds: expect.any(Number) },
      ...{ id: ID, agency: SUPERVISION, purpose: CASE_INVESTIGATION, decision: 'GRANTED', errors: 0, records: 1 },
      ...{ operation: expect.stringMatching(/^[0-9a-f]{16}$/), uses: 2, method: 'POST', route: '/subgraph/death' },
      ...{ status: 200, isWhole: true },
    },
  ]);
  expect(hubLines.map((line) => JSON.parse(line).id)).toEqual([ID]);
  expect(bureauLines.join()).not.toMatch(new RegExp(`金丝雀|王审核|${JIA.number}|${keyOf(JIA.number)}|T-1"|eyJ`));
});

test('an answer that was begun is finished, and nobody new is let in', async () => {
  const slow = await death.database.pool.connect();
  await slow.query('begin; lock table death.revision');
  const answered = ask();
  const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  await waitFor(async () => ((await slow.query(waiting)).rowCount ? true : undefined), 5_000);
  const readyz = `${death.origin}/readyz`;
  expect((await fetch(readyz)).status).toBe(200);
  const closed = death.listening.close({ ...AT_ONCE, lingerMilliseconds: 300, idleMilliseconds: 500 });
  const stopping = await fetch(readyz);
  expect([stopping.status, await stopping.json()]).toEqual([503, { status: 'unready', code: 'STOPPING' }]);
  await waitFor(() => fetch(readyz, { headers: { connection: 'close' } }).then(() => undefined, () => true), 5_000); // biome-ignore format: until it is refused
  await slow.query('rollback');
  slow.release();
  const { data, errors } = await answered;
  expect([data.person.deaths, errors]).toEqual([DEATHS, undefined]);
  await closed;
  expect(await ask()).toMatchObject({
    data: { person: { name: JIA.name, deaths: null } },
    errors: [{ extensions: { code: 'UNAVAILABLE', bureau: 'death' } }],
  });
});

test('the trace of a request goes on at the bureau', async () => {
  // The server is gone by now: what it sent before is looked at.
  await tracing.close();
  interface Span {
    traceId: string;
    spanId: string;
    parentSpanId: string;
    name: string;
  }
  const spans = sent.flatMap((body) =>
    JSON.parse(body).resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: { spans: Span[] }[] }) =>
      scopeSpans.flatMap((scope) => scope.spans),
    ),
  ) as Span[];
  const at = spans.find(({ name }) => name === 'POST /subgraph/death') as Span;
  const above = (span: Span | undefined): string[] =>
    span ? [span.name, ...above(spans.find(({ spanId }) => spanId === span.parentSpanId))] : [];
  expect(above(at)).toEqual(['POST /subgraph/death', 'bureau death', 'plan', 'operation', 'POST /graphql']);
  const below = spans.filter(({ parentSpanId }) => parentSpanId === at.spanId).map(({ name }) => name);
  expect(below).toEqual(['operation']);
});
