/** An audit log with tree heads of its own, for the tests of this folder. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openAuditLog } from '../../src/audit/append';
import { type Log, openLog } from '../../src/audit/log';
import type { AuditRecord, HashName } from '../../src/audit/record';
import { openSigner, type SignatureName, type Signer } from '../../src/audit/signing';
import { type Heads, type HeadsOptions, headsFile, openHeads } from '../../src/audit/take-heads';
import { type Verdict, verifyLog } from '../../src/audit/verify';
import type { Database } from '../../src/db/database';
import { testDatabase } from '../support/database';

export function auditRecord(more: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: randomUUID(), at: '2026-06-30T00:00:00.000Z', agency: 'tax', officer: null, purpose: 'P', case: null,
    operation: { hash: '00', name: null }, footprint: [], agreements: [], decision: 'GRANTED', refusals: [], persons: [], feeds: [],
    freshness: {}, errors: 0, ...more,
  }; // biome-ignore format: one record
}

export interface LogFixture {
  database: Database;
  directory: string;
  /** The hub's own checkpoint file. */
  file: string;
  log: Log;
  signer: Signer;
  /** What was reported to the operator. */
  reported: string[];
  /** Heads of this directory, as another process would open them. */
  heads(more?: Partial<HeadsOptions>): Heads;
  /** Appends records; their receipts. */
  append(count: number, more?: (place: number) => Partial<AuditRecord>): Promise<string[]>;
  verify(files?: readonly string[]): Promise<Verdict>;
  close(): Promise<void>;
}

export async function logFixture({
  hash = 'sha256',
  signature = 'ed25519',
}: {
  hash?: HashName;
  signature?: SignatureName;
} = {}): Promise<LogFixture> {
  const database = await testDatabase();
  const directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
  const file = headsFile(directory);
  const log = await openLog(database.pool, hash);
  const signer = openSigner(directory, signature);
  const audit = openAuditLog(database.pool, { hash });
  const reported: string[] = [];
  return {
    database, directory, file, log, signer, reported,
    heads: (more) =>
      openHeads({
        pool: database.pool,
        log,
        signer,
        dataDirectory: directory,
        now: () => new Date('2026-06-30T02:00:00Z'),
        report: (error) => reported.push((error as Error).message),
        everyMilliseconds: 0,
        ...more,
      }),
    append: (count, more = () => ({})) =>
      Promise.all(Array.from({ length: count }, (_, place) => audit.append(auditRecord(more(place))))),
    verify: (files = [file]) => verifyLog(database.pool, { log, files, keys: [signer] }),
    async close() {
      await database.close();
      rmSync(directory, { recursive: true, force: true });
    },
  }; // biome-ignore format: the first line
}
