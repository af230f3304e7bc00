/** How a process is run, besides what it serves: how it is watched and how it ends. From the environment, since it is a matter of the machine. */

export interface Operating {
  /** Where `/metrics` is served, apart from the graph; null is nowhere. */
  metrics: { host: string; port: number } | null;
  /** Whether each request is logged; null is yes unless the log is a terminal. */
  requestLog: boolean | null;
  /** Whether traces go to the collector that OpenTelemetry's own settings name. */
  tracing: boolean;
  /** Whether the database is a Citus cluster, over which the matching store is to be spread. */
  citus: boolean;
  /** How long a process that was told to stop still takes new connections, so that a balancer that asks `/readyz` can turn away first. */
  drainSeconds: number;
}

/** Makes the error of a setting that cannot be used. */
type Refuse = (message: string) => Error;

export function readOperating(env: Readonly<Record<string, string | undefined>>, refuse: Refuse): Operating {
  return {
    metrics: metricsAddress(env.HEYAN_METRICS, refuse),
    requestLog: requestLog(env.HEYAN_LOG, refuse),
    tracing: Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT),
    citus: citus(env.HEYAN_CITUS, refuse),
    drainSeconds: drainSeconds(env.HEYAN_DRAIN_SECONDS, refuse),
  };
}

/** A port; `otherwise` when none is given. */
export function portOf(name: string, text: string | undefined, otherwise: number, refuse: Refuse): number {
  if (!text) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw refuse(`${name} is ${text}, not a port: write a number from 0 to 65535`);
  return value;
}

/** A port alone is one of this machine only. */
function metricsAddress(text: string | undefined, refuse: Refuse): { host: string; port: number } | null {
  if (!text) return null;
  const [, host = '127.0.0.1', number] = /^(?:\[?([^\]]+?)\]?:)?(\d+)$/.exec(text) ?? [];
  if (number === undefined)
    throw refuse(`HEYAN_METRICS is ${text}, not an address: write a port, or host:port, such as 127.0.0.1:9464`);
  return { host, port: portOf('HEYAN_METRICS', number, 0, refuse) };
}

function requestLog(text: string | undefined, refuse: Refuse): boolean | null {
  if (!text) return null;
  if (text === 'requests' || text === 'off') return text === 'requests';
  throw refuse(`HEYAN_LOG is ${text}: write requests for a line of JSON per request, or off`);
}

function citus(text: string | undefined, refuse: Refuse): boolean {
  if (!text || text === '0') return false;
  if (text === '1') return true;
  throw refuse(`HEYAN_CITUS is ${text}: write 1 when the database is a Citus cluster, or leave it empty`);
}

const DRAIN_SECONDS_MAX = 300;

function drainSeconds(text: string | undefined, refuse: Refuse): number {
  if (!text) return 0;
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= DRAIN_SECONDS_MAX) return value;
  throw refuse(`HEYAN_DRAIN_SECONDS is ${text}: write whole seconds from 0 to ${DRAIN_SECONDS_MAX}`);
}
