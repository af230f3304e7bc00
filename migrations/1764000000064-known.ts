import type { MigrationInterface, QueryRunner } from 'typeorm';

const KINDS = ['household', 'death', 'enrollment', 'retirement', 'contribution', 'poverty', 'claim'] as const;

/** Revisions that stand no longer, by person and by claim: for answers as they could have been given on a day. */
export class Known1764000000064 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const kind of KINDS)
      await runner.query(
        `create index revision_person_before on ${kind}.revision (person_key) where recorded_to is not null`,
      );
    await runner.query(
      `create index line_claim_before on claim.line_revision (claim_source_id) where recorded_to is not null`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index claim.line_claim_before`);
    for (const kind of KINDS) await runner.query(`drop index ${kind}.revision_person_before`);
  }
}
