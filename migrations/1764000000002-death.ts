import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The death bureau's records. A revision stands while `recorded_to` is null; `seq` is its place in the change log. */
export class Death1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema death`);
    await runner.query(`
      create table death.revision (
        seq bigint primary key,
        source_id text collate "C" not null,
        op text not null check (op in ('U', 'D')),
        updated_at timestamptz not null,
        recorded_from timestamptz not null,
        recorded_to timestamptz,
        content_hash bytea not null,
        source text,
        id_number text,
        name text,
        name_key bytea,
        birth_date date,
        death_date date,
        date_precision text,
        certificate_no text,
        place_district text,
        registered_at timestamptz,
        status text,
        person_key bytea,
        old_number boolean,
        number_birth_date date
      )`);
    await runner.query(
      `create unique index revision_standing on death.revision (source_id, recorded_to) nulls not distinct`,
    );
    await runner.query(`create index revision_person on death.revision (person_key) where recorded_to is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema death cascade`);
  }
}
