/**
 * What may be written under `bureaus:` in `heyan.yaml`, checked and resolved into `BureauSettings`: unknown bureaus, kinds and columns are named
 * with those there are, paths are taken from the folder of the file, `${NAME}` from the environment, and what is left out gets its default.
 */
import path from 'node:path';
import { z } from 'zod';
import { type Bureau, bureaus } from '../bureaus/bureau';
import { type RecordKind, recordKind } from '../bureaus/record';
import { mappingForm } from './mapping/form';
import { named, noSuchSetting, ofObjects, orWhich } from './mistakes';
import type { BureauSetting, BureauSettings, KindSetting } from './setting';
import { type Environment, httpForm, plainSecrets, sqlForm } from './sources/register-form';

/** What settings are resolved against: the folder of the file, and the environment. */
export interface SettingPlace {
  folder: string;
  environment: Environment;
}

const LATE_MINUTES = 120;
const WEEK_MINUTES = 7 * 24 * 60;
const CRON = 'write five fields, minute hour day month weekday, as "30 2 * * *" for half past two every night';

/** A cron of five fields in Asia/Shanghai, of digits, names and `* , - /`: what every reader of crons understands. */
export const cron = z.string().superRefine((text, context) => {
  const fault = cronFault(text);
  if (fault) context.addIssue({ code: 'custom', message: fault });
});

function cronFault(text: string): string | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) return `has ${text.trim() === '' ? 0 : fields.length} fields: ${CRON}`;
  if (!fields.every((field) => /^[\d*,/-]+$/.test(field.replace(/[a-z]{3}/gi, '0')))) return `is no cron: ${CRON}`;
  // Loaded only where there is a cron to read, since it brings a whole calendar.
  const { CronExpressionParser } = require('cron-parser') as typeof import('cron-parser');
  try {
    // Also asks whether the day ever comes: 30 February never does.
    CronExpressionParser.parse(text.trim(), { tz: 'Asia/Shanghai' }).next();
    return undefined;
  } catch (error) {
    return `is no cron (${(error as Error).message}): ${CRON}`;
  }
}

/** The whole section, by the name of the bureau. Forms are made for the bureaus in `written` alone: all of them would hold up every command. */
export function bureausForm(written: unknown, place: SettingPlace): z.ZodType<BureauSettings> {
  const names = bureaus().map(({ name }) => name);
  const said = bureaus().filter(({ name }) => Object.hasOwn(Object(written), name));
  return named(
    Object.fromEntries(said.map((bureau) => [bureau.name, bureauForm(bureau, place)])),
    (name) => `no such bureau: ${orWhich(name, names, 'the bureaus are')}`,
  ) as unknown as z.ZodType<BureauSettings>;
}

function bureauForm(bureau: Bureau, place: SettingPlace): z.ZodType<BureauSetting> {
  const kinds = bureau.records.map(recordKind);
  const words = kinds.map(({ kind }) => kind);
  const shape = {
    schedule: cron.optional(),
    lateAfterMinutes: z.int().min(1).max(WEEK_MINUTES).default(LATE_MINUTES),
    deliveries: z
      .string()
      .min(1)
      .max(1_000)
      .refine((directory) => !/^[a-z][a-z0-9+.-]+:\/\//i.test(directory), 'write the path of a directory')
      .transform((directory) => path.resolve(place.folder, directory))
      .optional(),
    kinds: kindsForm(bureau, kinds, place).default({}),
  };
  return named(shape, noSuchSetting(shape)).superRefine((setting, context) => {
    for (const [at, message] of mixedFaults(setting as unknown as BureauSetting, words))
      context.addIssue({ code: 'custom', path: at, message });
  }, ofObjects) as unknown as z.ZodType<BureauSetting>;
}

function kindsForm(bureau: Bureau, kinds: readonly RecordKind[], place: SettingPlace) {
  const shape = Object.fromEntries(kinds.map((kind) => [kind.kind, kindForm(kind, place).optional()]));
  return named(shape, (name) => {
    const home = bureaus().find(({ records }) => records.some((record) => recordKind(record).kind === name));
    if (home) return `${name} is a kind of the bureau ${home.name}: write it there`;
    return `no such kind of ${bureau.name}: ${orWhich(name, Object.keys(shape), 'there is')}`;
  });
}

function kindForm(kind: RecordKind, { environment }: SettingPlace) {
  const shape = {
    file: z
      .string()
      .min(1)
      .max(100)
      .refine(
        (name) => !/[\\/]|\.(csv|xlsx|gz)$/i.test(name),
        'write the name without a folder and without .csv, .csv.gz or .xlsx',
      )
      .optional(),
    sql: sqlForm(environment).optional(),
    http: httpForm(environment).optional(),
    mapping: mappingForm(kind).optional(),
  };
  return named(shape, noSuchSetting(shape));
}

type PlacedFault = [place: string[], says: string];

/** What does not go together in one bureau, by its place in the bureau's settings. */
function mixedFaults(setting: BureauSetting, words: readonly string[]): PlacedFault[] {
  const kinds = Object.entries(setting.kinds ?? {}).filter(([name, kind]) => words.includes(name) && kind);
  if (setting.deliveries === undefined && kinds.length === 0)
    return [[[], 'names no source: write deliveries, or under kinds a register with sql or http']];
  return kinds.flatMap(([name, kind]) =>
    [...sourceFaults(setting, kind), ...fileFaults(setting, words, name)].map(
      ([place, says]): PlacedFault => [['kinds', name, ...place], says],
    ),
  );
}

function sourceFaults({ deliveries }: BureauSetting, { sql, http }: KindSetting): PlacedFault[] {
  if (deliveries !== undefined) {
    const says = 'the bureau has deliveries: write those or registers, not both';
    return Object.entries({ sql, http }).flatMap(([name, register]) => (register ? [[[name], says]] : []));
  }
  if (sql !== undefined && http !== undefined) return [[['http'], 'the kind has sql too: write one of the two']];
  if (sql !== undefined || http !== undefined) return [];
  return [[[], 'names no source: write sql or http, or deliveries for its bureau']];
}

function fileFaults(setting: BureauSetting, kinds: readonly string[], name: string): PlacedFault[] {
  const fileOf = (kind: string) => setting.kinds[kind]?.file;
  const file = fileOf(name);
  if (file === undefined) return [];
  if (setting.deliveries === undefined) return [[['file'], 'names a file, but the bureau has no deliveries']];
  const other = kinds.find((kind) => kind !== name && (fileOf(kind) ?? kind) === file);
  return other === undefined ? [] : [[['file'], `${file} is the file of ${other} too: write another`]];
}

/** Where under `bureaus:` a password or token stands in the file itself. */
export function secretsIn(written: unknown): string[][] {
  return Object.entries((written ?? {}) as Record<string, { kinds?: Record<string, object> } | null>).flatMap(
    ([bureau, setting]) =>
      Object.entries(setting?.kinds ?? {}).flatMap(([kind, said]) =>
        plainSecrets(said ?? {}).map((place) => ['bureaus', bureau, 'kinds', kind, ...place]),
      ),
  );
}
