/** Deaths of two nights as an exchange file tells them, and what stands after each: what a register of the same must end in. */
import type { Database } from '../../src/db/database';
import { loadDelivery } from '../../src/sync/load';
import { SAMPLE_KEY } from '../support/hub';
import { numberOf } from '../support/small-city';
import { writeDelivery } from './delivery';

const COUNT = 120;
const HEADER = 'source_id,updated_at,op,source,id_number,name,birth_date,death_date,registered_at,status';

/** One death as both tell it; `day` of June 2026 is when it was touched. */
export interface Death {
  place: number;
  day: number;
  deathDay: number;
  isDeleted?: boolean;
}

export const touchedAt = ({ place, day }: Death) =>
  `2026-06-${String(day).padStart(2, '0')} ${String(place % 24).padStart(2, '0')}:${String(place % 60).padStart(2, '0')}:00`;
export const numberAt = (place: number) => numberOf('19400615', place + 1);

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
export async function state(database: Database): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `select source_id, op, updated_at, encode(content_hash, 'hex') as hash, death_date, id_number, recorded_to is null as stands
       from death.revision order by source_id, seq`,
  );
  return rows;
}

export const first: readonly Death[] = Array.from({ length: COUNT }, (_, place) => ({
  place,
  day: 1 + (place % 9),
  deathDay: 1 + (place % 28),
}));
/** Some corrected, some deleted, some new. */
export const second: readonly Death[] = [
  ...first.map((death) => {
    if (death.place % 10 === 3) return { ...death, day: 20, deathDay: 30 };
    return death.place % 10 === 7 ? { ...death, day: 20, isDeleted: true } : death;
  }),
  ...Array.from({ length: 25 }, (_, i) => ({ place: COUNT + i, day: 21, deathDay: 2 })),
];

/** What stands in a fresh database after each of the two nights, delivered as exchange files. */
export async function oracleIn(database: Database): Promise<unknown[][]> {
  const oracle: unknown[][] = [];
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
  return oracle;
}
