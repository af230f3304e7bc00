/** One dataloader per kind and request, over TypeORM's repositories: no person is asked for twice, and all of a hop at once. */
import DataLoader from 'dataloader';
import { type DataSource, type EntityTarget, In, IsNull } from 'typeorm';
import {
  ClaimRow,
  ContributionRow,
  DeathRow,
  EnrollmentRow,
  HouseholdRow,
  PovertyRow,
  RetirementRow,
} from './entities';

/** Standing rows of each person, by key in hex. */
export type Loader<Row> = DataLoader<string, Row[]>;

export interface Loaders {
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
    household: byPerson(dataSource, HouseholdRow),
    death: byPerson(dataSource, DeathRow),
    enrollment: byPerson(dataSource, EnrollmentRow),
    retirement: byPerson(dataSource, RetirementRow),
    contribution: byPerson(dataSource, ContributionRow),
    poverty: byPerson(dataSource, PovertyRow),
    claim: byPerson(dataSource, ClaimRow),
  };
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
