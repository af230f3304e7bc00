import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The poverty bureau's records. A revision stands while `recorded_to` is null; `seq` is its place in the change log. */
export class Poverty1764000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema poverty`);
    await runner.query(`
      create table poverty.revision (
        seq bigint primary key,
        source_id text collate "C" not null,
        op text not null check (op in ('U', 'D')),
        updated_at timestamptz not null,
        recorded_from timestamptz not null,
        recorded_to timestamptz,
        content_hash bytea not null,
        id_number text,
        name text,
        category text,
        household_no text,
        district_code text,
        identified_on date,
        risk_removed_on date,
        person_key bytea,
        old_number boolean,
        number_birth_date date
      )`);
    await runner.query(
      `create unique index revision_standing on poverty.revision (source_id, recorded_to) nulls not distinct`,
    );
    await runner.query(`create index revision_person on poverty.revision (person_key) where recorded_to is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema poverty cascade`);
  }
}
