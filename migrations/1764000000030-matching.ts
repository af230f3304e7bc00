import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What every row of the store has: the record it stands for, the key it was filed under and the key of the person today. */
const RECORD = `
        source_id text collate "C" not null,
        revision bigint not null,
        recorded_at timestamptz not null,
        filed_key bytea not null,
        person_key bytea not null,
        old_number boolean not null`;

/**
 * The blind matching store: person keys, dates, codes, amounts and keyed hashes; no identity number, name or address.
 *
 * Every table is keyed by person first, so that a join of two kinds stays within one person and the tables can be distributed by
 * `person_key`. Uniqueness of `source_id` is kept by the follower, the only writer, since a distributed table cannot promise it.
 */
export class Matching1764000000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create schema matching`);
    await runner.query(`
      create table matching.household (${RECORD},
        updated_at timestamptz not null,
        previous_keys bytea[] not null,
        name_key bytea not null,
        birth_date date not null,
        status text not null,
        cancel_reason text,
        death_date date,
        primary key (person_key, source_id)
      )`);
    await runner.query(`create index household_previous on matching.household (filed_key) where previous_keys <> '{}'`);
    await runner.query(`create index household_filed on matching.household (filed_key)`);
    await runner.query(`
      create table matching.death (${RECORD},
        number_birth_date date not null,
        source text not null,
        name_key bytea not null,
        birth_date date,
        death_date date not null,
        date_precision text not null,
        registered_on date not null,
        status text not null,
        primary key (person_key, source_id)
      )`);
    await runner.query(`
      create table matching.enrollment (${RECORD},
        scheme text not null,
        pooling_district text not null,
        category text,
        start_date date not null,
        end_date date,
        status text not null,
        primary key (person_key, source_id)
      )`);
    await runner.query(`
      create table matching.retirement (${RECORD},
        pension text not null,
        retired_on date not null,
        status text not null,
        stop_reason text,
        last_paid_month text,
        primary key (person_key, source_id)
      )`);
    await runner.query(`
      create table matching.contribution (${RECORD},
        scheme text not null,
        period text not null,
        payer text not null,
        paid_on date not null,
        status text not null,
        primary key (person_key, source_id)
      )`);
    await runner.query(`
      create table matching.poverty (${RECORD},
        identified_on date not null,
        risk_removed_on date,
        primary key (person_key, source_id)
      )`);
    await this.claims(runner);
    for (const kind of [
      'household',
      'death',
      'enrollment',
      'retirement',
      'contribution',
      'poverty',
      'claim',
      'claim_line',
    ]) {
      await runner.query(`create index ${kind}_source on matching.${kind} (source_id)`);
    }
    await runner.query(`create table matching.alias (number_key bytea primary key, person_key bytea not null)`);
    await runner.query(`create table matching.touched (person_key bytea primary key)`);
    await runner.query(`
      create table matching.progress (
        kind text primary key,
        after text,
        behind boolean not null,
        unsettled boolean not null default false
      )`);
  }

  /**
   * `care_day` is the day of care; `care_first` to `care_last` the days any of which may satisfy a rule: a capitation pays for its month.
   * What most rules look at stands first: PostgreSQL takes a row apart from its beginning.
   */
  private async claims(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table matching.claim (
        revision bigint not null,
        recorded_at timestamptz not null,
        number_birth_date date not null,
        care_day date not null generated always as (case claim_type when 'INPATIENT' then admission_date else service_date end) stored,
        care_first date not null generated always as (case claim_type
          when 'INPATIENT' then admission_date
          when 'CAPITATION' then make_date(extract(year from service_date)::int, extract(month from service_date)::int, 1)
          else service_date end) stored,
        care_last date not null generated always as (case claim_type
          when 'INPATIENT' then admission_date
          when 'CAPITATION' then (make_date(extract(year from service_date)::int, extract(month from service_date)::int, 1)
            + interval '1 month')::date - 1
          else service_date end) stored,
        is_live boolean not null generated always as (status = 'PAID') stored,
        is_funded boolean not null generated always as (pooled_paid + serious_illness_paid + aid_paid > 0) stored,
        old_number boolean not null,
        person_key bytea not null,
        claim_type text not null,
        benefit_tier text not null,
        source_id text collate "C" not null,
        fund_paid numeric(14,2) not null generated always as (pooled_paid + serious_illness_paid + aid_paid) stored,
        filed_key bytea not null,
        institution_code text not null,
        status text not null,
        pooled_paid numeric(14,2) not null,
        serious_illness_paid numeric(14,2) not null,
        aid_paid numeric(14,2) not null,
        account_paid numeric(14,2) not null,
        service_date date,
        admission_date date,
        discharge_date date,
        discharge_way text,
        account_owner_filed_key bytea,
        account_owner_key bytea,
        primary key (person_key, source_id)
      )`);
    await runner.query(
      `create index claim_account_owner on matching.claim (account_owner_filed_key) where account_owner_filed_key is not null`,
    );
    await runner.query(`
      create table matching.claim_line (
        source_id text collate "C" not null,
        revision bigint not null,
        recorded_at timestamptz not null,
        person_key bytea not null,
        claim_source_id text collate "C" not null,
        item_group text not null,
        service_date date not null,
        amount numeric(14,2) not null,
        primary key (person_key, source_id)
      )`);
    await runner.query(`create index claim_line_claim on matching.claim_line (claim_source_id)`);
    await runner.query(
      `create index claim_line_mortuary on matching.claim_line (person_key, claim_source_id) where item_group = 'MORTUARY'`,
    );
    await runner.query(
      `comment on column matching.claim_line.person_key is 'the patient of its claim; empty while the claim has not come'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema matching cascade`);
  }
}
