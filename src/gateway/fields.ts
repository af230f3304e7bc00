/**
 * The fields of an operation: its fragments put in, what `@include` and `@skip` leave out left out, and those that are answered as one made one
 * (GraphQL, October 2021, 6.3.2). What was asked of whom, and what of all that came in was asked for, both go by them.
 */
import {
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  visit,
} from 'graphql';
import { fragmentsOf, isIncluded } from '../sharing/selection';

export interface Field {
  /** Under which it is answered. */
  key: string;
  name: string;
  arguments: readonly ArgumentNode[];
  /** The type that it is a field of. */
  parent: GraphQLObjectType;
  /** Its own, without list and non-null. */
  type: GraphQLNamedType;
  isList: boolean;
  isRequired: boolean;
  areItemsRequired: boolean;
  /** The fields of its objects; undefined of one that has no objects. */
  below: readonly Field[] | undefined;
  /** Values of its enum that services may give and callers not see. */
  hidden: ReadonlySet<unknown> | undefined;
}

type Variables = Readonly<Record<string, unknown>>;

/**
 * The fields of an operation that is valid.
 * @param variables those given and the defaults of the others
 * @throws when the graph does not have one of them
 */
export function fieldsOf(
  graph: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): readonly Field[] {
  const root = graph.getRootType(operation.operation);
  if (!root) throw new Error(`The graph has no ${operation.operation}`);
  return fieldsIn([operation.selectionSet], root, { fragments: fragmentsOf(document), variables });
}

/** The variables by which `@include` and `@skip` decide: those with the same values have the same fields. */
export function decidingVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: ({ arguments: given }) => {
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

export function isTypeName({ name }: Field): boolean {
  return name === TypeNameMetaFieldDef.name;
}

interface Matter {
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  variables: Variables;
}

interface Selected {
  name: string;
  arguments: readonly ArgumentNode[];
  below: SelectionSetNode[];
}

function fieldsIn(sets: readonly SelectionSetNode[], type: GraphQLObjectType, matter: Matter): readonly Field[] {
  const selected = new Map<string, Selected>();
  for (const set of sets) collect(set, type, matter, selected);
  return [...selected].map(([key, one]) => fieldAs(key, one, type, matter));
}

function collect(set: SelectionSetNode, type: GraphQLObjectType, matter: Matter, into: Map<string, Selected>): void {
  for (const selection of set.selections) {
    if (!isIncluded(selection.directives, matter.variables)) continue;
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      const key = selection.alias?.value ?? name;
      const same = into.get(key) ?? { name, arguments: selection.arguments ?? [], below: [] };
      into.set(key, same);
      if (selection.selectionSet) same.below.push(selection.selectionSet);
    } else {
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : matter.fragments.get(selection.name.value);
      // Of objects alone: a condition on another type than theirs is never valid.
      if (fragment) collect(fragment.selectionSet, type, matter, into);
    }
  }
}

function fieldAs(
  key: string,
  { name, below, ...selected }: Selected,
  parent: GraphQLObjectType,
  matter: Matter,
): Field {
  const declared = name === TypeNameMetaFieldDef.name ? TypeNameMetaFieldDef.type : parent.getFields()[name]?.type;
  if (!declared) throw new Error(`${parent.name} has no ${name}`);
  const type = getNamedType(declared);
  const outer = getNullableType(declared);
  return {
    key,
    name,
    arguments: selected.arguments,
    parent,
    type,
    isList: isListType(outer),
    isRequired: isNonNullType(declared),
    areItemsRequired: areItemsRequired(outer),
    below: isObjectType(type) ? fieldsIn(below, type, matter) : undefined,
    hidden: hiddenOf(type),
  };
}

function areItemsRequired(type: GraphQLOutputType): boolean {
  return isListType(type) && isNonNullType(type.ofType);
}

function hiddenOf(type: GraphQLNamedType): ReadonlySet<unknown> | undefined {
  if (!isEnumType(type)) return undefined;
  const isHidden = ({ name }: DirectiveNode) => name.value === 'inaccessible';
  const hidden = type.getValues().filter(({ astNode }) => astNode?.directives?.some(isHidden));
  return hidden.length > 0 ? new Set(hidden.map(({ name }) => name)) : undefined;
}
