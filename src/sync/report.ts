/** What became of the rows of one exchange file. `rowsIn` is the sum of the other counts of a COMPLETE run. */
export interface Outcomes {
  rowsIn: number;
  inserted: number;
  changed: number;
  unchanged: number;
  deleted: number;
  stale: number;
  quarantined: number;
}

/** COMPLETE: loaded. REJECTED: too much of the bureau's delivery was quarantined, all of it was rolled back. FAILED: this file could not be taken. */
export type RunState = 'COMPLETE' | 'REJECTED' | 'FAILED';

export interface KindReport extends Outcomes {
  kind: string;
  bureau: string;
  /** Name of the file in the delivery directory. */
  file: string;
  state: RunState;
  /** Why it was rejected or failed. */
  reason?: string;
  warnings: string[];
  seconds: number;
}

export interface DeliveryReport {
  directory: string;
  /** About the directory as a whole; each kind has its own. */
  warnings: string[];
  kinds: KindReport[];
}

/** Where a load is: `bytesRead` of `bytesTotal` are those of the file on disk; `rows` have been checked and staged. */
export interface LoadProgress {
  kind: string;
  file: string;
  phase: 'READING' | 'WRITING';
  rows: number;
  bytesRead: number;
  bytesTotal: number;
}

export function noOutcomes(): Outcomes {
  return { rowsIn: 0, inserted: 0, changed: 0, unchanged: 0, deleted: 0, stale: 0, quarantined: 0 };
}
