/**
 * The bureau's own decision: the scope of each kind, or why nothing is answered. Every use in the document that reaches it must stand in the
 * footprint that the caller was granted, the agreements must grant that footprint's part of this bureau now, and what is shown is what they and the
 * gateway's agreements both show.
 */
import { GraphQLError } from 'graphql';
import type { Agreement, Verb } from '../sharing/agreement';
import { type Decision, type decide, type Grounds, type Refusal, unshown } from '../sharing/decide';
import { type Footprint, nameOfUse, type ShareMap, type Use } from '../sharing/footprint';
import { notShared } from '../sharing/not-shared';
import type { Passage } from '../sharing/passage';
import { keptOr } from '../sharing/remember';
import { isLimited, narrowed, type Scope } from '../sharing/scope';

/** A document as it reaches a bureau. */
export interface Reaching {
  footprint: Footprint;
  /** The part of the footprint that enters by the bureau's own root fields, and so has its verb from the document itself. */
  rooted: Footprint;
}

export type DecideHere = (
  passage: Passage,
  here: Reaching,
  agreements: readonly Agreement[],
  day: string,
) => GrantedHere | GraphQLError;

type GrantedHere = Extract<Decision, { granted: true }>;

/** Decides for one bureau's schema; what depends on documents alone is worked out once. */
export function decisionHere(map: ShareMap, remembered: typeof decide): DecideHere {
  const parts = new WeakMap<Footprint, WeakMap<Reaching, Part>>();
  const shown = new WeakMap<GrantedHere, WeakMap<Passage['scopes'], GrantedHere | Refusal>>();

  function partOf(footprint: Footprint, here: Reaching): Part {
    const byDocument = keptOr(parts, footprint, () => new WeakMap<Reaching, Part>());
    return keptOr(byDocument, here, () => partHere(footprint, here));
  }

  return ({ caller, footprint, scopes, exhausted }, here, agreements, day) => {
    const { own, strange } = partOf(footprint, here);
    if (strange)
      return new GraphQLError(`${nameOfUse(strange)} is not in the footprint that was decided on`, {
        extensions: { code: 'NOT_SHARED' },
      });
    const grounds: Grounds = { agreements, day, kinds: map, exhausted };
    const decision: Decision = remembered(caller, own, grounds);
    if (!decision.granted) return notShared(decision.refusals)[0] as GraphQLError;
    if (scopes.size === 0) return decision;
    const byScopes = keptOr(shown, decision, () => new WeakMap());
    const both = keptOr(byScopes, scopes, () => shownByBoth(decision, own, scopes));
    return 'granted' in both ? both : (notShared([both])[0] as GraphQLError);
  };
}

/** The decision within the scopes in which the gateway granted the same. Where they have nothing in common that is refused: it must not read as no record. */
function shownByBoth(decision: GrantedHere, own: Footprint, given: Passage['scopes']): GrantedHere | Refusal {
  const scopes = new Map<string, Scope>();
  for (const [kind, here] of decision.scopes) {
    const there = given.get(kind);
    scopes.set(kind, there && isLimited(there) ? narrowed(here, there) : here);
  }
  for (const use of own.uses) {
    const reason = unshown(use, scopes);
    if (reason === undefined) continue;
    const field = `${use.kind}.${use.field}`;
    const apply = 'What the agreements of the hub and of the bureau show has too little in common: ask both';
    return { field, verb: use.verb, provider: null, reason, apply };
  }
  return { ...decision, scopes };
}

/** What of a granted footprint is this bureau's to decide, and what the document uses that was not granted. */
interface Part {
  own: Footprint;
  strange: Use | undefined;
}

/** By which records are read. What enters by `_entities` was asked for by one of them, of another bureau's root field: only the gateway knows which. */
const READING: readonly Verb[] = ['LOOKUP', 'LIST', 'FEED'];

function partHere(granted: Footprint, { footprint: here, rooted }: Reaching): Part {
  const kinds = new Set(here.uses.map((use) => use.kind));
  const uses = granted.uses.filter((use) => kinds.has(use.kind));
  const asked = new Set(uses.map(nameOfUse));
  const isAsked = (use: Use) => asked.has(nameOfUse(use));
  const isRead = (use: Use) => READING.includes(use.verb) && READING.some((verb) => isAsked({ ...use, verb }));
  const strange = here.uses.find((use) => !isAsked(use) && !isRead(use)) ?? rooted.uses.find((use) => !isAsked(use));
  // A field that is filtered by here must be granted as it is, whatever the gateway said of it.
  const exact = new Set(here.uses.filter((use) => use.exact).map((use) => `${use.kind}.${use.field}`));
  const own = uses.map((use) => (exact.has(`${use.kind}.${use.field}`) ? { ...use, exact: true as const } : use));
  return { own: { ...here, uses: own }, strange };
}
