/**
 * The gateway on HTTP: `POST /graphql`, `POST /oauth/token`, the pages at `/`, `/healthz` and `/readyz`. Fastify reads the request; who asks is
 * settled before the body is.
 */
import { fastifyApolloHandler } from '@as-integrations/fastify';
import helmet from '@fastify/helmet';
import statics from '@fastify/static';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteHandlerMethod,
} from 'fastify';
import { AuditUnavailable } from '../audit/append';
import type { Caller } from '../sharing/caller';
import { CaseMalformed, type Credentials, PurposeRequired, Unauthenticated } from './authenticate';
import { AT_ONCE, type DrainLimits, watchConnections } from './drain';
import type { Gateway, GatewayContext } from './gateway';
import { LIMITS } from './limits';
import { type AnswerTokenRequest, TOKEN_PATH, type TokenAddress } from './oauth';
import { type ReadReadiness, tellHealth } from './ready';
import { type Answered, type LogStream, loggerTo, logRequests, seenOf, traceparentOf } from './request-log';
import { asksForStream, openStreams, type StreamLimits, type Streams } from './stream';
import { requestBy } from './watch';

export interface ListenOptions {
  host: string;
  port: number;
  /** The folder of the pages and the Content-Security-Policy they need; null serves none. */
  pages: { folder: string; policy: string } | null;
  /** Where agencies' clients fetch tokens; none unless given. */
  tokens?: TokenAddress;
  /** How many streams of feeds there may be, and for how long; those of limits.ts unless told. */
  streams?: Partial<StreamLimits>;
  /** What `/readyz` says; ready unless told. */
  ready?: ReadReadiness;
  /** Where a line goes for each request; nowhere unless told. */
  log?: LogStream;
  /** Told of each request that was answered. */
  answered?: Answered;
}

export interface Listening {
  /** `http://host:port` */
  url: string;
  /** Ends it: what is being answered is answered, within the limits. May be called twice. */
  close(limits?: DrainLimits): Promise<void>;
}

const contexts = new WeakMap<FastifyRequest, GatewayContext>();

/** A request that has not come in whole by then is given up. */
const REQUEST_MILLISECONDS = 60_000;

/** Starts listening. Throws one clear sentence when the port is taken. */
export async function listen(
  gateway: Gateway,
  { host, port, pages, tokens, streams: streamLimits, ready, log, answered }: ListenOptions,
): Promise<Listening> {
  const app = fastify({
    ...loggerTo(log),
    bodyLimit: LIMITS.bodyBytes,
    forceCloseConnections: true,
    return503OnClosing: true,
    requestTimeout: REQUEST_MILLISECONDS,
  });
  const connections = watchConnections(app.server);
  logRequests(app, answered);
  await app.register(helmet, { contentSecurityPolicy: false, hsts: false });
  const policy = pages?.policy ?? "default-src 'none'; frame-ancestors 'none'";
  app.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', policy);
  });
  tellHealth(app, connections, ready);
  const streams = guardedGraph(app, gateway, { ...LIMITS, ...streamLimits });
  if (tokens) giveTokens(app, tokens, () => urlOf(app, host, port));
  if (pages)
    await app.register(statics, {
      root: pages.folder,
      index: ['index.html'],
      cacheControl: false,
      setHeaders: cacheAssets,
    });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw sentenceOf(error as NodeJS.ErrnoException, host, port);
  }
  let closing: Promise<void> | undefined;
  const close = async (limits: DrainLimits) => {
    await Promise.all([connections.drain(limits), streams.stop()]);
    await app.close();
  };
  return {
    url: urlOf(app, host, port),
    close: (limits = AT_ONCE) => {
      closing ??= close(limits);
      return closing;
    },
  };
}

