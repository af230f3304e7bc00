/**
 * What travels of a document: the one operation that is meant, its fragments, and the variables it reads. A bureau validates what it is sent, and
 * takes an operation that declares what it does not read for no valid one (GraphQL, October 2021, 5.8.4); and what a caller sends besides
 * is nobody's business there.
 */
import {
  type DocumentNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  print,
  separateOperations,
  visit,
} from 'graphql';

export interface SentOperation {
  query: string;
  /** Of the values given, those that the operation reads. */
  variables(given: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

/** Prepared once per document and operation. */
export function sentOperations(): (document: DocumentNode, operationName?: string) => SentOperation {
  const known = new WeakMap<DocumentNode, Map<string, SentOperation>>();
  return (document, operationName = '') => {
    const byName = known.get(document) ?? new Map<string, SentOperation>();
    known.set(document, byName);
    const sent = byName.get(operationName) ?? sentOf(document, operationName);
    byName.set(operationName, sent);
    return sent;
  };
}

function sentOf(document: DocumentNode, operationName: string): SentOperation {
  const operation = getOperationAST(document, operationName || undefined);
  const alone = operation && separateOperations(document)[operation.name?.value ?? ''];
  if (!alone) return { query: print(document), variables: (given) => ({ ...given }) };
  const read = variablesRead(alone);
  const variableDefinitions = operation.variableDefinitions?.filter(({ variable }) => read.has(variable.name.value));
  const definitions = alone.definitions.map((one) =>
    one.kind === Kind.OPERATION_DEFINITION ? ({ ...one, variableDefinitions } as OperationDefinitionNode) : one,
  );
  return {
    query: print({ ...alone, definitions }),
    variables: (given) =>
      Object.fromEntries([...read].flatMap((name) => (Object.hasOwn(given, name) ? [[name, given[name]]] : []))),
  };
}

/** The variables that are read anywhere, and not only declared. */
function variablesRead(document: DocumentNode): Set<string> {
  const read = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable(node) {
      read.add(node.name.value);
    },
  });
  return read;
}
