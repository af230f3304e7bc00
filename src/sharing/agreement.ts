/**
 * Sharing agreements: what a provider allows one agency to do with its records, for which purposes, from when to when
 * (政务数据共享条例, 国务院令第809号, articles 19 to 24: a provider shares by catalogue, by purpose and by consent).
 */
import { Column, type DataSource, Entity, PrimaryColumn } from 'typeorm';

/** Rights to look up one person and to list many are different rights. */
export const VERBS = ['VERIFY', 'LOOKUP', 'LIST', 'FEED', 'AGGREGATE'] as const;
export type Verb = (typeof VERBS)[number];

export type AgreementState = 'DRAFT' | 'PROPOSED' | 'APPROVED' | 'REVOKED' | 'EXPIRED';

/** Fields of one kind that may be used with these verbs. */
export interface Clause {
  recordKind: string;
  fields: readonly string[];
  verbs: readonly Verb[];
}

@Entity({ schema: 'sharing', name: 'agency' })
export class Agency {
  @PrimaryColumn({ type: 'text' })
  code!: string;

  @Column({ name: 'name_en', type: 'text' })
  nameEn!: string;

  @Column({ name: 'name_zh', type: 'text' })
  nameZh!: string;
}

@Entity({ schema: 'sharing', name: 'agreement' })
export class Agreement {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  /** Agency that gives the records. */
  @Column({ type: 'text' })
  provider!: string;

  /** Agency that may use them. */
  @Column({ type: 'text' })
  agency!: string;

  @Column({ type: 'text', array: true })
  purposes!: string[];

  /** Whether each operation must name a case. */
  @Column({ name: 'case_required', type: 'boolean' })
  caseRequired!: boolean;

  @Column({ type: 'jsonb' })
  clauses!: Clause[];

  /** First and last day on which it holds. */
  @Column({ name: 'valid_from', type: 'date' })
  validFrom!: string;

  @Column({ name: 'valid_to', type: 'date' })
  validTo!: string;

  @Column({ name: 'persons_per_day', type: 'integer', nullable: true })
  personsPerDay!: number | null;

  @Column({ type: 'text' })
  state!: AgreementState;

  @Column({ name: 'proposed_by', type: 'text', nullable: true })
  proposedBy!: string | null;

  @Column({ name: 'approved_by', type: 'text', nullable: true })
  approvedBy!: string | null;
}

/** How long agreements may be remembered. A revocation takes effect within one second; half of it leaves room for the query itself. */
const REMEMBERED_MILLISECONDS = 500;

/** Agencies remembered at once, at most. */
const AGENCIES_MAX = 1_000;

/** Reads an agency's agreements in every state: a refusal says whether one expired or was revoked. */
export type ReadAgreements = (agency: string) => Promise<readonly Agreement[]>;

/** Agreements from the database, each agency's remembered for half a second, by a clock that nobody sets back. */
export function agreementsIn(dataSource: DataSource, now: () => number = () => performance.now()): ReadAgreements {
  const remembered = new Map<string, { until: number; agreements: Promise<Agreement[]> }>();
  return (agency) => {
    const known = remembered.get(agency);
    if (known && known.until > now()) return known.agreements;
    if (remembered.size >= AGENCIES_MAX) remembered.clear();
    const agreements = dataSource.getRepository(Agreement).find({ where: { agency }, order: { id: 'ASC' } });
    remembered.set(agency, { until: now() + REMEMBERED_MILLISECONDS, agreements });
    agreements.catch(() => remembered.delete(agency));
    return agreements;
  };
}
