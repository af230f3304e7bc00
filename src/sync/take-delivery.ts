/**
 * One bureau's part of a delivery directory: its files, in one transaction.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { PoolClient } from 'pg';
import type { Bureau } from '../bureaus/bureau';
import { type RecordKind, recordKind } from '../bureaus/record';
import type { Intake } from './intake';
import { mapped } from './mapping/mapping';
import type { Keys } from './number-keys';
import { type KindReport, type LoadProgress, newReport } from './report';
import { closeInterrupted } from './run';
import type { BureauSetting } from './setting';
import { type Found, openDeliveryFile } from './sources/delivery';
import type { FileLimits } from './sources/limits';
import type { Manifest } from './sources/manifest';
import { takeIn } from './take-in';

export interface TakeDeliveryOptions {
  /** Only these kinds; all when absent. */
  kinds?: readonly string[];
  keys: Keys;
  /** Largest share of a file's rows, 0 to 1, that may be quarantined before the bureau's delivery is rolled back. */
  quarantineLimit?: number;
  now?: () => Date;
  onProgress?: (progress: LoadProgress) => void;
  limits?: Partial<FileLimits>;
}

export interface BureauDelivery {
  bureau: Bureau;
  setting?: BureauSetting;
  directory: string;
  /** Its files by their names without an ending. */
  files: ReadonlyMap<string, Found>;
  manifest: Manifest | null;
  /** Writes what must stand or fall with the delivery; given what became of it. */
  alsoWrite?(client: PoolClient, reports: readonly KindReport[], recordedAt: string): Promise<void>;
}

export const QUARANTINE_LIMIT = 0.2;

/** The name of each kind's file without its ending: the kind's word, unless the settings say otherwise. */
export function fileNames(bureau: Bureau, setting?: BureauSetting): Map<string, string> {
  return new Map(
    bureau.records.map((record) => {
      const { kind } = recordKind(record);
      return [kind, setting?.kinds[kind]?.file ?? kind];
    }),
  );
}

/** Answers what became of each file of the bureau's that is there. Throws when the store cannot be written. The lease is the caller's. */
export async function takeDelivery(
  client: PoolClient,
  delivery: BureauDelivery,
  options: TakeDeliveryOptions,
): Promise<KindReport[]> {
  const { bureau, setting, files } = delivery;
  const now = options.now ?? (() => new Date());
  const names = fileNames(bureau, setting);
  const intakes: Intake[] = [];
  for (const record of bureau.records) {
    const kind = recordKind(record);
    const found = files.get(names.get(kind.kind) as string);
    if (found && (options.kinds?.includes(kind.kind) ?? true))
      intakes.push(await intakeOf(kind, found, delivery, options));
  }
  const startedAt = now();
  const reports = intakes.map(({ report }) => report);
  await closeInterrupted(client, [...names.keys()], startedAt);
  await takeIn(client, intakes, {
    bureau,
    keys: options.keys,
    quarantineLimit: options.quarantineLimit ?? QUARANTINE_LIMIT,
    now,
    startedAt,
    onProgress: options.onProgress,
    alsoWrite: (writer, recordedAt) => delivery.alsoWrite?.(writer, reports, recordedAt) ?? Promise.resolve(),
  });
  return reports;
}

async function intakeOf(
  kind: RecordKind,
  found: Found,
  { bureau, setting, directory, manifest }: BureauDelivery,
  { limits }: TakeDeliveryOptions,
): Promise<Intake> {
  const file = 'path' in found ? path.basename(found.path) : `${setting?.kinds[kind.kind]?.file ?? kind.kind}.csv`;
  const report = newReport(kind.kind, bureau.name, file, directory);
  const fault = 'path' in found ? await manifest?.check(file) : found.fault;
  if (fault !== undefined) Object.assign(report, { state: 'FAILED', reason: fault });
  const mapping = setting?.kinds[kind.kind]?.mapping;
  return {
    kind,
    report,
    from: 'FILE',
    rowsPromised: manifest?.rows(file),
    async open(onBytes) {
      const { path: source } = found as { path: string };
      const size = await stat(source).then(
        (stats) => stats.size,
        () => 0,
      );
      const rows = await openDeliveryFile(source, { limits, onRead: (read) => onBytes(read, size) });
      return mapping ? mapped(rows, kind, mapping) : rows;
    },
  };
}
