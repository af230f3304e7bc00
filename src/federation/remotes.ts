/**
 * Which bureaus of a graph are elsewhere, and the graph over those and the ones in this process: any mix of both. The settings say where a bureau
 * is; so does a supergraph that was composed with its address.
 */
import { buildSchema, parse } from 'graphql';
import { compose, type Graph, readGraph, servicesOf } from '../gateway/compose';
import type { Freshness, ReadFreshness } from '../subgraph/freshness';
import type { Subgraph } from '../subgraph/subgraph';
import { answerChecks } from './check-answer';
import { REMOTE_DEFAULTS, type RemoteSetting } from './connection';
import { type RemoteMeans, type RemoteSubgraph, remoteSubgraph } from './remote';
import { notedSchemas, schemaHash } from './schema-hash';
import type { CallSigner } from './signed-caller';

/** How bureaus that are elsewhere are reached, by name. */
export type RemoteSettings = Readonly<Record<string, RemoteSetting>>;

/** The bureaus that are elsewhere: those of the settings, and those with an address in the supergraph. */
export function remoteOnes(settings: RemoteSettings, supergraph: string | undefined): RemoteSettings {
  const named = supergraph === undefined ? [] : servicesOf(parse(supergraph, { noLocation: true }));
  const addressed = named.filter(({ url }) => /^https?:\/\//.test(url));
  return { ...Object.fromEntries(addressed.map(({ name, url }) => [name, { url, ...REMOTE_DEFAULTS }])), ...settings };
}

export interface FederationMeans extends Pick<RemoteMeans, 'circuit' | 'elapsed' | 'report' | 'watch'> {
  /** Who signs calls; asked for when there are bureaus to call. */
  signer(): Promise<CallSigner>;
  /** The services of this process. */
  local: readonly Subgraph[];
  remotes: RemoteSettings;
  /** The graph as it was composed; else it is composed of the services here and the schemas that `schemaOf` gives of the others. */
  supergraph?: string;
  /** This program's own schema of a bureau, by name. */
  schemaOf(bureau: string): string | undefined;
}

export interface Federation {
  graph: Graph;
  remotes: readonly RemoteSubgraph[];
  close(): void;
}

/** Puts the graph together. Throws one sentence when nothing says what a service of it looks like, or where it is. */
export async function federate(means: FederationMeans): Promise<Federation> {
  const { local, remotes, supergraph, schemaOf } = means;
  const names = Object.keys(remotes);
  const parts = names.map((name) => ({ name, sdl: schemaOf(name) ?? '', url: remotes[name]?.url }));
  const graph = supergraph === undefined ? compose([...local, ...known(parts)]) : readGraph(supergraph);
  const services = servicesOf(parse(graph.supergraph, { noLocation: true })).map(({ name }) => name);
  const lost = services.find((name) => !(name in remotes) && !local.some((one) => one.name === name));
  if (lost !== undefined)
    throw new Error(
      `The graph has a service ${lost} that is none of this program: say where it is in heyan.yaml, subgraphs.${lost}.url`,
    );
  const opened = names.length > 0 ? await openRemotes(means, graph, services) : [];
  return {
    graph,
    remotes: opened,
    close: () => {
      for (const remote of opened) remote.close();
    },
  };
}

/** What needs the whole graph built, and a key of the hub: a hub with every bureau in its own process needs neither. */
async function openRemotes(
  means: FederationMeans,
  graph: Graph,
  services: readonly string[],
): Promise<RemoteSubgraph[]> {
  const checks = answerChecks(buildSchema(graph.supergraph, { assumeValid: true, assumeValidSDL: true }));
  const signer = await means.signer();
  const { circuit, elapsed, report, watch, schemaOf, supergraph } = means;
  const composedOf = (name: string, sdl: string) =>
    supergraph === undefined ? schemaHash(sdl) : notedSchemas(supergraph)[name];
  return Object.entries(means.remotes)
    .filter(([name]) => services.includes(name))
    .map(([name, setting]) => {
      const sdl = schemaOf(name) ?? '';
      const composed = { name, setting, sdl, schemaHash: composedOf(name, sdl) };
      return remoteSubgraph({ ...composed, signer, checks, circuit, elapsed, report, watch });
    });
}

function known<T extends { name: string; sdl: string }>(parts: readonly T[]): readonly T[] {
  const strange = parts.find(({ sdl }) => sdl === '');
  if (strange)
    throw new Error(
      `${strange.name} is no bureau of this program: compose the graph with it (heyan compose --subgraph ${strange.name}=URL --out supergraph.graphql) and name the file in heyan.yaml, supergraph`,
    );
  return parts;
}

/**
 * As fresh as every kind is: `local` of the bureaus here, the others by asking them, or by what they said last. Of a bureau that never said, nothing
 * is known to be fresh.
 * @param patienceMilliseconds how long a bureau is waited for; as long as a call may take unless given
 */
export function freshnessOfAll(
  local: ReadFreshness,
  remotes: readonly RemoteSubgraph[],
  isElsewhere: (kind: string) => boolean,
  patienceMilliseconds?: number,
): ReadFreshness {
  if (remotes.length === 0) return local;
  const told = (remote: RemoteSubgraph) => {
    const asked = remote.freshness().catch(() => remote.lastFreshness());
    return patienceMilliseconds === undefined ? asked : soon(asked, patienceMilliseconds, () => remote.lastFreshness());
  };
  return async () => {
    const [here, ...there] = await Promise.all<ReadonlyMap<string, Freshness>>([local(), ...remotes.map(told)]);
    return new Map([
      ...[...(here ?? [])].filter(([kind]) => !isElsewhere(kind)),
      ...there.flatMap((kinds) => [...kinds]),
    ]);
  };
}

/** What is told in time, or else what there is. */
async function soon<T>(told: Promise<T>, milliseconds: number, orElse: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(orElse()), milliseconds);
  });
  try {
    return await Promise.race([told, late]);
  } finally {
    clearTimeout(timer);
  }
}
