/**
 * Operations that one bureau answers alone: nothing is to be planned or joined, and its answer has the shape that was asked for already.
 * Measured on feed pages of 5,000 rows: taking such an answer apart and together again was a quarter of the gateway's time.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../sharing/selection';

/** The name of the bureau's graph (`join__Graph`) that answers all of an operation, or undefined when it takes several, or the planner. */
export type BureauOf = (document: DocumentNode, operation: OperationDefinitionNode) => string | undefined;

/** Reads from a supergraph which bureau has what. */
export function readBureaus(supergraph: GraphQLSchema): BureauOf {
  const known = new WeakMap<OperationDefinitionNode, { bureau: string | undefined }>();
  // What one bureau may say and callers not see must be taken out of its answers, which is the planner's work.
  const hides = Object.values(supergraph.getTypeMap())
    .filter(isEnumType)
    .some((type) => type.getValues().some(({ astNode }) => directives(astNode, 'inaccessible').length > 0));
  return (document, operation) => {
    if (hides) return undefined;
    const found = known.get(operation) ?? { bureau: bureauOf(supergraph, document, operation) };
    known.set(operation, found);
    return found.bureau;
  };
}

function bureauOf(
  supergraph: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): string | undefined {
  const root = supergraph.getRootType(operation.operation);
  const fragments = fragmentsOf(document);
  const graphs = root ? directives(root.astNode, 'join__type').map((directive) => argument(directive, 'graph')) : [];
  return graphs.find((graph) => graph && root && hasAll(operation.selectionSet, root, graph));

  function hasAll(set: SelectionSetNode, type: GraphQLObjectType, graph: string): boolean {
    return set.selections.every((selection) => {
      if (selection.kind === Kind.FIELD) {
        if (selection.name.value === '__typename') return true;
        const field = type.getFields()[selection.name.value];
        if (!field || !isHere(type, field.astNode, graph)) return false;
        if (!selection.selectionSet) return true;
        const below = getNamedType(field.type);
        return isObjectType(below) && hasAll(selection.selectionSet, below, graph);
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      const condition = fragment?.typeCondition?.name.value ?? type.name;
      return fragment !== undefined && condition === type.name && hasAll(fragment.selectionSet, type, graph);
    });
  }
}

/** Whether a graph gives a field of a type by itself. A field that names no graph is every one's that has the type. */
function isHere(type: GraphQLObjectType, field: Parameters<typeof directives>[0], graph: string): boolean {
  if (!directives(type.astNode, 'join__type').some((directive) => argument(directive, 'graph') === graph)) return false;
  const joins = directives(field, 'join__field');
  if (joins.length === 0) return true;
  return joins.some(
    (join) =>
      argument(join, 'graph') === graph &&
      ['external', 'requires', 'usedOverridden'].every((name) => !argument(join, name)),
  );
}

function directives(
  node: { readonly directives?: readonly DirectiveNode[] } | null | undefined,
  name: string,
): readonly DirectiveNode[] {
  return node?.directives?.filter((directive) => directive.name.value === name) ?? [];
}

/** A directive's argument as text: an enum's value, a string, or `true`. */
function argument(directive: DirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((given) => given.name.value === name)?.value;
  if (value?.kind === Kind.BOOLEAN) return value.value ? 'true' : undefined;
  return value?.kind === Kind.ENUM || value?.kind === Kind.STRING ? value.value : undefined;
}
