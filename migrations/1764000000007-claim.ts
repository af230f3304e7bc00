import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Claims and their lines. A revision stands while `recorded_to` is null; `seq` is its place in the change log. */
export class Claim1764000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema claim`);
    await runner.query(`
      create table claim.revision (
        seq bigint primary key,
        source_id text collate "C" not null,
        op text not null check (op in ('U', 'D')),
        updated_at timestamptz not null,
        recorded_from timestamptz not null,
        recorded_to timestamptz,
        content_hash bytea not null,
        id_number text,
        name text,
        institution_code text,
        institution_name text,
        doctor_code text,
        care_district text,
        pooling_district text,
        claim_type text,
        service_date date,
        admission_date date,
        discharge_date date,
        discharge_way text,
        settled_at timestamptz,
        uploaded_at timestamptz,
        total_amount numeric(14,2),
        pooled_paid numeric(14,2),
        serious_illness_paid numeric(14,2),
        aid_paid numeric(14,2),
        account_paid numeric(14,2),
        self_paid numeric(14,2),
        account_owner_id_number text,
        account_owner_key bytea,
        benefit_tier text,
        status text,
        person_key bytea,
        old_number boolean,
        number_birth_date date
      )`);
    await runner.query(
      `create unique index revision_standing on claim.revision (source_id, recorded_to) nulls not distinct`,
    );
    await runner.query(`create index revision_person on claim.revision (person_key) where recorded_to is null`);
    await runner.query(`
      create table claim.line_revision (
        seq bigint primary key,
        source_id text collate "C" not null,
        op text not null check (op in ('U', 'D')),
        updated_at timestamptz not null,
        recorded_from timestamptz not null,
        recorded_to timestamptz,
        content_hash bytea not null,
        claim_source_id text,
        line_no integer,
        item_code text,
        item_name text,
        item_group text,
        service_date date,
        quantity numeric(14,4),
        unit_price numeric(14,2),
        amount numeric(14,2)
      )`);
    await runner.query(
      `create unique index line_revision_standing on claim.line_revision (source_id, recorded_to) nulls not distinct`,
    );
    await runner.query(
      `create index revision_institution on claim.revision (institution_code) where recorded_to is null`,
    );
    await runner.query(
      `create index line_revision_claim on claim.line_revision (claim_source_id) where recorded_to is null`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema claim cascade`);
  }
}
