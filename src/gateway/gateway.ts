/**
 * The gateway: the bureaus' services composed into one graph behind one door, with Apollo Server reading requests and writing answers.
 */
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  parse,
} from 'graphql';
import { AuditUnavailable } from '../audit/append';
import { DateScalar, DateTimeScalar, DecimalScalar, MoneyScalar } from '../bureaus/scalars';
import type { ReadAgreements } from '../sharing/agreement';
import type { Caller } from '../sharing/caller';
import type { KindFacts } from '../sharing/decide';
import { readShareMap, type ShareMap } from '../sharing/footprint';
import type { Quota } from '../sharing/quota';
import type { Subgraph } from '../subgraph/subgraph';
import { answerBy } from './answer';
import type { Authenticate, Credentials } from './authenticate';
import { compose, type Graph, keyNames } from './compose';
import { costOf, meterCosts } from './cost';
import { type Door, openDoor } from './door';
import { keyAliasRule, LIMITS, limitsRule } from './limits';
import { type PagedFeeds, type Paging, pagedFeeds } from './paging';
import { openPlanner } from './plan';
import { presentInvalid } from './present-errors';
import { UNWATCHED, type Watch, type WatchedAudit } from './watch';

export interface GatewayMeans {
  /** The graph that operations are planned over; composed of the services' schemas unless given. */
  graph?: Graph;
  subgraphs: readonly Subgraph[];
  authenticate: Authenticate;
  agreements: ReadAgreements;
  quota: Quota;
  audit: WatchedAudit;
  now(): Date;
  today(): string;
  report(error: unknown): void;
  /** Sees each step of an operation. */
  watch?: Watch;
}

export interface GatewayContext {
  caller: Caller;
  /** Whether the request has its audit record, so that what never came as far as the door gets one too. Apollo Server copies the context, not this. */
  trail: { recorded: boolean };
  /** Given when a feed is to be read page by page. */
  paging?: Paging;
}

export interface Gateway {
  graph: Graph;
  server: ApolloServer<GatewayContext>;
  authenticate: Authenticate;
  /** What the composed graph says of kinds of record. */
  kinds: KindFacts;
  watch: Watch;
  /** An operation of a job in this process: it enters by the same door, with a token, a purpose and a record. */
  ask(credentials: Credentials, query: string, variables?: Record<string, unknown>): Promise<FormattedExecutionResult>;
  /** Records a request of a known caller that never became an operation; resolves with its receipt, or throws `AuditUnavailable`. */
  turnAway(context: GatewayContext, source?: string): Promise<string>;
  close(): Promise<void>;
}

/** Composes the graph and opens the door. Throws when the services do not compose. */
export async function openGateway(means: GatewayMeans): Promise<Gateway> {
  const { graph = compose(means.subgraphs), watch = UNWATCHED } = means;
  const schema = callersSchema(graph);
  const map = readShareMap(schema, parse(graph.supergraph));
  const answer = answerBy(openPlanner(graph.supergraph, means.subgraphs), { schema, watch });
  const { authenticate, agreements, quota, audit, now, today, report } = means;
  const door = openDoor({ schema, map, answer, watch, agreements, quota, audit, now, today, report });
  return gatewayOver(door, { graph, schema, map, watch, authenticate, now, report });
}

/** What a gateway needs beside its door. */
export type OverDoor = Pick<GatewayMeans, 'authenticate' | 'now' | 'report'> & {
  graph: Graph;
  /** The graph as callers see it. */
  schema: GraphQLSchema;
  map: ShareMap;
  watch: Watch;
};

/** Apollo Server over a door. */
export async function gatewayOver(
  door: Door,
  { graph, schema, map, watch, authenticate, now, report }: OverDoor,
): Promise<Gateway> {
  const meter = meterCosts(LIMITS, now);
  const feeds = pagedFeeds({ door, map, meter });
  const server = new ApolloServer<GatewayContext>({
    gateway: gatewayOf(schema, graph, door, feeds),
    introspection: true,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    parseOptions: { maxTokens: LIMITS.tokens },
    validationRules: [limitsRule, keyAliasRule(keyNames(graph.supergraph))],
    plugins: [recordTurnedAway(door, schema, meter, feeds)],
    formatError: presentInvalid,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    logger: quietLogger(report),
  });
  await server.start();
  return {
    graph,
    server,
    authenticate,
    kinds: map,
    watch,
    async ask(credentials, query, variables) {
      const caller = await authenticate(credentials);
      const response = await server.executeOperation(
        { query, variables, http: undefined },
        { contextValue: { caller, trail: { recorded: false } } },
      );
      if (response.body.kind !== 'single') throw new Error('incremental delivery is not offered');
      return response.body.singleResult;
    },
    turnAway: (context, source = '') => turnAway(door, context, source, null),
    close: () => server.stop(),
  };
}

