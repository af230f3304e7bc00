import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { DataSource, type DataSourceOptions, MigrationExecutor, type MigrationInterface } from 'typeorm';
import { type Database, silentLogger } from './database';

type MigrationClass = new () => MigrationInterface;

/** Beside `src` in a checkout, beside `dist/src` when built. */
const migrationsFolder = join(__dirname, '..', '..', 'migrations');
const fileName = /^(\d{13})-[a-z0-9-]+\.(?:ts|js)$/;
const lockNumber = 0x48_45_59_4d; // 'HEYM'
/** A large city's table may be rewritten while another process waits. */
const lockWaitMinutesMax = 30;

/**
 * Brings the database to the state this version of the program expects: runs what is pending of the files in `migrations`, in the order
 * of their names, all in one transaction. Processes that do so at once wait for each other.
 * @param folder another folder of migrations
 * @returns the names applied now, oldest first
 * @throws when a file does not follow the convention, a statement fails (nothing is applied then), or the database is newer than we are
 */
export async function migrate(database: Database, folder = migrationsFolder): Promise<string[]> {
  const migrations = loadMigrations(folder);
  // A second data source of one connection: TypeORM reads migrations when it connects, and the lock belongs to that same connection.
  let failure: string | undefined;
  const source = new DataSource({
    ...database.dataSource.options,
    entities: [],
    migrations: migrations.map(({ migration }) => migration),
    poolSize: 1,
    logger: {
      ...silentLogger,
      // The only place where TypeORM names the migration that failed.
      logMigration: (message: string) => {
        failure = message;
      },
    },
  } as DataSourceOptions);
  await source.initialize();
  const runner = source.createQueryRunner();
  try {
    await runner.query(`SET lock_timeout = '${lockWaitMinutesMax}min'`);
    await runner.query('SELECT pg_advisory_lock($1)', [lockNumber]);
    const executor = new MigrationExecutor(source, runner);
    await refuseNewer(executor, new Set(migrations.map(({ name }) => name)));
    const applied = await executor.executePendingMigrations();
    return applied.map(({ name }) => name);
  } catch (error) {
    throw failure ? new Error(`${failure}; nothing was applied.`, { cause: error }) : error;
  } finally {
    await runner.release();
    await source.destroy();
  }
}

/** Undefined table: a database that nothing was migrated in. */
const NO_TABLE = '42P01';

/**
 * Whether every migration that this version brings is applied. More than those do not count against it: while processes are replaced one after
 * the other, the newer migrates and the older goes on answering.
 * @throws the database's error when it cannot be asked
 */
export async function isMigrated(pool: Pool, folder = migrationsFolder): Promise<boolean> {
  const applied = await pool.query<{ name: string }>('select name from migrations').catch((error) => {
    if ((error as { code?: string }).code === NO_TABLE) return { rows: [] };
    throw error;
  });
  const names = new Set(applied.rows.map(({ name }) => name));
  return loadMigrations(folder).every(({ name }) => names.has(name));
}

function loadMigrations(folder: string): { name: string; migration: MigrationClass }[] {
  return readdirSync(folder)
    .filter((file) => /\.(ts|js)$/.test(file) && !file.endsWith('.d.ts'))
    .sort()
    .map((file) => loadMigration(folder, file));
}

function loadMigration(folder: string, file: string): { name: string; migration: MigrationClass } {
  const timestamp = fileName.exec(file)?.[1];
  if (!timestamp)
    throw new Error(`migrations/${file} must be called <13 digits>-<room>.ts, such as 1764000000001-household.ts.`);
  const exported = Object.values(require(join(folder, file)) as Record<string, unknown>);
  const classes = exported.filter((value): value is MigrationClass => typeof value === 'function');
  const [migration] = classes;
  if (!migration || classes.length > 1)
    throw new Error(`migrations/${file} must export one migration class; it exports ${classes.length}.`);
  const name = new migration().name ?? migration.name;
  if (!name.endsWith(timestamp)) {
    throw new Error(`The class ${name} in migrations/${file} must end with ${timestamp}: TypeORM orders by the class.`);
  }
  return { name, migration };
}

async function refuseNewer(executor: MigrationExecutor, known: Set<string>): Promise<void> {
  const unknown = (await executor.getExecutedMigrations())
    .filter(({ name }) => !known.has(name))
    .map(({ name }) => name);
  if (unknown.length === 0) return;
  throw new Error(
    `The database was made by another version of Heyan (${unknown.join(', ')} is unknown here): ` +
      'start that version, or set HEYAN_DATA or DATABASE_URL to another database.',
  );
}
