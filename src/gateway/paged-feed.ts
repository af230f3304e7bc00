/**
 * A change feed that is read page by page on the caller's behalf: the caller's own operation, with a cursor of ours in place of theirs and
 * with two fields beside theirs that say where a page ends.
 *
 *     query ($n: Int) { deathChanges(after: "7", first: $n) { c: changes { seq } } }
 *
 * becomes, for every page,
 *
 *     query ($n: Int, $nextPage: String) { deathChanges(after: $nextPage, first: $n) { c: changes { seq } pageEnd: endCursor pageGoesOn: hasNextPage } }
 *
 * It is made once per document, so that what is remembered by document (footprint, decision, plan) holds for every page of every stream.
 */
import {
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  visit,
} from 'graphql';
import type { ShareMap } from '../sharing/footprint';
import { fragmentsOf } from '../sharing/selection';

export interface PagedFeed {
  /** What every page asks. */
  rewritten: { document: DocumentNode; operation: OperationDefinitionNode };
  /** Where the caller wants to begin; null is the beginning. */
  start(variables: Variables): string | null;
  /** The caller's variables with the cursor of a page. */
  at(after: string | null, variables: Variables): Record<string, unknown>;
  /** What a page's data hold; null when the feed gave no page. */
  page(data: unknown): FeedPage | null;
  /** A page's data as the caller asked for them. */
  asAsked(data: ExecutionResult['data']): ExecutionResult['data'];
}

/** One page: its changes exactly as they were selected. */
export interface FeedPage {
  changes: readonly unknown[];
  endCursor: string;
  hasNextPage: boolean;
}

type Variables = Readonly<Record<string, unknown>>;

/** The feed of an operation of a valid document. Throws a `GraphQLError` for callers (406) when it is not one feed and nothing else. */
export function pagedFeed(map: ShareMap, document: DocumentNode, operation: OperationDefinitionNode): PagedFeed {
  const feed = onlyFeed(map, operation);
  const changes = changesKey(document, feed.selectionSet);
  const name = unusedNames(document);
  const [cursor, endCursor, hasNextPage] = [name('nextPage'), name('pageEnd'), name('pageGoesOn')];
  const reading: OperationDefinitionNode = {
    ...operation,
    variableDefinitions: [
      ...(operation.variableDefinitions ?? []),
      {
        kind: Kind.VARIABLE_DEFINITION,
        variable: variable(cursor),
        type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: 'String' } },
      },
    ],
    selectionSet: { ...operation.selectionSet, selections: [readingFrom(feed, cursor, endCursor, hasNextPage)] },
  };
  const key = keyOf(feed);
  const given = feed.arguments?.find((argument) => argument.name.value === 'after')?.value;
  return {
    rewritten: {
      document: {
        ...document,
        definitions: document.definitions.map((definition) => (definition === operation ? reading : definition)),
      },
      operation: reading,
    },
    start: (variables) => startOf(given, operation, variables),
    at: (after, variables) => ({ ...variables, [cursor]: after }),
    page(data) {
      const page = (data as Partial<Record<string, Record<string, unknown> | null>> | null | undefined)?.[key];
      if (!page) return null;
      return {
        changes: (page[changes] as readonly unknown[] | undefined) ?? [],
        endCursor: page[endCursor] as string,
        hasNextPage: page[hasNextPage] === true,
      };
    },
    asAsked(data) {
      const page = data?.[key] as Record<string, unknown> | null | undefined;
      if (!page) return data;
      const { [endCursor]: _end, [hasNextPage]: _more, ...asked } = page;
      return { [key]: asked };
    },
  };
}

type Feed = FieldNode & { selectionSet: SelectionSetNode };

/** Whatever is written another way, by fragments or under a condition at the root, could be something else than a feed: it is not guessed at. */
function onlyFeed(map: ShareMap, operation: OperationDefinitionNode): Feed {
  const [field, ...others] = operation.selectionSet.selections;
  const root = map.schema.getRootType(operation.operation);
  const isFeed =
    field?.kind === Kind.FIELD &&
    field.selectionSet !== undefined &&
    !field.directives?.length &&
    root != null &&
    map.tagsOf(root.name, field.name.value)?.verb === 'FEED';
  if (!isFeed || others.length > 0)
    throw notStreamable(
      'A stream is of one change feed: make one …Changes field the only field of the operation, or ask for application/json',
    );
  return field as Feed;
}

/** The name under which a page has its changes, through fragments. */
function changesKey(document: DocumentNode, selectionSet: SelectionSetNode): string {
  const fragments = fragmentsOf(document);
  const keys = new Set<string>();
  const walked = new Set<SelectionSetNode>();
  const walk = (set: SelectionSetNode | undefined): void => {
    if (!set || walked.has(set)) return;
    walked.add(set);
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) walk(fragments.get(selection.name.value)?.selectionSet);
      else if (selection.name.value === 'changes') keys.add(keyOf(selection));
    }
  };
  walk(selectionSet);
  const [key, ...others] = keys;
  if (key === undefined || others.length > 0)
    throw notStreamable('Each line of a stream is one change: select changes in the feed, under one name');
  return key;
}

function readingFrom(feed: Feed, cursor: string, endCursor: string, hasNextPage: string): FieldNode {
  const others = feed.arguments?.filter((argument) => argument.name.value !== 'after') ?? [];
  return {
    ...feed,
    arguments: [...others, { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'after' }, value: variable(cursor) }],
    selectionSet: {
      ...feed.selectionSet,
      selections: [
        ...feed.selectionSet.selections,
        aliased(endCursor, 'endCursor'),
        aliased(hasNextPage, 'hasNextPage'),
      ],
    },
  };
}

function startOf(
  given: ValueNode | undefined,
  operation: OperationDefinitionNode,
  variables: Variables,
): string | null {
  if (given?.kind === Kind.STRING) return given.value;
  if (given?.kind !== Kind.VARIABLE) return null;
  const name = given.name.value;
  const definition = operation.variableDefinitions?.find((one) => one.variable.name.value === name);
  const standard = definition?.defaultValue?.kind === Kind.STRING ? definition.defaultValue.value : null;
  const value = Object.hasOwn(variables, name) ? variables[name] : standard;
  // What is no text does not fit the caller's own variable, whose definition stays: the door says so by its name.
  return typeof value === 'string' ? value : null;
}

/** Gives names that occur nowhere in a document, so that nothing of the caller's can be taken for ours, nor ours for theirs. */
function unusedNames(document: DocumentNode): (wanted: string) => string {
  const used = new Set<string>();
  visit(document, {
    Name(node) {
      used.add(node.value);
    },
  });
  return (wanted) => {
    let name = wanted;
    while (used.has(name)) name += '_';
    used.add(name);
    return name;
  };
}

function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

function aliased(alias: string, name: string): FieldNode {
  return { kind: Kind.FIELD, alias: { kind: Kind.NAME, value: alias }, name: { kind: Kind.NAME, value: name } };
}

function variable(name: string) {
  return { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } } as const;
}

function notStreamable(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'NOT_STREAMABLE', http: { status: 406 } } });
}
