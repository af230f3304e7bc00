/** What may stand between a hub and who asks it: hands requests on, and does to their answers what a test wants. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of one request. */
export type Trouble =
  /** It is handed on, and so is its answer. */
  | 'none'
  /** The connection is closed before there is an answer. */
  | 'reset'
  /** There is never an answer. */
  | 'silence'
  /** So many bytes of the answer come, then the connection is closed, or nothing more comes. */
  | { bytes: number; next: 'reset' | 'silence' }
  /** Another answer. */
  | { status: number; headers?: Record<string, string>; body?: string };

export interface TroubledHub {
  url: string;
  /** Requests by now. */
  requests: number;
  /** What was asked by those that came to the hub. */
  asked: { variables: Record<string, unknown> }[];
  close(): Promise<void>;
}

/** Opens it before the hub at `url`; `troubleOf` says what becomes of each request, counted from 0. */
export async function openTroubledHub(
  url: string,
  troubleOf: (request: number, accept: string) => Trouble,
): Promise<TroubledHub> {
  const server = createServer((incoming, answer) => {
    const trouble = troubleOf(hub.requests++, String(incoming.headers.accept));
    if (trouble === 'reset') return answer.destroy();
    if (trouble === 'silence') return undefined;
    if (typeof trouble === 'object' && 'status' in trouble) {
      const headers = { 'content-type': 'application/json', ...trouble.headers };
      return answer.writeHead(trouble.status, headers).end(trouble.body ?? '');
    }
    const onward = request(`${url}${incoming.url}`, { method: incoming.method, headers: incoming.headers }, (from) => {
      answer.writeHead(from.statusCode as number, from.headers);
      if (trouble === 'none') return from.pipe(answer);
      let left = trouble.bytes;
      return from.on('data', (bytes: Buffer) => {
        const part = bytes.subarray(0, Math.max(0, left));
        left -= bytes.length;
        if (part.length > 0) answer.write(part, () => left <= 0 && trouble.next === 'reset' && answer.destroy());
      });
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      hub.asked.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      onward.end(Buffer.concat(chunks));
    });
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hub: TroubledHub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: 0,
    asked: [],
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return hub;
}
