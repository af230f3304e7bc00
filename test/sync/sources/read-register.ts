import type { Checkpoint, Chunk, Register, SourceRow } from '../../../src/sync/sources/source';

/** What one chunk or a whole run gave: rows by column, faults by place. */
export interface Given {
  rows: Record<string, string>[];
  faults: string[];
  raw: string[];
  warnings: string[];
  checkpoint: Checkpoint | null;
  chunks: number;
}

/** Reads as sync does, chunk by chunk; ends early, as if killed, behind `chunksMax` chunks. */
export async function readRun(
  register: Register,
  options: { after?: Checkpoint | null; rowsMax?: number; chunksMax?: number } = {},
): Promise<Given> {
  const { rowsMax = 100_000, chunksMax = 1_000 } = options;
  const given: Given = { rows: [], faults: [], raw: [], warnings: [], checkpoint: options.after ?? null, chunks: 0 };
  for (let more = true; more && given.chunks < chunksMax; ) {
    const chunk = await register.open(given.checkpoint, rowsMax);
    for (const row of await rowsOf(chunk)) {
      if (row.cells)
        given.rows.push(
          Object.fromEntries(chunk.columns.map((column, at) => [column, row.cells?.[at] ?? '(no cell)'])),
        );
      else given.faults.push(`${row.line}: ${row.fault}`);
      given.raw.push(row.raw);
    }
    given.warnings.push(...(chunk.warnings ?? []));
    const end = chunk.end();
    given.checkpoint = end.checkpoint ?? given.checkpoint;
    given.chunks += 1;
    more = end.more;
    await chunk.close();
  }
  return given;
}

export async function rowsOf(chunk: Chunk): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const batch of chunk.rows) rows.push(...batch);
  return rows;
}
