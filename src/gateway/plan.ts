/**
 * Running an operation over the bureaus: what is asked of whom is worked out once per operation, and each subgraph is called as a function.
 */
import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import type { Passage } from '../sharing/passage';
import { keptOr } from '../sharing/remember';
import { defaultsOf } from '../sharing/selection';
import type { Subgraph } from '../subgraph/subgraph';
import { askedFor } from './asked-for';
import { type Call, callsOf } from './calls';
import { carryOut } from './carry-out';
import { decidingVariables, type Field, fieldsOf } from './fields';
import { readJoins } from './joins';
import { sayUnknown } from './unknown';

export interface PlannedOperation {
  document: DocumentNode;
  operationName?: string;
  variables: Record<string, unknown>;
  passage: Passage;
}

/**
 * Runs one operation, all its bureaus included. Errors of one bureau leave the others' data standing. It rejects when the operation is none of the
 * graph's.
 */
export type RunPlan = (operation: PlannedOperation) => Promise<ExecutionResult>;

/** What is worked out once per operation and kept with it. */
interface Plan {
  fields: readonly Field[];
  calls: readonly Call[];
  /** Whether what comes in is what was asked for, in its order: of one call nothing has to be joined. */
  isAsAsked: boolean;
}

/** Different answers to `@include` and `@skip` that one operation has its plans remembered for. */
const REMEMBERED_MAX = 16;

type Variables = Readonly<Record<string, unknown>>;

/**
 * Reads a composed graph.
 * @throws when it joins services in a way that is not foreseen, or has one that is not among those given
 */
export function openPlanner(supergraph: string, subgraphs: readonly Subgraph[]): RunPlan {
  const byName = new Map(subgraphs.map((subgraph) => [subgraph.name, subgraph]));
  const joins = readJoins(supergraph);
  for (const name of joins.services)
    if (!byName.has(name)) throw new Error(`The graph has a service ${name}, but nothing says where it is`);
  const graph = buildSchema(supergraph, { assumeValid: true, assumeValidSDL: true });
  const known = new WeakMap<OperationDefinitionNode, { deciding: readonly string[]; plans: Map<string, Plan> }>();

  function plan(document: DocumentNode, operation: OperationDefinitionNode, variables: Variables): Plan {
    const here = keptOr(known, operation, () => ({ deciding: decidingVariables(document), plans: new Map() }));
    const decided = here.deciding.map((name) => variables[name] === true).join();
    const found = here.plans.get(decided);
    if (found) return found;
    const fields = fieldsOf(graph, document, operation, variables);
    const calls = callsOf(joins, operation, fields);
    const made = { fields, calls, isAsAsked: calls.length === 1 && fields.every(isWhole) };
    if (here.plans.size < REMEMBERED_MAX) here.plans.set(decided, made);
    return made;
  }

  return async ({ document, operationName, variables: given, passage }) => {
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new GraphQLError('The document holds no such operation');
    const variables = { ...defaultsOf(operation), ...given };
    const { fields, calls, isAsAsked } = plan(document, operation, variables);
    const { data, errors } = await carryOut(calls, variables, ({ service, document }, variables) =>
      answerOf(byName.get(service) as Subgraph, { document, variables, passage }),
    );
    const asked = isAsAsked && errors.length === 0 ? data : askedFor(fields, data);
    return errors.length === 0 ? { data: asked } : { data: asked && sayUnknown(fields, asked, errors), errors };
  };
}

/** Whether nothing of what a service gives of a field is to be taken out. */
function isWhole({ hidden, below }: Field): boolean {
  return hidden === undefined && (below === undefined || (below.length > 0 && below.every(isWhole)));
}

/** What a bureau answers, with each error of something that went wrong naming it. */
async function answerOf(bureau: Subgraph, request: Parameters<Subgraph['execute']>[0]): Promise<ExecutionResult> {
  try {
    const { data = null, errors } = await bureau.execute(request);
    return errors?.length ? { data, errors: errors.map((error) => named(bureau.name, error)) } : { data };
  } catch (error) {
    const { message, extensions } = error as GraphQLError;
    const cause = new GraphQLError(message, { originalError: error as Error, extensions });
    return { data: null, errors: [named(bureau.name, cause)] };
  }
}

function named(serviceName: string, { message, nodes, path, originalError, extensions }: GraphQLError): GraphQLError {
  return new GraphQLError(message, { nodes, path, originalError, extensions: { serviceName, ...extensions } });
}
