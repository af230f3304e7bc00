import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { type Database, type EntityClasses, openDatabase } from '../../src/db/database';

/** Set by start-postgres.ts, which runs before all tests, and inherited by jest's workers. */
export const urlVariable = 'HEYAN_TEST_DATABASE_URL';
/** Migrated once per run; a copy takes about 50 ms. Nothing connects to it. */
export const templateName = 'heyan_template';

/** A fresh, migrated database on the run's one server; `close()` drops it. */
export async function testDatabase(
  options: { entities?: EntityClasses; poolSize?: number; waitMilliseconds?: number } = {},
): Promise<Database> {
  const server = testServerUrl();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withClient(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${templateName}`));
  const database = await openDatabase(inDatabase(server, name), options);
  let closing: Promise<void> | undefined;
  const close = async () => {
    await database.close();
    await withClient(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  };
  return {
    ...database,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** The run's server, connected to as its superuser. */
export function testServerUrl(): string {
  const url = process.env[urlVariable];
  if (!url)
    throw new Error(
      `${urlVariable} is not set: run the tests through jest's globalSetup test/support/start-postgres.ts.`,
    );
  return url;
}

/** The same server, another database. */
export function inDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}

export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
