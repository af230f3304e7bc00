/**
 * Who gives what in a composed graph: the `@join__type` and `@join__field` of a supergraph (Apollo Federation, join specification 0.3). Records are
 * found in another service by one plain field, and what a field requires are plain fields of the same type, as all of the graph's are; what is not so
 * is refused when the graph is read.
 */
import { type ConstDirectiveNode, type DocumentNode, type FieldDefinitionNode, Kind, parse } from 'graphql';
import { servicesOf } from './compose';

/** A field that its giver must be told before it gives another. */
export interface Required {
  name: string;
  /** A list that is null is one that could not be told; others may be null, as the day that nobody asked for. */
  isList: boolean;
  /** The service that gives it. */
  giver: string;
}

/** Who gives a field to whoever does not have it. */
export interface Giver {
  service: string;
  /** The field by which the giver finds the object. */
  key: string;
  requires: readonly Required[];
}

export interface Joins {
  /** The names of the services. */
  services: readonly string[];
  /** Whether a service gives a field of its own objects without being told anything. */
  has(service: string, type: string, field: string): boolean;
  /** Who gives a field of an object that another service has. @throws when nobody does */
  giverOf(type: string, field: string): Giver;
}

/** What one service declares of a field. */
interface Declared {
  service: string;
  isExternal: boolean;
  requires: readonly string[];
  isList: boolean;
}

/** What a supergraph says. @throws when it joins in a way that is not foreseen */
export function readJoins(supergraph: string): Joins {
  const document = parse(supergraph, { noLocation: true });
  const nameOf = new Map(servicesOf(document).map(({ id, name }) => [id, name]));
  const service = (directive: ConstDirectiveNode) => nameOf.get(argumentOf(directive, 'graph') ?? '');
  const keys = new Map<string, Map<string, string | undefined>>();
  const fields = new Map<string, readonly Declared[]>();
  for (const type of typesOf(document)) {
    const here = new Map<string, string | undefined>();
    keys.set(type.name.value, here);
    for (const directive of named(type, 'join__type')) {
      const key = argumentOf(directive, 'key');
      if (key && plainNames(key).length !== 1) throw new Error(`${type.name.value} is found by more than one field`);
      const name = service(directive);
      if (name !== undefined) here.set(name, here.get(name) ?? key);
    }
    for (const field of type.fields ?? [])
      fields.set(`${type.name.value}.${field.name.value}`, declaredBy(field, service, [...here.keys()]));
  }

  const declared = (type: string, field: string) => fields.get(`${type}.${field}`) ?? [];
  for (const type of keys.keys()) refuseCircles(type, fields);
  return {
    services: [...nameOf.values()],
    has: (name, type, field) =>
      declared(type, field).some((one) => one.service === name && gives(one) && one.requires.length === 0),
    giverOf(type, field) {
      const giver = declared(type, field).find(gives);
      const key = giver && keys.get(type)?.get(giver.service);
      if (!giver || !key) throw new Error(`No service gives ${type}.${field} to others`);
      const requires = giver.requires.map((name) => {
        const from = declared(type, name).find(gives);
        if (!from) throw new Error(`${type}.${field} requires ${name}, which no service gives`);
        return { name, isList: from.isList, giver: from.service };
      });
      return { service: giver.service, key, requires };
    },
  };
}

function gives({ isExternal }: Declared): boolean {
  return !isExternal;
}

/** Services that need fields of each other before they give their own would wait for each other. */
function refuseCircles(type: string, fields: ReadonlyMap<string, readonly Declared[]>): void {
  const needs = new Map<string, Set<string>>();
  for (const [name, declared] of fields) {
    if (!name.startsWith(`${type}.`)) continue;
    for (const { service, requires } of declared.filter(gives))
      for (const required of requires) {
        const giver = fields.get(`${type}.${required}`)?.find(gives)?.service;
        if (giver !== undefined) needs.set(service, (needs.get(service) ?? new Set()).add(giver));
      }
  }
  // Whoever needs nobody is taken out until nobody is left.
  for (let size = -1; size !== needs.size; ) {
    size = needs.size;
    for (const [service, givers] of needs) if (![...givers].some((giver) => needs.has(giver))) needs.delete(service);
  }
  if (needs.size > 0) throw new Error(`Services wait for each other's ${type}: ${[...needs.keys()].join(', ')}`);
}

function declaredBy(
  field: FieldDefinitionNode,
  service: (directive: ConstDirectiveNode) => string | undefined,
  ofType: readonly string[],
): readonly Declared[] {
  const outer = field.type.kind === Kind.NON_NULL_TYPE ? field.type.type : field.type;
  const isList = outer.kind === Kind.LIST_TYPE;
  const joins = named(field, 'join__field');
  // A field that names no service is every one's that has the type.
  if (joins.length === 0) return ofType.map((name) => ({ service: name, isExternal: false, requires: [], isList }));
  return joins.flatMap((join) => {
    const name = service(join);
    const isExternal = argumentOf(join, 'external') === 'true' || argumentOf(join, 'usedOverridden') === 'true';
    const requires = plainNames(argumentOf(join, 'requires') ?? '');
    return name === undefined ? [] : [{ service: name, isExternal, requires, isList }];
  });
}

function typesOf({ definitions }: DocumentNode) {
  return definitions.flatMap((one) => {
    if (one.kind === Kind.INTERFACE_TYPE_DEFINITION || one.kind === Kind.UNION_TYPE_DEFINITION)
      throw new Error(`${one.name.value} is an interface or a union: the graph joins objects alone`);
    return one.kind === Kind.OBJECT_TYPE_DEFINITION ? [one] : [];
  });
}

function named(node: { directives?: readonly ConstDirectiveNode[] }, name: string): readonly ConstDirectiveNode[] {
  return node.directives?.filter((directive) => directive.name.value === name) ?? [];
}

/** A directive's argument as text: an enum's value, a string, or `true`. */
function argumentOf({ arguments: given }: ConstDirectiveNode, name: string): string | undefined {
  const value = given?.find((argument) => argument.name.value === name)?.value;
  if (value?.kind === Kind.BOOLEAN) return value.value ? 'true' : undefined;
  return value?.kind === Kind.ENUM || value?.kind === Kind.STRING ? value.value : undefined;
}

/** The fields of a selection such as `keys knownAt`. */
function plainNames(selection: string): readonly string[] {
  const names = selection.split(/[\s,]+/).filter(Boolean);
  const other = names.find((name) => !/^\w+$/.test(name));
  if (other !== undefined) throw new Error(`${selection} selects more than plain fields`);
  return names;
}
