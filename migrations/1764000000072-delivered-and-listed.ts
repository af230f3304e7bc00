import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  'household.revision',
  'death.revision',
  'enrollment.revision',
  'retirement.revision',
  'contribution.revision',
  'poverty.revision',
  'claim.revision',
  'claim.line_revision',
];

/**
 * A hash of the row that a revision was made of, so that the same row delivered again is known without being read. Null where none was kept:
 * in revisions older than this, and those that came from a register, which gives only what changed.
 *
 * Claims of an institution in the order in which they are listed, so that a page costs the same however many claims it has.
 */
export class DeliveredAndListed1764000000072 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`alter table ${table} add delivered_hash bytea`);
    await runner.query(`drop index claim.revision_institution`);
    await runner.query(`
      create index revision_institution on claim.revision
        (institution_code, (coalesce(service_date, admission_date)) desc, source_id desc) where recorded_to is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index claim.revision_institution`);
    await runner.query(
      `create index revision_institution on claim.revision (institution_code) where recorded_to is null`,
    );
    for (const table of TABLES) await runner.query(`alter table ${table} drop delivered_hash`);
  }
}
