/**
 * Every setting, read once from the environment and `heyan.yaml`, checked, and frozen.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isMap, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { isUrl } from './audit/checkpoint';
import type { HashName } from './audit/record';
import type { SignatureName } from './audit/signing';
import { ISSUER, JOBS_ISSUER } from './gateway/issuer';
import { type IssuerSetting, isAddress } from './gateway/issuers';
import { ALGORITHMS } from './gateway/key-set';
import { AGENCY_CODE } from './sharing/agency';

export interface Config {
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
}

/** A setting that cannot be used; the message names it and says what to do. */
export class BadSetting extends Error {}

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

const File = z.strictObject({
  audit: Audit.optional(),
  quarantineLimit: z.number().min(0).max(1).optional(),
  issuers: z.array(Issuer).max(50).optional(),
});

/** Reads the settings. Throws `BadSetting`. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
  directory = process.cwd(),
): Config {
  const file = readFile(env, directory);
  return Object.freeze({
    dataDirectory: path.resolve(directory, env.HEYAN_DATA || '.heyan'),
    databaseUrl: databaseUrl(env.DATABASE_URL),
    host: env.HEYAN_HOST || '127.0.0.1',
    port: port(env.PORT),
    personKey: personKey(env.HEYAN_PERSON_KEY),
    quarantineLimit: file.quarantineLimit ?? 0.2,
    audit: {
      hash: file.audit?.hash ?? 'sha256',
      signature: file.audit?.signature ?? 'ed25519',
      checkpoints: file.audit?.checkpoints ?? [],
    },
    issuers: file.issuers ?? [],
  });
}

function databaseUrl(text: string | undefined): string | null {
  if (!text) return null;
  if (!/^postgres(ql)?:\/\//.test(text))
    throw new BadSetting('DATABASE_URL is not a PostgreSQL address: write postgres://user:password@host:port/database');
  return text;
}

function port(text: string | undefined): number {
  if (!text) return 4000;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new BadSetting(`PORT is ${text}, not a port: write a number from 0 to 65535`);
  return value;
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

function readFile(env: Readonly<Record<string, string | undefined>>, directory: string): z.infer<typeof File> {
  const name = path.resolve(directory, env.HEYAN_CONFIG || 'heyan.yaml');
  if (!existsSync(name)) {
    if (env.HEYAN_CONFIG) throw new BadSetting(`HEYAN_CONFIG names ${name}, which does not exist`);
    return {};
  }
  const lines = new LineCounter();
  const document = parseDocument(textOf(name), { lineCounter: lines });
  const at = (offset: number | undefined) => `${name}:${offset === undefined ? 1 : lines.linePos(offset).line}`;
  const mistakes = document.errors.map((error) => `${at(error.pos[0])}: ${error.message.split('\n')[0]}`);
  if (mistakes.length > 0) throw new BadSetting(mistakes.join('\n'));
  if (document.contents !== null && !isMap(document.contents))
    throw new BadSetting(`${at(undefined)}: the file holds no settings: write name: value, one a line`);
  const checked = File.safeParse(document.toJS() ?? {});
  const wrong = checked.success
    ? [...issuerMistakes(checked.data, path.dirname(name)), ...checkpointMistakes(checked.data, path.dirname(name))]
    : checked.error.issues;
  if (checked.success && wrong.length === 0) return checked.data;
  const offsetOf = (keys: readonly PropertyKey[]) => {
    const node = document.getIn(keys.slice(0, -1), true);
    const pair = isMap(node) ? node.items.find((item) => String(item.key) === String(keys.at(-1))) : undefined;
    const found = pair?.key ?? document.getIn(keys, true) ?? node;
    return (found as { range?: [number, number, number] } | undefined)?.range?.[0];
  };
  throw new BadSetting(
    wrong
      .flatMap((issue) => {
        const isUnknown = issue.code === 'unrecognized_keys';
        const places = isUnknown ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
        return places.map(
          (keys) => `${at(offsetOf(keys))}: ${nameOf(keys)}: ${isUnknown ? 'no such setting' : issue.message}`,
        );
      })
      .join('\n'),
  );
}

/** `issuers[0].jwks` */
function nameOf(keys: readonly PropertyKey[]): string {
  return keys
    .map((key, place) => (typeof key === 'number' ? `[${key}]` : `${place ? '.' : ''}${String(key)}`))
    .join('');
}

/** Resolves the files of key sets against the folder of `heyan.yaml`, and names those that cannot be used, and issuers given twice. */
function issuerMistakes({ issuers = [] }: z.infer<typeof File>, folder: string): Mistake[] {
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
function checkpointMistakes({ audit }: z.infer<typeof File>, folder: string): Mistake[] {
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
