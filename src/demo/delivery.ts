/**
 * The files of a delivery, written as they come: a few megabytes are held at most, whatever the size of the city. The columns are those the
 * record classes declare. The files differ as those of real bureaus do: households begin with a byte order mark, poverty monitoring comes
 * from Windows with CRLF, and pensions from an old system in GB18030 with dates as YYYYMMDD.
 */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { encode } from 'iconv-lite';
import { Claim } from '../bureaus/claim/claim';
import { ClaimLine } from '../bureaus/claim/claim-line';
import { Contribution } from '../bureaus/contribution/contribution';
import { Death } from '../bureaus/death/death';
import { Enrollment } from '../bureaus/enrollment/enrollment';
import { Household } from '../bureaus/household/household';
import { PovertyMonitoring } from '../bureaus/poverty/poverty';
import { type RecordClass, recordKind } from '../bureaus/record';
import { Retirement } from '../bureaus/retirement/retirement';

/** The fields of a record that a file can hold; empty ones may be left out. */
type Row<R> = { [F in keyof R as R[F] extends string | string[] | null ? F : never]?: R[F] };

interface Rows {
  household: Row<Household>;
  death: Row<Death>;
  enrollment: Row<Enrollment>;
  retirement: Row<Retirement>;
  contribution: Row<Contribution>;
  poverty: Row<PovertyMonitoring>;
  claim: Row<Claim>;
  claim_line: Row<ClaimLine>;
}
type KindName = keyof Rows;

interface FileStyle {
  record: RecordClass;
  /** The letters before the running number of a source key. */
  prefix: string;
  encoding?: 'gb18030';
  byteOrderMark?: boolean;
  lineEnd?: '\r\n';
  compactDays?: boolean;
}

const STYLES: Readonly<Record<KindName, FileStyle>> = {
  household: { record: Household, prefix: 'HJ', byteOrderMark: true },
  death: { record: Death, prefix: 'SW' },
  enrollment: { record: Enrollment, prefix: 'CB' },
  retirement: { record: Retirement, prefix: 'TX', encoding: 'gb18030', compactDays: true },
  contribution: { record: Contribution, prefix: 'ZJ' },
  poverty: { record: PovertyMonitoring, prefix: 'FP', lineEnd: '\r\n' },
  claim: { record: Claim, prefix: 'JS' },
  claim_line: { record: ClaimLine, prefix: 'MX' },
};

const HELD_ROWS_MAX = 2000;

export interface Delivery {
  /** Adds a row and gives its source key: the row's own, or the next of its kind. */
  write<K extends KindName>(kind: K, row: Rows[K]): string;
  /** Waits for the disk when enough is held; call it between households. */
  breathe(): Promise<void>;
  /** Writes what is held and closes; rows per file name. */
  close(): Promise<Record<string, number>>;
}

interface Column {
  name: string;
  /** Whether a value may hold anything, so that it may need quotes; dates, codes, numbers and amounts never do. */
  free: boolean;
  compactDay: boolean;
}

interface OpenFile {
  handle: FileHandle;
  style: FileStyle;
  columns: readonly Column[];
  held: string[];
  rows: number;
}

/** Opens the eight files in a directory, which is made if need be; files of an earlier city there are replaced. */
export async function openDelivery(directory: string): Promise<Delivery> {
  await mkdir(directory, { recursive: true });
  const files = new Map<KindName, OpenFile>();
  for (const [kind, style] of Object.entries(STYLES) as [KindName, FileStyle][]) {
    files.set(kind, await openFile(path.join(directory, `${kind}.csv`), style));
  }
  const flush = async (rowsMin: number) => {
    for (const file of files.values()) {
      if (file.held.length <= rowsMin) continue;
      const text = file.held.join('');
      file.held = [];
      await file.handle.appendFile(file.style.encoding ? encode(text, file.style.encoding) : text);
    }
  };
  return {
    write: (kind, row) => writeRow(files.get(kind) as OpenFile, row as Row<Household>),
    breathe: () => flush(HELD_ROWS_MAX),
    close: async () => {
      await flush(0);
      for (const file of files.values()) await file.handle.close();
      return Object.fromEntries([...files].map(([kind, file]) => [`${kind}.csv`, file.rows]));
    },
  };
}

async function openFile(name: string, style: FileStyle): Promise<OpenFile> {
  const fields = recordKind(style.record).fields.filter(({ form }) => !('from' in form));
  const columns: Column[] = [
    ...fields.map(({ name: field, form: { form } }) => ({
      name: field,
      free: form === 'text',
      compactDay: form === 'day' && style.compactDays === true,
    })),
    { name: 'updatedAt', free: false, compactDay: false },
  ];
  const header = ['source_id', 'op', ...fields.map((field) => field.column), 'updated_at'].join(',');
  const held = `${style.byteOrderMark ? '\uFEFF' : ''}${header}${style.lineEnd ?? '\n'}`;
  return { handle: await open(name, 'w'), style, columns, held: [held], rows: 0 };
}

function writeRow(file: OpenFile, row: Readonly<Record<string, unknown>>): string {
  file.rows++;
  const sourceId = (row.sourceId as string | undefined) ?? `${file.style.prefix}${String(file.rows).padStart(9, '0')}`;
  const cells = [sourceId, 'U'];
  for (const column of file.columns) {
    const value = row[column.name] as string | string[] | null | undefined;
    const text = typeof value === 'string' ? value : (value?.join(';') ?? '');
    cells.push(column.compactDay ? text.replaceAll('-', '') : column.free ? cell(text) : text);
  }
  file.held.push(cells.join(',') + (file.style.lineEnd ?? '\n'));
  return sourceId;
}

/** RFC 4180: a cell with a comma, a quote or a line end is quoted, and quotes in it are doubled. */
function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
