/**
 * Every way through the composed graph to a field that is shared: for each root field the shortest one. Found by walking the schema, so that a new
 * field, bureau or root field is on them at once.
 */
import {
  astFromValue,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  print,
  type ValueNode,
} from 'graphql';
import type { Verb } from '../../src/sharing/agreement';
import { type ShareMap, type Use, usesOf } from '../../src/sharing/footprint';

/** A field of a type. */
export interface Step {
  type: string;
  field: string;
}

/** From a root field down to records of a type. */
export interface Route {
  /** The verb by which fields at its end are used. */
  verb: Verb;
  steps: readonly Step[];
  /** The type at its end. */
  end: string;
}

/** A field at the end of routes, and what is used by asking for it. */
export interface Position extends Step {
  /** As agreements name it, `kind.field`; several where it rests on several. */
  needs: readonly string[];
  /** Whether it leads to records, and so is used by presence alone. */
  isLink: boolean;
  /** Whether it is an answer of yes, no or unknown. */
  isAnswer: boolean;
}

/** A root field that changes something under an agreement, with everything that it and what it answers use, as `kind.field`. */
export interface Change extends Step {
  verb: Verb;
  needs: readonly string[];
}

/** The arguments of a field, by name, as JSON. */
export type Arguments = (step: Step) => Readonly<Record<string, unknown>>;

export interface Graph {
  schema: GraphQLSchema;
  map: ShareMap;
  /** Every field that needs an agreement, wherever it stands. */
  positions: readonly Position[];
  /** The shortest route from each root field that reads to records of a type, shortest first. */
  routesTo(type: string): readonly Route[];
  /** The shortest route from a field to every type below it. */
  routesFrom(first: Step): readonly Route[];
  changes: readonly Change[];
}

/** Walks the graph that callers see. */
export function walk(map: ShareMap): Graph {
  const { schema } = map;
  // What stands on the root itself is reached by no step at all.
  const byEnd = new Map<string, Route[]>([['Query', [{ verb: 'LOOKUP', steps: [], end: 'Query' }]]]);
  for (const field of Object.keys(schema.getQueryType()?.getFields() ?? {}))
    for (const route of routesFrom(map, { type: 'Query', field })) {
      const known = byEnd.get(route.end) ?? [];
      byEnd.set(
        route.end,
        [...known, route].sort((a, b) => a.steps.length - b.steps.length),
      );
    }
  // What stands only where a mutation answers is used with the mutation.
  const answers = Object.keys(schema.getMutationType()?.getFields() ?? {})
    .flatMap((field) => routesFrom(map, { type: 'Mutation', field }).map(({ end }) => end))
    .filter((end) => !byEnd.has(end));
  const types = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__') && name !== 'Mutation' && !answers.includes(name));
  const positions = types.flatMap((type) =>
    Object.keys(type.getFields()).flatMap((field) => positionOf(map, type, field)),
  );
  return {
    schema,
    map,
    positions,
    routesTo: (type) => byEnd.get(type) ?? [],
    routesFrom: (first) => routesFrom(map, first),
    changes: Object.keys(schema.getMutationType()?.getFields() ?? {}).flatMap((field) => changeOf(map, field)),
  };
}

function changeOf(map: ShareMap, field: string): Change[] {
  const step = { type: 'Mutation', field };
  const verb = map.tagsOf('Mutation', field)?.verb ?? 'LOOKUP';
  const below = routesFrom(map, step).flatMap(({ end }) =>
    Object.keys((map.schema.getType(end) as GraphQLObjectType).getFields()).map((name) => ({ type: end, field: name })),
  );
  const uses = [step, ...below].flatMap((one) => usesOf(map, one.type, one.field, verb) ?? []);
  const needs = [...new Set(uses.map((use) => `${use.kind}.${use.field}`))];
  return needs.length === 0 ? [] : [{ ...step, verb, needs }];
}

function routesFrom(map: ShareMap, first: Step): Route[] {
  const verb = map.tagsOf(first.type, first.field)?.verb ?? 'LOOKUP';
  const found: Route[] = [];
  const seen = new Set<string>();
  let edge: (readonly Step[])[] = [[first]];
  while (edge.length > 0) {
    const next: (readonly Step[])[] = [];
    for (const steps of edge) {
      const last = steps.at(-1) as Step;
      const end = typeAt(map.schema, last);
      if (!end || seen.has(end.name)) continue;
      seen.add(end.name);
      found.push({ verb, steps, end: end.name });
      for (const field of Object.keys(end.getFields())) next.push([...steps, { type: end.name, field }]);
    }
    edge = next;
  }
  return found;
}

