import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bureaus } from '../../src/bureaus/bureau';
import { recordKind } from '../../src/bureaus/record';
import type { Database } from '../../src/db/database';

export const hubKey = Buffer.from('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', 'hex');
export const sampleCity = path.join(__dirname, '../sample-city');

/** A delivery directory of these files; `remove` deletes it. */
export function writeDelivery(files: Record<string, string | Buffer>): { directory: string; remove(): void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'heyan-delivery-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(directory, name), content);
  return { directory, remove: () => rmSync(directory, { recursive: true }) };
}

/** Rows of every table a load writes, the run log left out: by table name. */
export async function rowCounts(database: Database): Promise<Record<string, number>> {
  const tables = bureaus().flatMap((bureau) => bureau.records.map((record) => recordKind(record).table));
  const counts: Record<string, number> = {};
  for (const table of [...tables, 'household.number', 'sync.quarantine']) {
    const { rows } = await database.pool.query<{ count: string }>(`select count(*) from ${table}`);
    counts[table] = Number(rows[0]?.count);
  }
  return counts;
}
