/** Entities over the tables that the product's own loads have filled, written as TypeORM's documentation writes them. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

abstract class Revision {
  @PrimaryColumn({ type: 'bigint' })
  seq!: string;

  @Column({ name: 'source_id', type: 'text' })
  sourceId!: string;

  @Column({ type: 'text' })
  op!: string;

  @Column({ name: 'recorded_from', type: 'timestamptz' })
  recordedAt!: Date;

  @Column({ name: 'recorded_to', type: 'timestamptz', nullable: true })
  recordedTo!: Date | null;

  @Column({ name: 'person_key', type: 'bytea' })
  personKey!: Buffer;

  @Column({ type: 'text' })
  status!: string;
}

@Entity({ schema: 'household', name: 'revision' })
export class HouseholdRow extends Revision {
  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  sex!: string;

  @Column({ name: 'birth_date', type: 'date' })
  birthDate!: string;

  @Column({ name: 'district_code', type: 'text' })
  districtCode!: string;

  @Column({ type: 'text', nullable: true })
  address!: string | null;
}

@Entity({ schema: 'death', name: 'revision' })
export class DeathRow extends Revision {
  @Column({ type: 'text' })
  source!: string;

  @Column({ name: 'death_date', type: 'date' })
  deathDate!: string;

  @Column({ name: 'date_precision', type: 'text' })
  datePrecision!: string;
}

@Entity({ schema: 'enrollment', name: 'revision' })
export class EnrollmentRow extends Revision {
  @Column({ type: 'text' })
  scheme!: string;

  @Column({ type: 'text', nullable: true })
  category!: string | null;

  @Column({ name: 'start_date', type: 'date' })
  startDate!: string;

  @Column({ name: 'end_date', type: 'date', nullable: true })
  endDate!: string | null;
}

@Entity({ schema: 'retirement', name: 'revision' })
export class RetirementRow extends Revision {
  @Column({ type: 'text' })
  pension!: string;

  @Column({ name: 'retired_on', type: 'date' })
  retiredOn!: string;
}

@Entity({ schema: 'contribution', name: 'revision' })
export class ContributionRow extends Revision {
  @Column({ type: 'text' })
  scheme!: string;

  @Column({ type: 'text' })
  period!: string;

  @Column({ type: 'numeric' })
  amount!: string;
}

@Entity({ schema: 'poverty', name: 'revision' })
export class PovertyRow {
  @PrimaryColumn({ type: 'bigint' })
  seq!: string;

  @Column({ name: 'source_id', type: 'text' })
  sourceId!: string;

  @Column({ type: 'text' })
  op!: string;

  @Column({ name: 'recorded_to', type: 'timestamptz', nullable: true })
  recordedTo!: Date | null;

  @Column({ name: 'person_key', type: 'bytea' })
  personKey!: Buffer;

  @Column({ type: 'text' })
  category!: string;

  @Column({ name: 'identified_on', type: 'date' })
  identifiedOn!: string;
}

@Entity({ schema: 'claim', name: 'revision' })
export class ClaimRow extends Revision {
  @Column({ name: 'institution_code', type: 'text' })
  institutionCode!: string;

  @Column({ name: 'claim_type', type: 'text' })
  claimType!: string;

  @Column({ name: 'service_date', type: 'date', nullable: true })
  serviceDate!: string | null;

  @Column({ name: 'admission_date', type: 'date', nullable: true })
  admissionDate!: string | null;

  @Column({ name: 'total_amount', type: 'numeric' })
  totalAmount!: string;

  @Column({ name: 'pooled_paid', type: 'numeric' })
  pooledPaid!: string;

  @Column({ name: 'self_paid', type: 'numeric' })
  selfPaid!: string;

  @Column({ name: 'benefit_tier', type: 'text' })
  benefitTier!: string;
}

/** Which number is which person's. */
@Entity({ schema: 'household', name: 'number' })
export class NumberRow {
  @PrimaryColumn({ name: 'number_key', type: 'bytea' })
  numberKey!: Buffer;

  @Column({ name: 'canonical_key', type: 'bytea' })
  canonicalKey!: Buffer;
}

export const entities = [
  NumberRow,
  HouseholdRow,
  DeathRow,
  EnrollmentRow,
  RetirementRow,
  ContributionRow,
  PovertyRow,
  ClaimRow,
];
