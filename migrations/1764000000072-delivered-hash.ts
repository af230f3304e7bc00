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
 */
export class DeliveredHash1764000000072 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`alter table ${table} add delivered_hash bytea`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`alter table ${table} drop delivered_hash`);
  }
}
