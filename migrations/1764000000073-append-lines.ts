import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Records come as lines, one value of each record in each line: in an array each quotation mark of a record would be escaped on one side and read on
 * the other. Canonical JSON holds no line break.
 *
 * The number of the newest record is found in its index, whatever the planner believes of the log: a connection keeps the plan that it made of a log
 * that was empty when it was last looked at, and would read all of it for each commit.
 *
 * `audit.append` stays for processes of the version before, which end one by one.
 */
export class AppendLines1764000000073 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter function audit.append(bytea[], text[], text[], text[]) set enable_seqscan = off');
    await runner.query(`
      create function audit.append_lines(hashes text, leaves text, reached text, fed text) returns void
      set enable_seqscan = off language plpgsql as $$
      declare
        last bigint;
      begin
        perform pg_advisory_xact_lock(hashtextextended('heyan audit', 0));
        select coalesce(max(seq), 0) into last from audit.record;
        insert into audit.record (seq, leaf_hash, leaf, persons)
        select last + place, decode(hash, 'hex'), leaf,
          coalesce((select array_agg(decode(k, 'hex') order by n) from unnest(string_to_array(keys, ',')) with ordinality u(k, n)), '{}')
        from unnest(string_to_array(hashes, e'\\n'), string_to_array(leaves, e'\\n'), string_to_array(reached, e'\\n'))
          with ordinality given(hash, leaf, keys, place);
        insert into audit.feed (seq, kind, span)
        select last + place, split_part(stretch, ':', 1),
          int8range(split_part(stretch, ':', 2)::bigint, split_part(stretch, ':', 3)::bigint, '[]')
        from unnest(string_to_array(fed, e'\\n')) with ordinality given(stretches, place), unnest(string_to_array(stretches, ',')) stretch;
      end $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function audit.append_lines(text, text, text, text)');
    await runner.query('alter function audit.append(bytea[], text[], text[], text[]) reset enable_seqscan');
  }
}
