/**
 * The agencies and agreements that an empty hub is founded with, so that the first start can show something. They are ordinary agreements: a
 * bureau may revoke each of them, and once the hub has any agreement, none is ever made here again.
 */
import type { DataSource, EntityManager } from 'typeorm';
import type { Signer } from '../audit/signing';
import { recordKinds } from '../bureaus/bureau';
import type { RecordKind } from '../bureaus/record';
import { fieldsAsked } from '../crosscheck/store';
import { Agency } from '../sharing/agency';
import { Agreement, type Clause, type Verb } from '../sharing/agreement';
import { signApproval } from '../sharing/approval';
import type { Terms } from '../sharing/terms';
import { SUPERVISION } from './codes';

/** Purpose of the cross-check: dates, codes and amounts under person keys, never a name or number. */
export const FUND_SUPERVISION = 'FUND_SUPERVISION';

/** Purpose of a reviewer who opens one case: names and numbers too, one person at a time, under a case number. */
export const CASE_INVESTIGATION = 'CASE_INVESTIGATION';

const AGENCIES: readonly { code: string; nameEn: string; nameZh: string }[] = [
  { code: 'public-security', nameEn: 'Public security bureau', nameZh: '公安局' },
  { code: 'civil-affairs', nameEn: 'Civil affairs bureau', nameZh: '民政局' },
  { code: 'medical-insurance', nameEn: 'Medical insurance bureau', nameZh: '医疗保障局' },
  { code: 'social-security', nameEn: 'Human resources and social security bureau', nameZh: '人力资源和社会保障局' },
  { code: 'tax', nameEn: 'Tax bureau', nameZh: '税务局' },
  { code: 'rural-revitalisation', nameEn: 'Rural revitalisation bureau', nameZh: '乡村振兴局' },
  { code: SUPERVISION, nameEn: 'Medical insurance fund supervision', nameZh: '医疗保障基金监管事务中心' },
];

/** How long founding agreements hold. */
const YEARS = 1;

/** Every field that records of a kind share. */
function allFields(kind: RecordKind): string[] {
  const filed = ['sourceId', 'revision', 'updatedAt', 'recordedAt', 'validAsOf'];
  const persons = [...(kind.filedUnder ? ['person'] : []), ...(kind.kind === 'claim' ? ['accountOwner'] : [])];
  return [...filed, ...persons, ...kind.fields.filter((field) => !field.hidden).map((field) => field.name)];
}

/** What the cross-check reads of a kind, and nothing else. */
function blindFields(kind: RecordKind): string[] {
  const asked = fieldsAsked()
    .filter((field) => field.startsWith(`${kind.kind}.`))
    .map((field) => field.slice(kind.kind.length + 1));
  const ofClaims = kind.kind === 'claim' ? ['institutionName', 'totalAmount', 'selfPaid'] : [];
  return [...new Set(['sourceId', 'revision', 'updatedAt', 'recordedAt', 'validAsOf', ...asked, ...ofClaims])];
}

const FINDING_FIELDS = [
  'id', 'rule', 'subjectKind', 'subject', 'amount', 'tier', 'state', 'class', 'advice', 'foundAt', 'changedAt', 'person', 'evidence',
  'code', 'version', 'title', 'titleZh', 'basis', 'reads',
]; // biome-ignore format: a list of words

const ACCESS_FIELDS = ['at', 'agency', 'officer', 'purpose', 'case', 'kinds', 'verbs', 'receipt'];

/** The clauses of one purpose, by provider. */
type Granting = (kind: RecordKind) => { fields: readonly string[]; verbs: readonly Verb[] } | undefined;

const SUPERVISION_TERMS: Granting = (kind) => ({
  fields: blindFields(kind),
  verbs: ['FEED', 'LIST', 'LOOKUP', 'VERIFY'],
});
const CASE_TERMS: Granting = (kind) => ({
  fields: allFields(kind),
  verbs: kind.provider === 'medical-insurance' ? ['LIST', 'LOOKUP', 'VERIFY'] : ['LOOKUP', 'VERIFY'],
});

