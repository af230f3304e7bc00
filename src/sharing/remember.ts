/**
 * Decisions remembered: the same document under the same agreements is decided on once. What a decision depends on is compared by identity
 * (footprints are made once per document, agreements are the same array until they change), so nothing stale can be found: a changed
 * agreement comes in another array, and the old decisions go with the old one.
 */
import type { Agreement } from './agreement';
import type { Caller } from './caller';
import { type Decision, decide, type Grounds } from './decide';
import type { Footprint } from './footprint';

/** Kinds of caller remembered per agreements: purposes of one agency, with and without a case. More begin anew. */
const CALLERS_MAX = 100;

/** `decide` with a memory, for one schema: `grounds.kinds` must always be the same. */
export function rememberDecisions(): typeof decide {
  const known = new WeakMap<readonly Agreement[], Map<string, WeakMap<Footprint, Decision>>>();

  function decisionsFor(caller: Caller, { agreements, day }: Grounds): WeakMap<Footprint, Decision> {
    const byCaller = known.get(agreements) ?? new Map<string, WeakMap<Footprint, Decision>>();
    known.set(agreements, byCaller);
    // All of the caller that a decision and the words of its refusals depend on.
    const name = JSON.stringify([caller.agency, caller.purpose, caller.case !== null, day]);
    const decisions = byCaller.get(name) ?? new WeakMap<Footprint, Decision>();
    if (byCaller.size >= CALLERS_MAX) byCaller.clear();
    byCaller.set(name, decisions);
    return decisions;
  }

  return (caller, footprint, grounds) => {
    // Which agreements are used up changes with every operation.
    if (grounds.exhausted?.size) return decide(caller, footprint, grounds);
    const decisions = decisionsFor(caller, grounds);
    const decision = decisions.get(footprint) ?? decide(caller, footprint, grounds);
    decisions.set(footprint, decision);
    return decision;
  };
}
