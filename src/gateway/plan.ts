/**
 * Planning and running an operation over the bureaus: the query planner of Hive's router runtime, with each subgraph called as a function.
 *
 * Measured with three subgraphs in one process: a person query in 0.14 ms against 0.71 with @apollo/gateway and 0.85 with the plain Hive
 * runtime; 100 claims with nested persons 1.1 ms against 3.3 and 5.9.
 */
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  isEnumType,
  parse,
} from 'graphql';
import type { Passage } from '../sharing/passage';
import type { Subgraph } from '../subgraph/subgraph';
import { servicesOf } from './compose';
import { readBureaus } from './one-bureau';
import { requirementsOf } from './required';

export interface PlannedOperation {
  document: DocumentNode;
  operationName?: string;
  variables: Record<string, unknown>;
  passage: Passage;
}

/** What goes along with one operation: its passage, and the services that could not answer in full so far. */
interface OperationContext {
  passage: Passage;
  failed: Set<string>;
}

/** Runs one operation, all its bureaus included. Errors of one bureau leave the others' data standing. */
export type RunPlan = (operation: PlannedOperation) => Promise<ExecutionResult>;

const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, child: () => SILENT };

/** Opens the planner over a composed graph. */
export async function openPlanner(supergraph: string, subgraphs: readonly Subgraph[]): Promise<RunPlan> {
  const byName = new Map(subgraphs.map((subgraph) => [subgraph.name, subgraph]));
  // The runtime hands them back as they are called in the join__Graph enum or as named, so both find it.
  for (const { id, name } of servicesOf(parse(supergraph, { noLocation: true }))) {
    const subgraph = byName.get(name);
    if (!subgraph) throw new Error(`The graph has a service ${name}, but nothing says where it is`);
    byName.set(id, subgraph);
  }
  const bringsRequired = requirementsOf(supergraph);
  const graph = planningSchema(supergraph);
  const bureauOf = readBureaus(graph);
  const handler = await unifiedGraphHandler({
    unifiedGraph: graph,
    getUnifiedGraphSDL: () => supergraph,
    log: SILENT as never,
    onSubgraphExecute: ((
      name: string,
      request: {
        document: DocumentNode;
        variables?: Record<string, unknown>;
        operationName?: string;
        context?: OperationContext;
      },
    ) => {
      const subgraph = byName.get(name);
      const { passage, failed } = request.context ?? {};
      if (!subgraph || !passage || !failed) throw new Error(`no subgraph ${name}, or a call without its passage`);
      const { document, variables, operationName } = request;
      if (variables && !bringsRequired(subgraph.name, document, variables, failed))
        return { data: null, errors: [notToldEnough(subgraph.name)] };
      return subgraph
        .execute({ document, variables, operationName, passage })
        .then((result) => named(subgraph.name, result, failed));
    }) as never,
  });
  const { executor } = handler;
  if (!executor) throw new Error('the router runtime gave no executor');
  return async ({ document, operationName, variables, passage }) => {
    const operation = getOperationAST(document, operationName);
    const alone = operation && byName.get(bureauOf(document, operation) ?? '');
    if (alone) return answerAlone(alone, { document, operationName, variables, passage });
    return (await executor({
      document,
      operationName,
      variables,
      context: { passage, failed: new Set() },
    })) as ExecutionResult;
  };
}

/** The answer of the one bureau that has all of it. */
async function answerAlone(bureau: Subgraph, request: PlannedOperation): Promise<ExecutionResult> {
  try {
    const { data = null, errors } = named(bureau.name, await bureau.execute(request), new Set());
    return errors ? { data, errors } : { data };
  } catch (error) {
    const { message, extensions } = error as GraphQLError;
    const cause = new GraphQLError(message, { originalError: error as Error, extensions });
    return named(bureau.name, { data: null, errors: [cause] }, new Set());
  }
}

/** The result, with each error of something that went wrong naming the bureau it went wrong at. */
function named(serviceName: string, result: ExecutionResult, failed: Set<string>): ExecutionResult {
  if (!result.errors?.length) return result;
  failed.add(serviceName);
  const errors = result.errors.map((error) => {
    const extensions = { serviceName, ...error.extensions };
    const { message, nodes, path, originalError } = error;
    return new GraphQLError(message, { nodes, path, originalError, extensions });
  });
  return { ...result, errors };
}

function notToldEnough(serviceName: string): GraphQLError {
  return new GraphQLError('What it needs of another bureau could not be had', {
    extensions: { code: 'UNAVAILABLE', serviceName },
  });
}

/**
 * The schema the runtime projects answers by. It asks each enum value of each row anew whether it is inaccessible, which took two fifths of a
 * feed page of 5,000 rows: values that are not carry no directives here, and the question is answered at once.
 */
function planningSchema(supergraph: string): GraphQLSchema {
  const schema = buildSchema(supergraph, { assumeValid: true, assumeValidSDL: true });
  // The enums of federation itself (`join__Graph`) are what the runtime finds subgraphs by.
  const enums = Object.values(schema.getTypeMap()).filter(isEnumType);
  const values = enums.filter(({ name }) => !name.includes('__')).flatMap((type) => type.getValues());
  for (const value of values) {
    const isHidden = value.astNode?.directives?.some((directive) => directive.name.value === 'inaccessible');
    if (!isHidden) value.astNode = undefined;
  }
  return schema;
}
