/**
 * Every setting, read once from the environment and `heyan.yaml`, checked, and frozen.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Document, isMap, isScalar, LineCounter, type Node, type ParsedNode, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { isUrl } from './audit/checkpoint';
import type { HashName } from './audit/record';
import type { SignatureName } from './audit/signing';
import type { RemoteSettings } from './federation/remotes';
import {
  callsInTheClear,
  elsewhereMistakes,
  type ServingSetting,
  servingForm,
  subgraphsForm,
  supergraphForm,
} from './federation/setting-form';
import { ISSUER, JOBS_ISSUER } from './gateway/issuer';
import { type IssuerSetting, isAddress } from './gateway/issuers';
import { ALGORITHMS } from './gateway/key-set';
import { type Operating, portOf, readOperating } from './gateway/operating';
import { AGENCY_CODE } from './sharing/agency';
import type { BureauSettings } from './sync/setting';
import { bureausForm, cron, type SettingPlace, secretsIn } from './sync/setting-form';

export interface Config extends Operating {
  /** Embedded database, keys, checkpoints, the demo city. */
  dataDirectory: string;
  /** A PostgreSQL of one's own, 15 or newer; null is the embedded one. */
  databaseUrl: string | null;
  host: string;
  port: number;
  /** The key of the person key, when it was set; else it is in the data directory. */
  personKey: Buffer | null;
  /** Share of a bureau's delivery that may be quarantined before the delivery is rolled back. */
  quarantineLimit: number;
  /** How the audit log is hashed and signed, and where its tree heads go besides the data directory: absolute paths and http(s) URLs. */
  audit: { hash: HashName; signature: SignatureName; checkpoints: readonly string[] };
  /** Issuers of tokens that agencies bring. */
  issuers: readonly IssuerSetting[];
  /** Where bureaus' records come from, by the bureau's name. */
  bureaus: BureauSettings;
  /** Bureaus on their own premises, by name. */
  subgraphs: RemoteSettings;
  /** Who may call the bureaus that `serve --only` serves; null when nobody was named. */
  serving: ServingSetting | null;
  /** The file of the graph that was composed; null composes it of this program's own schemas. */
  supergraph: string | null;
  /** When the whole chain runs by itself: cron of five fields in Asia/Shanghai. */
  nightly: { schedule: string } | null;
  /** What the operator should know and need not act on before the program runs. */
  warnings: readonly string[];
}

/** A setting that cannot be used; the message names it and says what to do. */
export class BadSetting extends Error {}
const refuse = (message: string) => new BadSetting(message);

const Issuer = z.strictObject({
  issuer: z
    .string()
    .min(1)
    .max(256)
    .refine((name) => ![ISSUER, JOBS_ISSUER].includes(name), "this is the hub's own issuer: write the name of another"),
  jwks: z.string().min(1).max(1_000),
  audience: z.string().min(1).max(256),
  algorithms: z.array(z.enum(ALGORITHMS)).min(1).optional(),
  agencies: z.array(z.string().regex(AGENCY_CODE, 'no code of an agency')).min(1).max(1_000),
});

const Audit = z.strictObject({
  hash: z.enum(['sha256', 'sm3']).optional(),
  signature: z.enum(['ed25519', 'sm2']).optional(),
  checkpoints: z.array(z.string().min(1).max(1_000)).max(20).optional(),
});

const fileForm = (written: { bureaus?: unknown }, place: SettingPlace) =>
  z.strictObject({
    audit: Audit.optional(),
    quarantineLimit: z.number().min(0).max(1).optional(),
    issuers: z.array(Issuer).max(50).optional(),
    bureaus: (written.bureaus === undefined ? z.undefined() : bureausForm(written.bureaus, place)).optional(),
    nightly: z.strictObject({ schedule: cron }).optional(),
    subgraphs: subgraphsForm(place.folder).optional(),
    serving: servingForm(place.folder).optional(),
    supergraph: supergraphForm(place.folder).optional(),
  });
type File = z.infer<ReturnType<typeof fileForm>>;

