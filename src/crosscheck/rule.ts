/**
 * What a rule of the cross-check is. One file in `rules/` each, found by reading the folder; a rule imports only this file.
 *
 * A rule is one SQL query over the matching store that names every doubtful subject. It says what it reads, so that it does not run
 * where a field is refused or a bureau has never delivered: unknown is never "no". What all rules share (who is who, death windows,
 * live claims) is stated once, here and in `evidence.ts`; a rule states only its own sentence.
 *
 *     export const rule: Rule = {
 *       code: 'D1', version: 1, title: { en: '…', zh: '…' }, basis: [{ zh: '社会保险法 第八十八条', en: '…' }],
 *       class: 'CLAIM', subjectKind: 'claim', parameters: { graceDays: 1 }, reads: [...READ_FOR_EVIDENCE, ...READ_FOR_CARE_CLAIMS],
 *       sql: ({ graceDays }) => `select c.source_id as subject, … from matching.death_window w join ${careClaims} c …`,
 *     };
 */

/** The kinds of record a rule may read, in the words of agreements and feeds. */
export const recordKindNames = [
  'household',
  'death',
  'enrollment',
  'retirement',
  'contribution',
  'poverty',
  'claim',
  'claim_line',
] as const;
export type RecordKindName = (typeof recordKindNames)[number];

/** A field as agreements name it: the kind, then the field of its GraphQL type. */
export type FieldName = `${RecordKindName}.${string}`;

export type FindingClass = 'CLAIM' | 'ACCOUNT' | 'ENROLLMENT' | 'PENSION' | 'INSTITUTION' | 'DATA_QUALITY';
export type SubjectKind = 'person' | 'institution' | RecordKindName;

/** Whole numbers by name; days unless the name says otherwise. */
export type Parameters = Readonly<Record<string, number>>;

/** A rule of the cross-check; see the head of this file. */
export interface Rule {
  /** For ever: a code is never used again for something else. */
  code: string;
  /** Grows whenever the same records may give another finding. */
  version: number;
  title: { en: string; zh: string };
  /** The documents and articles on which the rule rests. */
  basis: readonly { en: string; zh: string }[];
  class: FindingClass;
  /** Several for a rule whose subjects differ in kind: its query then has a column `subject_kind` too. */
  subjectKind: SubjectKind | readonly SubjectKind[];
  /** Defaults; a run may be given others and writes those it used into the evidence. */
  parameters: Parameters;
  /** Every field on which a finding of this rule, its tier and its supersession depend. */
  reads: readonly FieldName[];
  /** Rules which, when they find the same subject and the person's tier is PROVEN, tell this wrong better. */
  supersededBy?: readonly string[];
  /** About a record or a number, not about a death: its findings name the person and carry no tier, window or evidence of death. */
  isTierless?: true;
  /**
   * A query of the columns
   * - `subject` text: the `source_id`, institution code, or person key in hex, each at most once;
   * - `person_key` bytea: whose death tier is the finding's, null for none;
   * - `amount` numeric: yuan;
   * - `records` jsonb: array of `record()`, every record used but those of the death evidence, which the run adds.
   *
   * `$1` is the day for which the check is made (`$1::date`). `within('alias')` is a condition (`and …`) that keeps the query
   * to the persons to be checked; it stands where the query first reads a table, whose alias has a `person_key`. What is found of a
   * person depends on the records of that person alone; a rule about institutions says `within('alias', 'institution_code')`.
   */
  sql(parameters: Parameters, within: Within): string;
  /**
   * Of a rule that looks at the day of the check: a query of the `person_key` of everyone of whom it may find something else on `$2` than
   * on the earlier day `$1`, although no record changed.
   */
  turns?(parameters: Parameters): string;
}

/** A condition (`and …`) that keeps a query to whom a run is to check; of a full run it is empty. */
export type Within = (alias: string, column?: 'person_key' | 'account_owner_key' | 'institution_code') => string;

/** Articles of 医疗保障基金使用监督管理条例 (国务院令第735号), on which most rules about claims rest. */
export function fundRegulation(articles: string, zh: string): { en: string; zh: string } {
  return {
    en: `Regulation on the Supervision of the Use of Medical Security Funds (State Council Order 735), ${articles}`,
    zh: `医疗保障基金使用监督管理条例（国务院令第735号）${zh}`,
  };
}

/** Which of a person's numbers is today's, and which register entry speaks for them. */
export const READ_FOR_REGISTER: readonly FieldName[] = [
  'household.person',
  'household.previousKeys',
  'household.nameKey',
  'household.birthDate',
  'household.status',
  'household.updatedAt',
];

/** What the tier and window of a person depend on: every finding that is about a death carries them. */
export const READ_FOR_EVIDENCE: readonly FieldName[] = [
  ...READ_FOR_REGISTER,
  'household.cancelReason',
  'household.deathDate',
  'death.person',
  'death.numberBirthDate',
  'death.source',
  'death.nameKey',
  'death.birthDate',
  'death.deathDate',
  'death.datePrecision',
  'death.registeredAt',
  'death.status',
  'contribution.person',
  'contribution.scheme',
  'contribution.period',
  'contribution.payer',
  'contribution.status',
];

