import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Kinds and the columns in which their revisions hold person keys, where the founding migrations have no index over superseded ones. */
const PERSON_COLUMNS: readonly [table: string, column: string][] = [
  ['household.revision', 'person_key'],
  ['death.revision', 'person_key'],
  ['enrollment.revision', 'person_key'],
  ['retirement.revision', 'person_key'],
  ['contribution.revision', 'person_key'],
  ['poverty.revision', 'person_key'],
  ['claim.revision', 'person_key'],
  ['claim.revision', 'account_owner_key'],
];

/**
 * What tree heads and the question "who looked at me" need: the log's own id and hash, the stretches of feeds in a form that can be searched
 * by place, and a guard that ordinary mistakes cannot pass. The guard is no proof (whoever owns the database can take it away): signed heads are.
 */
export class AuditHeads1764000000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await this.log(runner);
    await this.feeds(runner);
    for (const [table, column] of PERSON_COLUMNS)
      await runner.query(
        `create index ${table.split('.')[1]}_past_${column} on ${table} (${column}) where ${
          column === 'person_key' ? 'recorded_to is not null' : `${column} is not null`
        }`,
      );
    await runner.query(`
      create function audit.refuse() returns trigger language plpgsql as $$
      begin
        raise exception 'The audit log is only ever appended to: % of audit.% is refused', lower(tg_op), tg_table_name;
      end $$`);
    for (const table of ['record', 'feed', 'log'])
      await runner.query(`
        create trigger appended_only before update or delete or truncate on audit.${table}
        for each statement execute function audit.refuse()`);
  }

  /** A log that has records already keeps the hash they were made with. */
  private async log(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table audit.log (
        one boolean primary key default true check (one),
        id text not null,
        hash text not null check (hash in ('sha256', 'sm3')),
        made_at timestamptz not null default now()
      )`);
    await runner.query(`
      create function audit.open(wanted text) returns table (id text, hash text) language plpgsql as $$
      begin
        insert into audit.log (id, hash) values (replace(gen_random_uuid()::text, '-', ''), wanted) on conflict do nothing;
        return query select l.id, l.hash from audit.log l;
      end $$`);
    await runner.query(`
      select audit.open(case when leaf_hash = sha256('\\x00'::bytea || convert_to(leaf, 'UTF8')) then 'sha256' else 'sm3' end)
      from audit.record where seq = 1`);
  }

  private async feeds(runner: QueryRunner): Promise<void> {
    await runner.query(`create table audit.feed (seq bigint not null, kind text not null, span int8range not null)`);
    await runner.query(`create index feed_record on audit.feed (seq)`);
    await runner.query(`create index feed_span on audit.feed using gist (span)`);
    // A caller's words may hold NUL or half a character, which jsonb has no place for.
    await runner.query(`
      create function audit.readable(leaf text) returns jsonb immutable strict parallel safe language sql as $$
        select case when strpos(leaf, '\\u') = 0 then leaf
          else regexp_replace(leaf, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'gi') end::jsonb
      $$`);
    await runner.query(`
      insert into audit.feed (seq, kind, span)
      select r.seq, f->>'kind', int8range((f->>'from')::bigint, (f->>'to')::bigint, '[]')
      from audit.record r cross join lateral jsonb_array_elements(audit.readable(r.leaf)->'feeds') f
      where r.leaf not like '%"feeds":[]%'`);
    await runner.query(`drop function audit.append(bytea[], text[], text[])`);
    await runner.query(`
      create function audit.append(hashes bytea[], leaves text[], reached text[], fed text[]) returns void language plpgsql as $$
      declare
        last bigint;
      begin
        perform pg_advisory_xact_lock(hashtextextended('heyan audit', 0));
        select coalesce(max(seq), 0) into last from audit.record;
        insert into audit.record (seq, leaf_hash, leaf, persons)
        select last + place, hash, leaf,
          coalesce((select array_agg(decode(k, 'hex') order by n) from unnest(string_to_array(keys, ',')) with ordinality u(k, n)), '{}')
        from unnest(hashes, leaves, reached) with ordinality given(hash, leaf, keys, place);
        insert into audit.feed (seq, kind, span)
        select last + place, split_part(stretch, ':', 1),
          int8range(split_part(stretch, ':', 2)::bigint, split_part(stretch, ':', 3)::bigint, '[]')
        from unnest(fed) with ordinality given(stretches, place), unnest(string_to_array(stretches, ',')) stretch;
      end $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, column] of PERSON_COLUMNS)
      await runner.query(`drop index ${table.split('.')[0]}.${table.split('.')[1]}_past_${column}`);
    await runner.query(`drop trigger appended_only on audit.record`);
    await runner.query(`drop table audit.feed, audit.log`);
    await runner.query(`drop function audit.append(bytea[], text[], text[], text[])`);
    await runner.query(`drop function audit.open(text), audit.refuse(), audit.readable(text)`);
    await runner.query(`
      create function audit.append(hashes bytea[], leaves text[], reached text[]) returns void language plpgsql as $$
      declare
        last bigint;
      begin
        perform pg_advisory_xact_lock(hashtextextended('heyan audit', 0));
        select coalesce(max(seq), 0) into last from audit.record;
        insert into audit.record (seq, leaf_hash, leaf, persons)
        select last + place, hash, leaf, coalesce((select array_agg(decode(k, 'hex')) from unnest(string_to_array(keys, ',')) k), '{}')
        from unnest(hashes, leaves, reached) with ordinality given(hash, leaf, keys, place);
      end $$`);
  }
}
