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

/** The key of the person key of the sample city. */
export const SAMPLE_KEY = Buffer.from('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', 'hex');
export const SAMPLE_DAY = '2026-06-30';
export const SAMPLE_CITY = path.join(__dirname, '../sample-city');

export interface TestHub {
  database: Database;
  /** Where its keys and tree heads are. */
  dataDirectory: string;
  hub: Hub;
  /** Everything that callers were not told in full. */
  reported: unknown[];
  /** One operation as an agency and officer; the supervision's case investigation unless told. */
  as(who?: {
    agency?: string;
    purpose?: string;
    case?: string;
    officer?: string | null;
  }): (query: string, variables?: Record<string, unknown>) => Promise<FormattedExecutionResult>;
  /** Loads a delivery of the sample city, follows and checks. */
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
    /** Where its keys are; a directory of its own unless told. */
    dataDirectory?: string;
  } = {},
): Promise<TestHub> {
  const now = options.now ?? (() => new Date(`${SAMPLE_DAY}T10:00:00+08:00`));
  const database = await testDatabase({ entities: [Agency, Agreement, ...recordKinds().map((kind) => kind.class)] });
  const dataDirectory = options.dataDirectory ?? mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
  if (options.founded !== false)
    await foundHub(database.dataSource, openSigner(dataDirectory, options.signature), SAMPLE_DAY, now);
  const reported: unknown[] = [];
  let seconds = 0;
  const hub = await openHub({
    database,
    dataDirectory,
    signature: options.signature,
    hash: options.hash,
    hubKey: () => SAMPLE_KEY,
    issuers: options.issuers,
    watch: options.watch,
    subgraphs: options.subgraphs,
    supergraph: options.supergraph,
    now,
    // Unless told, each look at this clock is a second later: nothing is remembered from one operation to the next.
    elapsed:
      options.elapsed ??
      (() => {
        seconds += 1;
        return seconds * 1_000;
      }),
    report: (error) => reported.push(error),
  });
  return {
    database,
    dataDirectory,
    hub,
    reported,
    as({ agency = SUPERVISION, purpose = CASE_INVESTIGATION, case: caseNumber = 'TEST-1', officer = 'tester' } = {}) {
      return async (query, variables) => {
        // Agencies that are not registered are nobody: whoever asks is somebody, with or without agreements.
        await database.pool.query('insert into sharing.agency values ($1, $1, $1) on conflict do nothing', [agency]);
        const token = await hub.issuer.issue(agency, officer);
        return hub.gateway.ask({ authorization: `Bearer ${token}`, purpose, case: caseNumber }, query, variables);
      };
    },
    nightly: (delivery, asOf = SAMPLE_DAY) =>
      runNightly(database, hub, {
        from: delivery && path.join(SAMPLE_CITY, delivery),
        asOf,
        hubKey: SAMPLE_KEY,
        quarantineLimit: 0.2,
      }),
    async close() {
      await hub.close();
      await database.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}
