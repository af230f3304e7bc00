/**
 * The decision: may this caller, for this purpose, make this footprint, under these agreements, on this day? Pure: the same input gives the
 * same answer, here at the gateway and again in each bureau. What no clause allows is refused.
 */
import type { Agreement, Clause } from './agreement';
import type { Caller } from './caller';
import type { Footprint, Use } from './footprint';
import { type Grant, intersection, maskIn, type Scope, union, WITHOUT_LIMIT } from './scope';

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

/** What the schema says of kinds of record. */
export interface KindFacts {
  /** The agency that gives records of a kind; null when nobody here does. */
  provider(kind: string): string | null;
  /** Whether records of a kind belong to districts, so that a clause may be limited to some. */
  hasDistricts(kind: string): boolean;
}

/** Stands for the whole operation in a refusal. */
const WHOLE: Use = { kind: '*', field: '*', verb: 'LOOKUP' };

export type Decision =
  | { granted: true; agreements: readonly string[]; scopes: ReadonlyMap<string, Scope> }
  | { granted: false; agreements: readonly string[]; refusals: readonly Refusal[] };

/** What is decided on besides caller and footprint. */
export interface Grounds {
  /** The agency's agreements, in every state. */
  agreements: readonly Agreement[];
  /** The civil day, `YYYY-MM-DD`. */
  day: string;
  kinds: KindFacts;
  /** Agreements whose persons of this day are used up. */
  exhausted?: ReadonlySet<string>;
}

/** A clause that allows a use, and what it gives. */
interface Allowing extends Grant {
  agreement: Agreement;
}

/** Decides on a footprint. */
export function decide(caller: Caller, footprint: Footprint, grounds: Grounds): Decision {
  const own = grounds.agreements.filter((agreement) => agreement.agency === caller.agency);
  const standing = own.filter((agreement) => stands(agreement, grounds.day) && serves(agreement, caller));
  const matter: Matter = { caller, own, standing, grounds };
  const used = new Set<string>();
  const refusals: Refusal[] = footprint.untagged.map((field) => ({
    field,
    verb: '',
    provider: null,
    reason: 'FIELD',
    apply: 'This field is shared with nobody',
  }));
  const needsAgreement = footprint.uses.length > 0 || !(footprint.own || footprint.introspection);
  if (standing.length === 0 && needsAgreement) {
    return { granted: false, agreements: [], refusals: [...refusals, refuse(WHOLE, matter)] };
  }
  const grants = new Map<Use, readonly Allowing[]>();
  for (const use of footprint.uses) {
    const allowing = allowingClauses(use, matter);
    for (const { agreement } of allowing) used.add(agreement.id);
    if (allowing.length > 0) grants.set(use, allowing);
    else refusals.push(refuse(use, matter));
  }
  const scopes = scopesOf(grants);
  for (const [use] of grants) {
    const reason = unshown(use, scopes);
    if (reason) refusals.push(refuse(use, matter, reason));
  }
  const ids = [...used].sort();
  if (refusals.length > 0) return { granted: false, agreements: ids, refusals };
  return { granted: true, agreements: ids, scopes };
}

/** Why a use that is granted can still not be had in these scopes; undefined when it can. */
export function unshown(use: Use, scopes: ReadonlyMap<string, Scope>): 'DISTRICT' | 'FIELD' | undefined {
  const { districts, masks } = scopes.get(use.kind) ?? WITHOUT_LIMIT;
  // Fields granted in districts that have nothing in common can be read one by one, never together.
  if (districts?.length === 0) return 'DISTRICT';
  // Who may see a date's year only may not find out its day by filtering or sorting.
  return use.exact && Object.hasOwn(masks, use.field) ? 'FIELD' : undefined;
}

/** Whether an agreement is in force on a day. */
export function stands(agreement: Agreement, day: string): boolean {
  return agreement.state === 'APPROVED' && agreement.validFrom <= day && day <= agreement.validTo;
}

/** Whether an agreement is for what the caller wants: its purpose, and a case where the purpose is for one case at a time. */
function serves(agreement: Agreement, caller: Caller): boolean {
  return agreement.purposes.includes(caller.purpose) && (!agreement.caseRequired || caller.case !== null);
}

/** What a decision is about, beside the use in question. */
interface Matter {
  caller: Caller;
  own: readonly Agreement[];
  standing: readonly Agreement[];
  grounds: Grounds;
}

/**
 * The clauses that allow a use. One without any limit is enough; else all of them count together. Those of agreements that count persons are
 * used only where no other allows.
 */
function allowingClauses(use: Use, { standing, grounds }: Matter): readonly Allowing[] {
  const all = standing
    .filter((agreement) => !grounds.exhausted?.has(agreement.id))
    .flatMap((agreement) =>
      clausesOn(agreement, use.kind, grounds.kinds)
        .filter((clause) => names(clause, use) && clause.verbs.includes(use.verb) && isEnforced(clause, grounds.kinds))
        .map((clause): Allowing => {
          const mask = (clause.masks && Object.hasOwn(clause.masks, use.field) && clause.masks[use.field]) || 'PLAIN';
          return { agreement, districts: clause.districts?.length ? clause.districts : null, mask };
        }),
    );
  const uncounted = all.filter(({ agreement }) => agreement.personsPerDay === null);
  const best = uncounted.length > 0 ? uncounted : all;
  // Of some kind or other: whichever it is, its own fields bring its limits.
  if (use.kind === 'any') return best.slice(0, 1).map((grant) => ({ ...grant, districts: null }));
  const unlimited = best.find(({ districts, mask }) => districts === null && mask === 'PLAIN');
  return unlimited ? [unlimited] : best;
}

