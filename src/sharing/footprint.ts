/**
 * The footprint of an operation: every field of every kind of record it touches, with the verb it uses it by.
 *
 * What must be granted is written on the schema itself, as tags, and so travels in the composed graph:
 *   `open`             structure, nothing to grant (cursors, page information)
 *   `own`              the caller's own affairs (agreements it is a side of): nothing to grant, the resolver shows no one else's
 *   `kind/death`       a field of that kind of record
 *   `presence`         leads to records of the kind: whoever may read any field of it may follow
 *   `reads/FIELD`      an argument filters or sorts by that field, which must be readable then, as it is and not masked
 *   `verb/LOOKUP`      a root field or a one-bit answer: it, and everything below it, is used by this verb
 *   `as/FIELD`         it is granted under that name
 *   `also/death.FIELD` what it says rests on another bureau's records too, and that bureau must grant this
 *   `handle`           a person's key: shown to whoever may use any kind of record by this verb; between bureaus it travels freely
 *   `provider/tax`     on a type: the agency that gives these records
 *   `districts`        on a type: its records belong to districts
 * A field without a tag has no footprint and is refused.
 *
 * The footprint depends on the document alone and not on variables, so one document has one decision, whatever `@include` says.
 */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Verb } from './agreement';
import { fragmentsOf } from './selection';

/** One thing an operation does. Field `*` is presence: following a link to records of the kind. Kind `any` is any kind at all. */
export interface Use {
  kind: string;
  field: string;
  verb: Verb;
  /** It is filtered or sorted by, so a masked value will not do. */
  exact?: true;
}

export interface Footprint {
  uses: readonly Use[];
  /** Fields of the schema that carry no tag, as `Type.field`: they can be granted to nobody. */
  untagged: readonly string[];
  /** Whether it touches the caller's own affairs, which need no agreement. */
  own: boolean;
  /** Whether it asks about the schema itself. */
  introspection: boolean;
}

interface FieldTags {
  open: boolean;
  own: boolean;
  kind?: string;
  presence: boolean;
  reads: readonly string[];
  also: readonly string[];
  as?: string;
  handle: boolean;
  verb?: Verb;
}

/** The tags of a schema, read once. */
export interface ShareMap {
  schema: GraphQLSchema;
  tagsOf(type: string, field: string): FieldTags | undefined;
  /** The agency that gives records of a kind. */
  provider(kind: string): string | null;
  /** Whether records of a kind belong to districts. */
  hasDistricts(kind: string): boolean;
}

/** Reads the tags of a schema from its SDL document. */
export function readShareMap(schema: GraphQLSchema, sdl: DocumentNode): ShareMap {
  const fields = new Map<string, FieldTags>();
  const providers = new Map<string, string>();
  const districted = new Set<string>();
  for (const type of sdl.definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.OBJECT_TYPE_EXTENSION) continue;
    const ofType = tagNames(type);
    const provider = ofType.find((name) => name.startsWith('provider/'));
    for (const field of type.fields ?? []) {
      const tags = readTags(tagNames(field));
      if (!tags) continue;
      fields.set(`${type.name.value}.${field.name.value}`, tags);
      if (provider && tags.kind) providers.set(tags.kind, provider.slice('provider/'.length));
      if (tags.kind && ofType.includes('districts')) districted.add(tags.kind);
    }
  }
  return {
    schema,
    tagsOf: (type, field) => fields.get(`${type}.${field}`),
    provider: (kind) => providers.get(kind) ?? null,
    hasDistricts: (kind) => districted.has(kind),
  };
}

/**
 * The footprint of one operation of a valid document. `within` is the whole graph at the gateway, or one bureau: a bureau answers for its own
 * records alone, and is asked for keys by the plan even where the caller did not. Where a root field has no verb (`_entities`) it is LOOKUP.
 */
