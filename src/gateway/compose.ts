/**
 * One graph out of many: composition of the bureaus' schemas into a supergraph (Apollo Federation 2).
 */
import { composeServices, transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { type DefinitionNode, type DocumentNode, Kind, parse, print } from 'graphql';

export interface Graph {
  /** What a gateway or router plans with: the whole graph, with its joins and tags. */
  supergraph: string;
  /** What callers see. */
  api: string;
}

/** A composed graph as it was written down. Throws when the text is none. */
export function readGraph(supergraph: string): Graph {
  const document = parse(supergraph, { noLocation: true });
  if (servicesOf(document).length === 0) throw new Error('it names no services in join__Graph');
  return { supergraph, api: inOrder(print(transformSupergraphToPublicSchema(document))) };
}

/** What a composition error means for whoever runs the bureau, by its code. */
const MEANINGS: Readonly<Record<string, string>> = {
  FIELD_TYPE_MISMATCH: 'two bureaus give one field different types: the one that changed it must give it a new name',
  INVALID_FIELD_SHARING: 'two bureaus give one field, and neither says that both may: one of them must take it out',
  EXTERNAL_MISSING_ON_BASE:
    'a bureau needs a field of another that is no longer there: it must come back, or nobody must need it',
  REQUIRES_INVALID_FIELDS: 'a bureau requires fields of another that are no longer there',
  KEY_INVALID_FIELDS: 'the fields by which a record is found are no longer there',
  SATISFIABILITY_ERROR: 'a field can be seen but not reached: no bureau leads to it by a key that its own bureau knows',
  INVALID_GRAPHQL: 'the schema of a bureau is none',
  ENUM_VALUE_MISMATCH: 'two bureaus give one code list different codes',
};

/** Composes the graph. Throws with every reason when the parts do not fit together. */
export function compose(parts: readonly { name: string; sdl: string; url?: string }[]): Graph {
  const composed = composeServices(
    parts.map(({ name, sdl, url }) => ({ name, typeDefs: parse(sdl), url: url ?? `local://${name}` })),
  );
  if (composed.errors?.length) {
    const told = composed.errors.map(({ message, extensions }) => {
      const meaning = MEANINGS[String(extensions?.code)];
      return `  ${message}${meaning ? `\n    (${meaning})` : ''}`;
    });
    throw new Error(`The graph does not compose:\n${told.join('\n')}`);
  }
  return { supergraph: inOrder(composed.supergraphSdl as string), api: inOrder(composed.publicSdl as string) };
}

/** A service of a composed graph: its name in `join__Graph`, its own, and where it is. */
export interface ServiceOfGraph {
  id: string;
  name: string;
  /** `local://NAME` of one in the gateway's own process. */
  url: string;
}

/** The services that a supergraph is composed of. */
export function servicesOf({ definitions }: DocumentNode): ServiceOfGraph[] {
  const graphs = definitions.find((one) => one.kind === Kind.ENUM_TYPE_DEFINITION && one.name.value === 'join__Graph');
  const values = graphs?.kind === Kind.ENUM_TYPE_DEFINITION ? (graphs.values ?? []) : [];
  return values.map((value) => {
    const given = value.directives?.find(({ name }) => name.value === 'join__graph')?.arguments ?? [];
    const said = (key: string) => {
      const found = given.find(({ name }) => name.value === key)?.value;
      return found?.kind === Kind.STRING ? found.value : '';
    };
    return { id: value.name.value, name: said('name'), url: said('url') };
  });
}

/** The names by which bureaus find each other's records: fields of keys, and those that other fields require. */
export function keyNames(supergraph: string): ReadonlySet<string> {
  const sets = [...supergraph.matchAll(/\b(?:key|requires): "([^"]*)"/g)];
  return new Set(sets.flatMap(([, fields = '']) => fields.match(/\w+/g) ?? []));
}

/** Types and root fields by name, so that the graph reads the same wherever its classes stand, and a diff of it shows what changed. */
function inOrder(sdl: string): string {
  const { definitions } = parse(sdl, { noLocation: true });
  const sorted = [...definitions].sort((a, b) => compare(nameOf(a), nameOf(b))).map(withSortedRoot);
  return print({ kind: Kind.DOCUMENT, definitions: sorted } satisfies DocumentNode);
}

function nameOf(definition: DefinitionNode): string {
  if (definition.kind === Kind.SCHEMA_DEFINITION) return '';
  const name = 'name' in definition ? (definition.name?.value ?? '') : '';
  return definition.kind === Kind.DIRECTIVE_DEFINITION ? `@${name}` : name;
}

function withSortedRoot(definition: DefinitionNode): DefinitionNode {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || !['Query', 'Mutation'].includes(definition.name.value))
    return definition;
  return { ...definition, fields: [...(definition.fields ?? [])].sort((a, b) => compare(a.name.value, b.name.value)) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
