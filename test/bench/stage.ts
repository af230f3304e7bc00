/**
 * What benchmarks run on: a PostgreSQL of their own, set up as the product sets it up (nothing of its durability is switched off), and cities
 * made from a seed.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Database, openDatabase } from '../../src/db/database';
import { writeDemoCity } from '../../src/demo/city';
import { loadDelivery } from '../../src/sync/load';
import { makeDataDirectory, removeDataDirectory } from '../support/data-directory';
import { inDatabase, testDatabase, testServerUrl, withClient } from '../support/database';
import { SAMPLE_KEY } from '../support/hub';
import startPostgres from '../support/start-postgres';
import stopPostgres from '../support/stop-postgres';

/** The day for which the cities stand. */
export const AS_OF = '2026-06-30';
const SEED = 7;
/** For a quick try; figures are those of 1. */
const SCALE = Number(process.env.HEYAN_BENCH_SCALE ?? 1);

/** A number of persons or rows, scaled. */
export function scaled(count: number): number {
  return Math.max(1, Math.round(count * SCALE));
}

export interface CitySize {
  persons: number;
  claimsPerPerson: number;
}

/** The city of operations over HTTP. */
export const CITY: CitySize = { persons: 5_000, claimsPerPerson: 6 };

export interface Stage {
  /** A new directory that is gone afterwards. */
  directory(name: string): string;
  /** The delivery of a city, written once per size. */
  delivery(size: CitySize): Promise<string>;
  /** A migrated database, empty; dropped when it is closed, or at the end. */
  empty(): Promise<Database>;
  /** A database with a city loaded, one per size for all benchmarks of a run: they only read it. */
  loaded(size: CitySize): Promise<Database>;
  /** A copy of a database, as it stands. Whoever else has connections to it loses them. */
  copyOf(database: Database): Promise<Database>;
  close(): Promise<void>;
}

/** What was loaded is on disk before anything is measured: written back beside it, it would hold up the commits of the side that makes any. */
async function settle({ pool }: Database): Promise<void> {
  await pool.query('checkpoint');
}

/** Starts the database. `close` ends and removes everything. */
export async function openStage(): Promise<Stage> {
  await startPostgres();
  const root = makeDataDirectory();
  const deliveries = new Map<string, Promise<string>>();
  const stores = new Map<string, Promise<Database>>();
  const opened: Database[] = [];
  const once = <T>(known: Map<string, Promise<T>>, size: CitySize, make: () => Promise<T>): Promise<T> => {
    const name = `${size.persons}-${size.claimsPerPerson}`;
    const made = known.get(name) ?? make();
    known.set(name, made);
    return made;
  };
  const stage: Stage = {
    directory(name) {
      const made = path.join(root, name);
      mkdirSync(made, { recursive: true });
      return made;
    },
    delivery: (size) =>
      once(deliveries, size, async () => {
        const out = path.join(root, `city-${size.persons}-${size.claimsPerPerson}`);
        await writeDemoCity({ ...size, persons: scaled(size.persons), seed: SEED, asOf: AS_OF, out });
        return out;
      }),
    async empty() {
      const database = await testDatabase();
      opened.push(database);
      return database;
    },
    loaded: (size) =>
      once(stores, size, async () => {
        const [directory, database] = [await stage.delivery(size), await stage.empty()];
        const { kinds } = await loadDelivery(database, { directory, hubKey: SAMPLE_KEY });
        const wrong = kinds.find(({ state }) => state !== 'COMPLETE');
        if (wrong) throw new Error(`the city was not taken whole: ${wrong.kind} ${wrong.reason}`);
        // As autovacuum leaves a store that is not written any more.
        await database.pool.query('vacuum analyze');
        await settle(database);
        return database;
      }),
    async copyOf({ url }) {
      const [name, copy] = [new URL(url).pathname.slice(1), `copy_${randomBytes(6).toString('hex')}`];
      await withClient(testServerUrl(), async (client) => {
        await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
        await client.query(`create database ${copy} template ${name}`);
      });
      const database = await openDatabase(inDatabase(url, copy));
      opened.push(database);
      return database;
    },
    async close() {
      for (const database of opened) await database.close();
      rmSync(root, { recursive: true, force: true });
      removeDataDirectory(root);
      await stopPostgres();
    },
  };
  return stage;
}
