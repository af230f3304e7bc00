/**
 * Who was touched: persons of whom a record came, changed or went since they were last checked. The follower marks them in the transaction
 * that stores the change; a run takes the marks of the generation it ends and removes them with its findings, so that a run that fails
 * leaves them, and what is followed while a run works is marked for the next.
 */
import type { ClientBase } from 'pg';

/** Held by the follower while it writes the matching store. */
export const WRITER_LOCK = 0x48_59_46_4c; // 'HYFL'

/** A statement that marks the persons of a query of `person_key`, those without a person left out. */
export function marking(persons: string): string {
  return `insert into matching.touched (person_key, generation)
    select distinct t.person_key, g.value from (${persons}) t cross join matching.generation g
    where t.person_key <> '' on conflict do nothing`;
}

/**
 * Ends the generation that is open, between two pages of the follower: every mark of it is then there to be seen.
 * @returns its number
 */
export async function endGeneration(client: ClientBase): Promise<number> {
  await client.query('begin');
  await client.query('select pg_advisory_xact_lock($1)', [WRITER_LOCK]);
  const { rows } = await client.query<{ ended: number }>(
    `update matching.generation set value = value + 1 returning value - 1 as ended`,
  );
  await client.query('commit');
  return (rows[0] as { ended: number }).ended;
}

/** Removes the marks of a generation and of those before it. */
export async function removeMarks(client: ClientBase, generation: number): Promise<void> {
  await client.query(`delete from matching.touched where generation <= $1`, [generation]);
}
