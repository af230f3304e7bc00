import { distributeMatching } from '../../src/crosscheck/distribute';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';

/**
 * What Citus brings, as far as a server without it can show: the calls are kept instead of made. What they do on a cluster is not tried here.
 */
const CITUS = `
  create table pg_dist_partition (logicalrelid regclass primary key, by text, beside text);
  create function create_distributed_table(t regclass, by text, colocate_with text) returns void language sql as
    'insert into pg_dist_partition values (t, by, colocate_with)';
  create function create_reference_table(t regclass) returns void language sql as
    'insert into pg_dist_partition values (t, null, null)'`;

/** Small, or found by another key than the person's. A table that comes to stand here by mistake is copied to every worker: look at its keys. */
const EVERYWHERE = ['alias', 'generation', 'progress', 'worked_out'];

describe('the matching store on a cluster', () => {
  let database: Database;
  beforeEach(async () => {
    database = await testDatabase();
  });
  afterEach(() => database.close());

  test('a server that is no Citus is named, and nothing is done', async () => {
    await expect(distributeMatching(database.pool)).rejects.toThrow(
      'HEYAN_CITUS is set and the database has no Citus: use a Citus cluster (docker/compose.citus.yaml), run CREATE EXTENSION citus there, or leave it empty',
    );
  });

  test('every table of persons is spread by person key beside the others, every other is everywhere, and each once', async () => {
    await database.pool.query(CITUS);
    const first = await distributeMatching(database.pool);
    expect(first[0]).toBe('household (person_key)');
    expect(first.filter((one) => one.endsWith('(everywhere)'))).toEqual(
      EVERYWHERE.map((name) => `${name} (everywhere)`),
    );
    const { rows } = await database.pool.query(
      `select c.relname as name, d.by, d.beside from pg_class c join pg_namespace n on n.oid = c.relnamespace
       left join pg_dist_partition d on d.logicalrelid = c.oid where n.nspname = 'matching' and c.relkind = 'r'`,
    );
    expect(rows.length).toBeGreaterThan(10);
    for (const { name, by, beside } of rows) {
      const isEverywhere = EVERYWHERE.includes(name);
      const besides = name === 'household' ? 'none' : 'matching.household';
      expect({ name, by, beside }).toEqual({
        name,
        by: isEverywhere ? null : 'person_key',
        beside: isEverywhere ? null : besides,
      });
    }
    expect(await distributeMatching(database.pool)).toEqual([]);
  });
});
