/**
 * What the gateway hands a bureau with each call: who asks, the footprint that was decided on, and the agreements it was granted under. The
 * bureau decides again on it for itself; it never trusts that the gateway did.
 */
import type { Caller } from './caller';
import type { Footprint } from './footprint';
import type { Scope } from './scope';

export interface Passage {
  caller: Caller;
  footprint: Footprint;
  agreements: readonly string[];
  /** In which scope they granted it, by kind; a bureau shows what this and its own decision both show. */
  scopes: ReadonlyMap<string, Scope>;
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

/** What a caller was granted. */
export type Granted = Pick<Passage, 'agreements' | 'scopes' | 'countsPersons'>;

export const NOT_GRANTED: Granted = Object.freeze({ agreements: [], scopes: new Map(), countsPersons: false });

/** A passage for one operation. */
export function passage(caller: Caller, footprint: Footprint, granted: Granted = NOT_GRANTED): Passage {
  return {
    caller,
    footprint,
    ...granted,
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
