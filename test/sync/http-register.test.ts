/**
 * A civil affairs bureau's register of deaths behind HTTP, with its own names, codes and times, that fails, stalls, repeats pages and says that it
 * is busy: it ends as if the same had been delivered as exchange files.
 */
import type { Database } from '../../src/db/database';
import type { HttpSetting, Mapping } from '../../src/sync/setting';
import { syncBureaus } from '../../src/sync/sync';
import { testDatabase } from '../support/database';
import { SAMPLE_KEY } from '../support/hub';
import { type Asked, type RegisterFault, type RegisterRow, startRegister } from '../support/register-server';
import { type Death, first, numberAt, oracleIn, second, state, touchedAt } from './two-nights';

const MAPPING: Mapping = {
  source_id: { column: 'source_id' },
  updated_at: { column: 'gxsj' },
  op: { column: 'czlx', codes: { 1: 'U', 3: 'D' } },
  source: { column: 'ly', codes: { 1: 'DEATH_CERTIFICATE', 2: 'CREMATION' } },
  id_number: { column: 'ry.gmsfhm' },
  name: { column: 'ry.xm' },
  death_date: { column: 'swrq', date: 'yyyy年M月d日' },
  registered_at: { column: 'djsj' },
  status: { constant: 'VALID' },
};

/** The register leaves out what is empty, and writes identity numbers that end in a digit as JSON numbers (`textOf` below). */
function foreignRow(death: Death): RegisterRow {
  const { place, deathDay, isDeleted } = death;
  const number = numberAt(place);
  const row = { source_id: `SW${String(place).padStart(4, '0')}`, gxsj: touchedAt(death), czlx: isDeleted ? 3 : 1 };
  if (isDeleted) return row;
  const gmsfhm = number.endsWith('X') ? number : `number ${number}`;
  return {
    ...row,
    ly: place % 2 ? '1' : '2',
    ry: { gmsfhm, xm: '金丝雀', fj: [{ lx: 1 }] },
    swrq: `2026年5月${deathDay}日`,
    djsj: '2026-06-01T09:30:00',
    by: null,
  };
}

let oracle: unknown[][];
const databases: Database[] = [];
const freshDatabase = async () => {
  const database = await testDatabase();
  databases.push(database);
  return database;
};

beforeAll(async () => {
  const database = await freshDatabase();
  oracle = await oracleIn(database);
});
afterAll(async () => {
  for (const database of databases) await database.close();
});

/** What goes wrong, by the number of the request. Each costs a pause of a second at most, in real time. */
const FAULTS: Readonly<Record<number, RegisterFault>> = {
  2: 'repeat',
  4: { status: 503 },
  7: 'stallInBody',
  9: 'cut',
  12: 'busy',
};

test.each(['number', 'cursor', 'address'] as const)('by %s it ends in the state of the exchange files', async (by) => {
  const server = await startRegister({
    rows: [],
    by,
    pageRows: 20,
    watermark: 'gxsj',
    token: 'night-token',
    onAsked: ({ count }: Asked) => FAULTS[count],
    textOf: (answer) => JSON.stringify(answer).replace(/"number (\d+)"/g, '$1'),
  });
  const database = await freshDatabase();
  const http: HttpSetting = server.setting({ timeoutSeconds: 2 });
  const settings = { death: { lateAfterMinutes: 120, kinds: { death: { http, mapping: MAPPING } } } };
  const sync = () => syncBureaus(database, { settings, hubKey: SAMPLE_KEY, chunkRows: 50 });
  for (const [night, deaths] of [first, second].entries()) {
    server.rows = deaths.map(foreignRow);
    const { kinds } = await sync();
    expect(kinds).toMatchObject([{ state: 'COMPLETE', quarantined: 0 }]);
    expect(await state(database)).toEqual(oracle[night]);
  }
  const again = await sync();
  expect(again.kinds).toMatchObject([{ state: 'COMPLETE', inserted: 0, changed: 0, deleted: 0 }]);
  // The night that brought nothing new asked only for what was touched last.
  expect(again.kinds[0]?.rowsIn).toBeLessThan(60);
  await server.close();
});
