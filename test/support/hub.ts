/**
 * A whole hub for tests: a fresh database, the real gateway, real tokens. The clock is the test's.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FormattedExecutionResult } from 'graphql';
import { openSigner } from '../../src/audit/signing';
import { recordKinds } from '../../src/bureaus/bureau';
import type { Database } from '../../src/db/database';
import { CASE_INVESTIGATION, SUPERVISION } from '../../src/hub/codes';
import { foundHub } from '../../src/hub/founding';
import { type Hub, type HubOptions, openHub } from '../../src/hub/hub';
import { type NightlyReport, runNightly } from '../../src/hub/nightly';
import { Agency } from '../../src/sharing/agency';
import { Agreement } from '../../src/sharing/agreement';
import { testDatabase } from './database';
import { writeHubKeys } from './premises';
import { SAMPLE_CITY, SAMPLE_DAY, SAMPLE_KEY } from './sample-city';
import { keeping, moveOut, SHAPE, type Shape, takeIn } from './shape';

export { SAMPLE_CITY, SAMPLE_DAY, SAMPLE_KEY };

export interface TestHub {
  database: Database;
  /** Where its keys and tree heads are. */
  dataDirectory: string;
  hub: Hub;
  /** Everything that callers were not told in full, by the hub and by bureaus elsewhere. */
  reported: unknown[];
  shape: Shape;
  /** The database in which a kind's records are kept: that of its bureau, when it is not in this process. */
  keeping(kind: string): Database;
  /** One operation as an agency and officer; the supervision's case investigation unless told. */
  as(who?: {
    agency?: string;
    purpose?: string;
    case?: string;
    officer?: string | null;
  }): (query: string, variables?: Record<string, unknown>) => Promise<FormattedExecutionResult>;
  /** Loads a delivery of the sample city, or of another folder, follows and checks. */
  nightly(delivery?: string, asOf?: string): Promise<NightlyReport>;
  close(): Promise<void>;
}

/** Opens a hub on a database of its own. `founded: false` leaves it without agreements. */
export async function testHub(
  options: Pick<
    Partial<HubOptions>,
    'now' | 'elapsed' | 'issuers' | 'watch' | 'signature' | 'hash' | 'subgraphs' | 'supergraph'
  > & {
    founded?: boolean;
    poolSize?: number;
    waitMilliseconds?: number;
    /** Where its keys are; a directory of its own unless told. */
    dataDirectory?: string;
    /** Where its bureaus are; see shape.ts. */
    shape?: Shape;
  } = {},
): Promise<TestHub> {
  const now = options.now ?? (() => new Date(`${SAMPLE_DAY}T10:00:00+08:00`));
  const { poolSize, waitMilliseconds } = options;
  const entities = [Agency, Agreement, ...recordKinds().map((kind) => kind.class)];
  const database = await testDatabase({ entities, poolSize, waitMilliseconds });
  const dataDirectory = options.dataDirectory ?? mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
  if (options.founded !== false)
    await foundHub(database.dataSource, openSigner(dataDirectory, options.signature), SAMPLE_DAY, now);
  const reported: unknown[] = [];
  let seconds = 0;
  // Unless told, each look at this clock is a second later: nothing is remembered from one operation to the next.
  const elapsed =
    options.elapsed ??
    (() => {
      seconds += 1;
      return seconds * 1_000;
    });
  const shape = options.subgraphs ? 'local' : (options.shape ?? SHAPE);
  const premises =
    shape === 'local'
      ? []
      : await moveOut(database, {
          keysFile: await writeHubKeys(dataDirectory),
          founded: options.founded,
          now,
          elapsed,
          reported,
        });
  const hub = await openHub({
    database,
    dataDirectory,
    signature: options.signature,
    hash: options.hash,
    hubKey: () => SAMPLE_KEY,
    issuers: options.issuers,
    watch: options.watch,
    subgraphs: options.subgraphs ?? Object.assign({}, ...premises.map(({ settings }) => settings)),
    supergraph: options.supergraph,
    now,
    elapsed,
    report: (error) => reported.push(error),
  });
  return {
    database,
    dataDirectory,
    hub,
    reported,
    shape,
    keeping: (kind) => keeping(database, kind),
    as({ agency = SUPERVISION, purpose = CASE_INVESTIGATION, case: caseNumber = 'TEST-1', officer = 'tester' } = {}) {
      return async (query, variables) => {
        // Agencies that are not registered are nobody: whoever asks is somebody, with or without agreements.
        await database.pool.query('insert into sharing.agency values ($1, $1, $1) on conflict do nothing', [agency]);
        const token = await hub.issuer.issue(agency, officer);
        return hub.gateway.ask({ authorization: `Bearer ${token}`, purpose, case: caseNumber }, query, variables);
      };
    },
    async nightly(name, asOf = SAMPLE_DAY) {
      const taking = { hubKey: SAMPLE_KEY, quarantineLimit: 0.2 };
      const directory = name && path.resolve(SAMPLE_CITY, name);
      if (shape === 'local') return runNightly(database, hub, { from: directory, asOf, ...taking });
      // Bureaus elsewhere take theirs in by themselves, before the hub's night.
      const delivery = directory ? await takeIn(database, { directory, ...taking }) : null;
      return { ...(await runNightly(database, hub, { asOf, ...taking })), delivery };
    },
    async close() {
      await hub.close();
      // Dropping a database waits for a checkpoint, and several at once for the same one.
      await Promise.all([...premises, database].map((one) => one.close()));
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}
