/**
 * The decision: may this caller, for this purpose, make this footprint, under these agreements, on this day? Pure: the same input gives the
 * same answer, here at the gateway and again in each bureau. What no clause allows is refused.
 */
import type { Agreement } from './agreement';
import type { Caller } from './caller';
import { type Footprint, nameOfUse, type Use } from './footprint';

export type RefusalReason =
  | 'NO_AGREEMENT'
  | 'FIELD'
  | 'VERB'
  | 'PURPOSE'
  | 'DISTRICT'
  | 'EXPIRED'
  | 'REVOKED'
  | 'QUOTA';

export interface Refusal {
  /** `kind.field`, or `Type.field` for a field that can be granted to nobody, or `*` for the whole operation. */
  field: string;
  verb: string;
  provider: string | null;
  reason: RefusalReason;
  /** What to ask whom for. */
  apply: string;
}

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
  provider: (kind: string) => string | null,
): Decision {
  const own = agreements.filter((agreement) => agreement.agency === caller.agency);
  const standing = own.filter((agreement) => stands(agreement, day) && serves(agreement, caller));
  const used = new Set<Agreement>();
  const refusals: Refusal[] = [];
  for (const field of footprint.untagged) {
    refusals.push({ field, verb: '', provider: null, reason: 'FIELD', apply: 'This field is shared with nobody' });
  }
  if (standing.length === 0)
    refusals.push(refuse({ kind: '*', field: '*', verb: 'LOOKUP' }, caller, own, standing, day, null));
  else {
    for (const use of footprint.uses) {
      const allowing = standing.find((agreement) => allows(agreement, use, provider));
      if (allowing) used.add(allowing);
      else refusals.push(refuse(use, caller, own, standing, day, use.kind === 'any' ? null : provider(use.kind)));
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

function allows(agreement: Agreement, use: Use, provider: (kind: string) => string | null): boolean {
  return agreement.clauses.some(
    (clause) =>
      (use.kind === 'any' || clause.recordKind === use.kind) &&
      // A provider can give away only what is its own. A bureau alone knows only its own kinds, and whether some kind is granted is not about one.
      (provider(clause.recordKind) ?? (use.kind === 'any' ? agreement.provider : null)) === agreement.provider &&
      clause.verbs.includes(use.verb) &&
      clause.fields.length > 0 &&
      (use.field === '*' || clause.fields.includes(use.field)),
  );
}

function refuse(
  use: Use,
  caller: Caller,
  own: readonly Agreement[],
  standing: readonly Agreement[],
  day: string,
  provider: string | null,
): Refusal {
  const about = (agreement: Agreement) =>
    use.kind === '*' || use.kind === 'any' || agreement.clauses.some((clause) => clause.recordKind === use.kind);
  const reason = reasonOf(use, caller, own.filter(about), standing.filter(about), day);
  if (
    reason === 'PURPOSE' &&
    own.some((agreement) => about(agreement) && stands(agreement, day) && agreement.purposes.includes(caller.purpose))
  ) {
    const apply = `Purpose ${caller.purpose} is for one case at a time: send its number in header x-case`;
    return { field: use.kind === '*' ? '*' : `${use.kind}.${use.field}`, verb: use.verb, provider, reason, apply };
  }
  const what =
    use.kind === '*'
      ? `an agreement with purpose ${caller.purpose}`
      : `${nameOfUse(use)} for purpose ${caller.purpose}`;
  return {
    field: use.kind === '*' ? '*' : `${use.kind}.${use.field}`,
    verb: use.verb,
    provider,
    reason,
    apply: `Ask ${provider ?? 'the providing bureau'} for ${what}`,
  };
}

function reasonOf(
  use: Use,
  caller: Caller,
  own: readonly Agreement[],
  standing: readonly Agreement[],
  day: string,
): RefusalReason {
  const clauses = standing.flatMap((agreement) => agreement.clauses.filter((clause) => clause.recordKind === use.kind));
  if (clauses.some((clause) => use.field === '*' || clause.fields.includes(use.field))) return 'VERB';
  if (clauses.length > 0) return 'FIELD';
  const forPurpose = own.filter((agreement) => agreement.purposes.includes(caller.purpose));
  if (forPurpose.some((agreement) => agreement.state === 'REVOKED')) return 'REVOKED';
  if (
    forPurpose.some(
      (agreement) => agreement.state === 'EXPIRED' || (agreement.state === 'APPROVED' && agreement.validTo < day),
    )
  )
    return 'EXPIRED';
  if (own.some((agreement) => stands(agreement, day))) return 'PURPOSE';
  return 'NO_AGREEMENT';
}
