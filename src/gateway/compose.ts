/**
 * One graph out of many: composition of the bureaus' schemas into a supergraph (Apollo Federation 2).
 */
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';

export interface Graph {
  /** What a gateway or router plans with: the whole graph, with its joins and tags. */
  supergraph: string;
  /** What callers see. */
  api: string;
}

/** Composes the graph. Throws with every reason when the parts do not fit together. */
export function compose(parts: readonly { name: string; sdl: string; url?: string }[]): Graph {
  const composed = composeServices(
    parts.map(({ name, sdl, url }) => ({ name, typeDefs: parse(sdl), url: url ?? `local://${name}` })),
  );
  if (composed.errors?.length) {
    throw new Error(`The graph does not compose:\n${composed.errors.map((error) => `  ${error.message}`).join('\n')}`);
  }
  return { supergraph: composed.supergraphSdl as string, api: composed.publicSdl as string };
}
