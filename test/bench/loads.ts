/**
 * Loading claims, measured once for `load` and `reload`: in each round the first delivery into an empty store, the same again, a fifth of it,
 * and a bare `COPY` of the same rows into the same table with its indexes.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Database } from '../../src/db/database';
import { loadDelivery } from '../../src/sync/load';
import { SAMPLE_KEY } from '../support/hub';
import { millisecondsOf, ROUNDS } from './figure';
import type { Stage } from './stage';

/** 100,000 claims a round, 500,000 in all. */
const WHOLE = { persons: 10_000, claimsPerPerson: 10 };
const FIFTH = { persons: 10_000, claimsPerPerson: 2 };
const LOOK_MILLISECONDS = 500;

export interface Loaded {
  rows: number;
  milliseconds: number;
  /** What the process held at most while it loaded, garbage apart: how much of that there is depends on when it was last collected. */
  megabytesMax: number;
}

export interface Loads {
  first: Loaded[];
  again: Loaded[];
  fifth: Loaded[];
  copied: Loaded[];
}

const measured = new WeakMap<Stage, Promise<Loads>>();

/** The rounds of this run: the first who asks has them measured. */
export function loads(stage: Stage): Promise<Loads> {
  const known = measured.get(stage) ?? measure(stage);
  measured.set(stage, known);
  return known;
}

/** Rows per second. */
export const speed = ({ rows, milliseconds }: Loaded): number => (rows * 1_000) / milliseconds;

async function measure(stage: Stage): Promise<Loads> {
  const [whole, fifth] = [await stage.delivery(WHOLE), await stage.delivery(FIFTH)];
  const file = path.join(stage.directory('copy'), 'claims.copy');
  const loaded: Loads = { first: [], again: [], fifth: [], copied: [] };
  const inEmpty = async (work: (database: Database) => Promise<void>) => {
    const database = await stage.empty();
    await work(database).finally(() => database.close());
  };
  const ours = () =>
    inEmpty(async (database) => {
      loaded.first.push(await loadClaims(database, whole));
      loaded.again.push(await loadClaims(database, whole));
    });
  const parts = [
    ours,
    () => inEmpty(async (database) => void loaded.copied.push(await copyIn(database, file))),
    () => inEmpty(async (database) => void loaded.fifth.push(await loadClaims(database, fifth))),
  ];
  await inEmpty(async (database) => {
    await loadClaims(database, whole);
    await copyOut(database, file);
  });
  for (let round = 0; round < ROUNDS; round++) for (const part of round % 2 ? parts.toReversed() : parts) await part();
  return loaded;
}

async function loadClaims(database: Database, directory: string): Promise<Loaded> {
  if (!global.gc) throw new Error('what is held shows only without garbage: start Node with --expose-gc');
  let bytesMax = 0;
  const look = setInterval(() => {
    global.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    bytesMax = Math.max(bytesMax, heapUsed + external);
  }, LOOK_MILLISECONDS);
  let rows = 0;
  const milliseconds = await millisecondsOf(async () => {
    const { kinds } = await loadDelivery(database, { directory, kinds: ['claim'], hubKey: SAMPLE_KEY });
    const [claims] = kinds;
    if (claims?.state !== 'COMPLETE' || claims.quarantined > 0)
      throw new Error(`the claims were not taken whole: ${claims?.state} ${claims?.reason}`);
    rows = claims.rowsIn;
  }).finally(() => clearInterval(look));
  return { rows, milliseconds, megabytesMax: bytesMax / 1e6 };
}

async function copyOut(database: Database, file: string): Promise<void> {
  const client = await database.pool.connect();
  const rows = client.query(copyTo('copy (select * from claim.revision order by seq) to stdout'));
  await pipeline(rows, createWriteStream(file));
  client.release();
}

async function copyIn(database: Database, file: string): Promise<Loaded> {
  const client = await database.pool.connect();
  const copy = client.query(copyFrom('copy claim.revision from stdin'));
  const milliseconds = await millisecondsOf(() => pipeline(createReadStream(file, { highWaterMark: 1 << 18 }), copy));
  client.release();
  return { rows: copy.rowCount ?? 0, milliseconds, megabytesMax: 0 };
}
