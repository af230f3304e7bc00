/**
 * A civil affairs bureau's register of deaths behind HTTP, with its own names, codes and times, that fails, stalls, repeats pages and says that it
 * is busy: it ends as if the same had been delivered as exchange files.
 */
import type { Database } from '../../src/db/database';
import { loadDelivery } from '../../src/sync/load';
import type { HttpSetting, Mapping } from '../../src/sync/setting';
import { syncBureaus } from '../../src/sync/sync';
import { testDatabase } from '../support/database';
import { SAMPLE_KEY } from '../support/hub';
import { type Asked, type RegisterFault, type RegisterRow, startRegister } from '../support/register-server';
import { numberOf } from '../support/small-city';
import { writeDelivery } from './delivery';

const COUNT = 120;
const HEADER = 'source_id,updated_at,op,source,id_number,name,birth_date,death_date,registered_at,status';
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

/** One death as both tell it; `day` of June 2026 is when it was touched. */
interface Death {
  place: number;
  day: number;
  deathDay: number;
  isDeleted?: boolean;
}

const touchedAt = ({ place, day }: Death) =>
  `2026-06-${String(day).padStart(2, '0')} ${String(place % 24).padStart(2, '0')}:${String(place % 60).padStart(2, '0')}:00`;
const numberAt = (place: number) => numberOf('19400615', place + 1);

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

function exchangeRow(death: Death): string {
  const { place, deathDay, isDeleted } = death;
  const id = `SW${String(place).padStart(4, '0')}`;
  const touched = `${touchedAt(death).replace(' ', 'T')}+08:00`;
  if (isDeleted) return `${id},${touched},D,,,,,,,`;
  const source = place % 2 ? 'DEATH_CERTIFICATE' : 'CREMATION';
  const day = `2026-05-${String(deathDay).padStart(2, '0')}`;
  return `${id},${touched},U,${source},${numberAt(place)},金丝雀,,${day},2026-06-01T09:30:00+08:00,VALID`;
}

/** Every revision that stands and the contents before it. */
async function state(database: Database): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `select source_id, op, updated_at, encode(content_hash, 'hex') as hash, death_date, id_number, recorded_to is null as stands
       from death.revision order by source_id, seq`,
  );
  return rows;
}

const first: readonly Death[] = Array.from({ length: COUNT }, (_, place) => ({
  place,
  day: 1 + (place % 9),
  deathDay: 1 + (place % 28),
}));
/** Some corrected, some deleted, some new. */
const second: readonly Death[] = [
  ...first.map((death) => {
    if (death.place % 10 === 3) return { ...death, day: 20, deathDay: 30 };
    return death.place % 10 === 7 ? { ...death, day: 20, isDeleted: true } : death;
  }),
  ...Array.from({ length: 25 }, (_, i) => ({ place: COUNT + i, day: 21, deathDay: 2 })),
];

let oracle: unknown[][];
const databases: Database[] = [];
const freshDatabase = async () => {
  const database = await testDatabase();
  databases.push(database);
  return database;
};

beforeAll(async () => {
  const database = await freshDatabase();
  oracle = [];
  for (const deaths of [first, second]) {
    const { directory, remove } = writeDelivery({
      'death.csv': `${[HEADER, ...deaths.map(exchangeRow)].join('\n')}\n`,
    });
    const { kinds } = await loadDelivery(database, { directory, hubKey: SAMPLE_KEY });
    expect(kinds).toMatchObject([{ state: 'COMPLETE', quarantined: 0 }]);
    remove();
    oracle.push(await state(database));
  }
  expect(oracle.map((rows) => rows.length)).toEqual([COUNT, COUNT + 2 * (COUNT / 10) + 25]);
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
