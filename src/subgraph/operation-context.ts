/** The context of one operation inside a bureau. A request makes eight of them, so it is one object with methods: call them on it. */
import type { GraphQLError } from 'graphql';
import type { Pool } from 'pg';
import type { BureauContext } from '../bureaus/context';
import type { Lookup } from '../db/lookups';
import type { Caller } from '../sharing/caller';
import type { Decision } from '../sharing/decide';
import type { Passage } from '../sharing/passage';
import type { Scope } from '../sharing/scope';
import type { GuardedContext } from '../sharing/shield';
import type { Freshness } from './freshness';

/** What it stands on. */
export interface Operation {
  passage: Passage;
  /** The fields that the document reads, by kind. */
  fields: ReadonlyMap<string, readonly string[]>;
  freshness: ReadonlyMap<string, Freshness>;
  /** The bureau's own. */
  decision: Extract<Decision, { granted: true }> | GraphQLError;
}

/** Of a kind that nothing was granted of, nothing is shown. */
const NOWHERE: Scope = { districts: [], masks: {} };
const NO_FIELDS: readonly string[] = [];

export class OperationContext implements BureauContext, GuardedContext {
  readonly caller: Caller;
  readonly pool: Pool;
  readonly lookup: Lookup;
  readonly hubKey: () => Buffer;
  readonly countsPersons: boolean;
  readonly loaders: BureauContext['loaders'];
  private readonly operation: Operation;

  /** @param beside what the service's own resolvers find in it besides */
  constructor(
    operation: Operation,
    { pool, lookup, hubKey, beside }: Pick<BureauContext, 'pool' | 'lookup' | 'hubKey'> & { beside?: object },
  ) {
    // First: nothing beside takes the place of what stands here.
    Object.assign(this, beside);
    this.operation = operation;
    this.caller = operation.passage.caller;
    this.countsPersons = operation.passage.countsPersons;
    this.pool = pool;
    this.lookup = lookup;
    this.hubKey = hubKey;
    this.loaders = new Map();
  }

  fields(kind: string): readonly string[] {
    return this.operation.fields.get(kind) ?? NO_FIELDS;
  }

  scope(kind: string): Scope {
    const { decision } = this.operation;
    return decision instanceof Error ? NOWHERE : (decision.scopes.get(kind) ?? NOWHERE);
  }

  validAsOf(kind: string): string | null {
    return this.operation.freshness.get(kind)?.at ?? null;
  }

  reachPersons(keys: Iterable<string>): void {
    const { persons } = this.operation.passage.reached;
    for (const key of keys) persons.add(key);
  }

  reachFeed(kind: string, from: string, to: string): void {
    this.operation.passage.reached.feeds.push({ kind, from, to });
  }

  reachAgreement(id: string): void {
    this.operation.passage.reached.agreements.add(id);
  }

  handOut(hash: string): void {
    this.operation.passage.reached.documents.add(hash);
  }

  refusal(): Error | undefined {
    const { decision } = this.operation;
    return decision instanceof Error ? decision : undefined;
  }
}
