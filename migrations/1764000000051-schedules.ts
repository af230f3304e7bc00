import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is to be done when, which due times were taken and what became of them, which kinds are expected to be delivered by when, and which of
 * them are late. The queue itself is pg-boss's, in a schema of its own that is made when something is scheduled for the first time.
 */
export class Schedules1764000000051 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table sync.schedule (
        job text primary key,
        cron text not null,
        since timestamptz not null
      )`);
    await runner.query(`
      create table sync.due (
        job text not null,
        due_at timestamptz not null,
        state text not null check (state in ('WAITING', 'RUNNING', 'DONE', 'FAILED', 'DROPPED')),
        attempts int not null default 0,
        queued_as uuid not null,
        taken_at timestamptz,
        taken_by text,
        finished_at timestamptz,
        reason text,
        primary key (job, due_at)
      )`);
    await runner.query(`create index due_unfinished on sync.due (job) where state in ('WAITING', 'RUNNING')`);
    await runner.query(`
      create table sync.expected (
        kind text primary key,
        bureau text not null,
        cron text not null,
        late_after_minutes int not null,
        since timestamptz not null
      )`);
    await runner.query(`
      create table sync.late (
        kind text primary key references sync.expected on delete cascade,
        due_at timestamptz not null,
        noticed_at timestamptz not null
      )`);
    await runner.query(`create index quarantine_newest on sync.quarantine (kind, id desc) where resolved_at is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index sync.quarantine_newest`);
    await runner.query(`drop table sync.late, sync.expected, sync.due, sync.schedule`);
    await runner.query(`drop schema if exists jobs cascade`);
  }
}
