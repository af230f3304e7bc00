/** The benchmarks by name, and running them. */
import { audit } from './audit';
import { check } from './check';
import { checkDelta } from './check-delta';
import { feed } from './feed';
import { feedPeer } from './feed-peer';
import { type Findings, isMet, lineOf } from './figure';
import { load } from './load';
import { nested } from './nested';
import { person } from './person';
import { personPeer } from './person-peer';
import { profile } from './profile';
import { reload } from './reload';
import { openStage, type Stage } from './stage';

export type Benchmark = (stage: Stage) => Promise<Findings>;

/** In the order they run: `load` says how much memory its process takes, and is the first in it. */
const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  load,
  reload,
  person,
  'person-peer': personPeer,
  feed,
  'feed-peer': feedPeer,
  nested,
  audit,
  check,
  'check-delta': checkDelta,
  profile,
};

/** No line of the table: it explains them, when it is named. */
const EXPLAINING = ['profile'];

/**
 * Runs the benchmarks of these names, every line of the table when there is none, and says what came out.
 * @returns 0 when every target is met, 1 when one is short, 2 when a name is unknown
 */
export async function run(
  names: readonly string[],
  say: (line: string) => void,
  { benchmarks = BENCHMARKS, open = openStage }: { benchmarks?: typeof BENCHMARKS; open?: typeof openStage } = {},
): Promise<number> {
  const strange = names.find((name) => !Object.hasOwn(benchmarks, name));
  if (strange !== undefined) {
    say(`${strange} is no benchmark: there are ${Object.keys(benchmarks).join(', ')}`);
    return 2;
  }
  const stage = await open();
  let short = 0;
  try {
    const all = Object.keys(benchmarks).filter((name) => !EXPLAINING.includes(name));
    for (const name of names.length > 0 ? names : all) {
      const { figures, notes = [] } = await (benchmarks[name] as Benchmark)(stage);
      for (const figure of figures) say(lineOf(figure));
      for (const note of notes) say(`  ${note}`);
      short += figures.filter((figure) => !isMet(figure)).length;
    }
  } finally {
    await stage.close();
  }
  return short === 0 ? 0 : 1;
}