function urlOf(app: FastifyInstance, host: string, port: number): string {
  const address = app.server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${actual}`;
}

/** What answers the token address is loaded when the first token is asked for, and reads the request, of 56 KB at most, by itself. */
function giveTokens(app: FastifyInstance, tokens: TokenAddress, url: () => string): void {
  let opened: Promise<AnswerTokenRequest> | undefined;
  app.route({
    url: TOKEN_PATH,
    method: 'POST',
    async onRequest(request, reply) {
      opened ??= tokens.open(`${url()}${TOKEN_PATH}`);
      const answer = await opened.catch((error) => {
        opened = undefined;
        throw error;
      });
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value) reply.raw.setHeader(name, value);
      reply.raw.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
      await answer(request.raw, reply.raw);
    },
    handler: async () => undefined,
    errorHandler: (_error, _request, reply) =>
      reply.code(500).send({ error: 'server_error', error_description: 'no token could be given; try again later' }),
  });
}

/** Assets carry a hash of their content in their names: what has a name once never changes. */
function cacheAssets(reply: { setHeader(name: string, value: string): void }, file: string): void {
  reply.setHeader('cache-control', file.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
}

function guardedGraph(app: FastifyInstance, gateway: Gateway, limits: StreamLimits): Streams {
  const streams = openStreams(gateway, limits);
  const handler = fastifyApolloHandler<GatewayContext>(gateway.server as never, {
    context: async (request) => contexts.get(request as never) as GatewayContext,
  });
  app.route({
    url: '/graphql',
    method: ['GET', 'POST'],
    onRequest: (request, reply) => admit(gateway, request, reply),
    onSend: (request, reply, payload) => record(gateway, request, reply, payload),
    errorHandler: (error, _request, reply) => sayUnreadable(error, reply),
    handler(request, reply) {
      const answer = async () => {
        if (!asksForStream(request)) return (handler as unknown as RouteHandlerMethod).call(app, request, reply);
        const again = () => authenticated(gateway, request);
        return streams.answer(request, reply, contexts.get(request) as GatewayContext, again);
      };
      const { id, headers } = request;
      const step = { name: 'request', id, route: '/graphql', traceparent: traceparentOf(headers) } as const;
      return gateway.watch.step(step, answer);
    },
  });
  return streams;
}

/** Answers strangers itself. What it returns tells fastify that the answer is given, and that nothing of the request is to be read. */
async function admit(
  gateway: Gateway,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  try {
    know(request, await authenticated(gateway, request));
    return undefined;
  } catch (error) {
    const known = error instanceof PurposeRequired || error instanceof CaseMalformed;
    // Without the database nobody's token can be checked, and nothing be recorded: strangers are still strangers, others may try again.
    if (!known && !(error instanceof Unauthenticated))
      return reply
        .code(503)
        .send({ errors: [{ message: new AuditUnavailable().message, extensions: { code: 'AUDIT_UNAVAILABLE' } }] });
    // A known agency's request is an event, also without a purpose: it gets its record on the way out.
    if (known) {
      requestBy(error.caller, seenOf(request));
      know(request, error.caller);
    }
    const body = known
      ? { message: error.message, extensions: { code: error.code } }
      : { message: 'A valid access token is required', extensions: { code: 'UNAUTHENTICATED' } };
    return reply
      .code(known ? 400 : 401)
      .header('www-authenticate', 'Bearer')
      .send({ errors: [body] });
  }
}

/** Whoever asks by the request's token now. */
async function authenticated(gateway: Gateway, request: FastifyRequest): Promise<Caller> {
  const caller = await gateway.authenticate(credentialsOf(request));
  requestBy(caller, seenOf(request));
  return caller;
}

function know(request: FastifyRequest, caller: Caller): void {
  contexts.set(request, { caller, trail: { recorded: false } });
}

function credentialsOf({ headers }: FastifyRequest): Credentials {
  const header = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' ? decodeHeader(value) : undefined;
  };
  return { authorization: headers.authorization, purpose: header('x-purpose'), case: header('x-case') };
}

/** The last gate: an answer to a known caller that has no audit record by now, for its body could not be read, gets one before it leaves. */
async function record(
  gateway: Gateway,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  const context = contexts.get(request);
  if (!context || context.trail.recorded) return payload;
  try {
    await gateway.turnAway(context);
    return payload;
  } catch (error) {
    const message = error instanceof AuditUnavailable ? error.message : new AuditUnavailable().message;
    reply.code(503).type('application/json');
    return JSON.stringify({ errors: [{ message, extensions: { code: 'AUDIT_UNAVAILABLE' } }] });
  }
}

/** A body that is too long or no JSON. */
function sayUnreadable(error: { code?: string; statusCode?: number }, reply: FastifyReply): void {
  if ((error.statusCode ?? 500) >= 500) {
    const message = 'The answer could not be made; try again later';
    reply.code(500).send({ errors: [{ message, extensions: { code: 'UNAVAILABLE' } }] });
    return;
  }
  const tooLong = error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
  const message = tooLong
    ? `The body is longer than ${LIMITS.bodyBytes} bytes`
    : 'The body could not be read: send one JSON object with query, and content-type application/json';
  reply.code(400).send({ errors: [{ message, extensions: { code: tooLong ? 'BODY_TOO_LARGE' : 'BAD_REQUEST' } }] });
}

/** Node reads header bytes as Latin-1; case numbers such as 〔2026〕12号 come as UTF-8, or percent-encoded by browsers. */
function decodeHeader(value: string): string {
  const text = Buffer.from(value, 'latin1').toString('utf8');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function sentenceOf(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new Error(`Port ${port} is taken: stop what listens there, or set PORT to another`);
  if (error.code === 'EACCES')
    return new Error(`Port ${port} may not be opened by this user: set PORT to 1024 or above`);
  if (error.code === 'EADDRNOTAVAIL')
    return new Error(`${host} is no address of this machine: set HEYAN_HOST to one that is`);
  return error;
}
