import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen } from '../../src/gateway/listen';
import { openTracing } from '../../src/gateway/tracing';
import { SUPERVISION } from '../../src/hub/codes';
import { post } from '../support/http';
import { testHub } from '../support/hub';
import { deliver, JIA, smallCity } from '../support/small-city';

interface SpanSent {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: { key: string; value: { stringValue?: string } }[];
}

/** A collector that keeps what it is sent. */
async function collector(): Promise<{ server: Server; url: string; bodies: string[] }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => (body += text));
    request.on('end', () => {
      if (request.url === '/v1/traces') bodies.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

test('a request is a trace: the decision, the plan, each bureau, the audit log; and nothing personal in it', async () => {
  const { server, url, bodies } = await collector();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = url;
  const tracing = openTracing();
  const hub = await testHub({ watch: tracing });
  await deliver(hub.database, smallCity());
  const at = await listen(hub.hub.gateway, { host: '127.0.0.1', port: 0, pages: null });
  const trace = 'ab'.repeat(16);
  const parent = 'cd'.repeat(8);
  const token = await hub.hub.issuer.issue(SUPERVISION, '王审核');
  const query = 'query WangWu($n: String!) { person(idNumber: $n) { name deaths { deathDate } } }';
  const operation = { query, variables: { n: JIA.number } };
  const answer = await post(`${at.url}/graphql`, token, operation, { traceparent: `00-${trace}-${parent}-01` });
  expect(((await answer.json()) as { data: unknown }).data).toMatchObject({ person: { name: JIA.name } });
  await at.close();
  await tracing.close();
  await hub.close();
  server.close();
  server.closeAllConnections();

  const spans = bodies.flatMap((body) =>
    JSON.parse(body).resourceSpans.flatMap((one: { scopeSpans: { spans: SpanSent[] }[] }) =>
      one.scopeSpans.flatMap((scope) => scope.spans),
    ),
  ) as SpanSent[];
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([trace]));
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  const above = ({ parentSpanId = '' }: SpanSent) => (parentSpanId === parent ? 'the caller' : names.get(parentSpanId));
  expect(spans.map((span) => `${above(span)} > ${span.name}`).sort()).toEqual([
    'POST /graphql > operation',
    'operation > audit',
    'operation > decide',
    'operation > plan',
    'plan > bureau death',
    'plan > bureau household',
    'the caller > POST /graphql',
  ]);
  expect(bodies.join('')).toContain(SUPERVISION);
  expect(bodies.join('')).not.toMatch(new RegExp(`金丝雀|王审核|WangWu|${JIA.number}|T-1"|eyJ`));
});
