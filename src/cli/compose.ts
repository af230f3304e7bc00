import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { bureaus } from '../bureaus/bureau';
import { type Config, readConfig } from '../config';
import { type Break, breaksBetween } from '../federation/breaks';
import { REMOTE_DEFAULTS, type RemoteSetting } from '../federation/connection';
import { remoteSubgraph } from '../federation/remote';
import type { RemoteSettings } from '../federation/remotes';
import { noteSchemas, schemaHash } from '../federation/schema-hash';
import { openCallSigner } from '../federation/signed-caller';
import { compose } from '../gateway/compose';
import { hubPart } from '../hub/hub';
import { type UsersOfField, usersOf } from '../hub/users-of';
import { sdlOf } from '../subgraph/subgraph';
import { note } from './print';
import { complain, inSession } from './session';

interface Options {
  out?: string;
  json?: boolean;
  subgraph?: Readonly<Record<string, string>>;
}

/** A part of the graph: its schema, and where it is unless here. */
interface Part {
  name: string;
  sdl: string;
  url?: string;
}

/** The composed graph of every bureau and the hub, as `schema.graphql` keeps it. */
export function composedGraph(): string {
  return `${compose(ownParts()).supergraph}\n`;
}

function ownParts(except: readonly string[] = []): Part[] {
  const parts = [...bureaus(), hubPart].filter(({ name }) => !except.includes(name));
  return parts.map((part) => ({ name: part.name, sdl: sdlOf(part) }));
}

/** The graph with the schemas that bureaus elsewhere serve now. */
async function graphWith(config: Config, remotes: RemoteSettings): Promise<string> {
  const signer = await openCallSigner(config.dataDirectory);
  const there = Object.entries(remotes).map(async ([name, setting]): Promise<Part> => {
    const checks = () => () => undefined;
    const remote = remoteSubgraph({ name, setting, sdl: '', signer, checks, report: () => undefined });
    try {
      return { name, sdl: await remote.schema(), url: setting.url };
    } finally {
      remote.close();
    }
  });
  const parts = await Promise.all(there);
  const { supergraph } = compose([...ownParts(Object.keys(remotes)), ...parts]);
  const hashes = Object.fromEntries(parts.map(({ name, sdl }) => [name, schemaHash(sdl)]));
  return noteSchemas(supergraph, hashes);
}

/** The bureaus that were named, at their addresses; what heyan.yaml says of certificates and limits holds. */
function remotesOf(config: Config, named: Readonly<Record<string, string>>): RemoteSettings {
  const given = Object.entries(named).map(([name, url]): [string, RemoteSetting] => [
    name,
    { ...REMOTE_DEFAULTS, ...config.subgraphs[name], url },
  ]);
  return { ...config.subgraphs, ...Object.fromEntries(given) };
}

async function composeAll({ out, json, subgraph = {} }: Options): Promise<void> {
  const config = readConfig();
  const remotes = remotesOf(config, subgraph);
  if (Object.keys(remotes).length === 0) return write(composedGraph(), [], { out, json });
  const supergraph = await graphWith(config, remotes);
  const before = [out, config.supergraph].find((file) => file != null && existsSync(file));
  const breaks = breaksBetween(before ? readFileSync(before, 'utf8') : composedGraph(), supergraph);
  // Who uses what is gone stands in the hub's database, which nobody needs to bring up when nothing is.
  if (breaks.length === 0) return write(supergraph, [], { out, json });
  await inSession(async ({ database, today }) => {
    const names = breaks.flatMap(({ grantedAs }) => (grantedAs === null ? [] : [grantedAs]));
    const users = await usersOf(database.dataSource, [...new Set(names)], today);
    write(
      supergraph,
      breaks.map((one) => ({ ...one, ...(one.grantedAs !== null && users.get(one.grantedAs)) })),
      { out, json },
    );
  });
}

type Broken = Break & Partial<UsersOfField>;

function write(supergraph: string, breaks: readonly Broken[], { out, json }: Options): void {
  for (const one of breaks) note(sentenceOf(one));
  if (out) writeFileSync(out, supergraph);
  if (json) process.stdout.write(`${JSON.stringify({ ...(!out && { supergraph }), breaks })}\n`);
  else if (!out) process.stdout.write(supergraph);
}

/** `Death.placeDistrict is gone (String): used by social-security (civil-affairs/social-security/PENSION_REVIEW); read by rule D1` */
function sentenceOf({ field, was, is, agreements = [], rules = [] }: Broken): string {
  const what = is === null ? `${field} is gone (it was ${was})` : `${field} was ${was} and is ${is}`;
  const users = agreements.map(({ id, agency }) => `${agency} (${id})`);
  const by = users.length > 0 ? `used by ${users.join(', ')}` : 'used by no agreement';
  return `Breaks: ${what}: ${by}${rules.length > 0 ? `; read by ${rules.join(', ')}` : ''}`;
}

function subgraphOption(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, name, url] = /^([a-z]\w*)=(https?:\/\/\S+)$/.exec(text) ?? [];
  if (!name || !url || !URL.canParse(url))
    throw new InvalidArgumentError('write NAME=URL, as death=https://host:4001/subgraph/death.');
  return { ...before, [name]: url };
}

export function addTo(program: Command): void {
  program
    .command('compose')
    .description(
      'write the supergraph: the whole graph, for gateways and routers; says what breaks for whom when a bureau changed its schema',
    )
    .option('--subgraph <name=url...>', 'ask this bureau, on its own premises, for its schema', subgraphOption)
    .option('--out <file>', 'file to write (default: stdout)')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  heyan compose --out schema.graphql\n  heyan compose --subgraph death=https://civil-affairs.example:4001/subgraph/death --out supergraph.graphql',
    )
    .action(async (options: Options) => {
      try {
        await composeAll(options);
      } catch (error) {
        complain(error);
        process.exitCode = 1;
      }
    });
}
