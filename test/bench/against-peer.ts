/** One operation over HTTP, by one connection, on our side and on the peer's in turn. */
import type { Database } from '../../src/db/database';
import { FUND_SUPERVISION } from '../../src/hub/codes';
import { milliseconds, millisecondsOf, ROUNDS, type Rounds, sideBySide } from './figure';
import { CITY } from './person';
import { sameAnswers } from './same';
import { type Side, type SideName, startSide } from './sides';
import type { Stage } from './stage';

/**
 * Milliseconds that one answer takes. Both sides say the same first, or nothing is measured.
 * @param options.times operations of one round; `warm` before the first, so that both sides run compiled code
 */
export async function againstPeer(
  stage: Stage,
  bodyFor: (database: Database) => Promise<string>,
  { times, warm }: { times: number; warm: number },
): Promise<{ rounds: Rounds<number>; note: string }> {
  const database = await stage.loaded(CITY);
  const body = await bodyFor(database);
  const start = async (side: SideName): Promise<Side> => {
    const started = await startSide({ side, databaseUrl: database.url, directory: stage.directory('hub') });
    return { ...started, headers: { ...started.headers, 'x-purpose': FUND_SUPERVISION } };
  };
  const sides = { ours: await start('heyan'), other: await start('peer') };
  const ask = async (side: Side, count: number): Promise<number> => {
    const took = await millisecondsOf(async () => {
      for (let i = 0; i < count; i++) {
        const response = await fetch(`${side.url}/graphql`, { method: 'POST', headers: side.headers, body });
        if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
        await response.arrayBuffer();
      }
    });
    return took / count;
  };
  try {
    await sameAnswers([sides.ours, sides.other], [body]);
    for (const side of Object.values(sides)) await ask(side, warm);
    const before = await processors(sides);
    const rounds = await sideBySide({ ours: () => ask(sides.ours, times), other: () => ask(sides.other, times) });
    const after = await processors(sides);
    const [ours, other] = after.map((used, side) => (used - (before[side] as number)) / (times * ROUNDS));
    return {
      rounds,
      note: `processor of the server for one answer: ${milliseconds(ours as number)}, ${milliseconds(other as number)}`,
    };
  } finally {
    for (const side of Object.values(sides)) await side.stop();
  }
}

function processors({ ours, other }: Record<'ours' | 'other', Side>): Promise<number[]> {
  return Promise.all([ours.processorMilliseconds(), other.processorMilliseconds()]);
}
