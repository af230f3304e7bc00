/**
 * A bureau on its own premises: its subgraph over its own database, under the agreements that stand there, for hubs whose keys it holds. It
 * decides for itself on the caller that a hub states, counts persons where its agreements say so, and keeps its own record of who saw what,
 * committed before the answer leaves.
 */
import { createHash, randomUUID } from 'node:crypto';
import { type DocumentNode, type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { openAuditLog } from '../audit/append';
import { openLog } from '../audit/log';
import type { AuditRecord, HashName } from '../audit/record';
import type { Signer } from '../audit/signing';
import { openHeads } from '../audit/take-heads';
import type { Bureau } from '../bureaus/bureau';
import { shanghaiDay } from '../bureaus/calendar';
import { recordKind } from '../bureaus/record';
import type { Database } from '../db/database';
import type { FindKeys } from '../gateway/key-set';
import { presentErrors } from '../gateway/present-errors';
import { type ReadReadiness, readinessOf } from '../gateway/ready';
import { UNWATCHED, type Watch, type WatchedAudit, watchedAudit, watchedSubgraph } from '../gateway/watch';
import { type Agreement, agreementsIn, type ReadAgreements } from '../sharing/agreement';
import type { Caller } from '../sharing/caller';
import { nameOfUse } from '../sharing/footprint';
import { notShared } from '../sharing/not-shared';
import { type Passage, passage } from '../sharing/passage';
import { counting, type Quota, quotaIn, usedUp } from '../sharing/quota';
import { type Freshness, freshnessBefore, freshnessIn, type ReadFreshness } from '../subgraph/freshness';
import { openSubgraph, type Subgraph } from '../subgraph/subgraph';
import type { Asked, Reached } from './call';
import { writeReached } from './call';
import { schemaHash } from './schema-hash';
import { type CallVerifier, callVerifier } from './signed-caller';

export interface PremisesOptions {
  database: Database;
  dataDirectory: string;
  /** The bureaus that are served. */
  bureaus: readonly Bureau[];
  /** The keys of the hubs that may call. */
  hubs: readonly FindKeys[];
  /** Who signs for this installation: its agreements are signed by it. */
  signer: Signer;
  hash?: HashName;
  checkpoints?: readonly string[];
  hubKey(): Buffer;
  now?: () => Date;
  /** Milliseconds of a clock that nobody sets back. */
  elapsed?: () => number;
  report?: (error: unknown) => void;
  /** Sees each step of an operation. */
  watch?: Watch;
}

/** One operation of a hub for a bureau. */
export interface BureauOperation extends Asked {
  document: DocumentNode;
  caller: Caller;
}

/** An answer, and what goes back to the hub's record with it. */
export type BureauAnswer = ExecutionResult & { reached: Reached };

/** The service of one bureau. */
export interface Served {
  name: string;
  sdl: string;
  /** `schemaHash` of it. */
  schemaHash: string;
  schema: GraphQLSchema;
  /** Rejects with `AuditUnavailable` when the record cannot be kept: then nothing is answered. */
  answer(operation: BureauOperation): Promise<BureauAnswer>;
  /** Records a call that was no valid operation. */
  turnAway(caller: Caller, source: string): Promise<unknown>;
  /** How fresh its own kinds are, or were before an instant. */
  freshness(before?: Date): Promise<Record<string, Freshness>>;
}

export interface Premises {
  served: readonly Served[];
  verifier: CallVerifier;
  watch: Watch;
  ready: ReadReadiness;
  /** How fresh the kinds of the bureaus that are served are. */
  freshness: ReadFreshness;
  report(error: unknown): void;
  close(): Promise<void>;
}

/** Opens the services of bureaus over a migrated database. */
export async function openPremises(options: PremisesOptions): Promise<Premises> {
  const { database, dataDirectory, hubs, signer, hubKey, now = () => new Date(), report = () => {} } = options;
  const { watch = UNWATCHED } = options;
  const elapsed = options.elapsed ?? (() => performance.now());
  const agreements = agreementsIn(database.dataSource, { keys: [signer], now: elapsed, report });
  const log = await openLog(database.pool, options.hash);
  const heads = openHeads({ pool: database.pool, log, signer, dataDirectory, sinks: options.checkpoints, now, report });
  const freshness = freshnessIn(database.pool, elapsed);
  const audit = watchedAudit(openAuditLog(database.pool, log), watch);
  const today = () => shanghaiDay(now());
  const grantedUnder = new WeakMap<Passage, readonly string[]>();
  const means: ServiceMeans = {
    agreements,
    quota: quotaIn(database.pool),
    audit,
    watch,
    now,
    today,
    report,
    grantedUnder: (here) => grantedUnder.get(here) ?? [],
  };
  return {
    served: options.bureaus.map((bureau) => {
      const subgraph = openSubgraph(bureau, {
        pool: database.pool,
        lookup: database.lookup,
        hubKey,
        agreements,
        freshness,
        today,
        granted: (here, ids) => void grantedUnder.set(here, ids),
      });
      const kinds = kindsOf([bureau]);
      return {
        ...serviceOf(watchedSubgraph(subgraph, watch), subgraph.schema(), kinds, means),
        freshness: async (before) => {
          const all = before ? await wasFresh(database.pool, before) : await freshness();
          return Object.fromEntries([...all].filter(([kind]) => kinds.has(kind)));
        },
      };
    }),
    verifier: callVerifier(hubs, now),
    watch,
    ready: readinessOf(database.pool, elapsed, audit.failures),
    freshness: async () => new Map([...(await freshness())].filter(([kind]) => kindsOf(options.bureaus).has(kind))),
    report,
    close: () => heads.close(),
  };
}

function kindsOf(bureaus: readonly Bureau[]): Set<string> {
  return new Set(bureaus.flatMap(({ records }) => records.map((record) => recordKind(record).kind)));
}

/** How fresh kinds were before an instant; whether they were late then is not kept. */
async function wasFresh(pool: Database['pool'], before: Date): Promise<[string, Freshness][]> {
  return Object.entries(await freshnessBefore(pool, before)).map(([kind, at]) => [kind, { at, lateSince: null }]);
}

interface ServiceMeans {
  agreements: ReadAgreements;
  quota: Quota;
  audit: WatchedAudit;
  watch: Watch;
  now(): Date;
  today(): string;
  report(error: unknown): void;
  /** The agreements under which the bureau granted an operation. */
  grantedUnder(here: Passage): readonly string[];
}

function serviceOf(
  subgraph: Subgraph,
  schema: Served['schema'],
  kinds: ReadonlySet<string>,
  means: ServiceMeans,
): Omit<Served, 'freshness'> {
  /** A passage as this bureau makes it: the hub says who asks and what it decided on, and nothing of it is taken for a grant. */
  async function enter({ caller, footprint, ...asked }: BureauOperation): Promise<Passage> {
    const counted = (await means.agreements(caller.agency)).filter(({ personsPerDay }) => personsPerDay !== null);
    const { agreements, scopes } = asked;
    const countsPersons = asked.countsPersons || counted.length > 0;
    const here = passage(caller, footprint, { agreements, scopes, countsPersons });
    if (counted.length > 0) here.exhausted = await means.quota.exhausted(counted, means.today());
    return here;
  }

  async function withinQuota(result: ExecutionResult, here: Passage): Promise<ExecutionResult> {
    const all = await means.agreements(here.caller.agency);
    const counted: Agreement[] = counting(all, means.grantedUnder(here));
    const full = await means.quota.take(counted, means.today(), [...here.reached.persons]);
    return full ? { data: null, errors: notShared([usedUp(full, here.caller.purpose)]) } : result;
  }

  async function execute(operation: BureauOperation, here: Passage): Promise<ExecutionResult> {
    const { document, variables, operationName } = operation;
    const result = await subgraph.execute({
      document,
      variables,
      operationName: operationName ?? undefined,
      passage: here,
    });
    return withinQuota(result, here);
  }

  return {
    name: subgraph.name,
    sdl: subgraph.sdl,
    schemaHash: schemaHash(subgraph.sdl),
    schema,
    answer: (operation) =>
      means.watch.step({ name: 'operation', agency: operation.caller.agency }, () =>
        means.audit.during(() => answer(operation)),
      ),
    turnAway(caller, source) {
      const asked = { query: source, operationName: null, caller };
      const record = recordOf(means.now().toISOString(), asked, passage(caller, NOTHING), { errors: [] });
      return means.audit.append({ ...record, decision: 'INVALID' }, caller);
    },
  };

  async function answer(operation: BureauOperation): Promise<BureauAnswer> {
    const at = means.now().toISOString();
    let here = passage(operation.caller, operation.footprint);
    let result: ExecutionResult;
    try {
      here = await enter(operation);
      result = await execute(operation, here);
    } catch (error) {
      result = { data: null, errors: [error as GraphQLError] };
    }
    const presented = presentErrors(result, means.report);
    const record = recordOf(at, operation, here, presented);
    const uses = operation.footprint.uses.filter(({ kind }) => kinds.has(kind));
    const agreements = [...means.grantedUnder(here)];
    await means.audit.append({ ...record, footprint: uses.map(nameOfUse), agreements }, operation.caller);
    return { ...presented, reached: writeReached(here) };
  }
}

const NOTHING = { uses: [], untagged: [], own: false, introspection: false };

function recordOf(
  at: string,
  { query, operationName, caller }: Pick<BureauOperation, 'query' | 'operationName' | 'caller'>,
  { reached }: Passage,
  { data, errors = [] }: ExecutionResult,
): AuditRecord {
  const refused = errors.filter(({ extensions }) => extensions.code === 'NOT_SHARED');
  return {
    id: randomUUID(),
    at,
    agency: caller.agency,
    officer: caller.officer,
    purpose: caller.purpose,
    case: caller.case,
    operation: { hash: createHash('sha256').update(query, 'utf8').digest('hex'), name: operationName },
    footprint: [],
    agreements: [],
    decision: refused.length > 0 ? 'REFUSED' : data == null ? 'FAILED' : 'GRANTED',
    refusals: refused.map(({ extensions: { field, verb, reason } }) => `${field}:${verb}:${reason}`),
    persons: [...reached.persons].sort(),
    feeds: reached.feeds,
    freshness: Object.fromEntries([...reached.freshness].sort()),
    errors: errors.length,
  };
}
