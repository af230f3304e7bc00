import type { RecordKind } from '../bureaus/record';
import type { KindReport } from './report';
import type { Rows } from './sources/source';

/** The rows of one kind on their way in. */
export interface Intake {
  kind: RecordKind;
  /** What becomes of them; one that is FAILED already is only written down. */
  report: KindReport;
  /** Opens the rows, `onBytes` hearing how far the source has been read. Only a file is opened more than once. */
  open(onBytes: (read: number, total: number) => void): Promise<Rows>;
  /** A file is shown by its lines, and of two rows of one record its first counts; a register's newest counts. */
  from: 'FILE' | 'REGISTER';
  /** Rows that the delivery's own control total promises. */
  rowsPromised?: number;
  /** The run that this is a further chunk of. */
  run?: string;
  /** Whether the run goes on behind this chunk; asked for when its rows were read. */
  goesOn?(): boolean;
}
