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

/**
 * COMPLETE: loaded. REJECTED: too much of the bureau's delivery, or of a register's chunk, was quarantined, all of it was rolled back. FAILED: this
 * file or register could not be taken, or not further. INTERRUPTED: the run ended before the register did; what it took stands.
 */
export type RunState = 'COMPLETE' | 'REJECTED' | 'FAILED' | 'INTERRUPTED';

export interface KindReport extends Outcomes {
  kind: string;
  bureau: string;
  /** Name of the file in its delivery, or of the register. */
  file: string;
  /** The delivery directory, or the register: where it is, never a password. */
  source: string;
  /** Chunks it was taken in; each stands or falls alone. */
  chunks: number;
  state: RunState;
  /** Why it was rejected or failed. */
  reason?: string;
  /** Of the quarantined rows, how many have the one that most have, and where; of a register, in its first chunk that has any. Without values. */
  commonestFault?: string;
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

export const OUTCOMES = [
  'rowsIn',
  'inserted',
  'changed',
  'unchanged',
  'deleted',
  'stale',
  'quarantined',
] as const satisfies readonly (keyof Outcomes)[];

export function noOutcomes(): Outcomes {
  return { rowsIn: 0, inserted: 0, changed: 0, unchanged: 0, deleted: 0, stale: 0, quarantined: 0 };
}

/** Adds what became of one more chunk. */
export function addChunk(total: KindReport, chunk: KindReport): void {
  for (const name of OUTCOMES) total[name] += chunk[name];
  total.chunks += 1;
  total.seconds += chunk.seconds;
  total.state = chunk.state;
  total.reason = chunk.reason;
  total.commonestFault ??= chunk.commonestFault;
  for (const warning of chunk.warnings) if (!total.warnings.includes(warning)) total.warnings.push(warning);
}

/** The report of a kind before anything has become of its rows. */
export function newReport(kind: string, bureau: string, file: string, source: string): KindReport {
  return { ...noOutcomes(), kind, bureau, file, source, state: 'COMPLETE', chunks: 1, warnings: [], seconds: 0 };
}
