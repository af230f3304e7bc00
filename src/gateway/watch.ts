/**
 * Watching the gateway at work: metrics and traces see each step of an operation, and neither sees what is in it. No value, no name and no
 * number of a person ever reaches a watcher.
 */
import type { AuditLog } from '../audit/append';
import type { AuditRecord } from '../audit/record';
import type { Caller } from '../sharing/caller';
import type { Subgraph } from '../subgraph/subgraph';

/** A step of an operation, and what it may be told apart by. */
export type Step =
  | { name: 'request'; id: string; route: string; traceparent?: string }
  | { name: 'operation'; agency: string }
  | { name: 'decide' }
  | { name: 'plan' }
  | { name: 'bureau'; bureau: string }
  | { name: 'audit' };

export interface Watch {
  /** Runs a step and sees how long it takes and whether it throws; answers with what the step answers. */
  step<T>(step: Step, work: () => Promise<T>): Promise<T>;
  /** Sees the record of an operation when it is on disk. */
  recorded?(record: AuditRecord): void;
  /** Where the step under way stands in its trace, for whoever is called in it (W3C Trace Context); undefined when it is in none. */
  traceparent?(): string | undefined;
}

export const UNWATCHED: Watch = { step: (_step, work) => work() };

/** Several watchers as one; the first sees the others' steps as part of its own. */
export function together(watches: readonly Watch[]): Watch {
  if (watches.length === 0) return UNWATCHED;
  return {
    step: (step, work) => watches.reduceRight((inner, watch) => () => watch.step(step, inner), work)(),
    recorded(record) {
      for (const watch of watches) watch.recorded?.(record);
    },
    traceparent: () => watches.map((watch) => watch.traceparent?.()).find((one) => one !== undefined),
  };
}

/** What a request is told by in the log, once it was answered. */
export interface Seen {
  /** A UUID; the answer carries it as `x-request-id`. */
  id: string;
  /** The agency that asked, and what for; null of a stranger. */
  agency: string | null;
  purpose: string | null;
  /** The first 16 hex digits of the SHA-256 of the operation's text; null of what was none. */
  operation: string | null;
  /** Size of its footprint: fields with their verbs. */
  uses: number;
  decision: AuditRecord['decision'] | null;
  errors: number;
  /** Records in the audit log: one, or one a page of a stream. */
  records: number;
}

/** Requests by their callers: each has one of its own, which goes wherever its answer is made. A job's has none. */
const requests = new WeakMap<Caller, Seen>();

/** Says whose request it is. */
export function requestBy(caller: Caller, seen: Seen): void {
  requests.set(caller, seen);
  seen.agency = caller.agency;
  seen.purpose = caller.purpose || null;
}

/** The request of a caller. */
export function requestOf(caller: Caller): Seen | undefined {
  return requests.get(caller);
}

const HASH_DIGITS = 16;

/** An audit log that is told whose request a record is of. */
export interface WatchedAudit extends Pick<AuditLog, 'failures' | 'during'> {
  append(record: AuditRecord, caller: Caller): Promise<string>;
}

function noteRecord(seen: Seen | undefined, record: AuditRecord): void {
  if (!seen) return;
  seen.operation = record.operation.hash.slice(0, HASH_DIGITS);
  seen.uses = record.footprint.length;
  seen.decision = record.decision;
  seen.errors += record.errors;
  seen.records += 1;
}

/** An audit log that is watched, and that notes with a request what is being recorded of it. */
export function watchedAudit(audit: AuditLog, watch: Watch): WatchedAudit {
  return {
    failures: audit.failures,
    during: audit.during,
    async append(record, caller) {
      noteRecord(requests.get(caller), record);
      const receipt = await watch.step({ name: 'audit' }, () => audit.append(record));
      watch.recorded?.(record);
      return receipt;
    },
  };
}

/** A bureau's service that is watched. */
export function watchedSubgraph(subgraph: Subgraph, watch: Watch): Subgraph {
  const step: Step = { name: 'bureau', bureau: subgraph.name };
  return { ...subgraph, execute: (request) => watch.step(step, () => subgraph.execute(request)) };
}
