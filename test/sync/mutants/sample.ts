import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { decode, encode } from 'iconv-lite';
import { sampleCity } from '../delivery';

/** A few rows of a kind of the sample city, all touched at one time. */
export interface Sample {
  kind: string;
  columns: string[];
  rows: string[][];
}

export const SAMPLED_ROWS = 8;
const GB18030_KINDS = ['poverty', 'claim'];

export function sampleOf(kind: string): Sample {
  const bytes = readFileSync(path.join(sampleCity, `delivery/${kind}.csv`));
  const text = decode(bytes, GB18030_KINDS.includes(kind) ? 'gb18030' : 'utf8');
  const [columns, ...rows] = parse(text, { bom: true }) as string[][];
  const quoted = rows.filter((cells) => cells.some((cell) => /[",\n]/.test(cell))).slice(0, 2);
  return { kind, columns: columns as string[], rows: [...rows.slice(0, SAMPLED_ROWS), ...quoted] };
}

/** The same rows, touched at another time. */
export function touched({ kind, columns, rows }: Sample, updatedAt: string): Sample {
  const at = columns.indexOf('updated_at');
  return { kind, columns, rows: rows.map((cells) => cells.with(at, updatedAt)) };
}

export function textOf({ columns, rows }: Pick<Sample, 'columns' | 'rows'>, lineEnd = '\n'): string {
  const line = (cells: readonly string[]) =>
    cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
  return [columns, ...rows].map((cells) => line(cells) + lineEnd).join('');
}

export const utf8 = (sample: Sample) => Buffer.from(textOf(sample));
export const gb18030 = (sample: Sample) => encode(textOf(sample), 'gb18030');
export const asWritten = (sample: Sample) => (GB18030_KINDS.includes(sample.kind) ? gb18030(sample) : utf8(sample));
export const mark = Buffer.from([0xef, 0xbb, 0xbf]);
