/**
 * Sharing agreements: what a provider allows one agency to do with its records, for which purposes, from when to when
 * (政务数据共享条例, 国务院令第809号, articles 19 to 24: a provider shares by catalogue, by purpose and by consent).
 */
import { Column, type DataSource, Entity, PrimaryColumn } from 'typeorm';
import type { PublicKey } from '../audit/signing';
import { type Approval, isSigned } from './approval';

/** Rights to look up one person and to list many are different rights, and so is the right to change what is looked at: REVIEW. */
export const VERBS = ['VERIFY', 'LOOKUP', 'LIST', 'FEED', 'AGGREGATE', 'REVIEW'] as const;
export type Verb = (typeof VERBS)[number];

/** `EXPIRED` is what an approved agreement is after its last day; it is not written down, but derived; see `stateOn`. */
export const STATES = ['DRAFT', 'PROPOSED', 'APPROVED', 'REVOKED', 'EXPIRED'] as const;
export type AgreementState = (typeof STATES)[number];

/** How a field is shown: as it is; in part (`张*`, `3403**********1234`, an address down to its district); a date as its year. */
export const MASKS = ['PLAIN', 'PARTIAL', 'YEAR'] as const;
export type Mask = (typeof MASKS)[number];

/** Fields of one kind that may be used with these verbs. */
export interface Clause {
  recordKind: string;
  fields: readonly string[];
  verbs: readonly Verb[];
  /** How fields are shown; a field that is not named is shown as it is. */
  masks?: Readonly<Record<string, Mask>>;
  /** Prefixes of GB/T 2260 codes, 2, 4 or 6 digits: only records of these districts. None: of every district. */
  districts?: readonly string[];
}

/** Times are ISO 8601 in UTC with milliseconds, whatever the driver gives: what is signed must read the same for ever. */
const time = {
  to: (value: string | null) => value,
  from: (value: Date | string | null) => (value === null ? null : new Date(value).toISOString()),
};

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

  /** Purposes whose looks at a person are shown to that person only after so many days. */
  @Column({ name: 'covert_days', type: 'jsonb' })
  covertDays!: Record<string, number>;

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

  @Column({ name: 'proposed_at', type: 'timestamptz', nullable: true, transformer: time })
  proposedAt!: string | null;

  @Column({ name: 'approved_by', type: 'text', nullable: true })
  approvedBy!: string | null;

  @Column({ name: 'approved_at', type: 'timestamptz', nullable: true, transformer: time })
  approvedAt!: string | null;

  /** The signature of the approval; without one that fits, an approved agreement counts for nothing. */
  @Column({ type: 'jsonb', nullable: true })
  approval!: Approval | null;

  @Column({ name: 'revoked_by', type: 'text', nullable: true })
  revokedBy!: string | null;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true, transformer: time })
  revokedAt!: string | null;

  @Column({ name: 'revoked_reason', type: 'text', nullable: true })
  revokedReason!: string | null;

  /** Grows by one with every change. */
  @Column({ type: 'integer' })
  version!: number;
}

/** The state of an agreement on a day, `YYYY-MM-DD`. */
export function stateOn({ state, validTo }: Pick<Agreement, 'state' | 'validTo'>, day: string): AgreementState {
  return state === 'APPROVED' && validTo < day ? 'EXPIRED' : state;
}

/** How long agreements may be remembered. A revocation takes effect within one second; half of it leaves room for the query itself. */
const REMEMBERED_MILLISECONDS = 500;

/** Agencies remembered at once, at most. */
const AGENCIES_MAX = 1_000;

/** Forged agreements that are remembered as reported, at most: the operator hears of each once. */
const REPORTED_MAX = 10_000;

/**
 * Reads an agency's agreements, in every state: a refusal says whether one expired or was revoked. While nothing changed it is the same array,
 * so that decisions may be remembered by it.
 */
export type ReadAgreements = (agency: string) => Promise<readonly Agreement[]>;

/** What is remembered of one agency. */
interface Remembered {
  until: number;
  agreements: Promise<readonly Agreement[]>;
  /** The rows that `agreements` was made of, as text. */
  content: string;
}

export interface ReadingMeans {
  /** Keys of this hub, under which approvals count. */
  keys: readonly PublicKey[];
  /** Milliseconds of a clock that nobody sets back. */
  now?: () => number;
  /** Told once of each approved agreement that counts for nothing. */
  report?: (error: Error) => void;
}

/**
 * Agreements from the database, each agency's remembered for half a second. An approved one whose signature does not fit is left out, so that
 * a clause that somebody widened in the database widens nothing.
 */
export function agreementsIn(
  dataSource: DataSource,
  { keys, now = () => performance.now(), report = () => {} }: ReadingMeans,
): ReadAgreements {
  const remembered = new Map<string, Remembered>();
  const reported = new Set<string>();

  function counts(agreement: Agreement): boolean {
    if (agreement.state !== 'APPROVED' || isSigned(agreement, keys)) return true;
    const what = `${agreement.id} ${agreement.version} ${agreement.approval?.signature}`;
    if (!reported.has(what) && reported.size < REPORTED_MAX) {
      reported.add(what);
      const message = `Agreement ${agreement.id} counts for nothing: it is not what was approved and signed. Find out who changed it, revoke it and propose it anew`;
      report(new Error(message));
    }
    return false;
  }

  async function read(agency: string, mine: Remembered, before: Remembered | undefined): Promise<readonly Agreement[]> {
    const rows = await dataSource.getRepository(Agreement).find({ where: { agency }, order: { id: 'ASC' } });
    mine.content = JSON.stringify(rows);
    if (before && before.content === mine.content) return before.agreements;
    return Object.freeze(rows.filter(counts));
  }

  return (agency) => {
    const known = remembered.get(agency);
    if (known && known.until > now()) return known.agreements;
    if (remembered.size >= AGENCIES_MAX) remembered.clear();
    const mine: Remembered = {
      until: now() + REMEMBERED_MILLISECONDS,
      content: '',
      agreements: Promise.resolve([]),
    };
    mine.agreements = read(agency, mine, known);
    remembered.set(agency, mine);
    mine.agreements.catch(() => remembered.get(agency) === mine && remembered.delete(agency));
    return mine.agreements;
  };
}
