/** Findings as others read them: one by its id and pages by rule and state. Read only; a run alone writes them. */
import { badInput, pageSize } from '../bureaus/bad-input';
import { PAGE_DEFAULT, PAGE_MAX } from '../bureaus/limits';
import type { Database } from '../db/database';
import type { FindingClass, Parameters } from './rule';

export type FindingState =
  | 'OPEN'
  | 'UNDER_REVIEW'
  | 'FRAUD_LEAD'
  | 'RECOVER'
  | 'ALREADY_RECOVERED'
  | 'LEGITIMATE'
  | 'SOURCE_ERROR'
  | 'IDENTITY_ERROR'
  | 'UNDETERMINED'
  | 'WITHDRAWN'
  | 'CONTRADICTED';

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
  changedRun: string;
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
    f.found_run as "foundRun", f.changed_run as "changedRun"
  from crosscheck.finding f`;

/** The finding of an id, or null. */
export async function findingById(database: Pick<Database, 'pool'>, id: string): Promise<Finding | null> {
  const { rows } = await database.pool.query<Finding>(`${SELECT} where f.id = $1`, [id]);
  return rows[0] ?? null;
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
  const { rows } = await database.pool.query<Finding>(
    `${SELECT}
     where ($1::text is null or f.rule = $1) and ($2::text is null or f.state = $2)
       and ($3::text is null or (f.rule, f.subject_kind, f.subject) > ($3, $4, $5))
     order by f.rule, f.subject_kind, f.subject limit $6`,
    [rule, state, last?.rule ?? null, last?.subjectKind ?? null, last?.subject ?? null, first + 1],
  );
  const findings = rows.slice(0, first);
  return { findings, endCursor: findings.at(-1)?.id ?? null, hasNextPage: rows.length > first };
}
