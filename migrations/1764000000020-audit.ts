import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The audit log. `leaf` is the canonical text of a record, `leaf_hash` its leaf in a Merkle tree of RFC 6962. Numbers have no gaps: they are
 * given under a lock held until commit, so the tree over 1…n is the same for every reader.
 */
export class Audit1764000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema audit`);
    await runner.query(`
      create table audit.record (
        seq bigint primary key,
        leaf_hash bytea not null unique,
        leaf text not null,
        persons bytea[] not null
      )`);
    await runner.query(`create index record_persons on audit.record using gin (persons)`);
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

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema audit cascade`);
  }
}
