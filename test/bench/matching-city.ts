/** The store that the cross-check is measured on: a city loaded and followed through the door, and copies of it beside it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { follow } from '../../src/crosscheck/follow';
import type { CheckReport } from '../../src/crosscheck/run';
import { runCheck, runNightly } from '../../src/hub/nightly';
import { SAMPLE_KEY } from '../support/hub';
import { addCopies } from './city-of-cities';
import { type MeasuredHub, openMeasuredHub } from './measured-hub';
import { AS_OF, type CitySize, type Stage } from './stage';

/** Of which forty are 200,000 people with ten claims each. */
const CITY: CitySize = { persons: 5_000, claimsPerPerson: 10 };
export const CITIES = 40;
export const TENTH = 4;

export const seconds = (took: number): string => `${(took / 1_000).toFixed(2)} s`;

export interface City {
  hub: MeasuredHub;
  checkAll(): Promise<CheckReport>;
  /** One more certificate of death is delivered, followed, and checked: of a person of the first city who lives and has claims. */
  learnOfDeath(): Promise<CheckReport>;
  close(): Promise<void>;
}

/** A tenth of the store and the whole of it, beside each other. What a first run writes, no other does, so each has had one. */
export async function openCities(stage: Stage): Promise<{ tenth: City; whole: City }> {
  const first = await stage.loaded(CITY);
  const founding = await openCity(stage, first.url);
  const { failed } = await follow({ database: founding.hub.database, ask: founding.hub.hub.ask });
  if (failed[0]) throw new Error(`the city was not followed: ${failed[0].reason}`);
  await addCopies(founding.hub.database, 1, TENTH - 1);
  await founding.checkAll();
  await founding.close();
  const second = await stage.copyOf(first);
  await addCopies(second, TENTH, TENTH + CITIES / TENTH - 2);
  const [tenth, whole] = [await openCity(stage, first.url), await openCity(stage, second.url)];
  await whole.checkAll();
  return { tenth, whole };
}

async function openCity(stage: Stage, url: string): Promise<City> {
  const hub = await openMeasuredHub(url, stage.directory('hub'));
  let living: Patient[] | undefined;
  let deaths = 0;
  return {
    hub,
    checkAll: () => runCheck(hub.database, hub.hub, { asOf: AS_OF }),
    async learnOfDeath() {
      living ??= await livingPatients(hub);
      const person = living[deaths++];
      if (!person) throw new Error('nobody is left to die');
      const from = stage.directory(path.join('death', new URL(url).pathname.slice(1), String(deaths)));
      writeFileSync(path.join(from, 'death.csv'), certificate(person, deaths));
      const taken = { from, asOf: AS_OF, hubKey: SAMPLE_KEY, quarantineLimit: 0 };
      return (await runNightly(hub.database, hub.hub, taken)).check;
    },
    close: () => hub.close(),
  };
}

interface Patient {
  id_number: string;
  name: string;
  birth_date: string;
}

/** People with claims of this year and no death of any kind. */
async function livingPatients({ database }: MeasuredHub): Promise<Patient[]> {
  const { rows } = await database.pool.query<Patient>(
    `select h.id_number, h.name, h.birth_date from household.revision h
     where h.recorded_to is null and h.status = 'ACTIVE' and h.previous_id_numbers is null
       and not exists (select from death.revision d where d.person_key = h.person_key)
       and (select count(*) from claim.revision c where c.person_key = h.person_key and c.service_date > '2026-04-01') >= 3
     order by h.source_id limit 50`,
  );
  return rows;
}

/** A delivery of one certificate, of a death two months ago. */
function certificate({ id_number, name, birth_date }: Patient, place: number): string {
  const columns =
    'source_id,source,id_number,name,birth_date,death_date,certificate_no,registered_at,status,updated_at';
  const row = [`LATE${place}`, 'DEATH_CERTIFICATE', id_number, name, birth_date, '2026-04-01', `L-${place}`];
  return `${columns}\n${[...row, '2026-06-29', 'VALID', '2026-06-29'].join(',')}\n`;
}
