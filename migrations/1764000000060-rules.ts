import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What all rules together need of the matching store: more that a run works out once (unlogged, made anew by every run), what a contribution
 * is for as a day, and indexes for what is rare among millions. No kind is followed with more fields than before, so nothing has to be read
 * again.
 */
export class Rules1764000000060 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table matching.contribution add begins date not null generated always as (
        make_date(left(period, 4)::int, case when length(period) = 7 then right(period, 2)::int else 1 end, 1)) stored`);
    await runner.query(
      `comment on column matching.contribution.begins is 'first day of the month or year it is paid for'`,
    );
    await runner.query(`alter table matching.evidence add registered_on date`);
    await runner.query(`create unlogged table matching.shared_number (person_key bytea primary key)`);
    await runner.query(`
      comment on table matching.shared_number is 'numbers that two active register entries hold under different names or birth dates'`);
    await runner.query(`
      create unlogged table matching.register_entry (
        person_key bytea primary key,
        source_id text collate "C" not null,
        revision bigint not null,
        recorded_at timestamptz not null,
        name_key bytea not null,
        birth_date date not null,
        status text not null,
        cancel_reason text,
        death_date date
      )`);
    await runner.query(`
      comment on table matching.register_entry is
        'the household rows that speak for persons of whom some record says that they died'`);
    await runner.query(`
      create unlogged table matching.cover (
        person_key bytea primary key,
        covered datemultirange not null,
        working datemultirange not null,
        resident datemultirange not null,
        other datemultirange not null
      )`);
    await runner.query(
      `comment on table matching.cover is
        'the days on which enrolments cover a person, suspensions left out: all, and by what kind; resident without newborns'`,
    );
    // Nothing is ever estimated from them, and statistics of ranges take long.
    for (const column of ['covered', 'working', 'resident', 'other'])
      await runner.query(`alter table matching.cover alter ${column} set statistics 0`);
    await runner.query(`
      create unlogged table matching.lent_account (
        person_key bytea not null,
        source_id text collate "C" not null,
        revision bigint not null,
        recorded_at timestamptz not null,
        claim_type text not null,
        care_day date not null,
        care_first date not null,
        account_paid numeric(14,2) not null,
        primary key (person_key, source_id)
      )`);
    await runner.query(`
      comment on table matching.lent_account is 'live claims paid from the account of someone else, under the person key of that owner'`);
    await runner.query(`
      create index claim_lent_account on matching.claim (account_owner_key)
      where is_live and account_paid > 0 and account_owner_key <> person_key`);
    await runner.query(`create index claim_died on matching.claim (person_key) where discharge_way = '5'`);
    for (const kind of OLD_NUMBERED)
      await runner.query(`create index ${kind}_old_number on matching.${kind} (person_key) where old_number`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const kind of OLD_NUMBERED) await runner.query(`drop index matching.${kind}_old_number`);
    await runner.query(`drop index matching.claim_died, matching.claim_lent_account`);
    await runner.query(
      `drop table matching.shared_number, matching.register_entry, matching.cover, matching.lent_account`,
    );
    await runner.query(`alter table matching.evidence drop registered_on`);
    await runner.query(`alter table matching.contribution drop begins`);
  }
}

const OLD_NUMBERED = ['household', 'death', 'enrollment', 'retirement', 'contribution', 'poverty', 'claim'] as const;
