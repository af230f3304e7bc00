/**
 * What one request may ask, checked before any SQL. Each limit has its code, answered with 400.
 */
import { type ASTVisitor, GraphQLError, type NameNode, type SelectionSetNode, type ValidationContext } from 'graphql';

export const LIMITS = {
  bodyBytes: 1_000_000,
  tokens: 4_000,
  depth: 12,
  aliases: 50,
  rootFields: 20,
  /** Fields with every fragment put in where it is spread: a short document of fragments in fragments is long then. */
  fields: 4_000,
  directives: 20,
  /** Values that one operation may fetch at most, and one agency in a minute; see cost.ts. */
  cost: 2_000_000,
  costPerMinute: 200_000_000,
  operationMilliseconds: 10_000,
  /** Streams of feeds: at once, in all and of one agency; and after how many pages, or how long, one ends and its client goes on with another. */
  streams: 50,
  streamsPerAgency: 10,
  streamPages: 1_000,
  streamMilliseconds: 300_000,
  /** A client that takes nothing for so long is given up. */
  streamIdleMilliseconds: 30_000,
  /** Values that one page of a stream may fetch: it is held until the slowest client has taken it. */
  streamPageCost: 250_000,
} as const;

function exceeded(code: string, what: string, limit: number): GraphQLError {
  return new GraphQLError(`The operation has too many ${what}: at most ${limit}`, {
    extensions: { code, http: { status: 400 } },
  });
}

function reserved(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'RESERVED_NAME', http: { status: 400 } } });
}

/**
 * A validation rule against aliases that the plan would take for keys: bureaus hand each other records by the fields of these names, and what a
 * caller asks for under such a name must not be taken for one.
 */
export function keyAliasRule(keys: ReadonlySet<string>): (context: ValidationContext) => ASTVisitor {
  return (context) => ({
    Field(node) {
      const alias = node.alias?.value;
      if (alias !== undefined && alias !== node.name.value && keys.has(alias))
        context.reportError(reserved(`${alias} is the name of a key here: give the field another alias`));
    },
  });
}

/** A validation rule that counts depth, aliases, root fields and directives of the whole document, through fragments. */
export function limitsRule(context: ValidationContext): ASTVisitor {
  const counts = { aliases: 0, directives: 0 };
  const measure = measurer(context);
  /** GraphQL keeps these names for itself (section 2.1.9); `__typename` is one that answers are joined by, `__told` what bureaus are told under. */
  const refuseReserved = ({ value }: NameNode, what: string) => {
    if (value.startsWith('__') && !(value in Object.prototype))
      context.reportError(reserved(`A name that begins with __ cannot be given to ${what}`));
  };
  return {
    Name(node) {
      // Answers of several bureaus are merged into plain objects: what has the name of a property that every object has would be written into
      // that property, which the whole process shares.
      if (node.value in Object.prototype)
        context.reportError(
          reserved('A name that every JavaScript object has, such as constructor, cannot be used here'),
        );
    },
    VariableDefinition({ variable: { name } }) {
      refuseReserved(name, 'a variable');
    },
    Field(node) {
      if (node.alias) refuseReserved(node.alias, 'a field');
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
      const measured = measure(node.selectionSet);
      if (measured.depth > LIMITS.depth) context.reportError(exceeded('TOO_DEEP', 'levels', LIMITS.depth));
      if (measured.own > LIMITS.rootFields)
        context.reportError(exceeded('TOO_MANY_ROOT_FIELDS', 'root fields', LIMITS.rootFields));
      if (measured.all > LIMITS.fields) context.reportError(exceeded('TOO_MANY_FIELDS', 'fields', LIMITS.fields));
    },
  };
}

/** Of a selection set, with its fragments put in: levels, its own fields, and those of all its levels. */
interface Measure {
  depth: number;
  own: number;
  all: number;
}

/**
 * Measures selection sets of one document. Each fragment is measured once, however often it is spread, and a fragment in a circle ends.
 * Introspection has a shape of its own, which graphql-js limits.
 */
function measurer(context: ValidationContext): (set: SelectionSetNode) => Measure {
  const fragments = new Map<string, Measure>();

  function ofFragment(name: string): Measure {
    const known = fragments.get(name);
    if (known) return known;
    fragments.set(name, { depth: 0, own: 0, all: 0 });
    const set = context.getFragment(name)?.selectionSet;
    const measured = set ? measure(set) : { depth: 0, own: 0, all: 0 };
    fragments.set(name, measured);
    return measured;
  }

  function measure(set: SelectionSetNode): Measure {
    const sum: Measure = { depth: 1, own: 0, all: 0 };
    for (const selection of set.selections) {
      if (selection.kind === 'Field') {
        sum.own += 1;
        sum.all += 1;
        if (!selection.selectionSet || selection.name.value.startsWith('__')) continue;
        const below = measure(selection.selectionSet);
        sum.depth = Math.max(sum.depth, below.depth + 1);
        sum.all += below.all;
      } else {
        const inner =
          selection.kind === 'InlineFragment' ? measure(selection.selectionSet) : ofFragment(selection.name.value);
        sum.depth = Math.max(sum.depth, inner.depth);
        sum.own += inner.own;
        sum.all += inner.all;
      }
    }
    return sum;
  }

  return measure;
}
