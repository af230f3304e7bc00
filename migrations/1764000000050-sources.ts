import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Sources that are read on: where each stands, which deliveries of a watched directory were taken, and runs of several chunks. A run of which
 * chunks stand is RUNNING until its last one; INTERRUPTED when its holder died and another run went on behind its checkpoint.
 */
export class Sources1764000000050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table sync.run drop constraint run_state_check`);
    await runner.query(
      `alter table sync.run add constraint run_state_check check (state in ('RUNNING', 'COMPLETE', 'REJECTED', 'FAILED', 'INTERRUPTED'))`,
    );
    await runner.query(
      `alter table sync.run add column chunks int not null default 1, add column warnings text[] not null default '{}'`,
    );
    await runner.query(`create index run_of_kind on sync.run (kind, id desc)`);
    await runner.query(`create index run_running on sync.run (kind) where state = 'RUNNING'`);
    await runner.query(`
      create table sync.checkpoint (
        kind text primary key,
        fingerprint text not null,
        position jsonb not null,
        moved_at timestamptz not null,
        run bigint not null references sync.run
      )`);
    await runner.query(`
      create table sync.delivery (
        bureau text not null,
        name text not null,
        fingerprint text not null,
        state text not null check (state in ('COMPLETE', 'REJECTED', 'FAILED')),
        attempts int not null default 1,
        taken_at timestamptz not null,
        primary key (bureau, name, fingerprint)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table sync.delivery, sync.checkpoint`);
    await runner.query(`drop index sync.run_of_kind, sync.run_running`);
    await runner.query(
      `delete from sync.quarantine where exists (select from sync.run where run.id in (first_run, last_run) and state in ('RUNNING', 'INTERRUPTED'))`,
    );
    await runner.query(`delete from sync.run where state in ('RUNNING', 'INTERRUPTED')`);
    await runner.query(`alter table sync.run drop column chunks, drop column warnings`);
    await runner.query(`alter table sync.run drop constraint run_state_check`);
    await runner.query(
      `alter table sync.run add constraint run_state_check check (state in ('COMPLETE', 'REJECTED', 'FAILED'))`,
    );
  }
}