/** What bureaus allow each other in the demo city: each sees what its own work needs, and no more. */
const PENSION_TERMS: Granting = (kind) => {
  if (kind.kind === 'death')
    return {
      fields: ['sourceId', 'person', 'source', 'deathDate', 'datePrecision', 'status', 'registeredAt'],
      verbs: ['FEED', 'LOOKUP', 'VERIFY'],
    };
  if (kind.kind === 'household')
    return { fields: ['sourceId', 'status', 'cancelReason', 'cancelDate'], verbs: ['LOOKUP', 'VERIFY'] };
  return undefined;
};
const MONITORING_TERMS: Granting = (kind) => {
  if (kind.kind === 'claim')
    return {
      fields: ['sourceId', 'totalAmount', 'selfPaid', 'serviceDate', 'admissionDate', 'claimType'],
      verbs: ['LOOKUP'],
    };
  if (kind.kind === 'enrollment')
    return { fields: ['sourceId', 'scheme', 'status', 'startDate', 'endDate'], verbs: ['LOOKUP', 'VERIFY'] };
  return undefined;
};

/** Who proposes and who approves a founding agreement. */
const PROPOSER = 'founding: proposer';
const APPROVER = 'founding: approver';

/**
 * Founds the hub: writes agencies and agreements, signed, when there are none. `now` is when that happens. Returns how many agreements were
 * written, 0 ever after.
 */
export async function foundHub(
  dataSource: DataSource,
  signer: Signer,
  today: string,
  now: () => Date = () => new Date(),
): Promise<number> {
  return dataSource.transaction(async (manager) => {
    await manager.query('lock table sharing.agreement in share row exclusive mode');
    if ((await manager.count(Agreement)) > 0) return 0;
    await manager.upsert(Agency, AGENCIES as Agency[], ['code']);
    const agreements = foundingTerms(today);
    for (const terms of agreements) await found(manager, signer, terms, now().toISOString());
    return agreements.length;
  });
}

/** The terms a hub is founded with, holding for a year from `today`. */
export function foundingTerms(today: string): Terms[] {
  return [
    ...grant(SUPERVISION, FUND_SUPERVISION, false, SUPERVISION_TERMS, today),
    ...grant(SUPERVISION, CASE_INVESTIGATION, true, CASE_TERMS, today),
    ...grant('social-security', 'PENSION_REVIEW', false, PENSION_TERMS, today),
    ...grant('rural-revitalisation', 'POVERTY_MONITORING', false, MONITORING_TERMS, today),
    ...[FUND_SUPERVISION, CASE_INVESTIGATION].map((purpose) => ownFindings(purpose, today)),
  ];
}

function grant(agency: string, purpose: string, caseRequired: boolean, terms: Granting, today: string): Terms[] {
  const byProvider = new Map<string, Clause[]>();
  for (const kind of recordKinds()) {
    const granted = terms(kind);
    if (!granted) continue;
    byProvider.set(kind.provider, [...(byProvider.get(kind.provider) ?? []), { recordKind: kind.kind, ...granted }]);
  }
  return [...byProvider].map(([provider, clauses]) =>
    agreement(provider, agency, purpose, caseRequired, clauses, today),
  );
}

function ownFindings(purpose: string, today: string): Terms {
  const clauses: Clause[] = [{ recordKind: 'finding', fields: FINDING_FIELDS, verbs: ['LIST', 'LOOKUP'] }];
  if (purpose === CASE_INVESTIGATION) clauses.push({ recordKind: 'access', fields: ACCESS_FIELDS, verbs: ['LOOKUP'] });
  return agreement(SUPERVISION, SUPERVISION, purpose, false, clauses, today);
}

function agreement(
  provider: string,
  agency: string,
  purpose: string,
  caseRequired: boolean,
  clauses: Clause[],
  today: string,
): Terms {
  return {
    id: `${provider}/${agency}/${purpose}`,
    provider,
    agency,
    purposes: [purpose],
    caseRequired,
    covertDays: {},
    clauses,
    validFrom: today,
    validTo: `${Number(today.slice(0, 4)) + YEARS}${today.slice(4) === '-02-29' ? '-02-28' : today.slice(4)}`,
    personsPerDay: null,
  };
}

/** Writes one founding agreement as what two officers agreed to: signed, and with its history. */
async function found(manager: EntityManager, signer: Signer, terms: Terms, at: string): Promise<void> {
  const approved = { ...terms, proposedBy: PROPOSER, proposedAt: at, approvedBy: APPROVER, approvedAt: at };
  const approval = signApproval(approved, signer);
  const version = 1;
  await manager.insert(Agreement, { ...approved, approval, state: 'APPROVED', version } as object);
  await manager.query(
    `insert into sharing.agreement_event (agreement, at, agency, officer, from_state, to_state, reason)
     values ($1, $2, $3, $4, null, 'PROPOSED', 'founding'), ($1, $2, $3, $5, 'PROPOSED', 'APPROVED', 'founding')`,
    [terms.id, at, terms.provider, PROPOSER, APPROVER],
  );
}
