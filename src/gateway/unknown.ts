/**
 * One-bit answers of bureaus that could not be asked: `UNKNOWN`, which is never `NO`. An error beside them says which bureau it was.
 */
import {
  type DocumentNode,
  type ExecutionResult,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf, isIncluded } from '../sharing/selection';

/** The type of one-bit answers in the graph, and what is said of what is not known. */
const ANSWER = 'Answer';
const UNKNOWN = 'UNKNOWN';

type Data = Record<string, unknown>;

/**
 * The result with `UNKNOWN` in place of every answer that is missing. Only a result with errors has any; one that a bureau refused is left as it
 * is: what may not be asked is not unknown.
 */
export function sayUnknown(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  result: ExecutionResult,
): ExecutionResult {
  const root = schema.getRootType(operation.operation);
  const isRefused = result.errors?.some(({ extensions }) => extensions.code === 'NOT_SHARED');
  if (!result.errors?.length || isRefused || !result.data || !root) return result;
  const fragments = fragmentsOf(document);
  const fill = filler({ fragments, variables });
  fill.into(result.data as Data, operation.selectionSet, root);
  return result;
}

interface Matter {
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  variables: Readonly<Record<string, unknown>>;
}

function filler({ fragments, variables }: Matter) {
  /** The fields of a selection set that count, by the name under which they are answered. */
  function* fieldsOf(set: SelectionSetNode, type: GraphQLObjectType): Generator<Selected> {
    for (const selection of set.selections) {
      if (!isIncluded(selection.directives, variables)) continue;
      if (selection.kind === Kind.FIELD) {
        const field = type.getFields()[selection.name.value];
        const key = selection.alias?.value ?? selection.name.value;
        if (field) yield { key, type: field.type, below: selection.selectionSet };
      } else {
        const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        const on = fragment?.typeCondition?.name.value ?? type.name;
        if (fragment && on === type.name) yield* fieldsOf(fragment.selectionSet, type);
      }
    }
  }

  function into(data: Data, set: SelectionSetNode, type: GraphQLObjectType): void {
    for (const { key, type: declared, below } of fieldsOf(set, type)) {
      const value = data[key];
      const named = getNamedType(declared);
      if (named.name === ANSWER) data[key] ??= UNKNOWN;
      else if (below && isObjectType(named)) {
        if (value == null && !isListType(declared)) data[key] = anew(below, named) ?? value;
        else intoEach(value, below, named);
      }
    }
  }

  function intoEach(value: unknown, below: SelectionSetNode, type: GraphQLObjectType): void {
    if (Array.isArray(value)) for (const item of value) intoEach(item, below, type);
    else if (typeof value === 'object' && value !== null) into(value as Data, below, type);
  }

  /** An object that holds nothing but answers that are not known: of a person whose register could not be asked. Undefined where it would have to hold more. */
  function anew(set: SelectionSetNode, type: GraphQLObjectType): Data | undefined {
    const made: Data = {};
    let isAsked = false;
    for (const { key, type: declared } of fieldsOf(set, type)) {
      if (isNonNullType(declared)) return undefined;
      const isAnswer = getNamedType(declared).name === ANSWER;
      isAsked ||= isAnswer;
      made[key] = isAnswer ? UNKNOWN : null;
    }
    return isAsked ? made : undefined;
  }

  return { into };
}

interface Selected {
  key: string;
  type: GraphQLOutputType;
  below: SelectionSetNode | undefined;
}
