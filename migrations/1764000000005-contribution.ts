import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The contribution bureau's records. A revision stands while `recorded_to` is null; `seq` is its place in the change log. */
export class Contribution1764000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema contribution`);
    await runner.query(`
      create table contribution.revision (
        seq bigint primary key,
        source_id text collate "C" not null,
        op text not null check (op in ('U', 'D')),
        updated_at timestamptz not null,
        recorded_from timestamptz not null,
        recorded_to timestamptz,
        content_hash bytea not null,
        id_number text,
        scheme text,
        period text,
        amount numeric(14,2),
        payer text,
        paid_at timestamptz,
        status text,
        person_key bytea,
        old_number boolean,
        number_birth_date date
      )`);
    await runner.query(
      `create unique index revision_standing on contribution.revision (source_id, recorded_to) nulls not distinct`,
    );
    await runner.query(`create index revision_person on contribution.revision (person_key) where recorded_to is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema contribution cascade`);
  }
}
