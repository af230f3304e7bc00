/**
 * What a rule of the cross-check is. One file in `rules/` each, found by reading the folder; a rule imports only this file.
 *
 * A rule is one SQL query over the matching store that names every doubtful subject. It says what it reads, so that it does not run
 * where a field is refused or a bureau has never delivered: unknown is never "no". What all rules share (who is who, death windows,
 * live claims) is stated once, here and in `evidence.ts`; a rule states only its own sentence.
 *
 *     export const rule: Rule = {
 *       code: 'D1', version: 1, title: { en: '…', zh: '…' }, basis: [{ zh: '社会保险法 第八十八条', en: '…' }],
 *       class: 'CLAIM', subjectKind: 'claim', parameters: { graceDays: 1 }, reads: [...READ_FOR_EVIDENCE, 'claim.serviceDate'],
 *       sql: ({ graceDays }) => `select c.source_id as subject, … from ${fundClaims} c join matching.death_window …`,
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
  /**
   * A query of the columns
   * - `subject` text: the `source_id`, institution code, or person key in hex, each at most once;
   * - `person_key` bytea: whose death tier is the finding's, null for none;
   * - `amount` numeric: yuan;
   * - `records` jsonb: array of `record()`, every record used but those of the death evidence, which the run adds.
   *
   * `$1` is the day for which the check is made (`$1::date`). `within('alias')` is a condition (`and …`) that keeps the query
   * to the persons to be checked; it stands where the query first reads a table.
   */
  sql(parameters: Parameters, within: (alias: string) => string): string;
}

/** What the tier and window of a person depend on: every rule's finding carries them. */
export const READ_FOR_EVIDENCE: readonly FieldName[] = [
  'household.person',
  'household.previousKeys',
  'household.nameKey',
  'household.birthDate',
  'household.status',
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
  'claim_line.claimSourceId',
  'claim_line.itemGroup',
];

/** The rules that tell of a claim after a proven death; what they find is not told again as a claim without cover or entitlement. */
export const TOLD_BY_PROVEN_DEATH: readonly string[] = ['D1', 'D2', 'D3', 'D6'];

/**
 * Live claims with fund money that are not mortuary-only. `care_day` is the day of care, `care_first` to `care_last` the days any of
 * which may satisfy a condition (the month of a capitation, else the day of care), `fund_paid` pooled + serious illness + aid.
 */
export const fundClaims = `(
  select l.* from matching.claim l
  where l.is_live and l.is_funded
    and not exists (select 1 from matching.mortuary_claim m where m.person_key = l.person_key and m.source_id = l.source_id)
)`;

/** The household row that speaks for a person: the one under the canonical number, by status, then latest, then larger key. */
export function householdRows(condition: string): string {
  return `(
  select distinct on (r.person_key) r.* from matching.household r
  where r.filed_key = r.person_key and ${condition}
  order by r.person_key, r.status = 'ACTIVE' desc, r.updated_at desc, r.source_id desc
)`;
}

/** One record used, as jsonb: `{ kind, sourceId, revision, recordedAt }`, the time in UTC with microseconds. */
export function record(kind: string, alias: string): string {
  return `jsonb_build_object('kind', ${kind}, 'sourceId', ${alias}.source_id, 'revision', ${alias}.revision::text,
    'recordedAt', to_char(${alias}.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))`;
}

/** All records of one kind that a person has, as a jsonb array: what a rule used when it found that none of them satisfies it. */
export function recordsOf(kind: RecordKindName, personKey: string): string {
  return `coalesce((select jsonb_agg(${record(`'${kind}'`, 'o')}) from matching.${kind} o where o.person_key = ${personKey}), '[]')`;
}
