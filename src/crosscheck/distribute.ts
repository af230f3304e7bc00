/**
 * The matching store on a Citus cluster: its tables of persons are spread over the workers by `person_key`, side by side, and the few others are
 * on every worker. Each rule joins within one person, so none needs a join between workers (Citus 13, "Co-location", "Reference tables").
 *
 * It is a step after the migrations and not one of them: a cluster may be chosen for a hub that has long been migrated.
 */
import type { Pool, PoolClient } from 'pg';

const LOCK = 0x48_59_43_54; // 'HYCT'

/** Every table is put beside this one. */
const FIRST = 'household';

/**
 * Spreads what is not spread yet; changes nothing the next time.
 * @returns the tables spread now, `household (person_key)` or `progress (everywhere)`
 * @throws one sentence when the server is no Citus
 */
export async function distributeMatching(pool: Pool): Promise<string[]> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    if (!(await hasCitus(client)))
      throw new Error(
        'HEYAN_CITUS is set and the database has no Citus: use a Citus cluster (docker/compose.citus.yaml), run CREATE EXTENSION citus there, or leave it empty',
      );
    const done: string[] = [];
    for (const { name, isOfPersons } of await undistributed(client)) {
      const table = `matching.${name}`;
      if (!isOfPersons) await client.query('select create_reference_table($1)', [table]);
      else
        await client.query('select create_distributed_table($1, $2, colocate_with => $3)', [
          table,
          'person_key',
          name === FIRST ? 'none' : `matching.${FIRST}`,
        ]);
      done.push(`${name} (${isOfPersons ? 'person_key' : 'everywhere'})`);
    }
    return done;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    client.release();
  }
}

/** Whether Citus is there, by what it brings. */
async function hasCitus(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ is: boolean }>(
    `select to_regclass('pg_dist_partition') is not null and to_regproc('create_reference_table') is not null as is`,
  );
  return rows[0]?.is === true;
}

/**
 * Tables of the matching store that Citus does not know yet, the one that the others are put beside first. A table is of persons when it has
 * `person_key`, and has it in each of its unique keys, without which Citus cannot keep them: `alias` is found by another key, and is everywhere.
 */
async function undistributed(client: PoolClient): Promise<{ name: string; isOfPersons: boolean }[]> {
  const { rows } = await client.query<{ name: string; isOfPersons: boolean }>(
    `select c.relname as name, a.attnum is not null and not exists (
       select from pg_index i where i.indrelid = c.oid and i.indisunique and not a.attnum = any(i.indkey::int2[])) as "isOfPersons"
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     left join pg_attribute a on a.attrelid = c.oid and a.attname = 'person_key' and not a.attisdropped
     where n.nspname = 'matching' and c.relkind = 'r' and not exists (select from pg_dist_partition d where d.logicalrelid = c.oid)
     order by c.relname <> $1, c.relname`,
    [FIRST],
  );
  return rows;
}
