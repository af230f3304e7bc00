import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The retirement bureau's records. A revision stands while `recorded_to` is null; `seq` is its place in the change log. */
export class Retirement1764000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema retirement`);
    await runner.query(`
      create table retirement.revision (
        seq bigint primary key,
        source_id text collate "C" not null,
        op text not null check (op in ('U', 'D')),
        updated_at timestamptz not null,
        recorded_from timestamptz not null,
        recorded_to timestamptz,
        content_hash bytea not null,
        id_number text,
        name text,
        pension text,
        retired_on date,
        status text,
        stop_reason text,
        stopped_on date,
        last_paid_month text,
        person_key bytea,
        old_number boolean,
        number_birth_date date
      )`);
    await runner.query(
      `create unique index revision_standing on retirement.revision (source_id, recorded_to) nulls not distinct`,
    );
    await runner.query(`create index revision_person on retirement.revision (person_key) where recorded_to is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema retirement cascade`);
  }
}
