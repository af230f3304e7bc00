/**
 * What would come of a configured source, before anything is written: its first rows as the mapping makes them, and what would be quarantined.
 * It is for the bureau's operator, on whose terminal persons' data then stands: unless asked for whole, it is shown in part (shown-in-part.ts).
 */
import { type Bureau, bureaus } from '../bureaus/bureau';
import { type RecordKind, recordKind } from '../bureaus/record';
import { type Checked, type Layout, layoutOf } from './check';
import { mappingPath } from './mapping/columns';
import { askedColumns, mapped } from './mapping/mapping';
import { keysUnder } from './number-keys';
import type { BureauSetting, BureauSettings, KindSetting, Mapping } from './setting';
import { partShower } from './shown-in-part';
import { waitingDeliveries } from './sources/deliveries';
import { findDelivery, openDeliveryFile } from './sources/delivery';
import { openHttpRegister } from './sources/http/register';
import { type Chunk, type Register, type Rows, SourceFault, type SourceRow } from './sources/source';
import { openSqlRegister } from './sources/sql/register';
import { hasSource } from './sync';
import { fileNames } from './take-delivery';

export interface PreviewOptions {
  settings: BureauSettings;
  kind: string;
  /** Shows every value whole. */
  showValues?: boolean;
  /** Rows read at most; 1,000 unless told. */
  rowsMax?: number;
  now?: () => Date;
}

export interface Preview {
  kind: string;
  /** The file or register; never a password. */
  source: string;
  /** Why nothing of it could be taken; completes "<source> …". */
  fault?: string;
  /** The exchange columns that come, and the foreign column or constant they are made from. */
  columns: { column: string; from: string }[];
  /** The first rows that could be mapped, at most 10: their cells in the order of `columns`, shown in part unless told otherwise. */
  rows: { line: number; cells: string[]; isQuarantined: boolean }[];
  rowsRead: number;
  /** Whether the source has rows behind those that were read. */
  more: boolean;
  /** By reason, the most frequent first: how many rows, and the lines of the first five. */
  quarantined: { reason: string; rows: number; lines: number[] }[];
  warnings: string[];
}

const ROWS_READ_MAX = 1_000;
const ROWS_SHOWN = 10;
const LINES_SHOWN = 5;
const DELIVERIES_LOOKED_AT = 20;

/** Reads and judges the first rows of a kind's source. Writes nothing, neither in the store nor at the source. Throws when the kind has no source. */
export async function previewKind(options: PreviewOptions): Promise<Preview> {
  const { bureau, kind, setting } = placeOf(options);
  const said = setting.kinds[kind.kind] ?? {};
  const preview: Preview = {
    kind: kind.kind,
    source: sourceName(setting, said),
    columns: [],
    rows: [],
    rowsRead: 0,
    more: false,
    quarantined: [],
    warnings: [],
  };
  const place: Place = { bureau, kind, setting, said, preview, options };
  try {
    await (setting.deliveries === undefined ? readRegister(place) : readDelivery(place, setting.deliveries));
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    preview.fault = error.message;
  }
  return preview;
}

interface Place {
  bureau: Bureau;
  kind: RecordKind;
  setting: BureauSetting;
  said: KindSetting;
  preview: Preview;
  options: PreviewOptions;
}

function placeOf({ settings, kind: word }: PreviewOptions): Pick<Place, 'bureau' | 'kind' | 'setting'> {
  for (const bureau of bureaus()) {
    const kind = bureau.records.map(recordKind).find((one) => one.kind === word);
    if (!kind) continue;
    const setting = settings[bureau.name];
    if (setting && hasSource(setting, word)) return { bureau, kind, setting };
  }
  throw new Error(`${word} has no source in heyan.yaml`);
}

function sourceName({ deliveries }: BureauSetting, { sql }: KindSetting): string {
  return deliveries ?? (sql ? `sql:${sql.type}` : 'http');
}

async function readRegister({ kind, said, preview, options }: Place): Promise<void> {
  const { sql, http, mapping = {} } = said;
  let register: Register | undefined;
  try {
    if (sql) register = await openSqlRegister(sql);
    else if (http) {
      // All properties are shown, but only those that sync would read may make a row a fault.
      const { columns, key } = askedColumns(kind, mapping);
      register = await openHttpRegister(http, { needed: columns, key });
    } else return;
    preview.source = register.name;
    const chunk = await register.open(null, options.rowsMax ?? ROWS_READ_MAX);
    await judge(http ? withAbsent(chunk, kind, mapping, preview) : chunk, 'REGISTER', {
      kind,
      mapping,
      preview,
      options,
    });
    preview.more ||= chunk.end().more;
  } finally {
    await register?.close();
  }
}

