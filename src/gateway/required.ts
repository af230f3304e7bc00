/**
 * What one bureau needs of another to answer: `Person.keys`, under which the household register knows a person, for one. A call without it is not
 * made: the runtime leaves out what it does not have, and a bureau that is not told a person's other numbers would find fewer records than
 * there are.
 */
import { type DirectiveNode, type DocumentNode, Kind, parse, type SelectionNode } from 'graphql';
import { servicesOf } from './compose';

/**
 * Whether a call brings what the fields it asks for require. A list that is required is never null: null is what could not be told. Others may be
 * (`knownAt`, when nobody asks for an earlier day), unless the service that gives them has `failed` in this operation.
 */
export type BringsRequired = (
  subgraph: string,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
  failed: ReadonlySet<string>,
) => boolean;

/** What the supergraph's `@join__field` says of fields, by `Type.field`. */
interface Requirements {
  /** Names required by `SERVICE Type.field`. */
  names: ReadonlyMap<string, readonly string[]>;
  /** Fields that are lists. */
  lists: ReadonlySet<string>;
  /** The services that give a field. */
  givers: ReadonlyMap<string, readonly string[]>;
}

/** Of one document: under which variable representations come, and what is required of those of a type. */
type Wanted = readonly { variable: string; type: string; names: ReadonlySet<string> }[];

export function requirementsOf(supergraph: string): BringsRequired {
  const schema = parse(supergraph, { noLocation: true });
  const services = servicesOf(schema);
  const requirements = readRequirements(schema, new Map(services.map(({ id, name }) => [id, name])));
  const known = new WeakMap<DocumentNode, Wanted>();
  return (subgraph, document, variables, failed) => {
    const wanted = known.get(document) ?? wantedBy(requirements, subgraph, document);
    known.set(document, wanted);
    return wanted.every(({ variable, type, names }) => {
      const given = variables[variable] as readonly Record<string, unknown>[] | undefined;
      const ofType = (given ?? []).filter((one) => one.__typename === type);
      const needed = [...names].filter((name) => {
        const field = `${type}.${name}`;
        return requirements.lists.has(field) || requirements.givers.get(field)?.some((one) => failed.has(one));
      });
      return ofType.every((one) => needed.every((name) => one[name] != null));
    });
  };
}

function readRequirements({ definitions }: DocumentNode, services: ReadonlyMap<string, string>): Requirements {
  const names = new Map<string, readonly string[]>();
  const givers = new Map<string, string[]>();
  const lists = new Set<string>();
  for (const type of definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const field of type.fields ?? []) {
      const name = `${type.name.value}.${field.name.value}`;
      const outer = field.type.kind === Kind.NON_NULL_TYPE ? field.type.type : field.type;
      if (outer.kind === Kind.LIST_TYPE) lists.add(name);
      for (const directive of field.directives ?? []) {
        const service = services.get(argumentOf(directive, 'graph') ?? '');
        if (directive.name.value !== 'join__field' || service === undefined) continue;
        const requires = argumentOf(directive, 'requires');
        if (requires) names.set(`${service} ${name}`, outermostNames(requires));
        const isExternal = directive.arguments?.some((argument) => argument.name.value === 'external');
        if (!isExternal) givers.set(name, [...(givers.get(name) ?? []), service]);
      }
    }
  }
  return { names, lists, givers };
}

function argumentOf({ arguments: given }: DirectiveNode, name: string): string | undefined {
  const value = given?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.ENUM || value?.kind === Kind.STRING ? value.value : undefined;
}

function outermostNames(fields: string): string[] {
  const { definitions } = parse(`{ ${fields} }`, { noLocation: true });
  const [operation] = definitions;
  const selections = operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections : [];
  return selections.flatMap((selection) => (selection.kind === Kind.FIELD ? [selection.name.value] : []));
}

function wantedBy(requirements: Requirements, service: string, document: DocumentNode): Wanted {
  const wanted = new Map<string, { variable: string; type: string; names: Set<string> }>();

  function note(variable: string, type: string, selections: readonly SelectionNode[]): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const names = requirements.names.get(`${service} ${type}.${selection.name.value}`) ?? [];
        const here = wanted.get(`${variable} ${type}`) ?? { variable, type, names: new Set() };
        if (names.length > 0) wanted.set(`${variable} ${type}`, here);
        for (const name of names) here.names.add(name);
      } else if (selection.kind === Kind.INLINE_FRAGMENT)
        note(variable, selection.typeCondition?.name.value ?? type, selection.selectionSet.selections);
      else {
        const fragment = document.definitions.find(
          (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
        );
        if (fragment?.kind === Kind.FRAGMENT_DEFINITION)
          note(variable, fragment.typeCondition.name.value, fragment.selectionSet.selections);
      }
    }
  }

  for (const operation of document.definitions)
    if (operation.kind === Kind.OPERATION_DEFINITION)
      for (const root of operation.selectionSet.selections)
        if (root.kind === Kind.FIELD && root.name.value === '_entities' && root.selectionSet) {
          const given = root.arguments?.find(({ name }) => name.value === 'representations')?.value;
          if (given?.kind === Kind.VARIABLE) note(given.name.value, '', root.selectionSet.selections);
        }
  return [...wanted.values()];
}
