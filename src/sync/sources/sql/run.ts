/**
 * Where a run over a register begins, and what its checkpoints hold.
 *
 * A checkpoint of a run that goes on is a position, (watermark, key) as the register wrote them, and the next chunk begins exactly behind it,
 * also in another process after a crash: every chunk moves on. A checkpoint of a complete run says so, and the next run begins further back,
 * because a row may carry an earlier watermark than rows that were committed before it:
 *
 * - A watermark of time: `overlapMinutes` before the last watermark or before the register's time when the run began, whichever is earlier. The
 *   second matters when a run takes hours: what was committed late behind its first chunk is not behind its end.
 *   A watermark in the future (9999-12-31) therefore holds nothing up.
 * - Any other watermark, such as a number, knows no minutes: the run begins where the last but one ended, so that every stretch is read by two
 *   runs. With `overlapMinutes` 0 it begins behind the last row.
 */
import type { Checkpoint } from '../source';
import type { ValueForm } from './dialect';

export interface Position {
  watermark: string;
  key: string;
}

/** Rows behind a position, or from a watermark on; all when absent. */
export type Start = { behind: Position } | { from: string } | undefined;

export interface Run {
  start: Start;
  /** Whether this is its first chunk. */
  isNew: boolean;
  /** The checkpoint behind `last`, null when there is nothing to say. */
  checkpoint(last: Position | undefined, more: boolean): Checkpoint | null;
}

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?( ?[+-]\d\d(?::\d\d)?)?$/;
const MINUTE_MILLISECONDS = 60_000;
/** No database of those known has an earlier time than year 1; MySQL promises none before this. */
const EARLIEST = Date.parse('1000-01-01T00:00:00Z');

/** The run that a chunk behind `after` belongs to. `clock` tells the register's time as a moment in its offset. */
export async function runBehind(
  after: Checkpoint | null,
  form: ValueForm,
  overlapMinutes: number,
  clock: () => Promise<string>,
): Promise<Run> {
  const isTime = form === 'day' || form === 'moment' || form === 'instant';
  if (after && after.complete === undefined) {
    const { watermark, key, ...kept } = after as Checkpoint & Position;
    return run({ behind: { watermark, key } }, kept, after);
  }
  if (isTime) {
    const from = after ? earlier(after as Checkpoint & Position, form, overlapMinutes) : undefined;
    return run(from === undefined ? undefined : { from }, { began: await clock() }, null);
  }
  if (!after) return run(undefined, {}, null);
  const { watermark, key, lastWatermark, lastKey } = after as Checkpoint & Position;
  const last = { lastWatermark: watermark, lastKey: key };
  if (overlapMinutes === 0) return run({ behind: { watermark, key } }, last, null);
  if (lastWatermark === undefined || lastKey === undefined) return run(undefined, last, null);
  return run({ behind: { watermark: lastWatermark, key: lastKey } }, last, null);
}

function run(start: Start, kept: Checkpoint, goingOn: Checkpoint | null): Run {
  return {
    start,
    isNew: goingOn === null,
    checkpoint: (last, more) => {
      const reached = last ? { ...last, ...kept } : goingOn;
      return reached && { ...reached, ...(!more && { complete: 'yes' }) };
    },
  };
}

/** So many minutes before the earlier of the last watermark and the beginning of the run, as a value of the watermark's form; everything if that cannot be told. */
function earlier({ watermark, began }: Checkpoint & Position, form: ValueForm, minutes: number): string | undefined {
  const times = [watermark, began ?? ''].map(millisecondsOf).filter((time) => time !== undefined);
  const time = Math.min(...times) - minutes * MINUTE_MILLISECONDS;
  if (times.length === 0 || time < EARLIEST) return undefined;
  const from = new Date(time).toISOString();
  if (form === 'day') return from.slice(0, 10);
  const [offset = ''] = /( ?[+-]\d\d(?::\d\d)?)?$/.exec(watermark.slice('YYYY-MM-DD'.length)) ?? [];
  return `${from.slice(0, 10)} ${from.slice(11, 23)}${offset}`;
}

/** Civil time as if it were UTC's: all times of a register are in one offset, and only their differences count. Downwards to milliseconds. */
function millisecondsOf(text: string): number | undefined {
  const match = MOMENT.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hours = '00', minutes = '00', seconds = '00', fraction = ''] = match;
  const iso = `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const time = Date.parse(iso);
  return Number.isNaN(time) ? undefined : time;
}