/** Reads the settings. Throws `BadSetting`. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
  directory = process.cwd(),
): Config {
  const { file, warnings } = readFile(env, directory);
  return Object.freeze({
    dataDirectory: path.resolve(directory, env.HEYAN_DATA || '.heyan'),
    databaseUrl: databaseUrl(env.DATABASE_URL),
    host: env.HEYAN_HOST || '127.0.0.1',
    port: portOf('PORT', env.PORT, 4000, refuse),
    ...readOperating(env, refuse),
    personKey: personKey(env.HEYAN_PERSON_KEY),
    quarantineLimit: file.quarantineLimit ?? 0.2,
    audit: {
      hash: file.audit?.hash ?? 'sha256',
      signature: file.audit?.signature ?? 'ed25519',
      checkpoints: file.audit?.checkpoints ?? [],
    },
    issuers: file.issuers ?? [],
    bureaus: file.bureaus ?? {},
    nightly: file.nightly ?? null,
    subgraphs: file.subgraphs ?? {},
    serving: file.serving ?? null,
    supergraph: file.supergraph ?? null,
    warnings: [...warnings, ...callsInTheClear(file.subgraphs)],
  });
}

function databaseUrl(text: string | undefined): string | null {
  if (!text) return null;
  if (!/^postgres(ql)?:\/\//.test(text))
    throw new BadSetting('DATABASE_URL is not a PostgreSQL address: write postgres://user:password@host:port/database');
  return text;
}

function personKey(text: string | undefined): Buffer | null {
  if (!text) return null;
  if (!/^([0-9a-fA-F]{2}){16,64}$/.test(text))
    throw new BadSetting(
      'HEYAN_PERSON_KEY is not a key: write 32 to 128 hex digits, or leave it empty to have one made',
    );
  return Buffer.from(text, 'hex');
}

function textOf(name: string): string {
  try {
    return readFileSync(name, 'utf8');
  } catch (error) {
    throw new BadSetting(`HEYAN_CONFIG names ${name}, which cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function readFile(
  env: Readonly<Record<string, string | undefined>>,
  directory: string,
): { file: File; warnings: readonly string[] } {
  const name = path.resolve(directory, env.HEYAN_CONFIG || 'heyan.yaml');
  if (!existsSync(name)) {
    if (env.HEYAN_CONFIG) throw new BadSetting(`HEYAN_CONFIG names ${name}, which does not exist`);
    return { file: {}, warnings: [] };
  }
  const lines = new LineCounter();
  const document = parseDocument(textOf(name), { lineCounter: lines, uniqueKeys: isWrittenAlike });
  const at = (offset: number | undefined) => `${name}:${offset === undefined ? 1 : lines.linePos(offset).line}`;
  const mistakes = document.errors.map((error) => `${at(error.pos[0])}: ${error.message.split('\n')[0]}`);
  if (mistakes.length > 0) throw new BadSetting(mistakes.join('\n'));
  if (document.contents !== null && !isMap(document.contents))
    throw new BadSetting(`${at(undefined)}: the file holds no settings: write name: value, one a line`);
  keepTexts(document);
  const written = document.toJS() ?? {};
  const checked = fileForm(written, { folder: path.dirname(name), environment: env }).safeParse(written);
  const wrong = checked.success
    ? [
        ...issuerMistakes(checked.data, path.dirname(name)),
        ...checkpointMistakes(checked.data, path.dirname(name)),
        ...elsewhereMistakes(checked.data),
      ]
    : checked.error.issues;
  const lineOf = (keys: readonly PropertyKey[]) => lines.linePos(offsetOf(document, keys) ?? 0).line;
  const placed = (keys: readonly PropertyKey[]) => `${name}:${lineOf(keys)}: ${nameOf(keys)}`;
  if (checked.success && wrong.length === 0)
    return { file: checked.data, warnings: openSecrets(name, secretsIn(written.bureaus).map(placed)) };
  const told = wrong.flatMap((issue) => {
    const isUnknown = issue.code === 'unrecognized_keys';
    const places = isUnknown ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return places.map((keys) => ({
      line: lineOf(keys),
      says: `${placed(keys)}: ${isUnknown ? 'no such setting' : issue.message}`,
    }));
  });
  throw new BadSetting(
    told
      .sort((one, other) => one.line - other.line)
      .map(({ says }) => says)
      .join('\n'),
  );
}

/** Where a setting stands in the text; of one that is not there, what it should stand under. */
function offsetOf(document: Document, keys: readonly PropertyKey[]): number | undefined {
  for (let length = keys.length; length > 0; length--) {
    const node = document.getIn(keys.slice(0, length - 1), true);
    const pair = isMap(node) ? node.items.find((item) => String(item.key) === String(keys[length - 1])) : undefined;
    const found = (pair?.key ?? document.getIn(keys.slice(0, length), true)) as Node | undefined;
    if (found?.range) return found.range[0];
  }
  return undefined;
}