/** Apollo Server's gateway interface over the door. */
function gatewayOf(schema: GraphQLSchema, graph: Graph, door: Door, feeds: PagedFeeds): never {
  return {
    onSchemaLoadOrUpdate(callback: (loaded: { apiSchema: unknown; coreSupergraphSdl: string }) => void) {
      callback({ apiSchema: schema, coreSupergraphSdl: graph.supergraph });
      return () => {};
    },
    async load() {
      return { executor: (request: GatewayRequest) => enter(door, feeds, request) };
    },
    async stop() {},
  } as never;
}

/** What Apollo Server hands a gateway; the caller's context comes as `context`. */
interface GatewayRequest {
  document: DocumentNode;
  operation: Parameters<Door['enter']>[1]['operation'];
  operationName: string | null;
  source: string;
  context: GatewayContext;
  request: { variables?: Record<string, unknown> };
}

function enter(
  door: Door,
  feeds: PagedFeeds,
  { document, operation, operationName, source, context, request }: GatewayRequest,
): Promise<ExecutionResult> {
  const { caller, trail, paging } = context;
  trail.recorded = true;
  const asked = { source, document, operation, operationName, variables: request.variables ?? {} };
  return paging ? feeds.begin(caller, asked, paging) : door.enter(caller, asked);
}

/** A request of a known caller that failed to parse or to validate is an event too: it is recorded before its answer leaves. */
function recordTurnedAway(
  door: Door,
  schema: GraphQLSchema,
  meter: ReturnType<typeof meterCosts>,
  feeds: PagedFeeds,
): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ contextValue, document, operation, request }) {
          if (!operation)
            throw notAsked(`The document holds no operation${request.operationName ? ' of that name' : ''}`);
          if (!schema.getRootType(operation.operation)) throw notAsked(`The graph has no ${operation.operation}`);
          if (contextValue.paging) feeds.check({ document, operation, variables: request.variables ?? {} });
          meter(contextValue.caller.agency, costOf(schema, document, operation, request.variables ?? {}));
        },
        async willSendResponse({ contextValue, operationName, request, response }) {
          if (contextValue.trail.recorded || response.body.kind !== 'single') return;
          const { singleResult } = response.body;
          try {
            const receipt = await turnAway(door, contextValue, request.query ?? '', operationName ?? null);
            singleResult.extensions = { ...singleResult.extensions, receipt };
            // One mistake is told at a time; a limit, which makes the others not worth telling, first.
            const isLimit = ({ extensions }: GraphQLFormattedError) => extensions?.code !== 'GRAPHQL_VALIDATION_FAILED';
            singleResult.errors = singleResult.errors
              ?.toSorted((a, b) => Number(isLimit(b)) - Number(isLimit(a)))
              .slice(0, 1);
          } catch (error) {
            response.http.status = 503;
            const message = error instanceof AuditUnavailable ? error.message : new AuditUnavailable().message;
            response.body.singleResult = {
              errors: [new GraphQLError(message, { extensions: { code: 'AUDIT_UNAVAILABLE' } }).toJSON()],
            };
          }
        },
      };
    },
  };
}

async function turnAway(door: Door, context: GatewayContext, source: string, name: string | null): Promise<string> {
  context.trail.recorded = true;
  return door.turnAway(context.caller, source, name);
}

function notAsked(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
}

/**
 * The graph as callers see it. As it is read it knows the graph's own scalars by name alone; with their forms, what does not fit is refused before any
 * bureau is asked.
 */
export function callersSchema(graph: Graph): GraphQLSchema {
  const schema = buildSchema(graph.api, { assumeValid: true, assumeValidSDL: true });
  for (const scalar of [DateScalar, DateTimeScalar, MoneyScalar, DecimalScalar]) {
    const { parseValue, parseLiteral } = scalar;
    Object.assign(schema.getType(scalar.name) ?? {}, { parseValue, parseLiteral });
  }
  return schema;
}

function quietLogger(report: (error: unknown) => void) {
  return { debug() {}, info() {}, warn: report, error: report };
}
