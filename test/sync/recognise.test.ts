import type { PoolClient } from 'pg';
import { Death } from '../../src/bureaus/death/death';
import { recordKind } from '../../src/bureaus/record';
import type { Database } from '../../src/db/database';
import { loadDelivery } from '../../src/sync/load';
import { recogniser } from '../../src/sync/recognise';
import type { KindReport } from '../../src/sync/report';
import { testDatabase } from '../support/database';
import { numberOf } from '../support/small-city';
import { hubKey, writeDelivery } from './delivery';

jest.setTimeout(60_000);

const HEADER = 'source_id,source,id_number,name,death_date,registered_at,status,updated_at';
const JIA = numberOf('19460507', 101);
const row = (id: string, day = '2026-03-10', touched = '2026-06-01') =>
  `${id},DEATH_CERTIFICATE,${JIA},金丝雀甲,${day},2026-03-12,VALID,${touched}`;
const kind = recordKind(Death);

let database: Database;
let client: PoolClient;
beforeEach(async () => {
  database = await testDatabase();
  client = await database.pool.connect();
});
afterEach(async () => {
  client.release();
  await database.close();
});

async function load(rows: readonly string[], header = HEADER): Promise<KindReport> {
  const { directory, remove } = writeDelivery({ 'death.csv': `${[header, ...rows].join('\n')}\n` });
  const report = await loadDelivery(database, { directory, hubKey, quarantineLimit: 1 }).finally(remove);
  return report.kinds[0] as KindReport;
}

/** The rows among these that are recognised. */
async function recognisedOf(rows: readonly string[], header = HEADER): Promise<string[]> {
  const recognise = await recogniser(client, kind, header.split(','));
  const batch = rows.map((raw, place) => ({ line: place + 2, raw, cells: raw.split(',') }));
  const { standing } = await recognise(batch, Promise.resolve());
  return rows.filter((_, place) => standing.has(place));
}

test('rows that stand as they were delivered, and no others', async () => {
  expect(await recognisedOf([row('A')])).toEqual([]);
  await load([row('A'), row('B'), row('C')]);
  expect(await recognisedOf([row('A'), row('B', '2026-03-11'), row('D'), row('C')])).toEqual([row('A'), row('C')]);
});

test.each([
  ['a row that was replaced', [row('A', '2026-03-11', '2026-06-02')]],
  ['a row of a record that was deleted', ['A,,,,,,,2026-06-02']],
])('%s is not recognised', async (_name, later) => {
  await load([row('A')]);
  const isDeletion = later[0]?.startsWith('A,,');
  await load(isDeletion ? [`D,${later[0]}`] : later, isDeletion ? `op,${HEADER}` : HEADER);
  expect(await recognisedOf([row('A')])).toEqual([]);
});

test('under other columns the same cells are another row', async () => {
  await load([row('A')]);
  expect(
    await recognisedOf([row('A')], HEADER.replace('death_date,registered_at', 'registered_at,death_date')),
  ).toEqual([]);
});

test('a quarantined row is looked at again each time', async () => {
  const bad = row('A', '2026-02-30');
  await load([bad]);
  expect(await recognisedOf([bad])).toEqual([]);
});

test('recognised or not, every row is counted, and of a record delivered twice the first row counts', async () => {
  await load([row('A'), row('B')]);
  const again = await load([
    row('A'),
    row('B', '2026-03-12', '2026-06-03'),
    row('A', '2026-03-13', '2026-06-04'),
    row('C'),
  ]);
  expect(again).toMatchObject({
    rowsIn: 4,
    unchanged: 1,
    changed: 1,
    inserted: 1,
    quarantined: 1,
    stale: 0,
    deleted: 0,
  });
  const { rows } = await client.query(
    `select source_id || ' ' || death_date as stands from death.revision where recorded_to is null order by 1`,
  );
  expect(rows.map(({ stands }) => stands)).toEqual(['A 2026-03-10', 'B 2026-03-12', 'C 2026-03-10']);
});

test('a recognised row settles what was in quarantine under its key', async () => {
  await load([row('A')]);
  await load([row('A', '2026-02-30')]);
  await load([row('A')]);
  const { rows } = await client.query('select resolved_at is not null as settled from sync.quarantine');
  expect(rows).toEqual([{ settled: true }]);
});
