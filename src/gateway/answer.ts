/** What becomes of every operation that may be answered: its variables fit the graph, and its answer comes in time, whatever its bureaus do. */
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import type { Passage } from '../sharing/passage';
import { inTime } from './in-time';
import { LIMITS } from './limits';
import type { RunPlan } from './plan';
import type { Watch } from './watch';

/** A parsed and valid operation. */
export interface Operation {
  source: string;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  operationName: string | null;
  variables: Record<string, unknown>;
}

/** Answers an operation as far as the passage lets it. */
export type Answer = (operation: Operation, passage: Passage) => Promise<ExecutionResult>;

/** Mistakes in variables that one answer names. */
const VARIABLE_ERRORS_MAX = 10;

/** Answers from the bureaus. */
export function answerBy(run: RunPlan, { schema, watch }: { schema: GraphQLSchema; watch: Watch }): Answer {
  return async (operation, passage) => {
    const errors = unfitVariables(schema, operation);
    if (errors) return { data: null, errors };
    const { document, operationName, variables } = operation;
    const plan = { document, operationName: operationName ?? undefined, variables, passage };
    const answering = watch.step({ name: 'plan' }, () => run(plan));
    return inTime(answering, LIMITS.operationMilliseconds, tookTooLong);
  };
}

/** What is wrong with an operation's variables; undefined when nothing is. */
export function unfitVariables(
  schema: GraphQLSchema,
  { operation, variables }: Pick<Operation, 'operation' | 'variables'>,
): readonly GraphQLError[] | undefined {
  const options = { maxErrors: VARIABLE_ERRORS_MAX };
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, options);
  return errors?.map(unfitVariable);
}

function tookTooLong(): ExecutionResult {
  const message = `The operation took longer than ${LIMITS.operationMilliseconds / 1_000} s: ask for less at once`;
  return { data: null, errors: [new GraphQLError(message, { extensions: { code: 'TIMEOUT' } })] };
}

/** What graphql-js says of a variable repeats its value, which may be a number of a person: only the variable is named. */
function unfitVariable(error: GraphQLError): GraphQLError {
  const name = /^Variable "\$(\w+)"/.exec(error.message)?.[1];
  const message = name
    ? `Variable $${name} does not fit its type: see the operation's definition of it`
    : 'A variable does not fit its type';
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } });
}
