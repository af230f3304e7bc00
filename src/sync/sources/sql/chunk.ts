/**
 * One stretch of a register, page by page behind a position; a page is all that is in memory. Pages are statements of their own: a row that is
 * touched between two of them gets a later watermark and is read there.
 */
import type { SqlSetting } from '../../setting';
import { type Checkpoint, type Chunk, SourceFault, type SourceRow } from '../source';
import { type Dialect, OBJECT_BYTES_MAX, type Session, type SqlColumn } from './dialect';
import { isLate } from './fault';
import { type Guard, guarded } from './guard';
import { type Order, orderOf } from './order';
import { rowMaker } from './row';
import { type Position, type Run, runBehind } from './run';
import { describeStatement, emptyStatement, pageStatement, tiesStatement } from './statement';

export interface PageLimits {
  /** Rows of a page at most, and of a register's first, before it is known how long its rows are. */
  rowsMax: number;
  rowsFirst: number;
  /** What a page should hold at most, going by the page before it. */
  charactersMax: number;
}

export const PAGE_LIMITS: PageLimits = { rowsMax: 10_000, rowsFirst: 2_000, charactersMax: 16_000_000 };

/** A register that is being read. */
export interface Reading {
  dialect: Dialect;
  setting: SqlSetting;
  limits: PageLimits;
  /** Length of a row, on average over the last page. */
  rowCharacters?: number;
}

interface Stretch {
  guard: Guard;
  columns: readonly SqlColumn[];
  order: Order;
  run: Run;
  rowsMax: number;
  last?: Position;
  /** Set when all rows of the chunk were read. */
  more?: boolean;
}

const EMPTY_COUNTED_MAX = 1_000;

/** Opens the stretch behind `after`, and owns the session from then on. Throws a SourceFault. */
export async function openChunk(
  reading: Reading,
  session: Session,
  after: Checkpoint | null,
  rowsMax: number,
): Promise<Chunk> {
  const { dialect, setting } = reading;
  const guard = guarded(session, setting);
  try {
    const columns = await guard.ask(({ describe }) => describe(describeStatement(dialect, setting)));
    const order = orderOf(columns, setting);
    const run = await runBehind(after, order.watermark.form, setting.overlapMinutes, () => clockOf(reading, guard));
    const stretch: Stretch = { guard, columns, order, run, rowsMax };
    return {
      columns: columns.map(({ name }) => name),
      rows: readPages(reading, stretch),
      warnings: run.isNew ? [...objectWarnings(columns), ...(await emptyWarnings(reading, stretch))] : [],
      end: () => endOf(stretch),
      close: guard.close,
    };
  } catch (error) {
    await guard.close();
    throw error;
  }
}

async function* readPages(reading: Reading, stretch: Stretch): AsyncGenerator<SourceRow[]> {
  const { dialect, setting } = reading;
  const { guard, columns, order, run, rowsMax } = stretch;
  const toRow = rowMaker(columns, order.key, setting.offset);
  let { start } = run;
  let taken = 0;
  try {
    for (let isFull = true; isFull && taken < rowsMax; ) {
      const asked = Math.min(pageRows(reading), rowsMax - taken);
      const statement = pageStatement(dialect, setting, columns, order, start, asked);
      const page = await guard.ask(({ rows }) => rows(statement));
      isFull = page.length === asked;
      const last = page.at(-1);
      if (!last) break;
      stretch.last = positionOf(last, columns, order);
      start = { behind: stretch.last };
      if (isFull) await refuseTies(reading, stretch, stretch.last);
      reading.rowCharacters = charactersOf(page) / page.length;
      const before = taken;
      taken += page.length;
      yield page.map((values, at) => toRow(values, before + at + 1));
    }
    stretch.more = taken >= rowsMax;
  } finally {
    await guard.close();
  }
}

function pageRows({ limits, rowCharacters }: Reading): number {
  if (rowCharacters === undefined) return Math.min(limits.rowsFirst, limits.rowsMax);
  const fitting = Math.floor(limits.charactersMax / Math.max(1, rowCharacters));
  return Math.max(1, Math.min(limits.rowsMax, fitting));
}

function charactersOf(page: readonly (string | null)[][]): number {
  let characters = 0;
  for (const row of page) for (const value of row) characters += value?.length ?? 0;
  return characters;
}

function endOf({ run, last, more }: Stretch): ReturnType<Chunk['end']> {
  if (more === undefined) throw new Error('A chunk was asked where it ended before all its rows were read.');
  return { checkpoint: run.checkpoint(last, more), more };
}

function positionOf(values: readonly (string | null)[], columns: readonly SqlColumn[], order: Order): Position {
  const of = (column: SqlColumn) => {
    const value = values[columns.indexOf(column)] as string;
    // A checkpoint is kept as JSON in PostgreSQL, which knows no such character.
    if (value.includes('\u0000'))
      throw new SourceFault(`holds ${column.name} with the character NUL: clean it in sql.query`);
    return value;
  };
  return { watermark: of(order.watermark), key: of(order.key) };
}

/** Rows behind a page's border that stand at the very position of its last one would never be read. */
async function refuseTies({ dialect, setting }: Reading, { guard, order }: Stretch, at: Position): Promise<void> {
  const [row] = await guard.ask(({ rows }) => rows(tiesStatement(dialect, setting, order, at)));
  if (Number(row?.[0]) <= 1) return;
  const { watermark, key } = setting;
  throw new SourceFault(
    `has several rows with the same ${watermark} and ${key}: name as sql.key a column that tells the rows of one ${watermark} apart`,
  );
}

async function clockOf({ dialect, setting }: Reading, guard: Guard): Promise<string> {
  const [row] = await guard.ask(({ rows }) => rows({ sql: dialect.clock(setting.offset), parameters: [] }));
  return row?.[0] ?? '';
}

function objectWarnings(columns: readonly SqlColumn[]): string[] {
  const objects = columns.filter(({ form }) => form === 'object').map(({ name }) => name);
  if (objects.length === 0) return [];
  return [`of large objects only those of ${OBJECT_BYTES_MAX} bytes or fewer are read: ${objects.join(', ')}`];
}

/** Rows that no order reaches. Counting them may take longer than reading the others, and is given up then. */
async function emptyWarnings({ dialect, setting }: Reading, { guard, order }: Stretch): Promise<string[]> {
  const warnings: string[] = [];
  for (const column of new Set([order.watermark, order.key])) {
    const statement = emptyStatement(dialect, setting, column, EMPTY_COUNTED_MAX + 1);
    const counted = await guard.ask(({ rows }) =>
      rows(statement).catch((error: unknown) => {
        if (isLate(error)) return [];
        throw error;
      }),
    );
    const count = Number(counted[0]?.[0] ?? Number.NaN);
    if (Number.isNaN(count))
      warnings.push(
        `whether rows without ${column.name} were left out could not be counted in ${setting.statementTimeoutSeconds} s`,
      );
    else if (count > 0) {
      const some = count > EMPTY_COUNTED_MAX ? `more than ${EMPTY_COUNTED_MAX}` : String(count);
      warnings.push(
        `${some} ${count === 1 ? 'row' : 'rows'} without ${column.name} cannot be read: the register must fill it`,
      );
    }
  }
  return warnings;
}
