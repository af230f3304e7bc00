import type { ClientBase, Pool } from 'pg';
import { DataSource, type DataSourceOptions, type Logger } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import { type Lookup, openLookups } from './lookups';
import { typeParsers } from './type-parsers';

/** One open database: entities through `dataSource`, bulk pages through `pool`; the same connections serve both. Lookups have their own. */
export interface Database {
  dataSource: DataSource;
  pool: Pool;
  lookup: Lookup;
  url: string;
  /** Closes every connection. May be called twice. */
  close(): Promise<void>;
}

/** Classes decorated for TypeORM. */
export type EntityClasses = NonNullable<DataSourceOptions['entities']>;

const poolSizeDefault = 10;
const connectMilliseconds = 10_000;
/**
 * Longest wait for a connection once the database is open. An operation waits twice at most, for its data and for its record, and both fit into the
 * 10 s that it may take: whoever comes when all connections are taken is told so in time.
 */
const waitMillisecondsDefault = 4_000;
/** As server_version_num gives it: PostgreSQL 15. */
const versionMin = 150_000;

/**
 * Connects to PostgreSQL, any server from 15 on.
 *
 * Values come back as text wherever a JavaScript value would lose something: date 'YYYY-MM-DD', timestamptz ISO text in UTC with all
 * its microseconds, numeric and bigint as digits. This holds for this pool only; pg's parsers are left alone.
 * @param options.entities classes decorated for TypeORM
 * @param options.poolSize connections at most, 10 unless told
 * @param options.waitMilliseconds longest wait for a connection once it is open, 4,000 unless told
 * @throws one sentence without the password: not reachable, refused, no such database, too old
 */
export async function openDatabase(
  url: string,
  options: { entities?: EntityClasses; poolSize?: number; waitMilliseconds?: number } = {},
): Promise<Database> {
  const session = { connectionString: url, types: typeParsers, keepAlive: true };
  const dataSource = new DataSource({
    type: 'postgres',
    entities: options.entities ?? [],
    poolSize: options.poolSize ?? poolSizeDefault,
    connectTimeoutMS: connectMilliseconds,
    applicationName: 'heyan',
    installExtensions: false,
    logger: silentLogger,
    // An idle connection that breaks is replaced by the pool; the next statement reports what is really wrong.
    poolErrorHandler: () => undefined,
    extra: { ...session, onConnect: prepareSession },
  });
  try {
    await dataSource.initialize();
  } catch (error) {
    throw new Error(whyUnreachable(error as NodeJS.ErrnoException, url), { cause: error });
  }
  const { master: pool } = dataSource.driver as PostgresDriver & { master: Pool };
  const waitMilliseconds = options.waitMilliseconds ?? waitMillisecondsDefault;
  pool.options.connectionTimeoutMillis = waitMilliseconds;
  const lookups = openLookups(
    { ...session, connectionTimeoutMillis: waitMilliseconds, application_name: 'heyan' },
    prepareSession,
  );
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= Promise.all([lookups.close(), dataSource.destroy()]).then(() => undefined);
    return closing;
  };
  try {
    await checkVersion(pool, url);
  } catch (error) {
    await close();
    throw error;
  }
  return { dataSource, pool, lookup: lookups.lookup, url, close };
}

/** TypeORM would print to stdout, which belongs to the commands' answers; every failure reaches the caller as an error anyway. */
export const silentLogger: Logger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};

/** In the session rather than in the connection's options, which a DATABASE_URL or a pooler in between may claim for itself. */
async function prepareSession(client: ClientBase): Promise<void> {
  // A connection that breaks while it is lent out would end the process; its borrower's next statement fails anyway.
  client.on('error', () => undefined);
  await client.query("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'");
}

async function checkVersion(pool: Pool, url: string): Promise<void> {
  const { rows } = await pool.query<{ server_version_num: string }>('SHOW server_version_num');
  const version = Number(rows[0]?.server_version_num);
  if (version >= versionMin) return;
  throw new Error(
    `The database at ${addressOf(url)} is PostgreSQL ${Math.floor(version / 10_000)}: Heyan needs 15 or newer; ` +
      'set DATABASE_URL to such a server, or leave it empty to use the embedded one.',
  );
}

function whyUnreachable(error: NodeJS.ErrnoException, url: string): string {
  const address = addressOf(url);
  const next = 'check DATABASE_URL, or leave it empty to use the embedded server.';
  switch (error.code) {
    case '28P01':
    case '28000':
      return `The database at ${address} refuses the user or password: ${next}`;
    case '3D000':
      return `The server has no database ${address}: create it, or ${next}`;
    case '53300':
      return `The database at ${address} has no connection left: raise its max_connections or end other clients.`;
    case '57P03':
      return `The database at ${address} is starting or stopping: try again in a moment.`;
    default:
      return `The database at ${address} cannot be reached (${error.code ?? error.message}): ${next}`;
  }
}

/** host:port/database without user and password; a socket's folder is the host. */
function addressOf(url: string): string {
  try {
    // postgres://user@/database is a usual form that URL does not know.
    const { hostname, port, pathname, searchParams } = new URL(url.replace('@/', '@localhost/'));
    return `${searchParams.get('host') ?? hostname}:${port || 5432}${pathname}`;
  } catch {
    return 'an address that is no postgres:// URL';
  }
}
