/**
 * One line of JSON per request, by pino, which fastify brings. A line says who asked, what for, how large it was, how it ended and how long it
 * took; it holds no query, no variable, no address with a query in it, no name an operation was given: any of them may name a person.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { Seen } from './watch';

/** Where lines go. */
export interface LogStream {
  write(line: string): void;
}

/** What fastify is told of its logger. Requests are logged below, when they have been answered, and not by fastify, which would log addresses. */
export function loggerTo(stream: LogStream | undefined) {
  return {
    logger: stream
      ? {
          level: 'info',
          base: null,
          messageKey: 'message',
          timestamp: () => `,"time":"${new Date().toISOString()}"`,
          stream,
        }
      : false,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: ({ headers }: { headers: IncomingHttpHeaders }) => requestIdOf(headers),
  } as const;
}

/**
 * A UUID (RFC 9562, section 4: of a version, of its variant). In any other form it may be what names a person: digits are an identity number, and 32
 * hex digits without a dash, as the trace-id of a `traceparent` too, look like a person key.
 */
const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
/** W3C Trace Context, section 3.2: version, trace-id, parent-id, flags. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The id that a request brings in `x-request-id`; else a new one. */
export function requestIdOf({ 'x-request-id': given }: IncomingHttpHeaders): string {
  return typeof given === 'string' && REQUEST_ID.test(given) ? given.toLowerCase() : randomUUID();
}

/** The `traceparent` of a request, when it is one. */
export function traceparentOf({ traceparent }: IncomingHttpHeaders): string | undefined {
  return typeof traceparent === 'string' && TRACEPARENT.test(traceparent) ? traceparent : undefined;
}

const sightings = new WeakMap<FastifyRequest, Seen>();

/** What is seen of a request so far. */
export function seenOf(request: FastifyRequest): Seen {
  const known = sightings.get(request);
  if (known) return known;
  const seen: Seen = {
    id: request.id,
    agency: null,
    purpose: null,
    operation: null,
    uses: 0,
    decision: null,
    errors: 0,
    records: 0,
  };
  sightings.set(request, seen);
  return seen;
}

/** Told of each request when its connection is done with it. */
export type Answered = (route: string, status: number, milliseconds: number) => void;

/** Gives every answer its request id, and every request its line. */
export function logRequests(app: FastifyInstance, answered: Answered = () => undefined): void {
  app.addHook('onRequest', async (request, reply) => {
    const began = performance.now();
    reply.header('x-request-id', request.id);
    // 'close' comes for every answer, also one that a client did not wait for, or that was written past fastify.
    reply.raw.once('close', () => {
      const milliseconds = Math.round((performance.now() - began) * 10) / 10;
      const route = request.routeOptions.url ?? 'none';
      const status = reply.raw.statusCode;
      answered(route, status, milliseconds);
      const isWhole = reply.raw.writableFinished;
      app.log.info({ ...seenOf(request), method: request.method, route, status, isWhole, milliseconds }, 'request');
    });
  });
}
