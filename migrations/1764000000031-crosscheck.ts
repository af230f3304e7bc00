import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The cross-check: what each run worked out about deaths (unlogged, made anew by every run), its findings, and what they were before.
 */
export class Crosscheck1764000000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema crosscheck`);
    await this.workedOut(runner);
    await runner.query(`
      create table crosscheck.run (
        id bigint generated always as identity primary key,
        as_of date not null,
        is_full boolean not null,
        started_at timestamptz not null,
        finished_at timestamptz,
        rules jsonb not null default '[]'
      )`);
    await runner.query(`
      create table crosscheck.finding (
        id text collate "C" primary key,
        rule text collate "C" not null,
        rule_version integer not null,
        subject_kind text collate "C" not null,
        subject text collate "C" not null,
        person_key bytea,
        amount numeric(14,2) not null,
        tier text check (tier in ('PROVEN', 'SUSPECTED', 'CONTESTED')),
        class text not null,
        advice text not null check (advice in ('RECOVER', 'VERIFY')),
        state text not null,
        evidence jsonb not null,
        found_at timestamptz not null,
        changed_at timestamptz not null,
        found_run bigint not null references crosscheck.run,
        changed_run bigint not null references crosscheck.run,
        unique (rule, subject_kind, subject)
      )`);
    await runner.query(`create index finding_person on crosscheck.finding (person_key)`);
    await runner.query(`create index finding_state on crosscheck.finding (state, rule, subject_kind, subject)`);
    await runner.query(`
      create table crosscheck.finding_before (
        finding_id text collate "C" not null references crosscheck.finding,
        until_run bigint not null references crosscheck.run,
        rule_version integer not null,
        person_key bytea,
        amount numeric(14,2) not null,
        tier text,
        class text not null,
        advice text not null,
        state text not null,
        evidence jsonb not null,
        changed_at timestamptz not null,
        changed_run bigint not null,
        primary key (finding_id, until_run)
      )`);
  }

  private async workedOut(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create unlogged table matching.evidence (
        person_key bytea not null,
        role text not null check (role in ('DEATH', 'REGISTER', 'LIFE_SIGN')),
        kind text not null,
        source_id text collate "C" not null,
        revision bigint not null,
        recorded_at timestamptz not null,
        source text,
        match text check (match in ('EXACT', 'PARTIAL', 'CONFLICT')),
        is_impossible boolean not null default false,
        is_shared boolean not null default false,
        first_day date,
        last_day date,
        is_exact_day boolean not null default false,
        primary key (person_key, role, kind, source_id)
      )`);
    await runner.query(`
      create unlogged table matching.death_window (
        person_key bytea primary key,
        earliest date,
        latest date,
        tier text not null
      )`);
    await runner.query(`
      create unlogged table matching.mortuary_claim (
        person_key bytea not null,
        source_id text collate "C" not null,
        primary key (person_key, source_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema crosscheck cascade`);
    await runner.query(`drop table matching.evidence, matching.death_window, matching.mortuary_claim`);
  }
}