/** Whether two settings of one object have the same name. Codes 1 and 01 have not, though YAML takes both for the number 1. */
function isWrittenAlike(one: ParsedNode, other: ParsedNode): boolean {
  return isScalar(one) && isScalar(other) && (one.source ?? one.value) === (other.source ?? other.value);
}

/** In a mapping everything is text as it was written: 01 is a code and not the number 1, and so are true and 1e3. */
function keepTexts(document: Document): void {
  const valuesOf = (node: unknown) => (isMap(node) ? node.items.map(({ value }) => value) : []);
  const below = (node: unknown, key: string) => (isMap(node) ? node.get(key, true) : undefined);
  const kinds = valuesOf(below(document.contents, 'bureaus')).flatMap((bureau) => valuesOf(below(bureau, 'kinds')));
  for (const mapping of kinds.map((kind) => below(kind, 'mapping')))
    if (isMap(mapping))
      visit(mapping, {
        Scalar(key, node) {
          const isLeftEmpty = key === 'value' && node.value === null;
          if (typeof node.value !== 'string' && node.source && !isLeftEmpty) node.value = node.source;
        },
      });
}

/** A password or token that stands in a file which others than its owner may read; where there are no such rights, nothing is said. */
function openSecrets(file: string, places: readonly string[]): string[] {
  if (process.platform === 'win32' || (statSync(file).mode & 0o044) === 0) return [];
  return places.map(
    (place) =>
      `${place}: holds a password or token that others can read: take it from the environment with $\{NAME}, or chmod 600 the file`,
  );
}

/** `issuers[0].jwks` */
function nameOf(keys: readonly PropertyKey[]): string {
  return keys
    .map((key, place) => (typeof key === 'number' ? `[${key}]` : `${place ? '.' : ''}${String(key)}`))
    .join('');
}

/** Resolves the files of key sets against the folder of `heyan.yaml`, and names those that cannot be used, and issuers given twice. */
function issuerMistakes({ issuers = [] }: File, folder: string): Mistake[] {
  return issuers.flatMap((one, place) => {
    const mistake = (key: string, message: string) => [
      { code: 'custom' as const, path: ['issuers', place, key], message },
    ];
    if (issuers.findIndex(({ issuer }) => issuer === one.issuer) < place)
      return mistake('issuer', 'this issuer is given above: name all its agencies there');
    if (isAddress(one.jwks)) return URL.canParse(one.jwks) ? [] : mistake('jwks', 'this is no address');
    one.jwks = path.resolve(folder, one.jwks);
    return holdsKeySet(one.jwks)
      ? []
      : mistake('jwks', `${one.jwks} holds no JSON Web Key Set: write the path of one, or its http(s):// address`);
  });
}

/** Resolves checkpoint files against the folder of `heyan.yaml`, and names sinks that are neither a file nor an address. */
function checkpointMistakes({ audit }: File, folder: string): Mistake[] {
  const sinks = audit?.checkpoints ?? [];
  return [...sinks].flatMap((sink, place) => {
    const mistake = (message: string) => [{ code: 'custom' as const, path: ['audit', 'checkpoints', place], message }];
    if (sinks.slice(0, place).includes(isUrl(sink) ? sink : path.resolve(folder, sink)))
      return mistake('this sink is given above');
    if (!isUrl(sink) && /^[a-z][a-z0-9+.-]+:/i.test(sink))
      return mistake('neither a file nor an address: write a path, or an http(s):// address');
    if (isUrl(sink) && (!URL.canParse(sink) || new URL(sink).username))
      return mistake('this is no address without user and password: write one that takes POST from this machine');
    if (!isUrl(sink)) sinks[place] = path.resolve(folder, sink);
    return [];
  });
}

interface Mistake {
  code: 'custom';
  path: PropertyKey[];
  message: string;
}

function holdsKeySet(file: string): boolean {
  try {
    return Array.isArray((JSON.parse(readFileSync(file, 'utf8')) as { keys?: unknown }).keys);
  } catch {
    return false;
  }
}
