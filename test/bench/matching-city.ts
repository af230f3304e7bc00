/** The store that the cross-check is measured on: a city loaded and followed through the door, and copies of it beside it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { follow } from '../../src/crosscheck/follow';
import type { CheckReport } from '../../src/crosscheck/run';
import { runCheck, runNightly } from '../../src/hub/nightly';
import { SAMPLE_KEY } from '../support/hub';
import { addCities } from './city-of-cities';
import { type MeasuredHub, openMeasuredHub } from './measured-hub';
import { AS_OF, type CitySize, type Stage } from './stage';

/** Of which forty are 200,000 people with ten claims each. */
const CITY: CitySize = { persons: 5_000, claimsPerPerson: 10 };
export const CITIES = 40;
export const TENTH = 4;

export const seconds = (took: number): string => `${(took / 1_000).toFixed(2)} s`;

export interface City {
  hub: MeasuredHub;
  /** Makes it so many cities. */
  grow(cities: number): Promise<void>;
  checkAll(): Promise<CheckReport>;
  /** One more certificate of death is delivered, followed, and checked: of a person of the first city who lives and has claims. */
  learnOfDeath(): Promise<CheckReport>;
  close(): Promise<void>;
}

export async function openCities(stage: Stage): Promise<City> {
  const hub = await openMeasuredHub((await stage.loaded(CITY)).url, stage.directory('hub'));
  const { failed } = await follow({ database: hub.database, ask: hub.hub.ask });
  if (failed[0]) throw new Error(`the city was not followed: ${failed[0].reason}`);
  const living = await livingPatients(hub);
  let cities = 1;
  let deaths = 0;
  return {
    hub,
    async grow(wanted) {
      await addCities(hub.database, cities, wanted - 1);
      cities = wanted;
    },
    checkAll: () => runCheck(hub.database, hub.hub, { asOf: AS_OF }),
    async learnOfDeath() {
      const person = living[deaths++];
      if (!person) throw new Error('nobody is left to die');
      const from = stage.directory(`death-${deaths}`);
      writeFileSync(path.join(from, 'death.csv'), certificate(person, deaths));
      const report = await runNightly(hub.database, hub.hub, {
        from,
        asOf: AS_OF,
        hubKey: SAMPLE_KEY,
        quarantineLimit: 0,
      });
      return report.check;
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
