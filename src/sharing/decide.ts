/**
 * The decision: may this caller, for this purpose, make this footprint, under these agreements, on this day? Pure: the same input gives the
 * same answer, here at the gateway and again in each bureau. What no clause allows is refused.
 */
import type { Agreement, Clause } from './agreement';
import type { Caller } from './caller';
import type { Footprint, Use } from './footprint';

export type RefusalReason =
  | 'NO_AGREEMENT'
  | 'FIELD'
  | 'VERB'
  | 'PURPOSE'
  | 'DISTRICT'
  | 'EXPIRED'
  | 'REVOKED'
  | 'QUOTA';

/** One thing that was refused, why, and what to do about it. */
export interface Refusal {
  /** `kind.field`, or `Type.field` for a field that can be granted to nobody, or `*` for the whole operation. */
  field: string;
  verb: string;
  provider: string | null;
  reason: RefusalReason;
  /** What to ask whom for. */
  apply: string;
}

/** The agency that gives records of a kind; null when nobody here does. */
type ProviderOf = (kind: string) => string | null;

/** Stands for the whole operation in a refusal. */
const WHOLE: Use = { kind: '*', field: '*', verb: 'LOOKUP' };

export type Decision =
  | { granted: true; agreements: readonly string[] }
  | { granted: false; agreements: readonly string[]; refusals: readonly Refusal[] };

/**
 * Decides on a footprint. `agreements` are the agency's, in every state; `day` is the civil day, `YYYY-MM-DD`; `provider` names the agency
 * that gives a kind.
 */
export function decide(
  caller: Caller,
  footprint: Footprint,
  agreements: readonly Agreement[],
  day: string,
  provider: ProviderOf,
): Decision {
  const own = agreements.filter((agreement) => agreement.agency === caller.agency);
  const standing = own.filter((agreement) => stands(agreement, day) && serves(agreement, caller));
  const used = new Set<Agreement>();
  const refusals: Refusal[] = [];
  for (const field of footprint.untagged) {
    refusals.push({ field, verb: '', provider: null, reason: 'FIELD', apply: 'This field is shared with nobody' });
  }
  const needsAgreement = footprint.uses.length > 0 || !(footprint.own || footprint.introspection);
  if (standing.length === 0 && needsAgreement) refusals.push(refuse(WHOLE, caller, own, standing, day, provider));
  else {
    for (const use of footprint.uses) {
      const allowing = standing.find((agreement) => allows(agreement, use, provider));
      if (allowing) used.add(allowing);
      else refusals.push(refuse(use, caller, own, standing, day, provider));
    }
  }
  const ids = [...used].map((agreement) => agreement.id).sort();
  if (refusals.length > 0) return { granted: false, agreements: ids, refusals };
  return { granted: true, agreements: ids };
}

/** Whether an agreement is in force on a day. */
export function stands(agreement: Agreement, day: string): boolean {
  return agreement.state === 'APPROVED' && agreement.validFrom <= day && day <= agreement.validTo;
}

/** Whether an agreement is for what the caller wants: its purpose, and a case where the purpose is for one case at a time. */
function serves(agreement: Agreement, caller: Caller): boolean {
  return agreement.purposes.includes(caller.purpose) && (!agreement.caseRequired || caller.case !== null);
}

function allows(agreement: Agreement, use: Use, provider: ProviderOf): boolean {
  return clausesOn(agreement, use.kind, provider).some(
    (clause) => names(clause, use) && clause.verbs.includes(use.verb) && unenforced(agreement, clause) === undefined,
  );
}

/** The clauses of an agreement on a kind of record, as far as they are its provider's to give. */
function clausesOn(agreement: Agreement, kind: string, provider: ProviderOf): readonly Clause[] {
  return agreement.clauses.filter(
    ({ recordKind }) =>
      (kind === 'any' || recordKind === kind) &&
      // A provider can give away only what is its own. A bureau alone knows only its own kinds, and whether some kind is granted is not about one.
      (provider(recordKind) ?? (kind === 'any' ? agreement.provider : null)) === agreement.provider,
  );
}

function names(clause: Clause, use: Use): boolean {
  return clause.fields.length > 0 && (use.field === '*' || clause.fields.includes(use.field));
}

/** A term of the agreement that nothing here enforces: what it would limit is not shared at all rather than without limit. */
function unenforced(agreement: Agreement, clause: Clause): RefusalReason | undefined {
  if (agreement.personsPerDay !== null) return 'QUOTA';
  const { recordKind: _kind, fields: _fields, verbs: _verbs, ...terms } = clause;
  const [term] =
    Object.entries(terms).find(([, value]) => Object.keys((value as object | null) ?? {}).length > 0) ?? [];
  if (term === undefined) return undefined;
  return term === 'districts' ? 'DISTRICT' : 'FIELD';
}

/** Why a use was refused, and what to do about it. */
function refuse(
  use: Use,
  caller: Caller,
  own: readonly Agreement[],
  standing: readonly Agreement[],
  day: string,
  providerOf: ProviderOf,
): Refusal {
  const whole = use === WHOLE;
  const provider = whole || use.kind === 'any' ? null : providerOf(use.kind);
  const concerns = (agreement: Agreement) => whole || clausesOn(agreement, use.kind, providerOf).length > 0;
  const concerned = own.filter(concerns);
  const reason = reasonOf(use, caller, concerned, standing, day, providerOf);
  const field = whole ? '*' : `${use.kind}.${use.field}`;
  const needsCase = concerned.some(
    (agreement) => stands(agreement, day) && agreement.purposes.includes(caller.purpose) && !serves(agreement, caller),
  );
  if (reason === 'PURPOSE' && needsCase) {
    const apply = `Purpose ${caller.purpose} is for one case at a time: send its number in header x-case`;
    return { field, verb: use.verb, provider, reason, apply };
  }
  const what = whole ? 'for an agreement' : `to share ${field} (${use.verb})`;
  return {
    field,
    verb: use.verb,
    provider,
    reason,
    apply: `Ask ${provider ?? 'the providing bureau'} ${what} for purpose ${caller.purpose}`,
  };
}

function reasonOf(
  use: Use,
  caller: Caller,
  concerned: readonly Agreement[],
  standing: readonly Agreement[],
  day: string,
  provider: ProviderOf,
): RefusalReason {
  const clauses = standing.flatMap((agreement) =>
    clausesOn(agreement, use.kind, provider).map((clause) => ({ clause, limit: unenforced(agreement, clause) })),
  );
  const naming = clauses.filter(({ clause }) => names(clause, use));
  const limited = naming.find(({ clause, limit }) => limit && clause.verbs.includes(use.verb));
  if (limited?.limit) return limited.limit;
  if (naming.length > 0) return 'VERB';
  if (clauses.length > 0) return 'FIELD';
  const forPurpose = concerned.filter((agreement) => agreement.purposes.includes(caller.purpose));
  if (forPurpose.some((agreement) => agreement.state === 'REVOKED')) return 'REVOKED';
  if (
    forPurpose.some(
      (agreement) => agreement.state === 'EXPIRED' || (agreement.state === 'APPROVED' && agreement.validTo < day),
    )
  )
    return 'EXPIRED';
  if (concerned.some((agreement) => stands(agreement, day))) return 'PURPOSE';
  return 'NO_AGREEMENT';
}
