/**
 * The door: the one way in, for HTTP requests, nightly jobs and the cross-check alike.
 *
 *     authenticate → footprint → decide → execute → audit
 *
 * The caller has been authenticated; here the other four happen, in this order and nowhere else. The answer leaves when its audit record is
 * on disk, and not before.
 */
import { hash, randomUUID } from 'node:crypto';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { AuditUnavailable } from '../audit/append';
import type { AuditRecord } from '../audit/record';
import type { Agreement, ReadAgreements } from '../sharing/agreement';
import type { Caller } from '../sharing/caller';
import type { Decision, Grounds, Refusal } from '../sharing/decide';
import { type Footprint, footprintOf, nameOfUse, type ShareMap } from '../sharing/footprint';
import { notShared } from '../sharing/not-shared';
import { NOT_GRANTED, type Passage, passage } from '../sharing/passage';
import { counting, type Quota, usedUp } from '../sharing/quota';
import { keptOr, rememberDecisions } from '../sharing/remember';
import { type Answer, type Operation, unfitVariables } from './answer';
import { presentErrors } from './present-errors';
import { visibleParts } from './visible';
import type { Watch, WatchedAudit } from './watch';

export interface DoorMeans {
  /** The graph as callers see it. */
  schema: GraphQLSchema;
  /** The tags of the composed graph. */
  map: ShareMap;
  answer: Answer;
  agreements: ReadAgreements;
  quota: Quota;
  audit: WatchedAudit;
  now(): Date;
  /** The civil day on which agreements must hold, `YYYY-MM-DD`. */
  today(): string;
  /** Told of errors that callers must not see in full. */
  report(error: unknown): void;
  watch: Watch;
}

export interface Door {
  /** The answer to one operation, with `extensions.receipt` and `extensions.freshness`, and `extensions.late` when a bureau is. It never throws. */
  enter(caller: Caller, operation: Operation): Promise<ExecutionResult>;
  /** Records a request that was no valid operation; resolves with its receipt, or throws `AuditUnavailable`. */
  turnAway(caller: Caller, source: string, operationName: string | null): Promise<string>;
}

const NOTHING: Footprint = { uses: [], untagged: [], own: false, introspection: false };

export function openDoor(means: DoorMeans): Door {
  const footprints = new WeakMap<OperationDefinitionNode, Footprint>();
  const decideOnce = rememberDecisions();
  const visible = visibleParts(means.map);

  function footprint({ document, operation }: Operation): Footprint {
    return keptOr(footprints, operation, () => footprintOf(means.map, document, operation));
  }

  /** The decision, and which of the agreements it rests on count persons. */
  async function decideNow(caller: Caller, uses: Footprint): Promise<{ decision: Decision; counted: Agreement[] }> {
    const agreements = await means.agreements(caller.agency);
    const grounds: Grounds = { agreements, day: means.today(), kinds: means.map };
    const decision = decideOnce(caller, uses, grounds);
    const counted = counting(agreements, decision.agreements);
    if (!decision.granted || counted.length === 0) return { decision, counted: [] };
    const exhausted = await means.quota.exhausted(counted, grounds.day);
    // Where one agreement is used up another may serve, and then its persons are the ones that count.
    const left = decideOnce(caller, uses, { ...grounds, exhausted });
    return { decision: left, counted: counting(agreements, left.agreements) };
  }

  /** The result, unless an agreement allows no more persons today: then it is not shown. */
  async function withinQuota(result: ExecutionResult, here: Passage, counted: readonly Agreement[]): Promise<Answered> {
    const full = await means.quota.take(counted, means.today(), [...here.reached.persons]);
    if (!full) return { result };
    const refusal = usedUp(full, here.caller.purpose);
    return { result: { data: null, errors: notShared([refusal]) }, refused: [refusal] };
  }

  async function answer(operation: Operation, here: Passage, decision: Decision): Promise<ExecutionResult> {
    if (!decision.granted) return { data: null, errors: notShared(decision.refusals) };
    if (!here.footprint.introspection) return means.answer(operation, here);
    const errors = unfitVariables(means.schema, operation);
    if (errors) return { data: null, errors };
    if (here.footprint.uses.length > 0 || here.footprint.own) return { data: null, errors: [mixedIntrospection()] };
    const { document, operationName, variables } = operation;
    const schema = visible(here.caller, await means.agreements(here.caller.agency), means.today());
    return execute({ schema, document, operationName, variableValues: variables }) as ExecutionResult;
  }

  async function seal(
    record: AuditRecord,
    { caller, reached: { late } }: Passage,
    result: ExecutionResult,
  ): Promise<ExecutionResult> {
    try {
      const receipt = await means.audit.append(record, caller);
      const beside = {
        freshness: record.freshness,
        ...(late.size > 0 && { late: Object.fromEntries([...late].sort()) }),
      };
      return { ...result, extensions: { ...result.extensions, receipt, ...beside } };
    } catch (error) {
      means.report(error);
      return { errors: [auditUnavailable(error)] };
    }
  }

  return {
    enter: (caller, operation) =>
      means.watch.step({ name: 'operation', agency: caller.agency }, () =>
        means.audit.during(() => enter(caller, operation)),
      ),
    turnAway(caller, source, operationName) {
      const record = recordOf(
        means.now().toISOString(),
        { source, operationName },
        passage(caller, NOTHING),
        undefined,
        { errors: [] },
      );
      return means.audit.append(record, caller);
    },
  };

  async function enter(caller: Caller, operation: Operation): Promise<ExecutionResult> {
    const at = means.now().toISOString();
    let here = passage(caller, NOTHING);
    let decision: Decision = { granted: false, agreements: [], refusals: [] };
    let result: ExecutionResult;
    try {
      const uses = footprint(operation);
      const decided = await means.watch.step({ name: 'decide' }, () => decideNow(caller, uses));
      decision = decided.decision;
      const { agreements } = decision;
      const scopes = decision.granted ? decision.scopes : NOT_GRANTED.scopes;
      here = passage(caller, uses, { agreements, scopes, countsPersons: decided.counted.length > 0 });
      // What changes something is on record before it does.
      if (decision.granted && operation.operation.operation === 'mutation')
        await means.audit.append(recordOf(at, operation, here, decision, { data: {} }), caller);
      const answered = await withinQuota(await answer(operation, here, decision), here, decided.counted);
      if (answered.refused) decision = { granted: false, agreements: decision.agreements, refusals: answered.refused };
      result = presentErrors(answered.result, means.report);
    } catch (error) {
      if (error instanceof AuditUnavailable) {
        means.report(error);
        return { errors: [auditUnavailable(error)] };
      }
      result = presentErrors({ data: null, errors: [error as GraphQLError] }, means.report);
    }
    return seal(recordOf(at, operation, here, decision, result), here, result);
  }
}

