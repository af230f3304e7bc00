import { openDatabase } from '../../src/db/database';
import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded';
import { migrate } from '../../src/db/migrate';
import { makeDataDirectory, removeDataDirectory } from './data-directory';
import { inDatabase, templateName, urlVariable, withClient } from './database';

/** Kept for stop-postgres.ts, which jest runs in the same process. */
export interface Running {
  server: EmbeddedServer;
  directory: string;
}

declare global {
  var heyanTestServer: Running | undefined;
}

/** jest's globalSetup: one PostgreSQL for the whole run, with a migrated template that testDatabase() copies. */
export default async function startPostgres(): Promise<void> {
  const directory = makeDataDirectory();
  const server = await startEmbedded(directory);
  globalThis.heyanTestServer = { server, directory };
  process.env[urlVariable] = server.url;
  try {
    await makeTemplate(server.url);
  } catch (error) {
    // jest runs no teardown after a failed setup.
    await server.stop();
    removeDataDirectory(directory);
    throw error;
  }
}

async function makeTemplate(url: string): Promise<void> {
  await withClient(url, (client) => client.query(`CREATE DATABASE ${templateName}`));
  const template = await openDatabase(inDatabase(url, templateName));
  try {
    await migrate(template);
  } finally {
    await template.close();
  }
}
