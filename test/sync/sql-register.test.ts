/**
 * A civil affairs bureau's register of deaths in a MariaDB, and in a PostgreSQL that is not the hub's, with names and codes of its own, mapped by
 * `heyan.yaml` alone: it ends as if the same had been delivered as exchange files.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConfig } from '../../src/config';
import type { Database } from '../../src/db/database';
import { startEmbedded } from '../../src/db/embedded';
import { syncBureaus } from '../../src/sync/sync';
import { makeDataDirectory, removeDataDirectory } from '../support/data-directory';
import { testDatabase } from '../support/database';
import { SAMPLE_KEY } from '../support/hub';
import { findMariadb } from '../support/mariadb';
import { registers, startPostgresRegister, type TestRegister } from './sources/sql/registers';
import { type Death, first, numberAt, oracleIn, second, state, touchedAt } from './two-nights';

jest.setTimeout(120_000);

const yaml = (type: string) => `
bureaus:
  death:
    kinds:
      death:
        sql: {type: ${type}, url: "\${DEATH_DB}", table: swxx, watermark: gxsj, key: xh}
        mapping:
          source_id: xh
          updated_at: gxsj
          op: {column: czlx, codes: {"1": U, "3": D}}
          source: {column: ly, codes: {"01": DEATH_CERTIFICATE, "02": CREMATION}}
          id_number: gmsfhm
          name: xm
          death_date: {column: swrq, date: yyyyMMdd}
          registered_at: djsj
          status: {column: zt, codes: {"1": VALID, "2": VOIDED}}
`;

/** What the bureau's own statements make of the deaths: all again for the second night, the touched ones with a later time. */
function statements(deaths: readonly Death[]): string[] {
  const values = deaths.map((death) => {
    const { place, deathDay, isDeleted } = death;
    const id = `SW${String(place).padStart(4, '0')}`;
    if (isDeleted) return `('${id}', '${touchedAt(death)}', 3, null, null, null, null, null, null)`;
    const day = `202605${String(deathDay).padStart(2, '0')}`;
    return `('${id}', '${touchedAt(death)}', 1, '${place % 2 ? '01' : '02'}', '${numberAt(place)}', '金丝雀', '${day}', '2026-06-01 09:30:00', '1')`;
  });
  return ['delete from swxx', `insert into swxx values ${values.join(', ')}`];
}

const databases: Database[] = [];
const freshDatabase = async () => {
  const database = await testDatabase();
  databases.push(database);
  return database;
};
let oracle: unknown[][];
let directory: string;
beforeAll(async () => {
  oracle = await oracleIn(await freshDatabase());
  directory = makeDataDirectory();
});
afterAll(async () => {
  for (const database of databases) await database.close();
  removeDataDirectory(path.join(directory, 'bureau'));
  rmSync(directory, { recursive: true, force: true });
});

async function twoNights(register: TestRegister): Promise<void> {
  const { type, url } = register.setting({});
  const folder = mkdtempSync(path.join(tmpdir(), 'heyan-config-'));
  writeFileSync(path.join(folder, 'heyan.yaml'), yaml(type), { mode: 0o600 });
  const { bureaus: settings } = readConfig({ DEATH_DB: url }, folder);
  rmSync(folder, { recursive: true });
  const database = await freshDatabase();
  const sync = () => syncBureaus(database, { settings, hubKey: SAMPLE_KEY, chunkRows: 50 });
  await register.run(
    `create table swxx (xh varchar(20) primary key, gxsj ${register.moment} not null, czlx smallint, ly char(2), gmsfhm char(18), xm varchar(50), swrq char(8), djsj ${register.moment}, zt char(1))`,
  );
  for (const [night, deaths] of [first, second].entries()) {
    await register.run(...statements(deaths));
    expect((await sync()).kinds).toMatchObject([{ state: 'COMPLETE', quarantined: 0 }]);
    expect(await state(database)).toEqual(oracle[night]);
  }
  expect((await sync()).kinds).toMatchObject([{ state: 'COMPLETE', inserted: 0, changed: 0, deleted: 0 }]);
}

test('from a PostgreSQL of its own', async () => {
  const server = await startEmbedded(path.join(directory, 'bureau'));
  const register = await startPostgresRegister(server.url);
  try {
    await twoNights(register);
  } finally {
    await register.stop();
    await server.stop();
  }
});

const startMariadb = registers.MariaDB;
if (startMariadb)
  test('from a MariaDB', async () => {
    const register = await startMariadb();
    try {
      await twoNights(register);
    } finally {
      await register.stop();
    }
  });
else
  test('no MariaDB to read from: mariadbd is missing (apt-get install mariadb-server-core mariadb-client-core)', () => {
    expect(findMariadb()).toBeNull();
  });
