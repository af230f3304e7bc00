/**
 * What every source is to the rest of sync: columns, and rows in batches of a few thousand. A file is opened, read to its end and may be opened
 * again; a register behind SQL or HTTP is read on from a checkpoint, chunk by chunk.
 */

/**
 * One row as delivered. `line` is its first physical line in a file, counted from 1, and its place in the chunk elsewhere. `raw` is the row
 * as it is kept in quarantine. A row with a `fault` has no cells; `sourceId` is then its key, as far as it can be told.
 */
export interface SourceRow {
  line: number;
  readonly raw: string;
  cells?: string[];
  fault?: string;
  sourceId?: string;
}

/** Rows of one kind. `cells` stand in the order of `columns`. */
export interface Rows {
  columns: readonly string[];
  rows: AsyncIterable<SourceRow[]>;
  /** What the operator should know and nobody need act on. */
  warnings?: readonly string[];
  /** Lets go of the source; also when its rows were never asked for. May be called twice. */
  close(): Promise<void>;
}

/** What a source needs to go on behind the rows it has given: text by name, such as a watermark and a key. It is kept as JSON. */
export type Checkpoint = Readonly<Record<string, string>>;

/** A stretch of a register, taken in one transaction together with the checkpoint behind it. */
export interface Chunk extends Rows {
  /** Where the chunk ended; asked for when all its rows were read. `checkpoint` null leaves the one that stands. */
  end(): { checkpoint: Checkpoint | null; more: boolean };
}

/** A register that is read on from where the last run ended. */
export interface Register {
  /** As runs and quarantine show it: where it is, never a password or token. */
  name: string;
  /** Of what decides which rows come in which order: a checkpoint made under another fingerprint is void. Hex. */
  fingerprint: string;
  /** The next chunk of at most `rowsMax` rows. Throws a SourceFault. */
  open(after: Checkpoint | null, rowsMax: number): Promise<Chunk>;
  /** Ends its connections. May be called twice. */
  close(): Promise<void>;
}

/** A source that cannot be taken at all. The message completes "<file or source> …", says why and what to do, and holds no cell and no password. */
export class SourceFault extends Error {}
