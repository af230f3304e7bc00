/** Deliveries of which some rows break a rule. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '../../src/db/database';
import { loadDelivery } from '../../src/sync/load';
import { SAMPLE_KEY } from '../support/hub';
import { smallCity } from '../support/small-city';

type Row = Record<string, string | number>;

/** Loads rows of kinds as one delivery at a time, whatever becomes of them. */
export async function deliverDirty(
  database: Database,
  kinds: Readonly<Record<string, readonly Row[]>>,
  at: string,
): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'heyan-delivery-'));
  try {
    for (const [kind, rows] of Object.entries(kinds)) {
      const columns = Object.keys(rows[0] as Row);
      const lines = rows.map((row) => columns.map((column) => row[column]).join(','));
      writeFileSync(path.join(directory, `${kind}.csv`), `${[columns.join(','), ...lines].join('\n')}\n`);
    }
    await loadDelivery(database, {
      directory,
      hubKey: SAMPLE_KEY,
      quarantineLimit: 0.9,
      now: () => new Date(at),
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** So many deaths; those of the given places have a day that does not exist. */
export function deaths(many: number, ...bad: number[]): Row[] {
  const [death] = smallCity().death as [Row];
  return Array.from({ length: many }, (_, place) => ({
    ...death,
    source_id: `SW${place + 1}`,
    ...(bad.includes(place) && { death_date: '2026-02-30' }),
  }));
}
