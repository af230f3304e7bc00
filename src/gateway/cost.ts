/**
 * What an operation may fetch at most, estimated before anything is asked: fields times the records they may be read of. A page counts as
 * long as it may be, a list without pages as ten. One unit is one field of one record.
 */
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { FEED_PAGE_DEFAULT, PAGE_DEFAULT } from '../bureaus/limits';
import { fragmentsOf } from '../sharing/selection';

/** Records that a list without pages is taken to have. */
const PLAIN_LIST = 10;

type Variables = Readonly<Record<string, unknown>>;

/** Costs of operations that depend on no variable. */
const constant = new WeakMap<OperationDefinitionNode, number>();

/** The cost of an operation of a valid document within the limits of limits.ts. */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  const known = constant.get(operation);
  if (known !== undefined) return known;
  const fragments = fragmentsOf(document);
  const defaults = Object.fromEntries(
    (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue?.kind === Kind.INT ? Number(defaultValue.value) : undefined,
    ]),
  );
  let isConstant = true;
  const given = (name: string) => {
    isConstant = false;
    return Object.hasOwn(variables, name) ? variables[name] : defaults[name];
  };

  function ofSet(set: SelectionSetNode, type: GraphQLObjectType, inPage: boolean): number {
    let sum = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) sum += ofField(selection, type, inPage);
      else {
        const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        const on = fragment?.typeCondition && schema.getType(fragment.typeCondition.name.value);
        if (fragment) sum += ofSet(fragment.selectionSet, isObjectType(on) ? on : type, inPage);
      }
    }
    return sum;
  }

  function ofField(node: FieldNode, type: GraphQLObjectType, inPage: boolean): number {
    const field = type.getFields()[node.name.value];
    const result = field && getNamedType(field.type);
    if (!field || !node.selectionSet || !isObjectType(result)) return 1;
    const records = recordsOf(node, field, inPage, given);
    return 1 + records.count * ofSet(node.selectionSet, result, records.isPage);
  }

  const root = schema.getRootType(operation.operation);
  const cost = root ? ofSet(operation.selectionSet, root, false) : 0;
  if (isConstant) constant.set(operation, cost);
  return cost;
}

/** How many records a field may lead to. `edges` and `changes` of a page are the records that the page was counted for. */
function recordsOf(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  inPage: boolean,
  given: (variable: string) => unknown,
): { count: number; isPage: boolean } {
  const argumentOf = (name: string): unknown => {
    const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
    if (value?.kind === Kind.VARIABLE) return given(value.name.value);
    if (value?.kind === Kind.INT) return Number(value.value);
    return value?.kind === Kind.LIST ? value.values : undefined;
  };
  if (field.args.some(({ name }) => name === 'first')) {
    const standard = getNamedType(field.type).name.endsWith('Changes') ? FEED_PAGE_DEFAULT : PAGE_DEFAULT;
    const first = argumentOf('first');
    return { count: Math.max(1, typeof first === 'number' ? first : standard), isPage: true };
  }
  const ids = field.args.some(({ name }) => name === 'ids') ? argumentOf('ids') : undefined;
  if (Array.isArray(ids)) return { count: Math.max(1, ids.length), isPage: false };
  const isList = isListType(getNullableType(field.type));
  return { count: isList && !inPage ? PLAIN_LIST : 1, isPage: false };
}

/** Counts what each agency asks for per minute. Throws when an operation is too costly, or an agency has asked for too much this minute. */
export function meterCosts(
  limits: { cost: number; costPerMinute: number },
  now: () => Date,
): (agency: string, cost: number) => void {
  let minute = 0;
  const spent = new Map<string, number>();
  return (agency, cost) => {
    if (cost > limits.cost)
      throw exceeded(
        'TOO_COSTLY',
        `The operation may fetch ${cost} values, at most ${limits.cost}: ask for shorter pages`,
      );
    const current = Math.floor(now().getTime() / 60_000);
    if (current !== minute) spent.clear();
    minute = current;
    const sum = (spent.get(agency) ?? 0) + cost;
    if (sum > limits.costPerMinute)
      throw exceeded(
        'TOO_MUCH_PER_MINUTE',
        `Your agency may ask for ${limits.costPerMinute} values a minute: go on in a minute`,
      );
    spent.set(agency, sum);
  };
}

function exceeded(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 400 } } });
}
