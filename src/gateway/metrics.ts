/**
 * Figures for Prometheus, by prom-client: how much is asked by which agency, of which kinds, how long each step takes, and how fresh and how far
 * followed each kind is. Labels are codes of agencies, bureaus, kinds and outcomes, each from a list that ends: nothing of a person is counted.
 *
 * They are served on an address of their own, when one is set: who asks how much of whom is not for everybody who can reach the graph.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Pool } from 'pg';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AuditRecord } from '../audit/record';
import type { Step, Watch } from './watch';

/** How a bureau on its own premises stands, as the hub sees it. */
export interface BureauState {
  name: string;
  /** It serves another schema than the graph was composed with. */
  isChanged: boolean;
  /** It is given a rest, since its last calls failed. */
  isResting: boolean;
}

/** What is looked up when the figures are asked for. */
export interface Sources {
  pool: Pool;
  /** The end of the last complete delivery (ISO 8601), and since when it is late, by kind. */
  freshness(): Promise<ReadonlyMap<string, { at: string | null; lateSince: string | null }>>;
  /** Changes that the cross-check has not taken yet, by kind; nothing where none is made. */
  feedLag?(): Promise<ReadonlyMap<string, number>>;
  /** The bureaus on their own premises. */
  bureaus?(): readonly BureauState[];
  now(): Date;
}

export interface Metrics extends Watch {
  answered(route: string, status: number, milliseconds: number): void;
  /** From now on the figures tell of these too. */
  tellOf(sources: Sources): void;
  /** The text exposition format 0.0.4. */
  text(): Promise<string>;
}

/** Seconds. An operation ends after 10 s. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Agencies told apart, at most: what a city has, and a limit nevertheless. */
const AGENCIES_MAX = 200;
const OTHER = 'other';

export function openMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const steps = stepHistograms(registers);
  const answers = new Histogram({
    name: 'heyan_http_request_seconds',
    help: 'HTTP requests, by route and status',
    labelNames: ['route', 'status'],
    buckets: BUCKETS,
    registers,
  });
  const operations = new Counter({
    name: 'heyan_operations_total',
    help: 'Operations on record, by agency and decision',
    labelNames: ['agency', 'decision'],
    registers,
  });
  const kinds = new Counter({
    name: 'heyan_kind_operations_total',
    help: 'Operations that used fields of a kind of record, by agency',
    labelNames: ['agency', 'kind'],
    registers,
  });
  const agencies = new Set<string>();
  const agencyLabel = (agency: string) => {
    if (agencies.size < AGENCIES_MAX) agencies.add(agency);
    return agencies.has(agency) ? agency : OTHER;
  };
  return {
    async step(step, work) {
      const histogram = steps[step.name];
      if (!histogram) return work();
      const began = performance.now();
      let outcome = 'failed';
      try {
        const answer = await work();
        outcome = hasErrors(answer) ? 'errors' : 'ok';
        return answer;
      } finally {
        const labels = { ...labelsOf(step, agencyLabel), outcome };
        histogram.observe(labels, (performance.now() - began) / 1_000);
      }
    },
    recorded({ agency, decision, footprint }: AuditRecord) {
      const label = agencyLabel(agency);
      operations.inc({ agency: label, decision });
      for (const kind of new Set(footprint.map((use) => use.split('.')[0] as string)))
        kinds.inc({ agency: label, kind });
    },
    answered(route, status, milliseconds) {
      answers.observe({ route, status: String(status) }, milliseconds / 1_000);
    },
    tellOf: (sources) => tellOf(sources, registers),
    text: () => registry.metrics(),
  };
}

function stepHistograms(registers: Registry[]): Partial<Record<Step['name'], Histogram>> {
  const histogram = (name: string, help: string, ...labelNames: string[]) =>
    new Histogram({ name, help, labelNames: [...labelNames, 'outcome'], buckets: BUCKETS, registers });
  return {
    operation: histogram('heyan_operation_seconds', 'Operations from the door to their record, by agency', 'agency'),
    plan: histogram('heyan_plan_seconds', 'Running operations over all bureaus'),
    bureau: histogram('heyan_bureau_seconds', 'Calls of one bureau', 'bureau'),
    audit: histogram('heyan_audit_append_seconds', 'Until a record is on disk'),
  };
}

function labelsOf(step: Step, agencyLabel: (agency: string) => string): Record<string, string> {
  if (step.name === 'operation') return { agency: agencyLabel(step.agency) };
  return step.name === 'bureau' ? { bureau: step.bureau } : {};
}

/** Whether a step answered with a GraphQL answer that has errors. */
function hasErrors(answer: unknown): boolean {
  const { errors } = (answer ?? {}) as { errors?: unknown };
  return Array.isArray(errors) && errors.length > 0;
}

/** Figures that are looked up when they are asked for. While the database is away they are absent: a gap is no zero. */
function tellOf({ pool, freshness, feedLag, bureaus, now }: Sources, registers: Registry[]): void {
  const connections = { total: () => pool.totalCount, idle: () => pool.idleCount, waiting: () => pool.waitingCount };
  gauge('heyan_pool_connections', 'Connections to the database', 'state', async () =>
    Object.entries(connections).map(([state, count]) => [state, count()]),
  );
  gauge('heyan_freshness_age_seconds', 'Since the last complete delivery of a kind', 'kind', async () =>
    [...(await freshness())].flatMap(([kind, { at }]) =>
      at === null ? [] : [[kind, (now().getTime() - new Date(at).getTime()) / 1_000]],
    ),
  );
  gauge('heyan_late', '1 when the bureau of a kind has missed its due time', 'kind', async () =>
    [...(await freshness())].map(([kind, { lateSince }]) => [kind, lateSince === null ? 0 : 1]),
  );
  if (feedLag)
    gauge('heyan_feed_lag_changes', 'Changes of a kind that the cross-check has not taken yet', 'kind', async () => [
      ...(await feedLag()),
    ]);
  if (bureaus) {
    const flags = (is: 'isChanged' | 'isResting') => async () =>
      bureaus().map((bureau): [string, number] => [bureau.name, Number(bureau[is])]);
    const changed = '1 when a bureau serves another schema than the graph was composed with';
    gauge('heyan_bureau_schema_changed', changed, 'bureau', flags('isChanged'));
    gauge(
      'heyan_bureau_resting',
      '1 when a bureau is not called, since its last calls failed',
      'bureau',
      flags('isResting'),
    );
  }

  function gauge(name: string, help: string, label: string, read: () => Promise<[string, number][]>): void {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers,
      async collect() {
        this.reset();
        for (const [value, figure] of await read().catch(() => [])) this.set({ [label]: value }, figure);
      },
    });
  }
}

export interface MetricsServer {
  url: string;
  close(): Promise<void>;
}

/** Serves the figures at `/metrics` of an address of their own. */
export async function serveMetrics(
  metrics: Metrics,
  { host, port }: { host: string; port: number },
): Promise<MetricsServer> {
  const server = createServer((request, reply) => void answer(metrics, request, reply));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Error(`HEYAN_METRICS ${host}:${port} cannot be listened on (${error.code}): set it to a free address here`),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(metrics: Metrics, { method, url }: IncomingMessage, reply: ServerResponse): Promise<void> {
  if (method !== 'GET' || url?.split('?')[0] !== '/metrics') return void reply.writeHead(404).end();
  try {
    const text = await metrics.text();
    reply.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
  } catch {
    reply.writeHead(503).end();
  }
}
