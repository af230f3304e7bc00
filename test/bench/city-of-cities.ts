/**
 * A matching store as large as wanted: a city is loaded and followed as ever, and then its persons are copied within the store, set by set,
 * under new keys. Each copy is a city of its own with the same lives; nobody in it is anybody's in another.
 */
import type { ClientBase } from 'pg';
import type { Database } from '../../src/db/database';

/** The largest first. */
const TABLES = [
  'contribution',
  'claim',
  'claim_line',
  'household',
  'enrollment',
  'retirement',
  'death',
  'poverty',
  'alias',
];

/** Names of a city's own things besides persons. */
const NAMES = new Set(['source_id', 'claim_source_id', 'institution_code']);

/** Connections that copy at once: the machine has two cores. */
const LANES = 2;

/** Adds copies of all that is there, under numbers that no copies had before, and leaves the store as autovacuum would. */
export async function addCopies({ pool }: Database, from: number, to: number): Promise<void> {
  if (to < from) return;
  const left = [...TABLES];
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      const client = await pool.connect();
      try {
        await client.query(`set maintenance_work_mem = '512MB'; set max_parallel_maintenance_workers = 0`);
        for (let table = left.shift(); table !== undefined; table = left.shift()) await copy(client, table, from, to);
      } finally {
        client.release(true);
      }
    }),
  );
}

async function copy(client: ClientBase, table: string, from: number, to: number): Promise<void> {
  const copied = await columnsOf(client, table);
  const names = copied.map(({ name }) => name);
  const values = copied.map(({ name, type }) => inCopy(name, type));
  // Indexes are made afterwards, in one go.
  const indexes = await indexesOf(client, table);
  for (const { drop } of indexes) await client.query(drop);
  await client.query(
    `insert into matching.${table} (${names.join(', ')})
     select ${values.join(', ')} from (select * from matching.${table}) r cross join generate_series($1::int, $2::int) n`,
    [from, to],
  );
  for (const { make } of indexes) await client.query(make);
  await client.query(`vacuum analyze matching.${table}`);
}

async function columnsOf(client: ClientBase, table: string): Promise<{ name: string; type: string }[]> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select column_name as name, udt_name as type from information_schema.columns
     where table_schema = 'matching' and table_name = $1 and is_generated = 'NEVER' order by ordinal_position`,
    [table],
  );
  return rows;
}

async function indexesOf(client: ClientBase, table: string): Promise<{ drop: string; make: string }[]> {
  const { rows } = await client.query<{ drop: string; make: string }>(
    `select case when c.oid is null then 'drop index ' || i.indexrelid::regclass
                 else format('alter table matching.%I drop constraint %I', $1::text, c.conname) end as drop,
            case when c.oid is null then pg_get_indexdef(i.indexrelid)
                 else format('alter table matching.%I add constraint %I %s', $1::text, c.conname, pg_get_constraintdef(c.oid)) end as make
     from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u')
     where i.indrelid = ('matching.' || $1)::regclass`,
    [table],
  );
  return rows;
}

/** What a column of the original holds in copy `n`. Persons of the first city have keys that nobody else's copy can have. */
function inCopy(name: string, type: string): string {
  const key = (value: string) => `substring(sha256(${value} || int4send(n)) for 16)`;
  if (NAMES.has(name)) return `r.${name} || '-' || n`;
  if (type === '_bytea') return `array(select ${key('k')} from unnest(r.${name}) k)`;
  if (type === 'bytea' && name !== 'name_key')
    return `case when r.${name} = '' then r.${name} else ${key(`r.${name}`)} end`;
  return `r.${name}`;
}
