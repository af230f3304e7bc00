/** Requests over HTTP, by autocannon, from a process of its own: the load must not sit in the server's event loop, nor in ours. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** One answer's way in: where, with which headers, and the bodies to send in turn. */
export interface Traffic {
  url: string;
  headers: Readonly<Record<string, string>>;
  bodies: readonly string[];
}

export interface Served {
  perSecond: number;
  /** Milliseconds within which 95 of 100 requests were answered. */
  p95: number;
}

export const CONNECTIONS = 16;

/** What the forked process is told and what it tells. */
interface Order extends Traffic {
  connections: number;
  seconds: number;
}
type Told = { perSecond: number; p95: number } | { failed: string };

/** A process that sends. It serves all sides of a comparison in turn, so that its own code is compiled when it counts. */
export interface Sender {
  /** Sends for so many seconds. Throws when a request was not answered with 200. */
  send(traffic: Traffic, seconds: number, connections?: number): Promise<Served>;
  close(): void;
}

export function openSender(): Sender {
  const child = fork(path.join(__dirname, 'traffic.ts'), {
    execArgv: ['--require', path.join(__dirname, '../support/run-typescript.cjs')],
  });
  return {
    async send(traffic, seconds, connections = CONNECTIONS) {
      const ended = new AbortController();
      const { signal } = ended;
      child.send({ ...traffic, connections, seconds } satisfies Order);
      const told = await Promise.race([
        once(child, 'message', { signal }).then(([message]) => message as Told),
        once(child, 'exit', { signal }).then(([code]) => {
          throw new Error(`the process that sends requests ended with ${code}`);
        }),
      ]).finally(() => ended.abort());
      if ('failed' in told) throw new Error(told.failed);
      return told;
    },
    close: () => child.disconnect(),
  };
}

/** The answer to one request, as JSON; throws when it holds errors. */
export async function askOnce({ url, headers, bodies }: Traffic): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: bodies[0] as string });
  const answer = (await response.json()) as { data: Record<string, unknown>; errors?: unknown[] };
  if (response.status !== 200 || answer.errors)
    throw new Error(`${response.status} ${JSON.stringify(answer.errors?.[0])}`);
  return answer.data;
}

type Cannon = (
  options: object,
  done: (error: Error | null, result: { requests: { average: number }; non2xx: number; errors: number }) => void,
) => {
  on(event: 'response', listener: (client: unknown, status: number, bytes: number, milliseconds: number) => void): void;
};

async function fire({ url, headers, bodies, connections, seconds }: Order): Promise<Told> {
  const autocannon = require('autocannon') as Cannon;
  const took: number[] = [];
  const begun = performance.now();
  let elapsed = 0;
  const result = await new Promise<{ non2xx: number; errors: number }>((resolve, reject) => {
    const requests = bodies.map((body) => ({ method: 'POST', path: '/graphql', headers, body }));
    const running = autocannon({ url, connections, duration: seconds, requests }, (error, done) =>
      error ? reject(error) : resolve(done),
    );
    running.on('response', (_client, _status, _bytes, milliseconds) => {
      took.push(milliseconds);
      // What is under way at the end is nobody's answer, and its time nobody's either: a slow side has more of it.
      elapsed = performance.now() - begun;
    });
  });
  if (result.non2xx + result.errors > 0 || took.length === 0)
    return { failed: `${result.non2xx + result.errors} of ${took.length} requests were not answered with 200` };
  took.sort((a, b) => a - b);
  return { perSecond: (took.length * 1_000) / elapsed, p95: took[Math.floor(took.length * 0.95)] as number };
}

if (process.send && require.main === module) {
  // It ends by itself when nobody orders any more.
  process.on('message', (order: Order) => {
    void fire(order).then(
      (told) => process.send?.(told),
      (error: Error) => process.send?.({ failed: error.message }),
    );
  });
}
