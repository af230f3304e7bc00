/**
 * A feed as a stream of lines, `application/x-ndjson`: what a follower asks for who has much to catch up with.
 *
 *     {"seq":"1","op":"UPSERT","record":{…}}                                          a change, exactly as it was selected
 *     {"endCursor":"5000","hasNextPage":true,"receipt":"…","freshness":{…}}           behind each page
 *     {"errors":[…],"receipt":"…"}                                                    in place of a page; nothing follows
 *
 * Page by page through the door: the token is looked at anew for each, and its audit record is on disk before its first byte leaves. One page
 * at most is in memory, and the next is asked for when the client has taken this one.
 */
import type { ServerResponse } from 'node:http';
import { HeaderMap } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import { AuditUnavailable } from '../audit/append';
import type { Caller } from '../sharing/caller';
import { Unauthenticated } from './authenticate';
import type { Gateway, GatewayContext } from './gateway';
import { LIMITS } from './limits';
import type { AnsweredPage, FailedPage, Pages, Paging } from './paging';

export type StreamLimits = Record<
  'streams' | 'streamsPerAgency' | 'streamPages' | 'streamMilliseconds' | 'streamIdleMilliseconds',
  number
>;

export interface Streams {
  /** Answers one request of a known caller. `authenticate` tells who asks now, or rejects as the gateway's does. */
  answer(
    request: FastifyRequest,
    reply: FastifyReply,
    context: GatewayContext,
    authenticate: () => Promise<Caller>,
  ): Promise<unknown>;
  /** Ends every stream behind the page it is at, and those at once whose client is not taking it. Resolves when all have ended. */
  stop(): Promise<void>;
}

export const NDJSON = 'application/x-ndjson';

/** Whether a request asks for a stream. */
export function asksForStream({ method, headers }: FastifyRequest): boolean {
  const types = (headers.accept ?? '').split(',').map((type) => (type.split(';')[0] as string).trim().toLowerCase());
  return method === 'POST' && types.includes(NDJSON);
}

/** Lines are gathered to about so many characters before they are sent. */
const CHUNK_CHARACTERS = 65_536;
/** Seconds after which a client that found no place may try again. */
const RETRY_SECONDS = 5;

export function openStreams(
  gateway: Gateway,
  limits: StreamLimits = LIMITS,
  elapsed = () => performance.now(),
): Streams {
  const agencies: string[] = [];
  const running = new Map<Client, Promise<void>>();
  let isStopping = false;

  function isFull(agency: string): boolean {
    return (
      agencies.length >= limits.streams || agencies.filter((one) => one === agency).length >= limits.streamsPerAgency
    );
  }

  async function send(client: Client, pages: Pages, authenticate: () => Promise<Caller>): Promise<void> {
    const until = elapsed() + limits.streamMilliseconds;
    let after = await hand(pages.takeFirst(), client);
    // Where no more may be sent, the last line says that more is there: the client goes on from its cursor.
    for (let sent = 1; after !== null && sent < limits.streamPages; sent++) {
      if (elapsed() >= until || isStopping || client.isGone()) return;
      after = await hand(await nextPage(pages, after, authenticate), client);
    }
  }

  return {
    async answer(request, reply, context, authenticate) {
      const { agency } = context.caller;
      if (isFull(agency)) return sayFull(reply, limits);
      agencies.push(agency);
      try {
        const paging: Paging = {};
        const ordinary = await ask(gateway, request, { ...context, paging });
        if (!paging.pages) return sayOrdinarily(reply, ordinary);
        begin(reply);
        const client = clientOf(reply.raw, limits.streamIdleMilliseconds);
        const streaming = send(client, paging.pages, authenticate).then(client.end, client.giveUp);
        running.set(client, streaming);
        await streaming.finally(() => running.delete(client));
      } finally {
        agencies.splice(agencies.indexOf(agency), 1);
      }
    },
    async stop() {
      isStopping = true;
      for (const client of running.keys()) if (client.isWaitedFor()) client.giveUp();
      await Promise.all(running.values());
    },
  };
}

/** Hands a page over, line by line, and forgets it; answers with its end when another is there. */
async function hand(page: AnsweredPage | FailedPage, client: Client): Promise<string | null> {
  for (const lines of linesOf(page)) await client.take(lines);
  return 'errors' in page || !page.hasNextPage ? null : page.endCursor;
}

