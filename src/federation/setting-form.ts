/**
 * What may be written in `heyan.yaml` under `subgraphs:` (bureaus that are elsewhere), under `serving:` (who may call the bureaus that this
 * process serves), and as `supergraph:`. Files are taken from the folder of `heyan.yaml`, and read when the settings are.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { isAddress } from '../gateway/issuers';
import { REMOTE_DEFAULTS, type RemoteSetting } from './connection';

/** Who may call the bureaus that are served here, and under which certificate they are served. */
export interface ServingSetting {
  /** Key sets of hubs: absolute paths and http(s) addresses. */
  hubs: readonly string[];
  /** PEM. With `ca`, hubs must show a certificate of that authority. */
  tls?: { cert: string; key: string; ca?: string };
}

const PATH_LENGTH_MAX = 1_000;
const BUREAU = /^[a-z][a-z0-9_]{0,49}$/;
const MEGABYTE = 1_048_576;

const pathText = z.string().min(1).max(PATH_LENGTH_MAX);

/** A file of PEM, as its text. */
function pemIn(folder: string, what: string) {
  return pathText.transform((name, context) => {
    const file = path.resolve(folder, name);
    try {
      const text = readFileSync(file, 'utf8');
      if (/-----BEGIN [A-Z ]+-----/.test(text)) return text;
      context.addIssue({ code: 'custom', message: `${file} holds no ${what} in PEM` });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      context.addIssue({
        code: 'custom',
        message: `${file} cannot be read (${code}): write the path of a ${what} in PEM`,
      });
    }
    return z.NEVER;
  });
}

const url = z
  .string()
  .max(PATH_LENGTH_MAX)
  .refine(
    (text) => /^https?:\/\//.test(text) && URL.canParse(text) && !new URL(text).username,
    'no address: write https://host:port/subgraph/<bureau>, without user and password',
  );

/** `subgraphs:`, by the name of the bureau. */
export function subgraphsForm(folder: string) {
  const setting = z
    .strictObject({
      url,
      ca: pemIn(folder, 'certificate').optional(),
      cert: pemIn(folder, 'certificate').optional(),
      key: pemIn(folder, 'private key').optional(),
      timeoutMilliseconds: z.int().min(100).max(9_000).default(REMOTE_DEFAULTS.timeoutMilliseconds),
      connections: z.int().min(1).max(1_000).default(REMOTE_DEFAULTS.connections),
      answerMegabytes: z
        .int()
        .min(1)
        .max(256)
        .default(REMOTE_DEFAULTS.answerBytesMax / MEGABYTE),
    })
    .superRefine(({ cert, key, ca, url: address }, context) => {
      if ((cert === undefined) !== (key === undefined))
        context.addIssue({
          code: 'custom',
          path: [cert ? 'cert' : 'key'],
          message: 'cert and key go together: write both or none',
        });
      if (address.startsWith('http:') && (ca ?? cert))
        context.addIssue({
          code: 'custom',
          path: ['url'],
          message: 'certificates need https: write the https address of the bureau',
        });
    })
    .transform(({ ca, cert, key, answerMegabytes, ...rest }): RemoteSetting => {
      const tls = { ...(ca && { ca }), ...(cert && key && { cert, key }) };
      return { ...rest, ...(Object.keys(tls).length > 0 && { tls }), answerBytesMax: answerMegabytes * MEGABYTE };
    });
  return z.record(z.string().regex(BUREAU, 'no name of a bureau'), setting);
}

/** `serving:` */
export function servingForm(folder: string) {
  const keySet = pathText.transform((name, context) => {
    if (isAddress(name)) return name;
    const file = path.resolve(folder, name);
    if (holdsKeySet(file)) return file;
    context.addIssue({
      code: 'custom',
      message: `${file} holds no JSON Web Key Set: write the path of what "heyan hub-keys" gave at the hub, or an http(s):// address`,
    });
    return z.NEVER;
  });
  const tls = z.strictObject({
    cert: pemIn(folder, 'certificate'),
    key: pemIn(folder, 'private key'),
    ca: pemIn(folder, 'certificate').optional(),
  });
  return z.strictObject({ hubs: z.array(keySet).min(1).max(50), tls: tls.optional() });
}

/** `supergraph:`, as the text of the file. */
export function supergraphForm(folder: string) {
  return pathText.transform((name) => path.resolve(folder, name));
}

/** Names bureaus whose sources are given here though they are served elsewhere: their records would never be seen. */
export function elsewhereMistakes(file: { subgraphs?: object; bureaus?: object }) {
  return Object.keys(file.bureaus ?? {})
    .filter((name) => Object.hasOwn(file.subgraphs ?? {}, name))
    .map((name) => ({
      code: 'custom' as const,
      path: ['bureaus', name],
      message: `subgraphs.${name} says that this bureau is served elsewhere: write its sources in the heyan.yaml there`,
    }));
}

/** Warns of bureaus whose calls would travel in the clear beyond this machine. */
export function callsInTheClear(subgraphs: Readonly<Record<string, RemoteSetting>> = {}): string[] {
  return Object.entries(subgraphs).flatMap(([name, setting]) => {
    const { protocol, hostname } = new URL(setting.url);
    if (protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return [];
    return [
      `subgraphs.${name}.url is an http address of another machine: records would travel in the clear; use https`,
    ];
  });
}

function holdsKeySet(file: string): boolean {
  try {
    return Array.isArray((JSON.parse(readFileSync(file, 'utf8')) as { keys?: unknown }).keys);
  } catch {
    return false;
  }
}
