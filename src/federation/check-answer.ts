/**
 * Whether the data of an answer from afar are what the operation asked for: every field there and none besides, of its type, no null where none
 * may be. What is not is no answer: merged into others' data, a value of a wrong type would become null, which reads as "no record".
 */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { isDay } from '../bureaus/calendar';
import { defaultsOf, fragmentsOf, isIncluded } from '../sharing/selection';

type Variables = Readonly<Record<string, unknown>>;

/** What is wrong with data, by the path of fields without any value; undefined when nothing is. */
export type CheckAnswer = (data: unknown, variables: Variables, hasErrors: boolean) => string | undefined;

/** A selection set and the directives under which it counts. */
interface Selected {
  set: SelectionSetNode;
  under: readonly FieldNode['directives'][];
}

/** What is expected under one name of an object. */
interface Expected {
  nodes: FieldNode[];
  /** The directives of each place where it is selected: it is there when those of one place let it be. */
  under: (readonly FieldNode['directives'][])[];
  /** Null of `__typename`. */
  type: GraphQLOutputType | null;
  below: Selected[];
}

type Shape = ReadonlyMap<string, Expected>;

/** A check of answers by the schema that the operation was planned over, prepared once per document. */
export function answerChecks(schema: GraphQLSchema): (document: DocumentNode, operationName?: string) => CheckAnswer {
  const known = new WeakMap<DocumentNode, Map<string, CheckAnswer>>();
  return (document, operationName) => {
    const byName = known.get(document) ?? new Map<string, CheckAnswer>();
    known.set(document, byName);
    const check = byName.get(operationName ?? '') ?? checkOf(schema, document, operationName);
    byName.set(operationName ?? '', check);
    return check;
  };
}

function checkOf(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): CheckAnswer {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!operation || !root) return () => 'the operation is unknown';
  const shapes = shapesIn(document);
  const defaults = defaultsOf(operation);
  return (data, given, hasErrors) =>
    data === null && hasErrors
      ? undefined
      : faultOf(data, root, shapes.ofSets(root, [{ set: operation.selectionSet, under: [] }]), '', {
          schema,
          shapes,
          variables: { ...defaults, ...given },
          hasErrors,
        });
}

interface Matter {
  schema: GraphQLSchema;
  shapes: Shapes;
  variables: Variables;
  hasErrors: boolean;
}

function faultOf(
  value: unknown,
  type: GraphQLObjectType,
  shape: Shape,
  at: string,
  matter: Matter,
): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${at || 'data'} is no object`;
  let there = 0;
  for (const [key, expected] of shape) {
    const here = at ? `${at}.${key}` : key;
    const isWanted = expected.under.some((all) => all.every((directives) => isIncluded(directives, matter.variables)));
    if (!Object.hasOwn(value, key)) {
      if (isWanted) return `${here} is missing`;
      continue;
    }
    there += 1;
    if (!isWanted) return `${here} was not asked for`;
    const fault = faultOfField((value as Record<string, unknown>)[key], expected, type, here, matter);
    if (fault) return fault;
  }
  if (Object.keys(value).length === there) return undefined;
  return `${at || 'data'} has fields that were not asked for`;
}

function faultOfField(
  value: unknown,
  expected: Expected,
  type: GraphQLObjectType,
  at: string,
  matter: Matter,
): string | undefined {
  if (expected.nodes[0]?.name.value === '_entities') return faultOfEntities(value, expected, at, matter);
  if (expected.type === null) return value === type.name ? undefined : `${at} is another type's name`;
  return faultOfValue(value, expected.type, expected, at, matter);
}

function faultOfValue(
  value: unknown,
  type: GraphQLOutputType,
  expected: Expected,
  at: string,
  matter: Matter,
): string | undefined {
  if (isNonNullType(type)) {
    if (value === null) return `${at} is null`;
    return faultOfValue(value, type.ofType, expected, at, matter);
  }
  if (isListType(type)) {
    // A bureau that has no records says so with an empty list; null is what stands in place of a list that could not be made.
    if (value === null)
      return matter.hasErrors || isLeafType(getNamedType(type)) ? undefined : `${at} is null and no error says why`;
    if (!Array.isArray(value)) return `${at} is no list`;
    for (const item of value) {
      const fault = faultOfValue(item, type.ofType, expected, at, matter);
      if (fault) return fault;
    }
    return undefined;
  }
  if (value === null) return undefined;
  if (isLeafType(type)) return isOfLeaf(value, type) ? undefined : `${at} is no ${type.name}`;
  const concrete = isObjectType(type)
    ? type
    : matter.schema.getType(String((value as { __typename?: unknown }).__typename));
  if (!isObjectType(concrete)) return `${at} does not say which type it is`;
  return faultOf(value, concrete, matter.shapes.below(concrete, expected), at, matter);
}

