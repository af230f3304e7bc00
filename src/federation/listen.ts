/**
 * Bureaus on HTTP, for hubs: `POST /subgraph/<bureau>`, `/healthz` and `/readyz`. A call without a statement of a hub that holds is refused before
 * its body is read, whatever it asks for; with a certificate authority configured, so is a connection without a certificate of it.
 */
import { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteHandlerMethod,
} from 'fastify';
import type { DocumentNode, ExecutionResult, GraphQLFormattedError } from 'graphql';
import { AuditUnavailable } from '../audit/append';
import { AT_ONCE, type DrainLimits, watchConnections } from '../gateway/drain';
import { presentInvalid } from '../gateway/present-errors';
import { tellHealth } from '../gateway/ready';
import { type Answered, type LogStream, loggerTo, logRequests, seenOf, traceparentOf } from '../gateway/request-log';
import { requestBy } from '../gateway/watch';
import { type Asked, readBefore, readCall, rememberFootprints } from './call';
import { digestOf } from './connection';
import type { Premises, Served } from './premises';
import { SCHEMA_QUERY } from './remote';
import type { Believed } from './signed-caller';

export interface PremisesListenOptions {
  host: string;
  port: number;
  /** PEM. With `ca`, hubs must show a certificate of that authority. */
  tls?: { cert: string; key: string; ca?: string };
  /** Where a line goes for each call; nowhere unless told. */
  log?: LogStream;
  /** Told of each call that was answered. */
  answered?: Answered;
}

export interface PremisesListening {
  /** `http(s)://host:port` */
  url: string;
  /** Ends it: what is being answered is answered, within the limits. May be called twice. */
  close(limits?: DrainLimits): Promise<void>;
}

/** A hub sends the keys of some thousand persons at once; callers' own requests are shorter. */
const BODY_BYTES_MAX = 8_388_608;
const TOKENS_MAX = 20_000;
const REQUEST_MILLISECONDS = 30_000;
export const SUBGRAPH_PATH = '/subgraph/';

/** What is known of one call from its first byte on. */
interface CallContext {
  believed: Believed;
  /** Undefined until the body is read. */
  asked?: Asked;
  isRecorded: boolean;
}

const contexts = new WeakMap<FastifyRequest, CallContext>();

/** Starts listening. Throws one clear sentence when the port is taken. */
export async function listenForHubs(
  premises: Premises,
  { host, port, tls, log, answered }: PremisesListenOptions,
): Promise<PremisesListening> {
  const app = fastify({
    ...loggerTo(log),
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: true,
    return503OnClosing: true,
    requestTimeout: REQUEST_MILLISECONDS,
    ...(tls && { https: { ...tls, requestCert: tls.ca !== undefined, rejectUnauthorized: tls.ca !== undefined } }),
  }) as FastifyInstance;
  const connections = watchConnections(app.server);
  logRequests(app, answered);
  tellHealth(app, connections, premises.ready);
  const footprints = rememberFootprints();
  // The bytes as they came: their hash is part of what the hub signed.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const servers: ApolloServer<CallContext>[] = [];
  for (const served of premises.served) servers.push(await serve(app, premises, served, footprints));
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      ? new Error(`Port ${port} is taken: stop what listens there, or set PORT to another`)
      : error;
  }
  const address = app.server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  let closing: Promise<void> | undefined;
  const close = async (limits: DrainLimits) => {
    await connections.drain(limits);
    await app.close();
    await Promise.all(servers.map((server) => server.stop()));
  };
  return {
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close(limits = AT_ONCE) {
      closing ??= close(limits);
      return closing;
    },
  };
}

async function serve(
  app: FastifyInstance,
  premises: Premises,
  served: Served,
  footprints: ReturnType<typeof rememberFootprints>,
): Promise<ApolloServer<CallContext>> {
  const server = await apolloOver(premises, served);
  const handler = fastifyApolloHandler<CallContext>(server as never, {
    context: async (request) => contexts.get(request as never) as CallContext,
  });
  const route = `${SUBGRAPH_PATH}${served.name}`;
  app.route({
    url: route,
    method: 'POST',
    onRequest: (request, reply) => admit(premises, served, request, reply),
    preHandler: (request, reply) => take(premises, request, reply, footprints),
    onSend: async (_request, reply, payload) => {
      if (typeof payload === 'string' || Buffer.isBuffer(payload)) reply.header('content-digest', digestOf(payload));
      return payload;
    },
    errorHandler: (error, _request, reply) => sayUnreadable(error, reply),
    handler(request, reply) {
      const { id, headers } = request;
      const step = { name: 'request', id, route, traceparent: traceparentOf(headers) } as const;
      const answer = async () => (handler as unknown as RouteHandlerMethod).call(app, request, reply);
      return premises.watch.step(step, answer);
    },
  });
  return server;
}

