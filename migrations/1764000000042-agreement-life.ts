import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The life of an agreement: who proposed, approved and revoked it and when, the signature of its approval, and its history. Triggers keep
 * what nobody may change, whichever program writes: terms from the proposal on, the order of states, and that nothing is deleted.
 */
export class AgreementLife1764000000042 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table sharing.agreement
        add column covert_days jsonb not null default '{}',
        add column proposed_at timestamptz,
        add column approved_at timestamptz,
        add column approval jsonb,
        add column revoked_by text,
        add column revoked_at timestamptz,
        add column revoked_reason text,
        add column version integer not null default 1`);
    // The check of two people refused a draft, which has neither yet.
    await runner.query(`
      do $$ declare found text; begin
        select conname into found from pg_constraint
        where conrelid = 'sharing.agreement'::regclass and pg_get_constraintdef(oid) like '%IS DISTINCT FROM%';
        execute format('alter table sharing.agreement drop constraint %I', found);
      end $$`);
    await runner.query(`
      alter table sharing.agreement add constraint agreement_two_people
        check (approved_by is null or (proposed_by is not null and approved_by <> proposed_by))`);
    await runner.query(`create index agreement_provider on sharing.agreement (provider)`);
    await runner.query(`
      create table sharing.agreement_event (
        seq bigint generated always as identity primary key,
        agreement text not null references sharing.agreement,
        at timestamptz not null,
        agency text not null,
        officer text not null,
        from_state text,
        to_state text not null,
        reason text
      )`);
    await runner.query(`create index agreement_event_agreement on sharing.agreement_event (agreement, seq)`);
    await this.askForSignatures(runner);
    await this.keep(runner);
  }

  /** Approvals were not signed before: they become proposals that an officer approves again, and count for nothing until then. */
  private async askForSignatures(runner: QueryRunner): Promise<void> {
    await runner.query(`
      insert into sharing.agreement_event (agreement, at, agency, officer, from_state, to_state, reason)
      select id, now(), provider, 'the upgrade', state, 'PROPOSED', 'Approvals are signed from now on: approve it again'
      from sharing.agreement where state = 'APPROVED' order by id`);
    await runner.query(`
      update sharing.agreement set state = 'PROPOSED', approved_by = null, proposed_at = changed_at, version = version + 1
      where state = 'APPROVED'`);
  }

  private async keep(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function sharing.keep_agreement() returns trigger language plpgsql as $$
      begin
        if tg_op = 'DELETE' then
          raise exception 'agreement % is kept: revoke it instead', old.id;
        end if;
        if (old.id, old.provider) is distinct from (new.id, new.provider) then
          raise exception 'agreement % keeps its id and its provider', old.id;
        end if;
        if old.state <> 'DRAFT' and
          (old.agency, old.purposes, old.case_required, old.covert_days, old.clauses, old.valid_from, old.valid_to, old.persons_per_day)
          is distinct from
          (new.agency, new.purposes, new.case_required, new.covert_days, new.clauses, new.valid_from, new.valid_to, new.persons_per_day)
        then
          raise exception 'the terms of agreement % cannot change any more: it is %', old.id, old.state;
        end if;
        if old.state <> new.state and (old.state, new.state) not in (
          ('DRAFT', 'PROPOSED'), ('PROPOSED', 'APPROVED'), ('APPROVED', 'EXPIRED'),
          ('DRAFT', 'REVOKED'), ('PROPOSED', 'REVOKED'), ('APPROVED', 'REVOKED'))
        then
          raise exception 'agreement % cannot go from % to %', old.id, old.state, new.state;
        end if;
        if (old.proposed_by is not null and (old.proposed_by, old.proposed_at) is distinct from (new.proposed_by, new.proposed_at))
          or (old.approved_by is not null
            and (old.approved_by, old.approved_at, old.approval) is distinct from (new.approved_by, new.approved_at, new.approval))
        then
          raise exception 'who proposed and approved agreement % cannot change any more', old.id;
        end if;
        new.changed_at := now();
        return new;
      end $$`);
    await runner.query(`
      create trigger keep_agreement before update or delete on sharing.agreement
        for each row execute function sharing.keep_agreement()`);
    await runner.query(`
      create function sharing.keep_history() returns trigger language plpgsql as $$
      begin
        raise exception '%.% is history: nothing in it changes and nothing is taken out', tg_table_schema, tg_table_name;
      end $$`);
    await runner.query(`
      create trigger keep_history before update or delete or truncate on sharing.agreement_event
        for each statement execute function sharing.keep_history()`);
    await runner.query(`
      create trigger keep_history before truncate on sharing.agreement
        for each statement execute function sharing.keep_history()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table sharing.agreement_event`);
    await runner.query(`drop trigger keep_agreement on sharing.agreement`);
    await runner.query(`drop trigger keep_history on sharing.agreement`);
    await runner.query(`drop function sharing.keep_agreement()`);
    await runner.query(`drop function sharing.keep_history()`);
    await runner.query(`drop index sharing.agreement_provider`);
    await runner.query(`
      alter table sharing.agreement drop constraint agreement_two_people,
        add check (approved_by is distinct from proposed_by) not valid,
        drop column covert_days, drop column proposed_at, drop column approved_at, drop column approval,
        drop column revoked_by, drop column revoked_at, drop column revoked_reason, drop column version`);
  }
}
