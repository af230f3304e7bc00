import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded';
import { findPlace } from '../../src/db/place';
import { isServerOf, readPostmaster } from '../../src/db/postmaster';
import { makeDataDirectory, removeDataDirectory } from '../support/data-directory';
import { withClient } from '../support/database';
import { type OtherProcess, startOther } from './other-process';

const directories: string[] = [];
const servers: EmbeddedServer[] = [];
const others: OtherProcess[] = [];

/** A data directory that `endAll` removes. */
export function newDirectory(parent?: string): string {
  const directory = makeDataDirectory(parent);
  directories.push(directory);
  return directory;
}

/** Starts a server in this process, which `endAll` stops. */
export async function start(directory: string): Promise<EmbeddedServer> {
  const server = await startEmbedded(directory);
  servers.push(server);
  return server;
}

/** Starts another process, which `endAll` ends. */
export async function other(directory: string): Promise<OtherProcess> {
  const started = await startOther(directory);
  others.push(started);
  return started;
}

/** Stops what a test has started; directories stay. */
export async function endServers(): Promise<void> {
  for (const { child, ended } of others.splice(0)) {
    child.stdin?.end();
    await ended;
  }
  for (const server of servers.splice(0)) await server.stop();
}

/** Stops everything and removes the directories. */
export async function endAll(): Promise<void> {
  await endServers();
  for (const directory of directories.splice(0)) removeDataDirectory(directory);
}

export function clusterOf(directory: string): string {
  return findPlace(directory, () => undefined).cluster;
}

/** The server's main process, or undefined when none runs. */
export function serverPid(directory: string): number | undefined {
  const running = readPostmaster(clusterOf(directory));
  return running && isServerOf(running.pid, clusterOf(directory)) ? running.pid : undefined;
}

/** The first column of the first row. */
export function value(url: string, sql: string): Promise<unknown> {
  return withClient(url, async (client) => Object.values((await client.query(sql)).rows[0] ?? {})[0]);
}

/** Commits one word for `kept` to find, and forgets earlier ones. */
export async function keep(url: string, word: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query('DROP TABLE IF EXISTS kept');
    await client.query('CREATE TABLE kept (word text)');
    await client.query('INSERT INTO kept VALUES ($1)', [word]);
  });
}

export function kept(url: string): Promise<unknown> {
  return value(url, 'SELECT word FROM kept');
}