/** Who is no hub gets one constant answer, before anything they sent is read. */
async function admit(
  { verifier }: Premises,
  { name }: Served,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  try {
    const believed = await verifier.believe(request.headers.authorization, name);
    contexts.set(request, { believed, isRecorded: false });
    requestBy(believed.caller, seenOf(request));
    return undefined;
  } catch {
    return refuse(reply);
  }
}

/** Takes a call whose body is the one that was signed for, once, and hands the operation in it on. */
async function take(
  { verifier }: Premises,
  request: FastifyRequest,
  reply: FastifyReply,
  footprints: ReturnType<typeof rememberFootprints>,
): Promise<FastifyReply | undefined> {
  const context = contexts.get(request);
  try {
    if (!context || !Buffer.isBuffer(request.body)) return refuse(reply);
    verifier.take(context.believed, request.body);
  } catch {
    return refuse(reply);
  }
  context.asked = readCall(request.body, footprints);
  if (!context.asked) return sayUnreadable({ statusCode: 400 }, reply);
  const { query, variables, operationName } = context.asked;
  request.body = { query, variables, operationName };
  return undefined;
}

function refuse(reply: FastifyReply): FastifyReply {
  return reply.code(401).send({
    errors: [
      { message: "A hub's signed statement is required with each call", extensions: { code: 'UNAUTHENTICATED' } },
    ],
  });
}

function sayUnreadable({ statusCode = 500 }: { statusCode?: number }, reply: FastifyReply): FastifyReply {
  const code = statusCode >= 500 ? 'UNAVAILABLE' : 'BAD_REQUEST';
  const message = statusCode >= 500 ? 'The answer could not be made; try again later' : 'This is no call of a hub';
  return reply.code(statusCode >= 500 ? 500 : 400).send({ errors: [{ message, extensions: { code } }] });
}

/** Apollo Server reads and validates the operation; the bureau answers it. */
async function apolloOver(premises: Premises, served: Served): Promise<ApolloServer<CallContext>> {
  const server = new ApolloServer<CallContext>({
    gateway: {
      onSchemaLoadOrUpdate(callback: (loaded: { apiSchema: unknown; coreSupergraphSdl: string }) => void) {
        callback({ apiSchema: served.schema, coreSupergraphSdl: served.sdl });
        return () => {};
      },
      async load() {
        return { executor: (request: GatewayRequest) => answer(served, request) };
      },
      async stop() {},
    } as never,
    introspection: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    parseOptions: { maxTokens: TOKENS_MAX },
    formatError: presentInvalid,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    logger: { debug() {}, info() {}, warn: premises.report, error: premises.report },
    plugins: [
      {
        async requestDidStart() {
          return { willSendResponse: (request) => seal(served, premises, request as unknown as Sealing) };
        },
      },
    ],
  });
  await server.start();
  return server;
}

/** What Apollo Server hands a gateway. */
interface GatewayRequest {
  document: DocumentNode;
  context: CallContext;
}

async function answer(served: Served, { document, context }: GatewayRequest): Promise<ExecutionResult> {
  const { asked, believed } = context;
  if (!asked) throw new Error('a call came without its body');
  context.isRecorded = true;
  // The schema holds no record: whoever is a hub may have it, and how fresh the kinds are.
  if (asked.query === SCHEMA_QUERY) {
    const before = readBefore(asked.variables);
    const freshness = await served.freshness(before === undefined ? undefined : new Date(before));
    return { data: { _service: { sdl: served.sdl } }, extensions: { freshness, ...(before && { before }) } };
  }
  const { reached, ...result } = await served.answer({ ...asked, document, caller: believed.caller });
  return { ...result, extensions: { reached } };
}

interface Sealing {
  contextValue: CallContext;
  request: { query?: string };
  response: {
    body: {
      kind: string;
      singleResult: { data?: unknown; errors?: readonly GraphQLFormattedError[]; extensions?: object };
    };
    http: { status?: number };
  };
  errors?: readonly { originalError?: Error }[];
}

/** Every answer says which call it answers, and by which schema; one whose record could not be kept is none. */
async function seal(
  served: Served,
  premises: Premises,
  { contextValue, request, response, errors }: Sealing,
): Promise<void> {
  const { believed, isRecorded } = contextValue;
  const { body } = response;
  const isUnrecorded = errors?.some((error) => (error.originalError ?? error) instanceof AuditUnavailable);
  try {
    if (!isRecorded) await served.turnAway(believed.caller, request.query ?? '');
    if (isUnrecorded) throw new AuditUnavailable();
    body.singleResult.extensions = {
      ...body.singleResult.extensions,
      call: believed.id,
      schema: served.schemaHash,
    };
  } catch (error) {
    premises.report(error);
    response.http.status = 503;
    body.singleResult = {
      errors: [{ message: new AuditUnavailable().message, extensions: { code: 'AUDIT_UNAVAILABLE' } }],
    };
  }
}
