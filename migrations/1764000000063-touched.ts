import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a run needs to check only whom something happened to: who was touched since which run, for which day the worked-out tables stand, up
 * to which day each rule's findings are what a full run would find, and indexes by the days that pass.
 *
 * Marks carry a generation: a run ends the one that is open, so that what is followed while it works is marked for the next.
 */
export class Touched1764000000063 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table matching.generation (value integer not null)`);
    await runner.query(`insert into matching.generation values (1)`);
    await runner.query(`alter table matching.touched add generation integer not null default 0`);
    await runner.query(`alter table matching.touched alter generation drop default`);
    await runner.query(`alter table matching.touched drop constraint touched_pkey`);
    await runner.query(`alter table matching.touched add primary key (person_key, generation)`);
    await runner.query(`create unlogged table matching.worked_out (as_of date not null)`);
    await runner.query(`
      comment on table matching.worked_out is 'the day for which the worked-out tables stand; empty when they must be made anew'`);
    await runner.query(`
      create unlogged table matching.care_after_death (
        person_key bytea not null,
        source_id text collate "C" not null,
        revision bigint not null,
        recorded_at timestamptz not null,
        claim_type text not null,
        institution_code text collate "C" not null,
        is_live boolean not null,
        fund_paid numeric(14,2) not null,
        care_day date not null,
        days_after integer not null,
        primary key (person_key, source_id)
      )`);
    await runner.query(`
      comment on table matching.care_after_death is
        'claims for care, paid by the fund or refused, for a day after the last possible day of the patient''s death'`);
    await runner.query(`create index care_after_death_institution on matching.care_after_death (institution_code)`);
    for (const [name, place] of Object.entries(BY_DAY)) await runner.query(`create index ${name} on matching.${place}`);
    await runner.query(`
      create table crosscheck.standing (
        rule text collate "C" primary key,
        version integer not null,
        parameters jsonb not null,
        as_of date not null,
        found integer not null
      )`);
    await runner.query(`
      comment on table crosscheck.standing is
        'rules whose findings are what a full run would have found for that day when it last ran; how many they are'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table crosscheck.standing`);
    for (const name of Object.keys(BY_DAY)) await runner.query(`drop index matching.${name}`);
    await runner.query(`drop table matching.care_after_death, matching.worked_out, matching.generation`);
    await runner.query(`
      delete from matching.touched t
      where exists (select 1 from matching.touched o where o.person_key = t.person_key and o.generation > t.generation)`);
    await runner.query(`alter table matching.touched drop constraint touched_pkey`);
    await runner.query(`alter table matching.touched drop generation`);
    await runner.query(`alter table matching.touched add primary key (person_key)`);
  }
}

/** Of what is found when a day passes. */
const BY_DAY = {
  enrollment_begins: `enrollment (start_date)`,
  enrollment_ends: `enrollment (end_date) where end_date is not null`,
  death_window_latest: `death_window (latest) where tier = 'PROVEN'`,
  evidence_registered: `evidence (registered_on) where registered_on is not null`,
  evidence_last_day: `evidence (last_day) where last_day is not null`,
  register_entry_dead: `register_entry (death_date) where death_date is not null`,
};
