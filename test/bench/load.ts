/**
 * `load`: the first delivery of claims from an exchange file into revisions and change log, against a bare `COPY` of the same rows into the
 * same table, with its indexes. Five rounds of 100,000 claims, each into a store of its own.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Database } from '../../src/db/database';
import { loadDelivery } from '../../src/sync/load';
import { SAMPLE_KEY } from '../support/hub';
import { type Findings, figure, millisecondsOf, perSecond, rate, sideBySide } from './figure';
import type { CitySize, Stage } from './stage';

export const CITY: CitySize = { persons: 10_000, claimsPerPerson: 10 };

export interface Loaded {
  rows: number;
  milliseconds: number;
  /** Growth of the process while it loaded, at its highest. */
  megabytes: number;
}

export async function load(stage: Stage): Promise<Findings> {
  const directory = await stage.delivery(CITY);
  const copied = path.join(stage.directory('copy'), 'claims.copy');
  const first = await stage.empty();
  await loadClaims(first, directory);
  await copyOut(first, copied);
  const into = async (work: (database: Database) => Promise<Loaded>): Promise<Loaded> => {
    const database = await stage.empty();
    const loaded = await work(database);
    await database.close();
    return loaded;
  };
  const rounds = await sideBySide({
    ours: () => into((database) => loadClaims(database, directory)),
    other: () => into((database) => copyIn(database, copied)),
  });
  const speed = ({ rows, milliseconds }: Loaded) => rate(rows, milliseconds);
  return {
    figures: [figure('load', rounds, speed, perSecond('rows'), { atLeast: 0.2 })],
    notes: [`memory: ${rounds.ours.map(({ megabytes }) => Math.round(megabytes)).join(' ')} MB`],
  };
}

/** Takes the claims of a delivery in. */
export async function loadClaims(database: Database, directory: string): Promise<Loaded> {
  global.gc?.();
  const before = process.memoryUsage.rss();
  let highest = before;
  const look = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss());
  }, 20);
  let rows = 0;
  const milliseconds = await millisecondsOf(async () => {
    const { kinds } = await loadDelivery(database, { directory, kinds: ['claim'], hubKey: SAMPLE_KEY });
    const [claims] = kinds;
    if (claims?.state !== 'COMPLETE' || claims.quarantined > 0)
      throw new Error(`the claims were not taken whole: ${claims?.state} ${claims?.reason}`);
    rows = claims.rowsIn;
  }).finally(() => clearInterval(look));
  return { rows, milliseconds, megabytes: (highest - before) / 1e6 };
}

async function copyOut(database: Database, file: string): Promise<void> {
  const client = await database.pool.connect();
  await pipeline(
    client.query(copyTo('copy (select * from claim.revision order by seq) to stdout')),
    createWriteStream(file),
  );
  client.release();
}

async function copyIn(database: Database, file: string): Promise<Loaded> {
  const client = await database.pool.connect();
  let rows = 0;
  const milliseconds = await millisecondsOf(async () => {
    const copy = client.query(copyFrom('copy claim.revision from stdin'));
    await pipeline(createReadStream(file, { highWaterMark: 1 << 18 }), copy);
    rows = copy.rowCount ?? 0;
  });
  client.release();
  return { rows, milliseconds, megabytes: 0 };
}
