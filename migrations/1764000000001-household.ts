import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The household register: revisions, and the numbers that stand for another (see bureaus/household/numbers.ts). A revision stands while `recorded_to` is null; `seq` is its place in the change log. */
export class Household1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema household`);
    await runner.query(`
      create table household.revision (
        seq bigint primary key,
        source_id text collate "C" not null,
        op text not null check (op in ('U', 'D')),
        updated_at timestamptz not null,
        recorded_from timestamptz not null,
        recorded_to timestamptz,
        content_hash bytea not null,
        id_number text,
        previous_id_numbers text[],
        previous_keys bytea[],
        name text,
        name_key bytea,
        sex text,
        birth_date date,
        ethnicity text,
        household_no text,
        relation_to_head text,
        address text,
        district_code text,
        status text,
        cancel_reason text,
        cancel_date date,
        death_date date,
        person_key bytea,
        old_number boolean,
        number_birth_date date
      )`);
    await runner.query(
      `create unique index revision_standing on household.revision (source_id, recorded_to) nulls not distinct`,
    );
    await runner.query(`create index revision_person on household.revision (person_key) where recorded_to is null`);
    await runner.query(
      `create index revision_previous on household.revision (person_key) where recorded_to is null and previous_keys is not null`,
    );
    await runner.query(`create table household.number (number_key bytea primary key, canonical_key bytea not null)`);
    await runner.query(`create index number_canonical on household.number (canonical_key)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema household cascade`);
  }
}
