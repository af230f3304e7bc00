/**
 * What one operation brings into a bureau: the decision that was taken on it, and a place to note what it reached.
 */
import type DataLoader from 'dataloader';
import type { Pool } from 'pg';
import type { Lookup } from '../db/lookups';
import type { Caller } from '../sharing/caller';
import type { Scope } from '../sharing/scope';

export interface BureauContext {
  /** Who asks, and why. */
  caller: Caller;
  pool: Pool;
  /** For what stands under the keys of an operation. */
  lookup: Lookup;
  /** The key of the person key; see keys.ts. Throws when this process was not given it. */
  hubKey(): Buffer;
  /** The fields of a kind that this operation reads and that were granted. Nothing else is selected from the database. */
  fields(kind: string): readonly string[];
  /** In which districts records of a kind may be read, and which of their fields are masked. */
  scope(kind: string): Scope;
  /** The time of the bureau's last complete delivery of a kind, ISO 8601, or null when there was none. */
  validAsOf(kind: string): string | null;
  /** Notes persons for the audit record, by key in hex. */
  reachPersons(keys: Iterable<string>): void;
  /** Whether an agreement counts persons, so that feeds note them one by one too. */
  countsPersons: boolean;
  /** Notes a stretch of a change feed for the audit record: it names the persons in it exactly, without listing them. */
  reachFeed(kind: string, from: string, to: string): void;
  /** Notes an agreement that the operation changed. */
  reachAgreement(id: string): void;
  /** Notes the hash of a document in the answer, for the audit record. */
  handOut(hash: string): void;
  /** One loader per kind and arguments, for this operation alone. */
  loaders: Map<string, DataLoader<never, unknown>>;
}

/** The loader of this name, made on first use. */
export function loaderOf<K, V>(context: BureauContext, name: string, make: () => DataLoader<K, V>): DataLoader<K, V> {
  const known = context.loaders.get(name) as unknown as DataLoader<K, V> | undefined;
  if (known) return known;
  const made = make();
  context.loaders.set(name, made as unknown as DataLoader<never, unknown>);
  return made;
}
