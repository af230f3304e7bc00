/** One dataloader per kind and request, over TypeORM's repositories: no person is asked for twice, and all of a hop at once. */
import DataLoader from 'dataloader';
import { type DataSource, type EntityTarget, In, IsNull } from 'typeorm';
import {
  ClaimRow,
  ContributionRow,
  DeathRow,
  EnrollmentRow,
  HouseholdRow,
  NumberRow,
  PovertyRow,
  RetirementRow,
} from './entities';

/** Standing rows of each person, by key in hex. */
export type Loader<Row> = DataLoader<string, Row[]>;

export interface Loaders {
  /** All keys of a person by any of them, the canonical one first. */
  keys: DataLoader<string, string[]>;
  household: Loader<HouseholdRow>;
  death: Loader<DeathRow>;
  enrollment: Loader<EnrollmentRow>;
  retirement: Loader<RetirementRow>;
  contribution: Loader<ContributionRow>;
  poverty: Loader<PovertyRow>;
  claim: Loader<ClaimRow>;
}

export function loadersOf(dataSource: DataSource): Loaders {
  return {
    keys: keysLoader(dataSource),
    household: byPerson(dataSource, HouseholdRow),
    death: byPerson(dataSource, DeathRow),
    enrollment: byPerson(dataSource, EnrollmentRow),
    retirement: byPerson(dataSource, RetirementRow),
    contribution: byPerson(dataSource, ContributionRow),
    poverty: byPerson(dataSource, PovertyRow),
    claim: byPerson(dataSource, ClaimRow),
  };
}

function keysLoader(dataSource: DataSource): DataLoader<string, string[]> {
  const numbers = dataSource.getRepository(NumberRow);
  return new DataLoader(async (keys) => {
    const asked = await numbers.find({ where: { numberKey: In(keys.map((key) => Buffer.from(key, 'hex'))) } });
    const canonical = new Map(asked.map((row) => [row.numberKey.toString('hex'), row.canonicalKey.toString('hex')]));
    const persons = keys.map((key) => canonical.get(key) ?? key);
    const all = await numbers.find({
      where: { canonicalKey: In(persons.map((key) => Buffer.from(key, 'hex'))) },
      order: { numberKey: 'ASC' },
    });
    const others = new Map<string, string[]>();
    for (const row of all) {
      const person = row.canonicalKey.toString('hex');
      others.set(person, [...(others.get(person) ?? []), row.numberKey.toString('hex')]);
    }
    return persons.map((person) => [person, ...(others.get(person) ?? [])]);
  });
}

interface OfPerson {
  sourceId: string;
  op: string;
  recordedTo: Date | null;
  personKey: Buffer;
}

function byPerson<Row extends OfPerson>(dataSource: DataSource, entity: EntityTarget<Row>): Loader<Row> {
  return new DataLoader(async (keys) => {
    const rows = await dataSource.getRepository(entity).find({
      where: { personKey: In(keys.map((key) => Buffer.from(key, 'hex'))), recordedTo: IsNull(), op: 'U' } as never,
      order: { sourceId: 'ASC' } as never,
    });
    const found = new Map<string, Row[]>();
    for (const row of rows) {
      const key = row.personKey.toString('hex');
      const list = found.get(key);
      if (list) list.push(row);
      else found.set(key, [row]);
    }
    return keys.map((key) => found.get(key) ?? []);
  });
}
