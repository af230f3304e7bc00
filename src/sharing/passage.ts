/**
 * What the gateway hands a bureau with each call: who asks, the footprint that was decided on, and the agreements it was granted under. The
 * bureau decides again on it for itself; it never trusts that the gateway did.
 */
import type { Caller } from './caller';
import type { Footprint } from './footprint';

export interface Passage {
  caller: Caller;
  footprint: Footprint;
  agreements: readonly string[];
  /** Whether one of them counts persons. */
  countsPersons: boolean;
  /** Agreements whose persons of this day are used up, where a bureau on its own premises counts them itself. */
  exhausted?: ReadonlySet<string>;
  /** What the operation reached, for its audit record. Bureaus add to it. */
  reached: {
    persons: Set<string>;
    feeds: { kind: string; from: string; to: string }[];
    freshness: Map<string, string | null>;
    /** Kinds whose bureau is late, and since when. */
    late: Map<string, string>;
    agreements: Set<string>;
    /** Hashes of documents in the answer. */
    documents: Set<string>;
  };
}

/** A passage for one operation. */
export function passage(
  caller: Caller,
  footprint: Footprint,
  agreements: readonly string[],
  countsPersons = false,
): Passage {
  return {
    caller,
    footprint,
    agreements,
    countsPersons,
    reached: {
      persons: new Set(),
      feeds: [],
      freshness: new Map(),
      late: new Map(),
      agreements: new Set(),
      documents: new Set(),
    },
  };
}
