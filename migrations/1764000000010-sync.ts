import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Deliveries taken in: one row per run of one kind, and the rows that broke a rule of the exchange format, kept whole. */
export class Sync1764000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema sync`);
    await runner.query(`
      create table sync.run (
        id bigint generated always as identity primary key,
        kind text not null,
        source text not null,
        started_at timestamptz not null,
        finished_at timestamptz,
        state text not null check (state in ('COMPLETE', 'REJECTED', 'FAILED')),
        reason text,
        rows_in bigint not null,
        inserted bigint not null,
        changed bigint not null,
        unchanged bigint not null,
        deleted bigint not null,
        stale bigint not null,
        quarantined bigint not null,
        check (state <> 'COMPLETE' or rows_in = inserted + changed + unchanged + deleted + stale + quarantined)
      )`);
    await runner.query(`create index run_latest on sync.run (kind, finished_at desc) where state = 'COMPLETE'`);
    await runner.query(`
      create table sync.quarantine (
        id bigint generated always as identity primary key,
        kind text not null,
        file text not null,
        line bigint not null,
        source_id text,
        reason text not null,
        row text not null,
        row_hash bytea not null,
        first_run bigint not null references sync.run,
        last_run bigint not null references sync.run,
        quarantined_at timestamptz not null,
        resolved_at timestamptz,
        unique (kind, file, line, row_hash)
      )`);
    await runner.query(`create index quarantine_open on sync.quarantine (kind, source_id) where resolved_at is null`);
    await runner.query(
      `create table sync.hub (one boolean primary key default true check (one), key_check bytea not null)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema sync cascade`);
  }
}
