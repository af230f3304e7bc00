import type { PoolClient } from 'pg';
import { canonicalNumbers } from './numbers';

/**
 * Brings `household.number` up to date with the register that stands: reads the rows that list numbers and the rows that hold a listed number,
 * and writes only what differs. Runs in the transaction of a load, under the household's change log lock.
 */
export async function settleNumbers(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ key: string; previous: string[]; nameKey: string; birthDate: string }>(`
    with listing as materialized (
      select person_key, previous_keys, name_key, birth_date from household.revision where recorded_to is null and previous_keys is not null
    ), listed as (select distinct unnest(previous_keys) as number_key from listing), concerned as (
      select * from listing
      union all
      select r.person_key, null, r.name_key, r.birth_date from listed l join household.revision r on r.person_key = l.number_key
       where r.recorded_to is null and r.previous_keys is null
    )
    select encode(person_key, 'hex') as key, coalesce(array(select encode(k, 'hex') from unnest(previous_keys) k), '{}') as previous,
           encode(name_key, 'hex') as "nameKey", birth_date::text as "birthDate"
      from concerned`);
  const numbers = canonicalNumbers(rows);
  const values = [[...numbers.keys()], [...numbers.values()]];
  const settled = `(select decode(number, 'hex') as number_key, decode(canonical, 'hex') as canonical_key
                      from unnest($1::text[], $2::text[]) as s (number, canonical)) s`;
  await client.query(
    `delete from household.number n where not exists (select from ${settled} where s.number_key = n.number_key and s.canonical_key = n.canonical_key)`,
    values,
  );
  await client.query(
    `insert into household.number (number_key, canonical_key) select number_key, canonical_key from ${settled} on conflict do nothing`,
    values,
  );
}
