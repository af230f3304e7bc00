/** `reload`: the same delivery again, of which nothing has changed, against its first load. */
import { type Findings, figure, perSecond, rate, sideBySide } from './figure';
import { CITY, type Loaded, loadClaims } from './load';
import type { Stage } from './stage';

export async function reload(stage: Stage): Promise<Findings> {
  const directory = await stage.delivery(CITY);
  const standing = await stage.empty();
  await loadClaims(standing, directory);
  await standing.pool.query('vacuum analyze claim.revision');
  const rounds = await sideBySide({
    ours: () => loadClaims(standing, directory),
    async other() {
      const database = await stage.empty();
      const loaded = await loadClaims(database, directory);
      await database.close();
      return loaded;
    },
  });
  const speed = ({ rows, milliseconds }: Loaded) => rate(rows, milliseconds);
  return { figures: [figure('reload', rounds, speed, perSecond('rows'), { atLeast: 2 })] };
}