/** One entity for each representation, in their order, each of the type that was asked for. */
function faultOfEntities(value: unknown, expected: Expected, at: string, matter: Matter): string | undefined {
  const given = expected.nodes[0]?.arguments?.find(({ name }) => name.value === 'representations')?.value;
  const asked = given?.kind === Kind.VARIABLE ? matter.variables[given.name.value] : undefined;
  if (!Array.isArray(asked)) return `${at} was asked for without representations`;
  if (value === null && matter.hasErrors) return undefined;
  if (!Array.isArray(value)) return `${at} is no list`;
  if (value.length !== asked.length) return `${at} has ${value.length} entities for ${asked.length}`;
  for (const [place, entity] of value.entries()) {
    if (entity === null && matter.hasErrors) continue;
    const type = matter.schema.getType((asked[place] as { __typename: string }).__typename);
    if (!isObjectType(type)) return `${at} was asked for of no type`;
    const fault = faultOf(entity, type, matter.shapes.below(type, expected), at, matter);
    if (fault) return fault;
  }
  return undefined;
}

interface Shapes {
  ofSets(type: GraphQLObjectType, sets: readonly Selected[]): Shape;
  /** What is expected of an object of this type in place of a field. */
  below(type: GraphQLObjectType, expected: Expected): Shape;
}

/** The shapes of one document's objects, worked out when they are first met. */
function shapesIn(document: DocumentNode): Shapes {
  const fragments = fragmentsOf(document);
  const known = new WeakMap<Expected, Map<string, Shape>>();

  function gather(type: GraphQLObjectType, { set, under }: Selected, into: Map<string, Expected>): void {
    for (const selection of set.selections) {
      const here = selection.directives?.length ? [...under, selection.directives] : under;
      if (selection.kind === Kind.FIELD) {
        gatherField(type, selection, here, into);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      const on = fragment?.typeCondition?.name.value;
      const fits = on === undefined || on === type.name || type.getInterfaces().some(({ name }) => name === on);
      if (fragment && fits) gather(type, { set: fragment.selectionSet, under: here }, into);
    }
  }

  function ofSets(type: GraphQLObjectType, sets: readonly Selected[]): Shape {
    const shape = new Map<string, Expected>();
    for (const selected of sets) gather(type, selected, shape);
    return shape;
  }

  return {
    ofSets,
    below(type, expected) {
      const byType = known.get(expected) ?? new Map<string, Shape>();
      known.set(expected, byType);
      const shape = byType.get(type.name) ?? ofSets(type, expected.below);
      byType.set(type.name, shape);
      return shape;
    },
  };
}

function gatherField(
  type: GraphQLObjectType,
  node: FieldNode,
  under: Selected['under'],
  into: Map<string, Expected>,
): void {
  const key = node.alias?.value ?? node.name.value;
  const expected = into.get(key) ?? {
    nodes: [],
    under: [],
    type: type.getFields()[node.name.value]?.type ?? null,
    below: [],
  };
  into.set(key, expected);
  expected.nodes.push(node);
  expected.under.push(under);
  if (node.selectionSet) expected.below.push({ set: node.selectionSet, under });
}

const INT_MAX = 2_147_483_647;
/** As the graph writes them. A date or time whose year alone is shared is its year. */
const FORMS: Readonly<Record<string, (value: unknown) => boolean>> = {
  ID: (value) => typeof value === 'string',
  String: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
  Int: (value) => Number.isInteger(value) && Math.abs(value as number) <= INT_MAX + 1,
  Float: (value) => typeof value === 'number',
  Date: (value) => typeof value === 'string' && (isDay(value) || /^\d{4}$/.test(value)),
  DateTime: (value) =>
    typeof value === 'string' &&
    /^(?:\d{4}|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2}))$/.test(value),
  Money: (value) => typeof value === 'string' && /^-?\d{1,14}\.\d{2}$/.test(value),
  Decimal: (value) => typeof value === 'string' && /^-?\d{1,14}(?:\.\d{1,8})?$/.test(value),
};

function isOfLeaf(value: unknown, type: GraphQLOutputType): boolean {
  const named = getNamedType(type);
  if (isEnumType(named)) return typeof value === 'string' && named.getValue(value) !== undefined;
  const form = FORMS[named.name];
  // A scalar that only the bureau knows is one value at least.
  return form ? form(value) : typeof value !== 'object';
}
