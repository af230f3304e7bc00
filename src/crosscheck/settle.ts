/**
 * Settles who is who after household rows changed: which number stands for which is worked out anew from the rows that list earlier
 * numbers and the rows that hold a listed one, and whatever was filed under a number that now belongs to someone else moves there.
 */
import type { ClientBase } from 'pg';
import { canonicalNumbers } from '../bureaus/household/numbers';
import { storedKinds } from './store';
import { marking } from './touch';

const LISTING_ROWS = `
  with listing as (select * from matching.household where previous_keys <> '{}')
  select encode(h.filed_key, 'hex') as key, encode(h.name_key, 'hex') as "nameKey", h.birth_date::text as "birthDate",
    array(select encode(k, 'hex') from unnest(h.previous_keys) k) as previous
  from matching.household h
  where h.previous_keys <> '{}' or h.filed_key in (select unnest(previous_keys) from listing)`;

const MOVES = `
  create temp table move on commit drop as
  select coalesce(n.number_key, a.number_key) as number_key, coalesce(a.person_key, n.number_key) as moved_from,
    coalesce(n.person_key, a.number_key) as moved_to
  from matching.alias a
  full join (
    select decode(number, 'hex') as number_key, decode(person, 'hex') as person_key from unnest($1::text[], $2::text[]) as t(number, person)
  ) n on n.number_key = a.number_key
  where a.person_key is distinct from n.person_key`;

/** Recomputes the aliases and moves what was filed under them, within the caller's transaction. Returns how many numbers moved. */
export async function settleNumbers(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ key: string; nameKey: string; birthDate: string; previous: string[] }>(
    LISTING_ROWS,
  );
  const canonical = canonicalNumbers(rows);
  const { rowCount } = await client.query(MOVES, [[...canonical.keys()], [...canonical.values()]]);
  if (!rowCount) {
    await client.query('drop table move');
    return 0;
  }
  await client.query('analyze move');
  await client.query(marking(`select moved_from as person_key from move union all select moved_to from move`));
  for (const { table, isFiled } of storedKinds) {
    if (isFiled) await moveRecords(client, table);
  }
  await moveLines(client);
  await client.query(
    `update matching.claim c set account_owner_key = m.moved_to from move m where c.account_owner_filed_key = m.number_key`,
  );
  await client.query(`delete from matching.alias a using move m where a.number_key = m.number_key`);
  await client.query(`insert into matching.alias select number_key, moved_to from move where moved_to <> number_key`);
  await client.query('drop table move');
  return rowCount;
}

async function moveRecords(client: ClientBase, table: string): Promise<void> {
  const columns = await storedColumns(client, table);
  const list = columns.join(', ');
  await client.query(
    `with gone as (
       delete from ${table} r using move m where r.person_key = m.moved_from and r.filed_key = m.number_key
       returning ${columns.map((column) => `r.${column}`).join(', ')}, m.moved_to
     )
     insert into ${table} (${list}, person_key) select ${list}, moved_to from gone`,
  );
}

/** A table's own columns: all but the person, which changes, and those the database works out itself. */
async function storedColumns(client: ClientBase, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attname <> 'person_key'
     order by attnum`,
    [table],
  );
  return rows.map(({ name }) => name);
}

async function moveLines(client: ClientBase): Promise<void> {
  await client.query(
    `with gone as (
       delete from matching.claim_line l using matching.claim c
       where l.person_key in (select moved_from from move) and c.source_id = l.claim_source_id and c.person_key <> l.person_key
       returning l.*, c.person_key as moved_to
     )
     insert into matching.claim_line (source_id, revision, recorded_at, person_key, claim_source_id, item_group, service_date, amount)
     select source_id, revision, recorded_at, moved_to, claim_source_id, item_group, service_date, amount from gone`,
  );
}
