/**
 * The gateway on HTTP: `POST /graphql`, the pages at `/`, and `/healthz`. Fastify reads the request; who asks is settled before the body is.
 */
import fastifyApollo, { fastifyApolloHandler } from '@as-integrations/fastify';
import helmet from '@fastify/helmet';
import statics from '@fastify/static';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Caller } from '../sharing/caller';
import { PurposeRequired } from './authenticate';
import type { Gateway, GatewayContext } from './gateway';
import { LIMITS } from './limits';

export interface ListenOptions {
  host: string;
  port: number;
  /** Folder of the pages, or null to serve none. */
  pages: string | null;
}

export interface Listening {
  /** `http://host:port` */
  url: string;
  close(): Promise<void>;
}

/** The page is our own files alone: nothing is loaded from elsewhere. */
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'", 'data:'],
    workerSrc: ["'self'"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
};

const callers = new WeakMap<FastifyRequest, Caller>();

/** Starts listening. Throws one clear sentence when the port is taken. */
export async function listen(gateway: Gateway, { host, port, pages }: ListenOptions): Promise<Listening> {
  const app = fastify({ bodyLimit: LIMITS.bodyBytes, forceCloseConnections: true, return503OnClosing: true });
  await app.register(helmet, { contentSecurityPolicy: CONTENT_SECURITY_POLICY, hsts: false });
  await app.register(fastifyApollo(gateway.server as never));
  app.get('/healthz', async () => ({ status: 'ok' }));
  guardedGraph(app, gateway);
  if (pages) await app.register(statics, { root: pages, index: ['index.html'], cacheControl: true, maxAge: '1h' });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw sentenceOf(error as NodeJS.ErrnoException, host, port);
  }
  const address = app.server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`, close: () => app.close() };
}

function guardedGraph(app: FastifyInstance, gateway: Gateway): void {
  const handler = fastifyApolloHandler<GatewayContext>(gateway.server as never, {
    context: async (request) => ({ caller: callers.get(request as never) as Caller }),
  });
  app.route({
    url: '/graphql',
    method: ['GET', 'POST'],
    onRequest: (request, reply) => admit(gateway, request, reply),
    handler: handler as never,
  });
}

async function admit(gateway: Gateway, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const header = (name: string) => {
    const value = request.headers[name];
    return typeof value === 'string' ? decodeHeader(value) : undefined;
  };
  try {
    callers.set(
      request,
      await gateway.authenticate({
        authorization: request.headers.authorization,
        purpose: header('x-purpose'),
        case: header('x-case'),
      }),
    );
  } catch (error) {
    const known = error instanceof PurposeRequired;
    const body = known
      ? { message: error.message, extensions: { code: 'PURPOSE_REQUIRED' } }
      : { message: 'A valid access token is required', extensions: { code: 'UNAUTHENTICATED' } };
    reply
      .code(known ? 400 : 401)
      .header('www-authenticate', 'Bearer')
      .send({ errors: [body] });
  }
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
