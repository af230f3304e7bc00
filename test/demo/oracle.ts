/** A delivery of the demo city held in memory, and what the law in plain words finds in it. Fit for small cities only. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { decode } from 'iconv-lite';
import type { City } from '../crosscheck/law';
import { findingsOf } from '../crosscheck/law-rules';

export type CsvRow = Record<string, string>;
export type DeliveryRows = Record<string, CsvRow[]>;

const KINDS = ['household', 'death', 'enrollment', 'retirement', 'contribution', 'poverty', 'claim', 'claim_line'];

/** Reads all files of a delivery of the demo city, dates as `YYYY-MM-DD`. */
export function readDelivery(directory: string): DeliveryRows {
  return Object.fromEntries(
    KINDS.map((kind) => {
      const bytes = readFileSync(path.join(directory, `${kind}.csv`));
      const text = kind === 'retirement' ? decode(bytes, 'gb18030') : bytes.toString('utf8');
      return [kind, (parse(text, { columns: true, bom: true }) as CsvRow[]).map(withDashes)];
    }),
  );
}

function withDashes(row: CsvRow): CsvRow {
  for (const [column, value] of Object.entries(row)) {
    if (/_(on|date)$/.test(column) && /^\d{8}$/.test(value))
      row[column] = `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6)}`;
  }
  return row;
}

/** The rules for which stories are planted. */
export const PLANTED_RULES = ['D1', 'D3', 'D8', 'E0', 'P1', 'T1'];

/** All findings of the rules of which stories are planted as of a day, as `rule subject`, sorted. */
export function expectedFindings(rows: DeliveryRows, asOf: string): string[] {
  return allFindings(rows, asOf).filter((finding) => PLANTED_RULES.includes(finding.split(' ')[0] as string));
}

/** All findings as of a day, as `rule subject`, sorted; a person is named by `keyOf` of the number. */
export function allFindings(rows: DeliveryRows, asOf: string, keyOf = (number: string) => number): string[] {
  return findingsOf(rows as unknown as City, asOf, keyOf)
    .map((line) => line.split(','))
    .map(([rule, , subject]) => `${rule} ${subject}`)
    .sort();
}
