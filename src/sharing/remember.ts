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

/** What is kept of an object, made when it is first asked for. */
export function keptOr<K extends object, V>(kept: WeakMap<K, V>, of: K, make: () => V): V {
  const known = kept.get(of);
  if (known !== undefined) return known;
  const made = make();
  kept.set(of, made);
  return made;
}

/** `decide` with a memory, for one schema: `grounds.kinds` must always be the same. */
export function rememberDecisions(): typeof decide {
  const known = new WeakMap<readonly Agreement[], Map<string, WeakMap<Footprint, Decision>>>();

  function decisionsFor(caller: Caller, { agreements, day }: Grounds): WeakMap<Footprint, Decision> {
    const byCaller = keptOr(known, agreements, () => new Map<string, WeakMap<Footprint, Decision>>());
    const name = nameOf(caller, day);
    const found = byCaller.get(name);
    if (found) return found;
    const decisions = new WeakMap<Footprint, Decision>();
    if (byCaller.size >= CALLERS_MAX) byCaller.clear();
    byCaller.set(name, decisions);
    return decisions;
  }

  return (caller, footprint, grounds) => {
    // Which agreements are used up changes with every operation.
    if (grounds.exhausted?.size) return decide(caller, footprint, grounds);
    return keptOr(decisionsFor(caller, grounds), footprint, () => decide(caller, footprint, grounds));
  };
}

const names = new WeakMap<Caller, { day: string; name: string }>();

/** All of the caller that a decision and the words of its refusals depend on. One request has one caller, and eight decisions. */
function nameOf(caller: Caller, day: string): string {
  const known = names.get(caller);
  if (known?.day === day) return known.name;
  const name = JSON.stringify([caller.agency, caller.purpose, caller.case !== null, day]);
  names.set(caller, { day, name });
  return name;
}
