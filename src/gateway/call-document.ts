/** The documents that services are sent, as syntax trees: nothing is printed or parsed for a service of this process. */
import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type NameNode,
  type OperationDefinitionNode,
  type OperationTypeNode,
  type SelectionNode,
  type TypeNode,
  type ValueNode,
  type VariableDefinitionNode,
  visit,
} from 'graphql';
import type { Field } from './fields';

/** A document of these fields, and the variables of the caller's operation that it uses, with the definitions they have there. */
export function documentOf(
  { variableDefinitions = [] }: OperationDefinitionNode,
  kind: OperationTypeNode,
  nodes: readonly FieldNode[],
  told: readonly VariableDefinitionNode[],
): { document: DocumentNode; variables: readonly string[] } {
  const used = variablesIn(nodes);
  const own = variableDefinitions.filter(({ variable }) => used.has(variable.name.value));
  const operation: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: kind,
    variableDefinitions: [...told, ...own],
    selectionSet: { kind: Kind.SELECTION_SET, selections: nodes },
  };
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation] };
  return { document, variables: own.map(({ variable }) => variable.name.value) };
}

/** As services of a federated graph find records (Apollo Federation, subgraph specification). Callers' names begin with no two underscores. */
export const ENTITIES = '_entities';
export const TOLD = '__told';

export function entitiesNode(
  { field, variable, type }: { field: string; variable: string; type: string },
  nodes: readonly FieldNode[],
): FieldNode {
  const on = { kind: Kind.NAMED_TYPE, name: nameNode(type) } as const;
  const fragment: SelectionNode = {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: on,
    selectionSet: { kind: Kind.SELECTION_SET, selections: nodes },
  };
  return {
    kind: Kind.FIELD,
    alias: field === ENTITIES ? undefined : nameNode(field),
    name: nameNode(ENTITIES),
    arguments: [{ kind: Kind.ARGUMENT, name: nameNode('representations'), value: variableNode(variable) }],
    selectionSet: { kind: Kind.SELECTION_SET, selections: [fragment] },
  };
}

/** `[_Any!]!` */
export function toldDefinition(variable: string): VariableDefinitionNode {
  const any: TypeNode = { kind: Kind.NON_NULL_TYPE, type: { kind: Kind.NAMED_TYPE, name: nameNode('_Any') } };
  const type: TypeNode = { kind: Kind.NON_NULL_TYPE, type: { kind: Kind.LIST_TYPE, type: any } };
  return { kind: Kind.VARIABLE_DEFINITION, variable: variableNode(variable), type };
}

export function fieldNode(name: string, field?: Field, below?: readonly SelectionNode[]): FieldNode {
  return {
    kind: Kind.FIELD,
    name: nameNode(name),
    ...(field && field.key !== name && { alias: nameNode(field.key) }),
    ...(field && { arguments: field.arguments }),
    ...(below && { selectionSet: { kind: Kind.SELECTION_SET, selections: below } }),
  };
}

function nameNode(value: string): NameNode {
  return { kind: Kind.NAME, value };
}

function variableNode(name: string): ValueNode & { kind: Kind.VARIABLE } {
  return { kind: Kind.VARIABLE, name: nameNode(name) };
}

function variablesIn(nodes: readonly SelectionNode[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodes)
    visit(node, {
      Variable({ name }) {
        names.add(name.value);
      },
    });
  return names;
}
