/** What a follower of claims must have seen, worked out from the table alone. */
import type { Database } from '../../src/db/database';

/** A change as it was followed, or as the table has it. */
export interface Seen {
  seq: string;
  op: string;
  sourceId: string;
  /** What is told of the record: its state in one text; empty when it was deleted. */
  content: string;
}

/** Numbers of the change log that a follower has not seen as it should; all empty when nothing is wrong. */
export interface Verdict {
  missing: string[];
  doubled: string[];
  outOfOrder: string[];
  /** Seen, but otherwise than the table has it. */
  different: string[];
  /** Records that stand otherwise when what was seen is replayed. */
  replayed: string[];
}

export const NOTHING_WRONG: Verdict = { missing: [], doubled: [], outOfOrder: [], different: [], replayed: [] };

/** The changes that there are for who may see claims of a district, by its prefix; an empty one is everywhere. */
export async function changesIn(database: Database, district = ''): Promise<Seen[]> {
  const { rows } = await database.pool.query<Seen & { inside: boolean }>(
    `select seq, op, source_id as "sourceId", coalesce(total_amount::text || ' ' || status, '') as content,
            op = 'U' and pooling_district like $1 as inside
     from claim.revision order by seq`,
    [`${district}%`],
  );
  const inside = new Set<string>();
  return rows.flatMap(({ inside: isInside, ...row }) => {
    const wasInside = inside.has(row.sourceId);
    if (isInside) inside.add(row.sourceId);
    else inside.delete(row.sourceId);
    if (isInside) return [{ ...row, op: 'UPSERT' }];
    // Without districts, a deletion of what was never there is told as well.
    return wasInside || district === '' ? [{ ...row, op: 'DELETE', content: '' }] : [];
  });
}

export function judge(seen: readonly Seen[], expected: readonly Seen[]): Verdict {
  const bySeq = new Map(expected.map((one) => [one.seq, one]));
  const times = new Map<string, number>();
  for (const { seq } of seen) times.set(seq, (times.get(seq) ?? 0) + 1);
  const standing = (changes: readonly Seen[]) => {
    const records = new Map<string, string>();
    for (const { op, sourceId, content } of changes)
      if (op === 'DELETE') records.delete(sourceId);
      else records.set(sourceId, content);
    return records;
  };
  const [here, there] = [standing(seen), standing(expected)];
  return {
    missing: expected.filter(({ seq }) => !times.has(seq)).map(({ seq }) => seq),
    doubled: [...times].filter(([, count]) => count > 1).map(([seq]) => seq),
    outOfOrder: seen
      .filter(({ seq }, i) => i > 0 && BigInt(seq) < BigInt((seen[i - 1] as Seen).seq))
      .map(({ seq }) => seq),
    different: seen.filter((one) => JSON.stringify(bySeq.get(one.seq)) !== JSON.stringify(one)).map(({ seq }) => seq),
    replayed: [...new Set([...here.keys(), ...there.keys()])].filter((id) => here.get(id) !== there.get(id)),
  };
}
