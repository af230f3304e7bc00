/**
 * Bureaus on their own premises for tests: each with a database, a data directory and agreements of its own, listening on a port of this
 * machine for the hub whose keys it was given.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSigner, type Signer } from '../../src/audit/signing';
import { bureaus, recordKinds } from '../../src/bureaus/bureau';
import type { Database } from '../../src/db/database';
import { REMOTE_DEFAULTS, type RemoteSetting } from '../../src/federation/connection';
import {
  listenForHubs,
  type PremisesListening,
  type PremisesListenOptions,
  SUBGRAPH_PATH,
} from '../../src/federation/listen';
import { openPremises, type Premises } from '../../src/federation/premises';
import { openCallSigner } from '../../src/federation/signed-caller';
import { keysInFile } from '../../src/gateway/key-set';
import type { LogStream } from '../../src/gateway/request-log';
import type { Watch } from '../../src/gateway/watch';
import { foundHub } from '../../src/hub/founding';
import { Agency } from '../../src/sharing/agency';
import { Agreement } from '../../src/sharing/agreement';
import { testDatabase } from './database';
import { SAMPLE_DAY, SAMPLE_KEY } from './sample-city';

export interface TestPremises {
  database: Database;
  premises: Premises;
  listening: PremisesListening;
  dataDirectory: string;
  /** Who signs its agreements. */
  signer: Signer;
  /** `http(s)://host:port` */
  origin: string;
  /** How a hub reaches its bureaus. */
  settings: Record<string, RemoteSetting>;
  reported: unknown[];
  close(): Promise<void>;
}

/** A hub's data directory with the key it signs calls with, and the file of its public keys that bureaus are given. */
export async function hubDirectory(): Promise<{ dataDirectory: string; keysFile: string; remove(): void }> {
  const dataDirectory = mkdtempSync(path.join(tmpdir(), 'heyan-hub-'));
  const keysFile = await writeHubKeys(dataDirectory);
  return { dataDirectory, keysFile, remove: () => rmSync(dataDirectory, { recursive: true, force: true }) };
}

/** Writes the public keys of the hub with this data directory beside them, as `heyan hub-keys --out` does. */
export async function writeHubKeys(dataDirectory: string): Promise<string> {
  const keysFile = path.join(dataDirectory, 'hub-keys.json');
  writeFileSync(keysFile, JSON.stringify((await openCallSigner(dataDirectory)).keys));
  return keysFile;
}

/** The premises of these bureaus, together. */
export async function testPremises(
  names: readonly string[],
  options: {
    keysFile: string;
    now?: () => Date;
    tls?: PremisesListenOptions['tls'];
    founded?: boolean;
    poolSize?: number;
    waitMilliseconds?: number;
    watch?: Watch;
    log?: LogStream;
    /** A migrated database; one of its own unless given. */
    database?: Database;
    elapsed?: () => number;
    /** Where what is reported goes; a list of its own unless told. */
    reported?: unknown[];
  },
): Promise<TestPremises> {
  const now = options.now ?? (() => new Date(`${SAMPLE_DAY}T10:00:00+08:00`));
  const entities = [Agency, Agreement, ...recordKinds().map((kind) => kind.class)];
  const { poolSize, waitMilliseconds, watch, log } = options;
  const database = options.database ?? (await testDatabase({ entities, poolSize, waitMilliseconds }));
  const dataDirectory = mkdtempSync(path.join(tmpdir(), 'heyan-bureau-'));
  const signer = openSigner(dataDirectory);
  if (options.founded !== false) await foundHub(database.dataSource, signer, SAMPLE_DAY, now);
  const { reported = [] } = options;
  let seconds = 0;
  const premises = await openPremises({
    database,
    dataDirectory,
    bureaus: bureaus().filter(({ name }) => names.includes(name)),
    hubs: [keysInFile(options.keysFile)],
    signer,
    hubKey: () => SAMPLE_KEY,
    now,
    // As in hub.ts: nothing is remembered from one operation to the next, unless told.
    elapsed:
      options.elapsed ??
      (() => {
        seconds += 1;
        return seconds * 1_000;
      }),
    report: (error) => reported.push(error),
    watch,
  });
  const listening = await listenForHubs(premises, { host: '127.0.0.1', port: 0, tls: options.tls, log });
  return {
    database,
    premises,
    listening,
    dataDirectory,
    signer,
    origin: listening.url,
    settings: Object.fromEntries(
      names.map((name) => [name, { url: `${listening.url}${SUBGRAPH_PATH}${name}`, ...REMOTE_DEFAULTS }]),
    ),
    reported,
    async close() {
      await listening.close();
      await premises.close();
      await database.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}
