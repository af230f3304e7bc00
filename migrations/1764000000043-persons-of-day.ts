import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which persons were reached on a civil day under an agreement that counts them. Counting and adding are one act under a lock, so that two
 * operations at once cannot both take the last place. Days gone by are forgotten: the audit log keeps who was reached.
 */
export class PersonsOfDay1764000000043 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table sharing.person_of_day (
        agreement text not null references sharing.agreement,
        day date not null,
        person_key bytea not null,
        primary key (agreement, day, person_key)
      )`);
    await runner.query(`
      create function sharing.take_persons(of text, today date, keys text[], most integer) returns boolean language plpgsql as $$
      declare
        before integer;
        added integer;
      begin
        perform pg_advisory_xact_lock(hashtextextended('heyan persons of day ' || of, 0));
        select count(*) into before from sharing.person_of_day where agreement = of and day = today;
        select count(*) into added from (select distinct decode(k, 'hex') as key from unnest(keys) k) asked
        where not exists (select 1 from sharing.person_of_day where agreement = of and day = today and person_key = asked.key);
        if before + added > most then
          return false;
        end if;
        insert into sharing.person_of_day select distinct of, today, decode(k, 'hex') from unnest(keys) k on conflict do nothing;
        delete from sharing.person_of_day where agreement = of and day < today;
        return true;
      end $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop function sharing.take_persons`);
    await runner.query(`drop table sharing.person_of_day`);
  }
}
