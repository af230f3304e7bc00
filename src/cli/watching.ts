/** How a process is watched, as the settings say: figures, traces, and a line for each request. What is not set is not even loaded. */
import type { Config } from '../config';
import type { Metrics, Sources } from '../gateway/metrics';
import type { LogStream } from '../gateway/request-log';
import { together, type Watch } from '../gateway/watch';
import { note } from './print';

export interface Watching {
  watch: Watch;
  metrics: Metrics | undefined;
  log: LogStream | undefined;
  close(): Promise<void>;
}

export function openWatching({ metrics: address, requestLog, tracing }: Config): Watching {
  const metrics = address
    ? (require('../gateway/metrics') as typeof import('../gateway/metrics')).openMetrics()
    : undefined;
  const traces = tracing
    ? (require('../gateway/tracing') as typeof import('../gateway/tracing')).openTracing()
    : undefined;
  // On a terminal the lines of requests would push away what somebody is to read and paste.
  const isLogged = requestLog ?? !process.stderr.isTTY;
  return {
    watch: together([...(traces ? [traces] : []), ...(metrics ? [metrics] : [])]),
    metrics,
    log: isLogged ? { write: (line) => void process.stderr.write(line) } : undefined,
    close: async () => traces?.close(),
  };
}

/** Serves the figures, where that is set; what it answers with closes it. */
export async function serveFigures(
  { metrics }: Watching,
  { metrics: address }: Config,
  sources: Omit<Sources, 'now'>,
): Promise<() => Promise<void>> {
  if (!metrics || !address) return async () => undefined;
  const { serveMetrics } = require('../gateway/metrics') as typeof import('../gateway/metrics');
  metrics.tellOf({ ...sources, now: () => new Date() });
  const server = await serveMetrics(metrics, address);
  note(`Metrics at ${server.url}`);
  return server.close;
}