interface Answered {
  result: ExecutionResult;
  refused?: readonly Refusal[];
}

function recordOf(
  at: string,
  operation: Pick<Operation, 'source' | 'operationName'> & Partial<Pick<Operation, 'document'>>,
  { caller, footprint, agreements, reached }: Passage,
  decision: Decision | undefined,
  result: ExecutionResult,
): AuditRecord {
  const refusals = decision && !decision.granted ? decision.refusals : [];
  return {
    id: randomUUID(),
    at,
    agency: caller.agency,
    officer: caller.officer,
    purpose: caller.purpose,
    case: caller.case,
    operation: { hash: hashOf(operation), name: operation.operationName },
    footprint: namesOf(footprint),
    agreements: reached.agreements.size > 0 ? [...new Set([...agreements, ...reached.agreements])].sort() : agreements,
    decision: outcomeOf(decision, result),
    refusals: refusals.map(({ field, verb, reason }) => `${field}:${verb}:${reason}`),
    persons: [...reached.persons].sort(),
    feeds: reached.feeds,
    freshness: Object.fromEntries([...reached.freshness].sort(([a], [b]) => (a < b ? -1 : 1))),
    errors: result.errors?.length ?? 0,
    ...(reached.documents.size > 0 && { documents: [...reached.documents].sort() }),
  };
}

const hashes = new WeakMap<DocumentNode, { of: string; hash: string }>();

/** SHA-256 of an operation's text, remembered with what was read from it. */
function hashOf({ source, document }: { source: string; document?: DocumentNode }): string {
  const known = document && hashes.get(document);
  if (known?.of === source) return known.hash;
  const made = { of: source, hash: hash('sha256', source) };
  if (document) hashes.set(document, made);
  return made.hash;
}

const names = new WeakMap<Footprint, readonly string[]>();

function namesOf(footprint: Footprint): readonly string[] {
  return keptOr(names, footprint, () => footprint.uses.map(nameOfUse));
}

function outcomeOf(decision: Decision | undefined, result: ExecutionResult): AuditRecord['decision'] {
  if (!decision) return 'INVALID';
  if (!decision.granted && decision.refusals.length > 0) return 'REFUSED';
  return decision.granted && result.data != null ? 'GRANTED' : 'FAILED';
}

function mixedIntrospection(): GraphQLError {
  return new GraphQLError('Ask for the schema in an operation of its own', { extensions: { code: 'BAD_USER_INPUT' } });
}

function auditUnavailable(error: unknown): GraphQLError {
  const message = error instanceof AuditUnavailable ? error.message : new AuditUnavailable().message;
  return new GraphQLError(message, { extensions: { code: 'AUDIT_UNAVAILABLE', http: { status: 503 } } });
}