/** What `fundClaims` depends on. */
export const READ_FOR_FUND_CLAIMS: readonly FieldName[] = [
  'claim.person',
  'claim.claimType',
  'claim.serviceDate',
  'claim.admissionDate',
  'claim.pooledPaid',
  'claim.seriousIllnessPaid',
  'claim.aidPaid',
  'claim.status',
];

/** What `careClaims` depends on. */
export const READ_FOR_CARE_CLAIMS: readonly FieldName[] = [
  ...READ_FOR_FUND_CLAIMS,
  'claim_line.claimSourceId',
  'claim_line.itemGroup',
];

/** The rules that tell of a claim after a proven death; what they find is not told again as a claim without cover or entitlement. */
export const TOLD_BY_PROVEN_DEATH: readonly string[] = ['D1', 'D2', 'D3', 'D6'];

/** What those rules read, and with them every rule about `careClaims` that they supersede: unread, nobody could say whether a claim is told already. */
export const READ_TO_TELL_ONCE: readonly FieldName[] = [
  ...READ_FOR_EVIDENCE,
  ...READ_FOR_CARE_CLAIMS,
  'claim_line.serviceDate',
];

/** Which days a person's enrolments cover. */
export const READ_FOR_COVER: readonly FieldName[] = [
  'enrollment.person',
  'enrollment.scheme',
  'enrollment.category',
  'enrollment.startDate',
  'enrollment.endDate',
  'enrollment.status',
];

/**
 * Live claims with fund money. `care_day` is the day of care, `care_first` to `care_last` the days any of which may satisfy a condition
 * (the month of a capitation, else the day of care), `fund_paid` pooled + serious illness + aid.
 */
export const fundClaims = `(select l.* from matching.claim l where l.is_live and l.is_funded)`;

/** What becomes of the body is no care of the living: whether every line of a claim, and it has some, is of the mortuary. */
export function isMortuaryOnly(claim: string): string {
  return `exists (select 1 from matching.mortuary_claim m where m.person_key = ${claim}.person_key and m.source_id = ${claim}.source_id)`;
}

/** Those of `fundClaims` that are not mortuary-only. */
export const careClaims = `(select l.* from matching.claim l where l.is_live and l.is_funded and not ${isMortuaryOnly('l')})`;

/** Whether claim `c` is for a day after the window of death `w`. Without a dated piece of evidence it never is. */
export function isAfterDeath(parameters: Parameters): string {
  return `c.care_day > w.latest + ${parameters.graceDays}`;
}

/** Whether capitation `c` pays for a month after that of the last possible day of death `w`; the month of death itself is due. */
export const isMonthAfterDeath = `c.care_first > w.latest`;

/** The days, any of which may satisfy a condition, of claim `c`: a daterange. */
export const daysOfCare = `daterange(c.care_first, c.care_last, '[]')`;

/**
 * The days that an enrolment covers, a daterange: from its start to the day before its end, for ever where it has none. Null where it
 * covers none, being a suspension or ended where it starts.
 */
export function daysOfCover(enrollment: string): string {
  return `case when ${enrollment}.status <> 'SUSPENDED' and (${enrollment}.end_date is null or ${enrollment}.end_date > ${enrollment}.start_date)
    then daterange(${enrollment}.start_date, ${enrollment}.end_date) end`;
}

/**
 * A condition on ranges or arrays, which the planner takes to hold for half the rows. Left to itself it expects one in a thousand, and looks
 * up the other tables once for each of a million claims.
 */
export function often(condition: string): string {
  return `case when ${condition} then true else false end`;
}

/** Whether a piece of `matching.evidence` (as `e`) tells of a death: what conflicts, cannot be, or is on a shared number does not. */
export const isEvidenceOfDeath = `e.role = 'DEATH' and e.match <> 'CONFLICT' and not e.is_impossible and not e.is_shared`;

/** Which rows of `matching.evidence` (as `e`) a finding about a death rests on. */
export const isUsedEvidence = `(${isEvidenceOfDeath} or e.role <> 'DEATH')`;

/**
 * The household row that speaks for a person: the one under the canonical number, by status, then latest, then larger key.
 * @param condition on `entry`, the row
 */
export function householdRows(condition: string): string {
  return `(
  select distinct on (entry.person_key) entry.* from matching.household entry
  where entry.filed_key = entry.person_key and ${condition}
  order by entry.person_key, entry.status = 'ACTIVE' desc, entry.updated_at desc, entry.source_id desc
)`;
}

/** One record used, as jsonb: `{ kind, sourceId, revision, recordedAt }`, the time in UTC with microseconds. */
export function record(kind: string, alias: string): string {
  return `jsonb_build_object('kind', ${kind}, 'sourceId', ${alias}.source_id, 'revision', ${alias}.revision::text,
    'recordedAt', to_char(${alias}.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))`;
}

/** The records of one kind (as `o`) that a person has and a condition picks, as a jsonb array: what a rule looked at and found wanting. */
export function recordsOf(kind: RecordKindName, personKey: string, condition = 'true'): string {
  return `coalesce((select jsonb_agg(${record(`'${kind}'`, 'o')}) from matching.${kind} o
    where o.person_key = ${personKey} and (${condition})), '[]')`;
}

/** The record of the register entry that speaks for a person, as a jsonb array; empty where there is none. */
export function recordOfRegister(personKey: string): string {
  return `coalesce((select jsonb_build_array(${record(`'household'`, 'h')}) from ${householdRows(`entry.person_key = ${personKey}`)} h), '[]')`;
}
