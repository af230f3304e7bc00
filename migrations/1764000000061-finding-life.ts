import type { MigrationInterface, QueryRunner } from 'typeorm';

const OUTCOMES = `'FRAUD_LEAD', 'RECOVER', 'ALREADY_RECOVERED', 'LEGITIMATE', 'SOURCE_ERROR', 'IDENTITY_ERROR', 'UNDETERMINED'`;

/**
 * The life of a finding: its version, which grows by one with every change and has one line of history for each; the decision in force and
 * what it was made on; since when the rules no longer support it. Constraints keep what the states mean, and triggers that nothing of it is
 * deleted, whichever program writes.
 */
export class FindingLife1764000000061 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table crosscheck.run add column seen jsonb not null default '{}'`);
    await runner.query(`
      comment on column crosscheck.run.seen is 'the place in each kind''s change log up to which the run knew it'`);
    await runner.query(`
      alter table crosscheck.finding
        add column version integer not null default 1,
        add column unsupported_since integer,
        add column outcome text,
        add column decided_version integer,
        add column decided_ground bytea`);
    await runner.query(`
      comment on column crosscheck.finding.unsupported_since is 'the version with which it lost its support; empty while the rules find it'`);
    await this.ground(runner);
    await this.history(runner);
    await this.remember(runner);
    await this.keep(runner);
  }

  /** What a decision is made on. Under which agreements the records were read is no part of it. */
  private async ground(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function crosscheck.ground_of(f crosscheck.finding) returns bytea language sql stable as $$
        select sha256(convert_to(jsonb_build_array(
          f.unsupported_since is null, f.rule_version, f.amount, f.tier, f.evidence - 'agreements')::text, 'UTF8'))
      $$`);
  }

  /** A run writes its own number into lines by the hundred thousand: that it refers to a run is not checked line by line. */
  private async history(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table crosscheck.finding_event (
        finding_id text collate "C" not null references crosscheck.finding,
        version integer not null,
        at timestamptz not null,
        act text not null check (act in
          ('FOUND', 'CHANGED', 'WITHDRAWN', 'CONTRADICTED', 'SUPPORTED', 'TAKEN_UP', 'GIVEN_BACK', 'DECIDED')),
        from_state text,
        to_state text not null,
        run bigint,
        cause jsonb,
        agency text,
        officer text,
        outcome text,
        bureau text,
        reason text,
        primary key (finding_id, version),
        check (case when act in ('TAKEN_UP', 'GIVEN_BACK', 'DECIDED')
          then run is null and agency is not null and officer is not null
          else run is not null and agency is null and officer is null end),
        check ((act = 'DECIDED') = (outcome is not null)),
        check ((act = 'DECIDED') = (reason is not null)),
        check ((coalesce(outcome, '') = 'SOURCE_ERROR') = (bureau is not null)),
        check ((act in ('WITHDRAWN', 'CONTRADICTED')) = (cause is not null))
      )`);
    await runner.query(
      `create index finding_event_bureau on crosscheck.finding_event (bureau) where bureau is not null`,
    );
    await runner.query(`
      create index finding_data_quality on crosscheck.finding (found_at, id) where class = 'DATA_QUALITY'`);
  }

  /** Findings of before have had a life too: it is told from what they were. What withdrew them then was not kept. */
  private async remember(runner: QueryRunner): Promise<void> {
    await runner.query(`
      insert into crosscheck.finding_event (finding_id, version, at, act, from_state, to_state, run, cause)
      select id, version, changed_at, act, from_state, state, changed_run,
        case act when 'WITHDRAWN' then '{"records": [], "supersededBy": null, "ruleChanged": false}'::jsonb end
      from (
        select *, case when from_state is null then 'FOUND' when state = 'WITHDRAWN' then 'WITHDRAWN'
          when from_state = 'WITHDRAWN' then 'SUPPORTED' else 'CHANGED' end as act
        from (
          select id, state, changed_at, changed_run, row_number() over life as version, lag(state) over life as from_state
          from (
            select finding_id as id, state, changed_at, changed_run, until_run from crosscheck.finding_before
            union all
            select id, state, changed_at, changed_run, null from crosscheck.finding
          ) lives
          window life as (partition by id order by until_run nulls last)
        ) steps
      ) acts`);
    await runner.query(`
      update crosscheck.finding f set version = e.version, unsupported_since = case f.state when 'WITHDRAWN' then e.version end
      from (select finding_id, max(version) as version from crosscheck.finding_event group by finding_id) e
      where e.finding_id = f.id and (e.version > 1 or f.state = 'WITHDRAWN')`);
  }

  private async keep(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table crosscheck.finding
        add constraint finding_state check (state in ('OPEN', 'UNDER_REVIEW', ${OUTCOMES}, 'WITHDRAWN', 'CONTRADICTED')),
        add constraint finding_outcome check (case when outcome is null
          then state in ('OPEN', 'UNDER_REVIEW', 'WITHDRAWN')
          else outcome in (${OUTCOMES}) and state in (outcome, 'CONTRADICTED') end),
        add constraint finding_decision check (num_nonnulls(outcome, decided_version, decided_ground) in (0, 3)),
        add constraint finding_support check (case when unsupported_since is null
          then state not in ('WITHDRAWN', 'CONTRADICTED')
          else state not in ('OPEN', 'UNDER_REVIEW') end)`);
    await runner.query(`
      create function crosscheck.keep_history() returns trigger language plpgsql as $$
      begin
        raise exception '%.% is history: nothing in it changes and nothing is taken out', tg_table_schema, tg_table_name;
      end $$`);
    for (const table of ['finding_event', 'finding_before'])
      await runner.query(`
        create trigger keep_history before update or delete or truncate on crosscheck.${table}
          for each statement execute function crosscheck.keep_history()`);
    await runner.query(`
      create trigger keep_history before delete or truncate on crosscheck.finding
        for each statement execute function crosscheck.keep_history()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop trigger keep_history on crosscheck.finding`);
    await runner.query(`drop trigger keep_history on crosscheck.finding_before`);
    await runner.query(`drop table crosscheck.finding_event`);
    await runner.query(`drop function crosscheck.keep_history`);
    await runner.query(`drop function crosscheck.ground_of`);
    await runner.query(`drop index crosscheck.finding_data_quality`);
    await runner.query(`
      alter table crosscheck.finding
        drop constraint finding_state, drop constraint finding_outcome, drop constraint finding_decision, drop constraint finding_support,
        drop column version, drop column unsupported_since, drop column outcome, drop column decided_version, drop column decided_ground`);
    await runner.query(`alter table crosscheck.run drop column seen`);
  }
}
