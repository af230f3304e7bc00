/**
 * A circuit to one bureau: after some calls in a row that failed, further ones fail at once instead of waiting for what does not come. When it
 * has rested, one call goes through as a probe; it closes the circuit, or opens it anew.
 */
export interface CircuitLimits {
  /** Calls that fail one after the other before it opens. */
  failures: number;
  /** How long it then rests before the next probe. */
  restMilliseconds: number;
}

export interface Circuit {
  /** Whether a call may be made now. Whoever is told yes must tell how it went. */
  allows(): boolean;
  succeeded(): void;
  failed(): void;
  isOpen(): boolean;
}

export const CIRCUIT: CircuitLimits = { failures: 5, restMilliseconds: 5_000 };

/** A closed circuit, by a clock that nobody sets back. */
export function closedCircuit({ failures, restMilliseconds }: CircuitLimits, elapsed: () => number): Circuit {
  let failedInARow = 0;
  let probeFrom: number | undefined;
  return {
    allows() {
      if (probeFrom === undefined) return true;
      if (elapsed() < probeFrom) return false;
      // The next probe is due only when this one had its time.
      probeFrom = elapsed() + restMilliseconds;
      return true;
    },
    succeeded() {
      failedInARow = 0;
      probeFrom = undefined;
    },
    failed() {
      failedInARow += 1;
      if (failedInARow >= failures) probeFrom = elapsed() + restMilliseconds;
    },
    isOpen: () => probeFrom !== undefined,
  };
}