/** One scope per kind; see scope.ts. */
function scopesOf(grants: ReadonlyMap<Use, readonly Allowing[]>): Map<string, Scope> {
  const districts = new Map<string, Scope['districts']>();
  for (const [{ kind }, allowing] of grants) {
    const here = union(allowing.map((grant) => grant.districts));
    districts.set(kind, districts.has(kind) ? intersection(districts.get(kind) ?? null, here) : here);
  }
  const masks = new Map<string, Record<string, Exclude<ReturnType<typeof maskIn>, 'PLAIN'>>>();
  for (const [{ kind, field }, allowing] of grants) {
    const mask = maskIn(districts.get(kind) ?? null, allowing);
    if (mask !== 'PLAIN') masks.set(kind, { ...masks.get(kind), [field]: mask });
  }
  return new Map([...districts].map(([kind, where]) => [kind, { districts: where, masks: masks.get(kind) ?? {} }]));
}

/** The clauses of an agreement on a kind of record, as far as they are its provider's to give. */
function clausesOn(agreement: Agreement, kind: string, kinds: KindFacts): readonly Clause[] {
  return agreement.clauses.filter(
    ({ recordKind }) =>
      // A provider can give away only what is its own.
      (kind === 'any' || recordKind === kind) && kinds.provider(recordKind) === agreement.provider,
  );
}

function names(clause: Clause, use: Use): boolean {
  return clause.fields.length > 0 && (use.field === '*' || clause.fields.includes(use.field));
}

const ENFORCED = new Set(['recordKind', 'fields', 'verbs', 'masks', 'districts']);

/** A clause with a term that nothing here enforces gives nothing: what the term would limit is not shared at all rather than without limit. */
function isEnforced(clause: Clause, kinds: KindFacts): boolean {
  if (clause.districts?.length && !kinds.hasDistricts(clause.recordKind)) return false;
  return Object.keys(clause).every((term) => ENFORCED.has(term));
}

/** Why a use was refused, and what to do about it. */
function refuse(use: Use, matter: Matter, because?: RefusalReason): Refusal {
  const { caller, own, grounds } = matter;
  const whole = use === WHOLE;
  const provider = whole || use.kind === 'any' ? null : grounds.kinds.provider(use.kind);
  const concerned = own.filter((agreement) => whole || clausesOn(agreement, use.kind, grounds.kinds).length > 0);
  const reason = because ?? reasonOf(use, concerned, matter);
  const field = whole ? '*' : `${use.kind}.${use.field}`;
  const needsCase = concerned.some(
    (agreement) =>
      stands(agreement, grounds.day) && agreement.purposes.includes(caller.purpose) && !serves(agreement, caller),
  );
  if (reason === 'PURPOSE' && needsCase) {
    const apply = `Purpose ${caller.purpose} is for one case at a time: send its number in header x-case`;
    return { field, verb: use.verb, provider, reason, apply };
  }
  const giver = provider ?? 'the providing bureau';
  const what = whole ? 'for an agreement' : `to share ${field} (${use.verb})`;
  return { field, verb: use.verb, provider, reason, apply: advice(reason, `Ask ${giver} ${what}`, caller) };
}

function advice(reason: RefusalReason, ask: string, { purpose }: Caller): string {
  if (reason === 'QUOTA') return `The persons of today are used up: go on tomorrow. ${ask} with more persons per day`;
  return `${ask} for purpose ${purpose}`;
}

function reasonOf(use: Use, concerned: readonly Agreement[], { caller, standing, grounds }: Matter): RefusalReason {
  const clauses = standing.flatMap((agreement) =>
    clausesOn(agreement, use.kind, grounds.kinds).map((clause) => ({ agreement, clause })),
  );
  const naming = clauses.filter(({ clause }) => names(clause, use));
  const fitting = naming.filter(({ clause }) => clause.verbs.includes(use.verb));
  if (fitting.some(({ agreement }) => grounds.exhausted?.has(agreement.id))) return 'QUOTA';
  if (fitting.length > 0) return fitting.some(({ clause }) => clause.districts?.length) ? 'DISTRICT' : 'FIELD';
  if (naming.length > 0) return 'VERB';
  if (clauses.length > 0) return 'FIELD';
  const forPurpose = concerned.filter((agreement) => agreement.purposes.includes(caller.purpose));
  if (forPurpose.some((agreement) => agreement.state === 'REVOKED')) return 'REVOKED';
  const isPast = ({ state, validTo }: Agreement) =>
    state === 'EXPIRED' || (state === 'APPROVED' && validTo < grounds.day);
  if (forPurpose.some(isPast)) return 'EXPIRED';
  if (concerned.some((agreement) => stands(agreement, grounds.day))) return 'PURPOSE';
  return 'NO_AGREEMENT';
}