type Answer = Awaited<ReturnType<Gateway['server']['executeHTTPGraphQLRequest']>>;

/** The first page goes the way of every request, so that whatever is wrong with it is answered as it would be without a stream. */
function ask(gateway: Gateway, { body, method, headers }: FastifyRequest, context: GatewayContext): Promise<Answer> {
  const given = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) if (value) given.set(name, String(value));
  given.set('accept', 'application/json');
  const httpGraphQLRequest = { body, method, headers: given, search: '' };
  return gateway.server.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: async () => context });
}

function sayOrdinarily(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  for (const [name, value] of headers) reply.header(name, value);
  return reply.code(status ?? 200).send(body.kind === 'complete' ? body.string : '');
}

function sayFull(reply: FastifyReply, { streams, streamsPerAgency }: StreamLimits): FastifyReply {
  const message = `Too many streams at once: at most ${streamsPerAgency} of an agency and ${streams} in all; try again when one has ended, or ask for application/json`;
  return reply
    .code(429)
    .header('retry-after', String(RETRY_SECONDS))
    .send({ errors: [{ message, extensions: { code: 'TOO_MANY_STREAMS' } }] });
}

function begin(reply: FastifyReply): void {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value) reply.raw.setHeader(name, value);
  reply.raw.writeHead(200, {
    'content-type': `${NDJSON}; charset=utf-8`,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    // A proxy that gathers the answer before it hands it on would hold what the client is to take page by page.
    'x-accel-buffering': 'no',
  });
}

async function nextPage(
  pages: Pages,
  after: string,
  authenticate: () => Promise<Caller>,
): Promise<AnsweredPage | FailedPage> {
  let caller: Caller;
  try {
    caller = await authenticate();
  } catch (error) {
    return { errors: [strangersError(error)], receipt: undefined };
  }
  return pages.next(caller, after);
}

/** Whose token has just been taken back hears what every stranger hears. */
function strangersError(error: unknown): GraphQLFormattedError {
  if (error instanceof Unauthenticated) return { message: error.message, extensions: { code: 'UNAUTHENTICATED' } };
  return { message: new AuditUnavailable().message, extensions: { code: 'AUDIT_UNAVAILABLE' } };
}

function* linesOf(page: AnsweredPage | FailedPage): Generator<string> {
  if ('errors' in page) {
    yield `${JSON.stringify({ errors: page.errors.map(withoutStatus), receipt: page.receipt })}\n`;
    return;
  }
  const { changes, ...end } = page;
  let lines = '';
  for (const change of changes) {
    lines += `${JSON.stringify(change)}\n`;
    if (lines.length < CHUNK_CHARACTERS) continue;
    yield lines;
    lines = '';
  }
  yield `${lines}${JSON.stringify(end)}\n`;
}

function withoutStatus({ message, path, extensions }: GraphQLFormattedError): GraphQLFormattedError {
  const { http: _status, ...told } = extensions ?? {};
  return { message, ...(path && { path }), extensions: told };
}

/** The client at the other end: it takes what it is given at its own pace, and is given up when it takes nothing for too long. */
interface Client {
  /** Resolves when there is room for more, or the client is gone. Rejects when it was gone before. */
  take(lines: string): Promise<void>;
  isWaitedFor(): boolean;
  isGone(): boolean;
  end(): void;
  giveUp(): void;
}

function clientOf(raw: ServerResponse, idleMilliseconds: number): Client {
  let isWaiting = false;
  const giveUp = () => void raw.destroy();
  return {
    async take(lines) {
      if (raw.destroyed) throw new Error('the client is gone');
      if (raw.write(lines)) return;
      isWaiting = true;
      const timer = setTimeout(giveUp, idleMilliseconds);
      await roomOrEnd(raw);
      clearTimeout(timer);
      isWaiting = false;
    },
    isWaitedFor: () => isWaiting,
    isGone: () => raw.destroyed,
    end: () => void raw.end(),
    giveUp,
  };
}

/** Whichever comes first: the client has taken what it was given, or the connection is closed, by whomever. */
function roomOrEnd(raw: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      raw.off('drain', done).off('close', done);
      resolve();
    };
    raw.on('drain', done).on('close', done);
  });
}
