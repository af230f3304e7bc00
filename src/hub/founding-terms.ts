/**
 * What bureaus allow each other in a newly founded hub: each sees what its own work needs, and no more. Read as an example of agreements:
 * a feed without names, a case at a time with them, one-bit answers alone, and fields shown in part.
 */
import { recordKinds } from '../bureaus/bureau';
import type { RecordKind } from '../bureaus/record';
import { fieldsAsked } from '../crosscheck/store';
import type { Clause, Verb } from '../sharing/agreement';
import type { Terms } from '../sharing/terms';
import { CASE_INVESTIGATION, FUND_SUPERVISION, SERVICE_WINDOW, SUPERVISION } from './codes';

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
  'version', 'isSupported', 'changedSinceDecision', 'withdrawnBecause', 'code', 'title', 'titleZh', 'basis', 'reads',
  'findings', 'decided', 'legitimate', 'precision', 'lastRun', 'skippedBecause',
]; // biome-ignore format: a list of words

/** Reasons are the reviewer's own words, and may name the person. */
const REASONED_FIELDS = ['decision', 'history'];

/** Handed out one at a time, never by the list. */
const DOCUMENT_FIELDS = ['document'];

/** What reviewing changes. */
const REVIEWED_FIELDS = ['id', 'state', 'version', 'decision'];

const ACCESS_FIELDS = ['at', 'agency', 'officer', 'purpose', 'case', 'kinds', 'verbs', 'receipt'];

/** The clauses of one purpose on one kind. */
type Granting = (kind: RecordKind) => readonly Omit<Clause, 'recordKind'>[];

const VERIFY: readonly Verb[] = ['VERIFY'];

/** The one-bit answers that rest on a kind, if they are among these. */
function answers(kind: RecordKind, among: readonly string[]): Omit<Clause, 'recordKind'>[] {
  const fields = (kind.answers ?? []).filter((name) => among.includes(name));
  return fields.length > 0 ? [{ fields, verbs: VERIFY }] : [];
}

const SUPERVISION_TERMS: Granting = (kind) => [{ fields: blindFields(kind), verbs: ['FEED', 'LIST', 'LOOKUP'] }];

const CASE_TERMS: Granting = (kind) => [
  { fields: allFields(kind), verbs: kind.provider === 'medical-insurance' ? ['LIST', 'LOOKUP'] : ['LOOKUP'] },
  ...answers(kind, kind.answers ?? []),
];

/** A window of the insurance bureau. */
const WINDOW_TERMS: Granting = (kind) => answers(kind, ['aliveOn', 'retiredOn', 'paidFor', 'monitoredOn']);

const PENSION_TERMS: Granting = (kind) => {
  const deaths = ['sourceId', 'recordedAt', 'person', 'source', 'deathDate', 'datePrecision', 'status', 'registeredAt'];
  const registered = ['sourceId', 'status', 'cancelReason', 'cancelDate'];
  if (kind.kind === 'death') return [{ fields: deaths, verbs: ['FEED', 'LOOKUP'] }, ...answers(kind, ['aliveOn'])];
  if (kind.kind === 'household') return [{ fields: registered, verbs: ['LOOKUP'] }, ...answers(kind, ['aliveOn'])];
  return [];
};

const MONITORING_TERMS: Granting = (kind) => {
  const cost = ['sourceId', 'totalAmount', 'selfPaid', 'serviceDate', 'admissionDate', 'claimType'];
  const whom = ['sourceId', 'name', 'address', 'districtCode'];
  if (kind.kind === 'claim') return [{ fields: cost, verbs: ['LOOKUP'] }];
  if (kind.kind === 'enrollment') return answers(kind, ['insuredOn']);
  if (kind.kind === 'household')
    return [{ fields: whom, verbs: ['LOOKUP'], masks: { name: 'PARTIAL', address: 'PARTIAL' } }];
  return [];
};

/** The terms a hub is founded with, holding for a year from `today`. */
export function foundingTerms(today: string): Terms[] {
  return [
    ...grant(SUPERVISION, FUND_SUPERVISION, false, SUPERVISION_TERMS, today),
    ...grant(SUPERVISION, CASE_INVESTIGATION, true, CASE_TERMS, today),
    ...grant('social-security', 'PENSION_REVIEW', false, PENSION_TERMS, today),
    ...grant('rural-revitalisation', 'POVERTY_MONITORING', false, MONITORING_TERMS, today),
    ...grant('medical-insurance', SERVICE_WINDOW, false, WINDOW_TERMS, today),
    ...[FUND_SUPERVISION, CASE_INVESTIGATION].map((purpose) => ownFindings(purpose, today)),
  ];
}

function grant(agency: string, purpose: string, caseRequired: boolean, terms: Granting, today: string): Terms[] {
  const byProvider = new Map<string, Clause[]>();
  for (const kind of recordKinds()) {
    const clauses = terms(kind).map((clause) => ({ recordKind: kind.kind, ...clause }));
    if (clauses.length > 0) byProvider.set(kind.provider, [...(byProvider.get(kind.provider) ?? []), ...clauses]);
  }
  return [...byProvider].map(([provider, clauses]) =>
    agreement(provider, agency, purpose, caseRequired, clauses, today),
  );
}

function ownFindings(purpose: string, today: string): Terms {
  const clauses: Clause[] = [{ recordKind: 'finding', fields: FINDING_FIELDS, verbs: ['LIST', 'LOOKUP'] }];
  if (purpose === CASE_INVESTIGATION)
    clauses.push(
      { recordKind: 'finding', fields: REASONED_FIELDS, verbs: ['LIST', 'LOOKUP'] },
      { recordKind: 'finding', fields: DOCUMENT_FIELDS, verbs: ['LOOKUP'] },
      { recordKind: 'finding', fields: REVIEWED_FIELDS, verbs: ['REVIEW'] },
      { recordKind: 'access', fields: ACCESS_FIELDS, verbs: ['LOOKUP'] },
    );
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