/** JSON leaves out what is empty: a column that none of these rows has may be one that others have, or a wrong name. */
function withAbsent(chunk: Chunk, kind: RecordKind, mapping: Mapping, preview: Preview): Chunk {
  if (chunk.columns.length === 0) return chunk;
  const absent = Object.entries(mapping).filter(
    ([, { column }]) => column !== undefined && !chunk.columns.includes(column),
  );
  for (const [exchange, { column }] of absent)
    preview.warnings.push(
      `no row has ${column} (${mappingPath(kind)}.${exchange}), only ${chunk.columns.slice(0, 50).join(', ')}`,
    );
  return { ...chunk, columns: [...chunk.columns, ...absent.map(([, { column }]) => column as string)] };
}

async function readDelivery(
  { bureau, kind, setting, said, preview, options }: Place,
  directory: string,
): Promise<void> {
  const now = options.now ?? (() => new Date());
  const names = fileNames(bureau, setting);
  const stems = [...names.values()];
  const stem = names.get(kind.kind) as string;
  // Which were taken is known to the store alone, which a preview does not open.
  const all = await waitingDeliveries(directory, {
    kinds: stems,
    isTaken: () => false,
    now: () => now().getTime(),
  });
  for (const { path, ready, says = 'is not ready' } of all) if (!ready) preview.warnings.push(`${path}: ${says}`);
  const newestFirst = all.filter(({ ready }) => ready).reverse();
  for (const { path } of newestFirst.slice(0, DELIVERIES_LOOKED_AT)) {
    const found = (await findDelivery(path, stems)).files.get(stem);
    if (!found) continue;
    preview.source = 'path' in found ? found.path : path;
    if ('fault' in found) throw new SourceFault(found.fault);
    await judge(await openDeliveryFile(found.path), 'FILE', { kind, mapping: said.mapping, preview, options });
    return;
  }
  throw new SourceFault(`holds no delivery that is ready and has ${stem}.csv, ${stem}.csv.gz or ${stem}.xlsx`);
}

interface Judging {
  kind: RecordKind;
  mapping?: Mapping;
  preview: Preview;
  options: PreviewOptions;
}

/** Maps and checks the first rows as a run would. */
async function judge(source: Rows, from: 'FILE' | 'REGISTER', judging: Judging): Promise<void> {
  const { kind, mapping, preview, options } = judging;
  const rowsMax = options.rowsMax ?? ROWS_READ_MAX;
  try {
    const rows = from === 'REGISTER' || mapping ? mapped(source, kind, mapping ?? {}) : source;
    // Of numbers only what is wrong with them is asked: keys are made under no key, and forgotten.
    const keys = keysUnder(Buffer.alloc(32), rowsMax);
    const layout = layoutOf(kind, rows.columns, keys);
    if (typeof layout === 'string') throw new SourceFault(layout);
    preview.columns = rows.columns.map((column) => ({ column, from: originOf(column, mapping) }));
    const show = options.showValues ? (cells: readonly string[]) => [...cells] : partShower(kind, rows.columns, keys);
    const judgeRow = rowJudge(layout, from);
    const reasons = new Map<string, number[]>();
    reading: for await (const batch of rows.rows)
      for (const row of batch) {
        preview.more = preview.rowsRead === rowsMax;
        if (preview.more) break reading;
        preview.rowsRead += 1;
        const reason = judgeRow(row);
        if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), row.line]);
        if (row.cells && preview.rows.length < ROWS_SHOWN)
          preview.rows.push({ line: row.line, cells: show(row.cells), isQuarantined: reason !== undefined });
      }
    preview.quarantined = [...reasons]
      .map(([reason, lines]) => ({ reason, rows: lines.length, lines: lines.slice(0, LINES_SHOWN) }))
      .sort((one, other) => other.rows - one.rows);
    preview.warnings.push(...(rows.warnings ?? []), ...layout.warnings);
  } finally {
    await source.close();
  }
}

/** Tells the reason for which a row would be quarantined. Of a file's rows of one record the first counts. */
function rowJudge(layout: Layout, from: 'FILE' | 'REGISTER'): (row: SourceRow) => string | undefined {
  const seen = new Set<string>();
  return (row) => {
    const checked: Checked = row.cells
      ? layout.check(row.cells)
      : { ok: false, reason: row.fault as string, sourceId: row.sourceId };
    const sourceId = checked.ok ? checked.row.sourceId : checked.sourceId;
    const isRepeated = from === 'FILE' && sourceId !== undefined && seen.has(sourceId);
    if (sourceId !== undefined) seen.add(sourceId);
    if (!checked.ok) return checked.reason;
    return isRepeated ? 'source_id occurs twice in this file' : undefined;
  };
}

function originOf(column: string, mapping: Mapping = {}): string {
  const said = mapping[column];
  if (!said) return column;
  return said.column ?? '(constant)';
}
