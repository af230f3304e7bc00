/**
 * Reading a feed page by page on a caller's behalf. Each page is an operation of its own: counted, decided, executed and on record like any
 * other, so what was revoked between two pages ends the feed between two pages.
 */
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type OperationDefinitionNode,
} from 'graphql';
import { AuditUnavailable } from '../audit/append';
import type { Caller } from '../sharing/caller';
import type { ShareMap } from '../sharing/footprint';
import type { Operation } from './answer';
import { costOf } from './cost';
import type { Door } from './door';
import { LIMITS } from './limits';
import { type FeedPage, type PagedFeed, pagedFeed } from './paged-feed';

/** What a request for a stream carries through Apollo Server, which copies the context, but not this. */
export interface Paging {
  /** Set when the first page was answered without errors. */
  pages?: Pages;
}

export interface Pages {
  /** The first page, which is forgotten here: a stream holds one page at a time. */
  takeFirst(): AnsweredPage;
  /** The page behind a cursor, for a caller who has just been authenticated. It never throws. */
  next(caller: Caller, after: string): Promise<AnsweredPage | FailedPage>;
}

/** A page, the hash of its audit record, how fresh it is, and since when its bureau is late, if it is. */
export interface AnsweredPage extends FeedPage {
  receipt: unknown;
  freshness: unknown;
  late?: unknown;
}

export interface FailedPage {
  errors: readonly GraphQLFormattedError[];
  /** Also a refusal is on record, unless it could not be written. */
  receipt: unknown;
}

export interface PagingMeans {
  door: Door;
  map: ShareMap;
  /** Counts what an agency asks for; throws when it is too much. */
  meter(agency: string, cost: number): void;
}

export interface PagedFeeds {
  /** Throws for callers when an operation of a valid document is not one feed and nothing else (406), or its pages are too long (400). */
  check(asked: Omit<Operation, 'source' | 'operationName'>): void;
  /** Asks for the first page, which has been counted. With errors it is an ordinary answer; else it is kept in `paging` and nothing is answered. */
  begin(caller: Caller, asked: Operation, paging: Paging): Promise<ExecutionResult>;
}

export function pagedFeeds({ door, map, meter }: PagingMeans): PagedFeeds {
  const known = new WeakMap<OperationDefinitionNode, PagedFeed>();

  function feedOf(document: DocumentNode, operation: OperationDefinitionNode): PagedFeed {
    const feed = known.get(operation) ?? pagedFeed(map, document, operation);
    known.set(operation, feed);
    return feed;
  }

  return {
    check({ document, operation, variables }) {
      feedOf(document, operation);
      mustBeShort(costOf(map.schema, document, operation, variables));
    },
    async begin(caller, asked, paging) {
      const feed = feedOf(asked.document, asked.operation);
      const cost = costOf(map.schema, asked.document, asked.operation, asked.variables);
      const ask = (by: Caller, after: string | null) =>
        door.enter(by, { ...asked, ...feed.rewritten, variables: feed.at(after, asked.variables) });
      const result = await ask(caller, feed.start(asked.variables));
      const first = answered(feed, result);
      if ('errors' in first) return { ...result, data: feed.asAsked(result.data) };
      const held = [first];
      paging.pages = {
        takeFirst: () => held.pop() as AnsweredPage,
        next: async (by, after) => (await counted(by, cost, asked)) ?? answered(feed, await ask(by, after)),
      };
      return { data: {} };
    },
  };

  /** Why a further page may not be asked for now; a request that is turned away is an event, too. */
  async function counted(caller: Caller, cost: number, asked: Operation): Promise<FailedPage | undefined> {
    try {
      meter(caller.agency, cost);
      return undefined;
    } catch (error) {
      return door.turnAway(caller, asked.source, asked.operationName).then(
        (receipt) => ({ errors: [error as GraphQLError], receipt }),
        () => ({ errors: [auditUnavailable()], receipt: undefined }),
      );
    }
  }
}

function mustBeShort(cost: number): void {
  if (cost <= LIMITS.streamPageCost) return;
  const message = `A page of the stream may fetch ${cost} values, at most ${LIMITS.streamPageCost}: ask for shorter pages`;
  throw new GraphQLError(message, { extensions: { code: 'TOO_COSTLY', http: { status: 400 } } });
}

/** A page with any error is none: a follower must not take what is missing for what is not there. */
function answered(feed: PagedFeed, { data, errors, extensions }: ExecutionResult): AnsweredPage | FailedPage {
  const page = feed.page(data);
  const { receipt, freshness, late } = extensions ?? {};
  if (errors?.length || !page) return { errors: errors ?? [], receipt };
  return { ...page, receipt, freshness, late };
}

function auditUnavailable(): GraphQLError {
  return new GraphQLError(new AuditUnavailable().message, { extensions: { code: 'AUDIT_UNAVAILABLE' } });
}