export function footprintOf(
  map: ShareMap,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  within: 'graph' | 'bureau' = 'graph',
): Footprint {
  const uses = new Map<string, Use>();
  const untagged = new Set<string>();
  let introspection = false;
  let own = false;
  const fragments = fragmentsOf(document);
  const seen = new Set<string>();

  function use(kind: string, field: string, by: Verb, exact = false): void {
    const name = `${kind}.${field}:${by}`;
    uses.set(name, { kind, field, verb: by, ...((exact || uses.get(name)?.exact) && { exact: true }) });
  }

  function walk(selectionSet: SelectionSetNode, type: GraphQLObjectType, by: Verb): void {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        if (name === '__typename') continue;
        if (name === '__schema' || name === '__type') {
          introspection = true;
          continue;
        }
        const definition = type.getFields()[name];
        if (!definition) continue;
        const result = getNamedType(definition.type);
        const below = record(type.name, name, isCompositeType(result), by);
        if (selection.selectionSet && isObjectType(result)) walk(selection.selectionSet, result, below);
        // `_entities` is a union: each representation's fields stand in fragments on a concrete type.
        else if (selection.selectionSet) walkFragments(selection.selectionSet, result.name, below);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, concrete(selection.typeCondition?.name.value) ?? type, by);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (!fragment) continue;
        const on = concrete(fragment.typeCondition.name.value) ?? type;
        // A fragment is walked once per verb and type: spreading it again adds nothing, and a circle ends.
        const once = `${selection.name.value}:${by}:${on.name}`;
        if (seen.has(once)) continue;
        seen.add(once);
        walk(fragment.selectionSet, on, by);
      }
    }
  }

  function walkFragments(selectionSet: SelectionSetNode, abstract: string, by: Verb): void {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        // Whose field it is shows only when it runs: it has no footprint.
        if (selection.name.value !== '__typename') untagged.add(`${abstract}.${selection.name.value}`);
        continue;
      }
      const condition =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection.typeCondition?.name.value
          : fragments.get(selection.name.value)?.typeCondition.name.value;
      const inner =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection.selectionSet
          : fragments.get(selection.name.value)?.selectionSet;
      const type = concrete(condition);
      if (inner && type) walk(inner, type, by);
      else if (inner) walkFragments(inner, abstract, by);
    }
  }

  function concrete(name: string | undefined): GraphQLObjectType | undefined {
    const type = name === undefined ? undefined : map.schema.getType(name);
    return isObjectType(type) ? type : undefined;
  }

  function record(type: string, field: string, composite: boolean, by: Verb): Verb {
    const tags = map.tagsOf(type, field);
    const found = tags && usesOfField(tags, field, composite, by, within);
    if (tags?.own) own = true;
    if (found) for (const { kind, field: name, verb, exact } of found) use(kind, name, verb, exact);
    else if (field !== '_entities' && field !== '_service') untagged.add(`${type}.${field}`);
    return tags?.verb ?? by;
  }

  const root = map.schema.getRootType(operation.operation);
  if (root) walk(operation.selectionSet, root, 'LOOKUP');
  return { uses: [...uses.values()].sort(byName), untagged: [...untagged].sort(), own, introspection };
}

/** The uses of one field of the graph when it is reached by a verb; undefined when it can be granted to nobody. */
export function usesOf(map: ShareMap, type: string, field: string, by: Verb): readonly Use[] | undefined {
  const tags = map.tagsOf(type, field);
  const definition = (map.schema.getType(type) as GraphQLObjectType | undefined)?.getFields()[field];
  if (!tags || !definition) return undefined;
  return usesOfField(tags, field, isCompositeType(getNamedType(definition.type)), by, 'graph');
}

function usesOfField(
  tags: FieldTags,
  field: string,
  composite: boolean,
  by: Verb,
  within: 'graph' | 'bureau',
): Use[] | undefined {
  // A tag that names neither a kind nor that nothing needs granting says nothing about who may read the field.
  if (!tags.kind && !tags.open && !tags.own && !tags.handle) return undefined;
  const verb = tags.verb ?? by;
  const uses: Use[] = [];
  if (tags.kind) {
    uses.push({ kind: tags.kind, field: composite && tags.presence ? '*' : (tags.as ?? field), verb });
    for (const read of tags.reads) uses.push({ kind: tags.kind, field: read, verb, exact: true });
  }
  if (within === 'bureau') return uses;
  if (tags.handle) uses.push({ kind: 'any', field: '*', verb });
  for (const name of tags.also) {
    const [kind, other] = name.split('.') as [string, string];
    uses.push({ kind, field: other, verb });
  }
  return uses;
}

/** How a use is written in refusals, audit records and the permission matrix. */
export function nameOfUse({ kind, field, verb }: Use): string {
  return `${kind}.${field}:${verb}`;
}

function byName(a: Use, b: Use): number {
  return nameOfUse(a) < nameOfUse(b) ? -1 : 1;
}

function tagNames(node: { directives?: readonly ConstDirectiveNode[] }): string[] {
  const values = (node.directives ?? [])
    .filter((directive) => directive.name.value === 'tag')
    .map((directive) => directive.arguments?.[0]?.value);
  return values.flatMap((value) => (value?.kind === Kind.STRING ? [value.value] : []));
}

function readTags(names: readonly string[]): FieldTags | undefined {
  if (names.length === 0) return undefined;
  const all = (prefix: string) =>
    names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  const after = (prefix: string) => all(prefix)[0];
  return {
    open: names.includes('open'),
    own: names.includes('own'),
    kind: after('kind/'),
    presence: names.includes('presence'),
    reads: all('reads/'),
    also: all('also/'),
    as: after('as/'),
    handle: names.includes('handle'),
    verb: after('verb/') as Verb | undefined,
  };
}