/** The type of objects that a field leads to; undefined when it leads to none. */
export function typeAt(schema: GraphQLSchema, { type, field }: Step): GraphQLObjectType | undefined {
  const result = getNamedType((schema.getType(type) as GraphQLObjectType).getFields()[field]?.type);
  return isObjectType(result) ? result : undefined;
}

function positionOf(map: ShareMap, type: GraphQLObjectType, field: string): Position[] {
  const own = (use: Use) => use.kind !== 'any' && !use.exact;
  const needs = (usesOf(map, type.name, field, 'LOOKUP') ?? []).filter(own).map((use) => `${use.kind}.${use.field}`);
  return needs.length === 0
    ? []
    : [
        {
          type: type.name,
          field,
          needs,
          isLink: needs.some((name) => name.endsWith('.*')),
          isAnswer: map.tagsOf(type.name, field)?.verb === 'VERIFY',
        },
      ];
}

/** The names of fields that a route and its end use besides the end itself: links on the way, and what they are filtered or sorted by. */
export function usesOnTheWay({ map }: Graph, route: Route): Set<string> {
  const names = new Set<string>();
  let { verb } = route;
  for (const { type, field } of route.steps) {
    verb = map.tagsOf(type, field)?.verb ?? verb;
    for (const use of usesOf(map, type, field, verb) ?? []) names.add(`${use.kind}.${use.field}`);
  }
  return names;
}

/** `field(arguments)`; with `variables`, the values go there and the text names them. */
export function called({ schema }: Graph, { type, field }: Step, given: Arguments, variables?: Variables): string {
  const definition = (schema.getType(type) as GraphQLObjectType).getFields()[field];
  const values = given({ type, field });
  const said = (definition?.args ?? []).flatMap((arg) => {
    const value = values[arg.name];
    if (value === undefined && isRequiredArgument(arg))
      throw new Error(`${type}.${field} needs ${arg.name}: say in the test what it is`);
    if (value === undefined) return [];
    const literal = print(astFromValue(value, arg.type) as ValueNode);
    return [`${arg.name}: ${variables ? variables.take(String(arg.type), value, literal) : literal}`];
  });
  return said.length === 0 ? field : `${field}(${said.join(', ')})`;
}

/** Variables of one operation, gathered while its text is written. */
export interface Variables {
  /** Notes a value and answers with `$name`. */
  take(type: string, value: unknown, literal: string): string;
  /** `($v0: ID!)`, or with the values as defaults; empty without any. */
  definitions(asDefaults?: boolean): string;
  values: Record<string, unknown>;
}

export function gatherVariables(): Variables {
  const values: Record<string, unknown> = {};
  const noted: { name: string; type: string; literal: string }[] = [];
  return {
    values,
    take(type, value, literal) {
      const name = `v${noted.length}`;
      noted.push({ name, type, literal });
      values[name] = value;
      return `$${name}`;
    },
    definitions(asDefaults = false) {
      const written = noted.map(({ name, type, literal }) => `$${name}: ${type}${asDefaults ? ` = ${literal}` : ''}`);
      return written.length === 0 ? '' : `(${written.join(', ')})`;
    },
  };
}

/** What to ask of a position: itself, and below it the first plain field that shows something of it. */
export function asked(graph: Graph, step: Step, given: Arguments, variables?: Variables): string {
  const type = typeAt(graph.schema, step);
  const name = called(graph, step, given, variables);
  return type ? `${name} { ${firstLeaf(graph, type)} }` : name;
}

/** The plain field that tells one object from another: its key if it has one, else the first below. */
function firstLeaf(graph: Graph, type: GraphQLObjectType): string {
  const fields = Object.values(type.getFields());
  const plain = fields.filter((field) => isLeafType(getNamedType(field.type)));
  const key = ['id', 'code', 'sourceId'].find((name) => plain.some((field) => field.name === name));
  if (key) return key;
  const link = fields.find((field) => isObjectType(getNamedType(field.type)) && !field.args.some(isRequiredArgument));
  const below = link && typeAt(graph.schema, { type: type.name, field: link.name });
  if (link && below) return `${link.name} { ${firstLeaf(graph, below)} }`;
  return plain[0]?.name ?? '__typename';
}

/** The fields of a route one in another, with `inside` at its end. `alias` is put before each, and what is `beside` it on its type after it. */
export function nest(
  graph: Graph,
  { steps }: Pick<Route, 'steps'>,
  inside: string,
  given: Arguments,
  { alias = '', beside, variables }: { alias?: string; beside?: (type: string) => string; variables?: Variables } = {},
): string {
  return steps.reduceRight(
    (text, step) => `${alias}${called(graph, step, given, variables)} { ${text} } ${beside?.(step.type) ?? ''}`,
    inside,
  );
}
