/**
 * What one bureau needs of another to answer: `Person.keys`, under which the household register knows a person, for one. A call without it is not
 * made: the runtime leaves out what it does not have, and a bureau that is not told a person's other numbers would find fewer records than
 * there are.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type SelectionNode,
} from 'graphql';
import { servicesOf } from './compose';

/**
 * Whether a call brings all that the fields it asks for require. A list that is required is never null: null is what could not be told. Others
 * may be (`knownAt`, when nobody asks for an earlier day), and come from the bureau that the lists come from.
 */
export type BringsRequired = (
  subgraph: string,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
) => boolean;

/** Required names by `SUBGRAPH Type.field`, as the supergraph's `@join__field` gives them. */
type Requirements = ReadonlyMap<string, readonly string[]>;

/** Of one document: under which variable representations come, and what is required of those of a type. */
type Wanted = readonly { variable: string; type: string; names: ReadonlySet<string> }[];

export function requirementsOf(supergraph: string): BringsRequired {
  const schema = parse(supergraph, { noLocation: true });
  const requirements = readRequirements(schema);
  const ids = new Map(servicesOf(schema).map(({ id, name }) => [name, id]));
  const known = new WeakMap<DocumentNode, Wanted>();
  return (subgraph, document, variables) => {
    const wanted = known.get(document) ?? wantedBy(requirements, ids.get(subgraph) ?? '', document);
    known.set(document, wanted);
    return wanted.every(({ variable, type, names }) => {
      const representations = variables[variable] as readonly Record<string, unknown>[] | undefined;
      return (representations ?? []).every(
        (one) => one.__typename !== type || [...names].every((name) => one[name] != null),
      );
    });
  };
}

function readRequirements({ definitions }: DocumentNode): Requirements {
  const requirements = new Map<string, readonly string[]>();
  for (const type of definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const field of type.fields ?? [])
      for (const directive of field.directives ?? []) {
        const graph = argumentOf(directive, 'graph');
        const requires = argumentOf(directive, 'requires');
        if (directive.name.value === 'join__field' && graph && requires)
          requirements.set(
            `${graph} ${type.name.value}.${field.name.value}`,
            outermostNames(requires).filter((name) => isList(type, name)),
          );
      }
  }
  return requirements;
}

function isList({ fields }: ObjectTypeDefinitionNode, name: string): boolean {
  const type = fields?.find((field) => field.name.value === name)?.type;
  return type?.kind === Kind.LIST_TYPE || (type?.kind === Kind.NON_NULL_TYPE && type.type.kind === Kind.LIST_TYPE);
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

function wantedBy(requirements: Requirements, graph: string, document: DocumentNode): Wanted {
  const wanted = new Map<string, { variable: string; type: string; names: Set<string> }>();

  function note(variable: string, type: string, selections: readonly SelectionNode[]): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const names = requirements.get(`${graph} ${type}.${selection.name.value}`) ?? [];
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
