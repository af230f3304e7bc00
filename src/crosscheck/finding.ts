/** Findings as others read them: one by its id and pages by rule and state. Read only: runs and reviewers write them. */
import { badInput, pageSize } from '../bureaus/bad-input';
import { PAGE_DEFAULT, PAGE_MAX } from '../bureaus/limits';
import type { Database } from '../db/database';
import type { FindingClass, Parameters } from './rule';

/** What people decide on a finding. `SOURCE_ERROR` names the bureau whose record is wrong. */
export const OUTCOMES = [
  'FRAUD_LEAD',
  'RECOVER',
  'ALREADY_RECOVERED',
  'LEGITIMATE',
  'SOURCE_ERROR',
  'IDENTITY_ERROR',
  'UNDETERMINED',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** `CONTRADICTED` is a decided one that the rules no longer support; its decision stands beside. */
export type FindingState = 'OPEN' | 'UNDER_REVIEW' | Outcome | 'WITHDRAWN' | 'CONTRADICTED';

export type Tier = 'PROVEN' | 'SUSPECTED' | 'CONTESTED';

/** Why a finding was made: with it and the records' revisions anyone can make it again. */
export interface Evidence {
  rule: string;
  version: number;
  parameters: Parameters;
  /** Agreement by field read. */
  agreements: Readonly<Record<string, string>>;
  tier: Tier | null;
  /** Days of the earliest and latest possible death, YYYY-MM-DD; null without a dated piece of evidence. */
  window: { earliest: string; latest: string } | null;
  records: { kind: string; sourceId: string; revision: string; recordedAt: string }[];
}

/** A decision in force. */
export interface FindingDecision {
  outcome: Outcome;
  /** Agency code of the bureau whose record is wrong; with `SOURCE_ERROR` alone. */
  bureau: string | null;
  /** May hold personal data. */
  reason: string;
  /** The officer, as their agency names them. */
  decidedBy: string;
  agency: string;
  decidedAt: string;
}

/** A record that is not what a finding rested on any more, or that came in since. */
export interface RecordChange {
  kind: string;
  sourceId: string;
  /** The revision that the finding rested on; null for a record that came in. */
  before: string | null;
  /** The revision that stands now; null for a record that was deleted. */
  after: string | null;
  became: 'CHANGED' | 'VOIDED' | 'DELETED' | 'ADDED';
}

/** What took a finding's support away, as far as what the matching store holds tells. */
export interface Loss {
  records: RecordChange[];
  /** Code of the rule that tells the same wrong better now. */
  supersededBy: string | null;
  /** Whether the rule's version or parameters are not those it was found with. */
  ruleChanged: boolean;
}

export interface Finding {
  /** 32 hex digits, the same wherever rule and subject are the same. */
  id: string;
  rule: string;
  ruleVersion: number;
  subjectKind: string;
  /** `source_id`, institution code, or person key in hex. */
  subject: string;
  /** Hex; null where no person is concerned. */
  personKey: string | null;
  /** Yuan, two decimals. */
  amount: string;
  tier: Tier | null;
  state: FindingState;
  class: FindingClass;
  advice: 'RECOVER' | 'VERIFY';
  evidence: Evidence;
  /** ISO 8601. */
  foundAt: string;
  changedAt: string;
  foundRun: string;
  /** The last run that changed it; people's changes leave it. */
  changedRun: string;
  /** Grows by one with every change; `historyOf` tells each. */
  version: number;
  /** Whether the rules find it now. */
  isSupported: boolean;
  decision: FindingDecision | null;
  /** Whether it rests on something else than when it was decided on; false when it was not. */
  changedSinceDecision: boolean;
  /** What took its support away, and in which run for which day; null while it is supported. */
  withdrawnBecause: (Loss & { run: string; asOf: string; at: string }) | null;
}

export interface FindingFilter {
  /** A rule's code. */
  rule?: string;
  state?: FindingState;
}

export interface FindingPage {
  findings: Finding[];
  /** For `after`; null on an empty page. */
  endCursor: string | null;
  hasNextPage: boolean;
}

const SELECT = `
  select f.id, f.rule, f.rule_version as "ruleVersion", f.subject_kind as "subjectKind", f.subject, encode(f.person_key, 'hex') as "personKey",
    f.amount, f.tier, f.state, f.class, f.advice, f.evidence, f.found_at as "foundAt", f.changed_at as "changedAt",
    f.found_run as "foundRun", f.changed_run as "changedRun", f.version, f.unsupported_since is null as "isSupported",
    case when f.outcome is null then false else f.decided_ground <> crosscheck.ground_of(f) end as "changedSinceDecision",
    f.outcome, d.bureau, d.reason, d.officer as "decidedBy", d.agency, d.at as "decidedAt",
    l.cause, l.run, r.as_of as "asOf", l.at as "lostAt"
  from crosscheck.finding f
  left join crosscheck.finding_event d on d.finding_id = f.id and d.version = f.decided_version
  left join crosscheck.finding_event l on l.finding_id = f.id and l.version = f.unsupported_since
  left join crosscheck.run r on r.id = l.run`;

type Row = Omit<Finding, 'decision' | 'withdrawnBecause'> &
  Omit<FindingDecision, 'outcome'> & {
    outcome: Outcome | null;
    cause: Loss | null;
    run: string;
    asOf: string;
    lostAt: string;
  };

function findingOf({
  outcome,
  bureau,
  reason,
  decidedBy,
  agency,
  decidedAt,
  cause,
  run,
  asOf,
  lostAt,
  ...row
}: Row): Finding {
  return {
    ...row,
    decision: outcome && { outcome, bureau, reason, decidedBy, agency, decidedAt },
    withdrawnBecause: cause && { ...cause, run, asOf, at: lostAt },
  };
}

/** The finding of an id, or null. */
export async function findingById(database: Pick<Database, 'pool'>, id: string): Promise<Finding | null> {
  const { rows } = await database.pool.query<Row>(`${SELECT} where f.id = $1`, [id]);
  return rows[0] ? findingOf(rows[0]) : null;
}

/**
 * A page of findings, by rule, kind and subject. The cursor is the last finding's id, valid for ever since nothing is deleted.
 * @throws when `first` is no whole number from 1 to 5,000, or `after` is no finding's id
 */
export async function listFindings(
  database: Pick<Database, 'pool'>,
  options: FindingFilter & { first?: number; after?: string | null } = {},
): Promise<FindingPage> {
  const { rule = null, state = null, first = PAGE_DEFAULT, after = null } = options;
  pageSize(first, PAGE_DEFAULT, PAGE_MAX);
  const last = after === null ? null : await findingById(database, after);
  if (after !== null && !last)
    throw badInput('after is not a cursor of this list: give the endCursor of the page before');
  const { rows } = await database.pool.query<Row>(
    `${SELECT}
     where ($1::text is null or f.rule = $1) and ($2::text is null or f.state = $2)
       and ($3::text is null or (f.rule, f.subject_kind, f.subject) > ($3, $4, $5))
     order by f.rule, f.subject_kind, f.subject limit $6`,
    [rule, state, last?.rule ?? null, last?.subjectKind ?? null, last?.subject ?? null, first + 1],
  );
  const findings = rows.slice(0, first).map(findingOf);
  return { findings, endCursor: findings.at(-1)?.id ?? null, hasNextPage: rows.length > first };
}
