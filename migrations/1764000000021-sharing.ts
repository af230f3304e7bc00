import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Agencies and the agreements that providers gave them. */
export class Sharing1764000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema sharing`);
    await runner.query(
      `create table sharing.agency (code text primary key, name_en text not null, name_zh text not null)`,
    );
    await runner.query(`
      create table sharing.agreement (
        id text primary key,
        provider text not null references sharing.agency,
        agency text not null references sharing.agency,
        purposes text[] not null,
        case_required boolean not null default false,
        clauses jsonb not null,
        valid_from date not null,
        valid_to date not null check (valid_to >= valid_from),
        persons_per_day integer,
        state text not null check (state in ('DRAFT', 'PROPOSED', 'APPROVED', 'REVOKED', 'EXPIRED')),
        proposed_by text,
        approved_by text check (approved_by is distinct from proposed_by),
        changed_at timestamptz not null default now()
      )`);
    await runner.query(`create index agreement_agency on sharing.agreement (agency)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema sharing cascade`);
  }
}
