/**
 * Back-tests: what the rules, or rules with other parameters, would find, on a day and with what was known on another, before anything is
 * switched on. Nothing of it is kept.
 *
 * What was known on a day is followed anew, through the same door and under the agreements of now, from the beginning of every feed to the
 * end of that day, into a database of its own beside the real one.
 */
import { follow } from '../crosscheck/follow';
import type { Parameters } from '../crosscheck/rule';
import { allRules, ruleOf } from '../crosscheck/rulebook';
import { check } from '../crosscheck/run';
import { type Trial, tryOut } from '../crosscheck/trial';
import type { Database } from '../db/database';
import { inScratch } from '../db/scratch';
import type { Hub } from './hub';
import { conditionsNow } from './nightly';

export interface BackTestOptions {
  /** `YYYY-MM-DD`, the day for which the rules are run. */
  asOf: string;
  /** `YYYY-MM-DD`, the day by whose end records had to be known; what is known now unless given. */
  knownAt?: string;
  /** Codes; all rules unless given. */
  rules?: readonly string[];
  /** Parameters to change, in every rule asked for that has them. */
  set?: Parameters;
}

export interface BackTest extends Trial {
  knownAt: string | null;
  /** With what the counts compare: the findings that stand, or what the rules find as they are with what was known then. */
  comparedWith: 'STANDING' | 'UNCHANGED_RULES' | null;
}

/**
 * Tries the rules out.
 * @throws when a parameter is set that none of the rules has, a feed cannot be followed to that day, a bureau elsewhere does not say how complete
 * it was then, or the server allows no database
 */
export async function backTest(database: Database, hub: Hub, options: BackTestOptions): Promise<BackTest> {
  const { asOf, knownAt = null, rules, set = {} } = options;
  const conditions = { ...(await conditionsNow(hub)), asOf, rules };
  const parameters = parametersOf(rules, set);
  if (knownAt === null) {
    const trial = await tryOut({ database, ...conditions, parameters });
    return { ...trial, knownAt, comparedWith: 'STANDING' };
  }
  return inScratch(database, async (scratch) => {
    const until = new Date(Date.parse(`${knownAt}T00:00:00+08:00`) + DAY_MILLISECONDS);
    const { failed } = await follow({ database: scratch, ask: hub.ask, until });
    const failure = failed[0];
    if (failure) throw new Error(`The ${failure.kind} feed could not be followed to ${knownAt}: ${failure.reason}`);
    const known = { ...conditions, database: scratch, late: {}, freshness: await hub.freshnessBefore(until) };
    const isChanged = Object.keys(set).length > 0;
    // What the rules find as they are is what the changed ones are compared with.
    if (isChanged) await check(known);
    const trial = await tryOut({ ...known, parameters });
    return { ...trial, knownAt, comparedWith: isChanged ? 'UNCHANGED_RULES' : null };
  });
}

const DAY_MILLISECONDS = 86_400_000;

function parametersOf(codes: readonly string[] | undefined, set: Parameters): Record<string, Parameters> {
  const rules = codes ? codes.map(ruleOf) : allRules();
  const changed = new Map<string, Record<string, number>>();
  for (const [name, value] of Object.entries(set)) {
    const having = rules.filter(({ parameters }) => name in parameters);
    if (having.length === 0) {
      const known = [...new Set(rules.flatMap((rule) => Object.keys(rule.parameters)))].sort();
      throw new Error(
        `None of the rules asked for has a parameter ${name}; they have ${known.length > 0 ? known.join(', ') : 'none'}.`,
      );
    }
    for (const { code } of having) changed.set(code, { ...changed.get(code), [name]: value });
  }
  return Object.fromEntries(changed);
}
