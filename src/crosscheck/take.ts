/**
 * Takes one page of a kind's changes into the matching store, within the caller's transaction: the last change of each record in the page
 * stands, and whom it concerned before or concerns now is marked for the next run. A record is replaced by deleting and inserting, since the column by which a distributed table is distributed cannot be updated.
 */
import type { ClientBase } from 'pg';
import { inPage, type StoredField, type StoredKind } from './store';
import { marking } from './touch';

/** One change of a feed as the graph gives it. */
export interface Change {
  seq: string;
  op: 'UPSERT' | 'DELETE';
  sourceId: string;
  recordedAt: string;
  record: ({ sourceId: string; revision: string; recordedAt: string } & Record<string, unknown>) | null;
}

/** @throws when a change has no record although it is no deletion, or a required field is missing: unknown must not look like "no". */
export async function takePage(client: ClientBase, kind: StoredKind, changes: readonly Change[]): Promise<void> {
  const last = new Map(changes.map((change) => [change.sourceId, change]));
  const rows: Record<string, unknown>[] = [];
  for (const change of last.values()) {
    if (change.op === 'UPSERT') rows.push(rowOf(kind, change));
  }
  const sourceIds = [...last.keys()];
  await client.query(
    `with gone as (delete from ${kind.table} where source_id = any($1::text[]) returning ${personsOf(kind)})
     ${marking(personsIn(kind, 'gone'))}`,
    [sourceIds],
  );
  if (rows.length > 0) await client.query(insertion(kind), [JSON.stringify(rows)]);
  if (kind.kind === 'claim') await placeLines(client, sourceIds);
}

function rowOf(kind: StoredKind, { seq, sourceId, record }: Change): Record<string, unknown> {
  if (!record)
    throw new Error(
      `${kind.feed} gave no record for change ${seq}, which is no deletion: ask for a grant of ${kind.kind}.`,
    );
  const row: Record<string, unknown> = {
    source_id: sourceId,
    revision: record.revision,
    recorded_at: record.recordedAt,
  };
  for (const field of kind.fields) row[field.column] = storedValue(field, record[field.field]);
  if (kind.isFiled && row.filed_key === null)
    throw new Error(`${kind.feed} gave no person for change ${seq}: ask for a grant of ${kind.kind}.person.`);
  return row;
}

function storedValue({ form }: StoredField, value: unknown): unknown {
  return form === 'person' ? ((value as { id: string } | null | undefined)?.id ?? null) : (value ?? null);
}

function insertion({ kind, table, fields, isFiled }: StoredKind): string {
  const types = fields.map((field) => `${field.column} ${inPage(field).type}`);
  const columns = fields.map(({ column }) => column);
  const values = fields.map((field) => inPage(field).value);
  let joins = `left join matching.alias a on a.number_key = decode(p.filed_key, 'hex')`;
  let person = `coalesce(a.person_key, decode(p.filed_key, 'hex'))`;
  if (!isFiled) {
    joins = `left join matching.claim c on c.source_id = p.claim_source_id`;
    person = `coalesce(c.person_key, '')`;
  }
  if (kind === 'claim') {
    columns.push('account_owner_key');
    joins += ` left join matching.alias o on o.number_key = decode(p.account_owner_filed_key, 'hex')`;
    values.push(`coalesce(o.person_key, decode(p.account_owner_filed_key, 'hex'))`);
  }
  return `
    with kept as (
      insert into ${table} (source_id, revision, recorded_at, person_key, ${columns.join(', ')})
      select p.source_id, p.revision, p.recorded_at, ${person}, ${values.join(', ')}
      from jsonb_to_recordset($1::jsonb) as p(source_id text, revision bigint, recorded_at timestamptz, ${types.join(', ')})
      ${joins}
      returning ${personsOf({ kind })}
    )
    ${marking(personsIn({ kind }, 'kept'))}`;
}

/** A claim concerns its patient, and whose account paid for it. */
function personsOf({ kind }: Pick<StoredKind, 'kind'>): string {
  return kind === 'claim' ? 'person_key, account_owner_key' : 'person_key';
}

function personsIn({ kind }: Pick<StoredKind, 'kind'>, rows: string): string {
  const owners = kind === 'claim' ? ` union all select account_owner_key from ${rows}` : '';
  return `select person_key from ${rows}${owners}`;
}

/** Lines go where their claim is: it may have come after them, changed hands, or gone. */
async function placeLines(client: ClientBase, claimSourceIds: readonly string[]): Promise<void> {
  await client.query(
    `with misplaced as (
       select l.person_key, l.source_id, coalesce(c.person_key, '') as moved_to
       from unnest($1::text[]) s(source_id)
       join matching.claim_line l on l.claim_source_id = s.source_id
       left join matching.claim c on c.source_id = s.source_id
       where l.person_key <> coalesce(c.person_key, '')
     ), gone as (
       delete from matching.claim_line l using misplaced m
       where l.person_key = m.person_key and l.source_id = m.source_id
       returning l.*, m.moved_to
     )
     insert into matching.claim_line (source_id, revision, recorded_at, person_key, claim_source_id, item_group, service_date, amount)
     select source_id, revision, recorded_at, moved_to, claim_source_id, item_group, service_date, amount from gone`,
    [claimSourceIds],
  );
}
