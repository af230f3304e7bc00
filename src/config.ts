/**
 * Every setting, read once from the environment and `heyan.yaml`, checked, and frozen.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isMap, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';

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
}

/** A setting that cannot be used; the message names it and says what to do. */
export class BadSetting extends Error {}

const File = z.strictObject({ quarantineLimit: z.number().min(0).max(1).optional() });

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
  if (checked.success) return checked.data;
  const offsetOf = (key: PropertyKey | undefined) => {
    const pair = isMap(document.contents)
      ? document.contents.items.find((item) => String(item.key) === String(key))
      : undefined;
    return (pair?.key as { range?: [number, number, number] } | undefined)?.range?.[0];
  };
  throw new BadSetting(
    checked.error.issues
      .flatMap((issue) => {
        const keys = issue.code === 'unrecognized_keys' ? issue.keys : [issue.path[0]];
        return keys.map(
          (key) =>
            `${at(offsetOf(key))}: ${String(key)}: ${issue.code === 'unrecognized_keys' ? 'no such setting' : issue.message}`,
        );
      })
      .join('\n'),
  );
}
