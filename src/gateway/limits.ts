/**
 * What one request may ask, checked before any SQL. Each limit has its code, answered with 400.
 */
import { type ASTVisitor, GraphQLError, type SelectionSetNode, type ValidationContext } from 'graphql';

export const LIMITS = {
  bodyBytes: 1_000_000,
  tokens: 4_000,
  depth: 12,
  aliases: 50,
  rootFields: 20,
  directives: 20,
  operationMilliseconds: 10_000,
} as const;

function exceeded(code: string, what: string, limit: number): GraphQLError {
  return new GraphQLError(`The operation has too many ${what}: at most ${limit}`, {
    extensions: { code, http: { status: 400 } },
  });
}

/** A validation rule that counts depth, aliases, root fields and directives of the whole document, through fragments. */
export function limitsRule(context: ValidationContext): ASTVisitor {
  const counts = { aliases: 0, directives: 0 };
  return {
    Field(node) {
      if (node.alias || node.name.value === '__typename') counts.aliases += 1;
      if (counts.aliases === LIMITS.aliases + 1)
        context.reportError(exceeded('TOO_MANY_ALIASES', 'aliases', LIMITS.aliases));
    },
    Directive() {
      counts.directives += 1;
      if (counts.directives === LIMITS.directives + 1)
        context.reportError(exceeded('TOO_MANY_DIRECTIVES', 'directives', LIMITS.directives));
    },
    OperationDefinition(node) {
      const measured = measure(context, node.selectionSet, new Set(), 1);
      if (measured.depth > LIMITS.depth) context.reportError(exceeded('TOO_DEEP', 'levels', LIMITS.depth));
      if (measured.fields > LIMITS.rootFields)
        context.reportError(exceeded('TOO_MANY_ROOT_FIELDS', 'root fields', LIMITS.rootFields));
    },
  };
}

/** Depth and number of fields of a selection set. Introspection has a shape of its own and its own depth; a fragment in a circle ends. */
function measure(
  context: ValidationContext,
  set: SelectionSetNode,
  within: ReadonlySet<string>,
  depth: number,
): { depth: number; fields: number } {
  let deepest = depth;
  let fields = 0;
  if (depth > LIMITS.depth + 1) return { depth, fields };
  for (const selection of set.selections) {
    if (selection.kind === 'Field') {
      fields += 1;
      if (selection.selectionSet && !selection.name.value.startsWith('__')) {
        deepest = Math.max(deepest, measure(context, selection.selectionSet, within, depth + 1).depth);
      }
      continue;
    }
    const name = selection.kind === 'FragmentSpread' ? selection.name.value : undefined;
    if (name !== undefined && within.has(name)) continue;
    const inner =
      selection.kind === 'InlineFragment'
        ? selection.selectionSet
        : context.getFragment(selection.name.value)?.selectionSet;
    if (!inner) continue;
    const measured = measure(context, inner, name === undefined ? within : new Set([...within, name]), depth);
    deepest = Math.max(deepest, measured.depth);
    fields += measured.fields;
  }
  return { depth: deepest, fields };
}
