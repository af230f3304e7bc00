/**
 * What a bureau is to the rest of the program: the kinds of record it shares, and its part of the graph. One folder per bureau with a file
 * `bureau.ts` that exports `bureau`; the folders are found by reading the directory, so that a new bureau is one folder, its migration and
 * its test, and nothing else is edited.
 *
 *     export const bureau: Bureau = { name: 'death', records: [Death], resolvers: [...personPart(Death, …), feedOf(Death)] };
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { PoolClient } from 'pg';
import { type RecordClass, type RecordKind, recordKind } from './record';

/** One bureau: its records, its part of the graph, and what it derives from its records together. */
export interface Bureau {
  /** The folder's name, which is also the subgraph's and the PostgreSQL schema's. */
  name: string;
  /** The record classes it shares; each is a kind with its own exchange file and change feed. */
  records: readonly RecordClass[];
  /** type-graphql resolver classes: its part of `Person`, its root fields, its feeds. */
  resolvers: readonly Function[];
  /** How to find an entity of this bureau by its key, by GraphQL type name. */
  references?: Readonly<Record<string, (reference: never, context: never) => unknown>>;
  /** What the bureau derives from all its records together; called in the transaction of a load that changed any. */
  settle?: (client: PoolClient) => Promise<void>;
}

let found: readonly Bureau[] | undefined;

/** Every bureau, in the order of their folders' names. */
export function bureaus(): readonly Bureau[] {
  found ??= readdirSync(__dirname, { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() &&
        ['.js', '.ts'].some((end) => existsSync(path.join(__dirname, entry.name, `bureau${end}`))),
    )
    .map((entry) => entry.name)
    .sort()
    .map((name) => (require(path.join(__dirname, name, 'bureau')) as { bureau: Bureau }).bureau);
  return found;
}

/** Every kind of record of every bureau. */
export function recordKinds(): readonly RecordKind[] {
  return bureaus().flatMap((bureau) => bureau.records.map(recordKind));
}
