import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The enrollment bureau's records. A revision stands while `recorded_to` is null; `seq` is its place in the change log. */
export class Enrollment1764000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema enrollment`);
    await runner.query(`
      create table enrollment.revision (
        seq bigint primary key,
        source_id text collate "C" not null,
        op text not null check (op in ('U', 'D')),
        updated_at timestamptz not null,
        recorded_from timestamptz not null,
        recorded_to timestamptz,
        content_hash bytea not null,
        id_number text,
        name text,
        scheme text,
        pooling_district text,
        category text,
        employer_code text,
        start_date date,
        end_date date,
        status text,
        person_key bytea,
        old_number boolean,
        number_birth_date date
      )`);
    await runner.query(
      `create unique index revision_standing on enrollment.revision (source_id, recorded_to) nulls not distinct`,
    );
    await runner.query(`create index revision_person on enrollment.revision (person_key) where recorded_to is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema enrollment cascade`);
  }
}
