/**
 * The shapes in which one field can be asked for: every way to write it that GraphQL has. Each takes a route and writes a request.
 */
import { type GraphQLObjectType, getNamedType, isLeafType } from 'graphql';
import type { Attempt } from '../support/callers';
import {
  type Arguments,
  asked,
  type Graph,
  gatherVariables,
  nest,
  type Position,
  type Route,
  typeAt,
} from '../support/routes';

/** A field that is asked for, and the way there. */
export interface Target {
  graph: Graph;
  route: Route;
  position: Position;
  given: Arguments;
}

/** What must come of a request: the refusal that names the field, or, where it never reaches the field, anything but its value. */
export type Outcome = 'REFUSED' | 'NOTHING';

export interface Shape {
  name: string;
  outcome: Outcome;
  /** Whether the field's value shows when it is granted. */
  shows: boolean;
  write(target: Target): Attempt;
}

const leafOf = ({ graph, position, given }: Target) => asked(graph, position, given);
const at = ({ graph, route, given }: Target, inside: string) => nest(graph, route, inside, given);

/** A shape that differs only in what stands at the end of the route. */
function atEnd(
  name: string,
  inside: (leaf: string, target: Target) => string,
  after: (leaf: string, end: string) => string = () => '',
): Shape {
  const write = (target: Target): Attempt => {
    const leaf = leafOf(target);
    return { query: `{ ${at(target, inside(leaf, target))} } ${after(leaf, target.route.end)}` };
  };
  return { name, outcome: 'REFUSED', shows: true, write };
}

/** The same, with a variable that says yes and one that says no. */
function switched(name: string, inside: (leaf: string) => string, shows: boolean, inDefaults = false): Shape {
  const definitions = inDefaults ? '($yes: Boolean = true, $no: Boolean = false)' : '($yes: Boolean!, $no: Boolean!)';
  return {
    name,
    outcome: 'REFUSED',
    shows,
    write: (target) => ({
      query: `query${definitions} { ${at(target, inside(leafOf(target)))} ${at(target, '__typename @skip(if: $no) @include(if: $yes)')} }`,
      ...(!inDefaults && { variables: { yes: true, no: false } }),
    }),
  };
}

/** Another plain field of the same type that is granted. */
function friendOf({ graph, position }: Target): string {
  const type = graph.schema.getType(position.type) as GraphQLObjectType;
  const friend = Object.values(type.getFields()).find(({ name, type: of, args }) => {
    if (name === 'id' || name === position.field || args.length > 0 || !isLeafType(getNamedType(of))) return false;
    return !graph.positions.some(
      (one) =>
        one.type === position.type && one.field === name && one.needs.some((need) => position.needs.includes(need)),
    );
  });
  return friend?.name ?? '__typename';
}

const PLAIN: Shape = atEnd('as it is', (leaf) => leaf);

const AT_THE_END: readonly Shape[] = [
  atEnd(
    'under the name of a granted field',
    // Names of keys are refused for any field; see bypasses.
    (leaf, target) => `${friendOf(target).replace(/^(__typename|id)$/, 'status')}: ${leaf}`,
  ),
  atEnd('after a granted field', (leaf, target) => `${friendOf(target)} ${leaf}`),
  atEnd('before a granted field', (leaf, target) => `${leaf} ${friendOf(target)}`),
  atEnd('twice, under two names', (leaf) => `a: ${leaf} b: ${leaf}`),
  atEnd('among __typename', (leaf) => `__typename ${leaf} t: __typename`),
  atEnd('in an inline fragment on its type', (leaf, { route }) => `... on ${route.end} { ${leaf} }`),
  atEnd('in an inline fragment without a type', (leaf) => `... { ${leaf} }`),
  atEnd(
    'in a fragment',
    () => '...f',
    (leaf, end) => `fragment f on ${end} { ${leaf} }`,
  ),
  atEnd(
    'in a fragment of a fragment',
    () => '...f',
    (leaf, end) => `fragment g on ${end} { ... { ${leaf} } } fragment f on ${end} { __typename ...g }`,
  ),
  atEnd('@include(if: true)', (leaf) => withDirective(leaf, '@include(if: true)')),
  { ...atEnd('@include(if: false)', (leaf) => withDirective(leaf, '@include(if: false)')), shows: false },
  { ...atEnd('@skip(if: true)', (leaf) => withDirective(leaf, '@skip(if: true)')), shows: false },
  atEnd(
    'a fragment @skip(if: false)',
    () => '...f @skip(if: false)',
    (leaf, end) => `fragment f on ${end} { ${leaf} }`,
  ),
  switched('@include by a variable', (leaf) => withDirective(leaf, '@include(if: $yes)'), true),
  switched('@include by a default', (leaf) => `... @include(if: $yes) { ${leaf} }`, true, true),
  switched('@skip by a variable', (leaf) => withDirective(leaf, '@skip(if: $no)'), true),
  switched('not included by a variable', (leaf) => `... @include(if: $no) { ${leaf} }`, false),
];

/** A directive stands after the arguments, before the selection. */
function withDirective(leaf: string, directive: string): string {
  const selection = leaf.indexOf('{');
  return selection < 0 ? `${leaf} ${directive}` : `${leaf.slice(0, selection)}${directive} ${leaf.slice(selection)}`;
}

const OF_THE_WHOLE: readonly Shape[] = [
  {
    name: 'every field under another name',
    outcome: 'REFUSED',
    shows: true,
    write: (target) => ({
      query: `{ ${nest(target.graph, target.route, `x: ${leafOf(target)}`, target.given, { alias: 'x: ' })} }`,
    }),
  },
  {
    name: 'in a fragment on the root',
    outcome: 'REFUSED',
    shows: true,
    write: (target) => ({ query: `{ ...r } fragment r on Query { ${at(target, leafOf(target))} }` }),
  },
  {
    name: 'beside what is granted, merged into it',
    outcome: 'REFUSED',
    shows: true,
    write: (target) => ({ query: `{ ${at(target, friendOf(target))} ${at(target, leafOf(target))} }` }),
  },
  withVariables('arguments as variables', false),
  withVariables('arguments as defaults of variables', true),
  {
    name: 'the second of two operations',
    outcome: 'REFUSED',
    shows: true,
    write: (target) => ({
      query: `query A { ${at(target, '__typename')} } query B { ${at(target, leafOf(target))} }`,
      operationName: 'B',
    }),
  },
  {
    name: 'the operation that was not chosen',
    outcome: 'NOTHING',
    shows: false,
    write: (target) => ({
      query: `query A { __typename } query B { ${at(target, leafOf(target))} }`,
      operationName: 'A',
    }),
  },
  {
    name: 'by GET',
    outcome: 'REFUSED',
    shows: true,
    write: (target) => ({ query: `{ ${at(target, leafOf(target))} }`, get: true }),
  },
  {
    name: 'by GET, with variables',
    outcome: 'REFUSED',
    shows: true,
    write: (target) => ({ ...withVariables('', false).write(target), get: true }),
  },
  {
    name: 'as a mutation',
    outcome: 'NOTHING',
    shows: false,
    write: (target) => ({ query: `mutation { ${at(target, leafOf(target))} }` }),
  },
  {
    name: 'as a subscription',
    outcome: 'NOTHING',
    shows: false,
    write: (target) => ({ query: `subscription { ${at(target, leafOf(target))} }` }),
  },
  {
    name: 'by _entities',
    outcome: 'NOTHING',
    shows: false,
    write: (target) => ({
      query: `query($r: [_Any!]!) { _entities(representations: $r) { ... on ${target.route.end} { ${leafOf(target)} } } }`,
      variables: { r: [{ __typename: target.route.end, id: 'x' }] },
    }),
  },
  {
    name: 'in a fragment on another type',
    outcome: 'NOTHING',
    shows: false,
    write: (target) => ({
      query: `{ ${at(target, '... on Query { __typename } ...f')} } fragment f on PageInfo { ${leafOf(target)} }`,
    }),
  },
];

function withVariables(name: string, asDefaults: boolean): Shape {
  return {
    name,
    outcome: 'REFUSED',
    shows: true,
    write({ graph, route, position, given }) {
      const variables = gatherVariables();
      const inside = nest(graph, route, asked(graph, position, given, variables), given, { variables });
      return {
        query: `query Q${variables.definitions(asDefaults)} { ${inside} }`,
        ...(!asDefaults && { variables: variables.values }),
      };
    },
  };
}

/** Every shape, the plain one first. */
export const SHAPES: readonly Shape[] = [PLAIN, ...AT_THE_END, ...OF_THE_WHOLE];
/** Shapes that differ from others only in how they are put together: each field meets some of them, each of them most types. */
const COMPOSED =
  /^(before a|twice|in a fragment of|@skip\(if: true|a fragment @skip|@include by a default|not included|every field|arguments as defaults|by GET, with)/;
const isComposed = ({ name }: Shape) => COMPOSED.test(name);
const ALWAYS = SHAPES.filter((shape) => shape.outcome === 'REFUSED' && !isComposed(shape));
const IN_TURN = SHAPES.filter((shape) => shape.outcome === 'REFUSED' && isComposed(shape));
const NOT_REACHING = SHAPES.filter(({ outcome }) => outcome === 'NOTHING');

/**
 * Each field by each route: by the shortest in every shape of its own, some that are composed of those and one that does not reach it; by the others in
 * one shape, another each time, so that every shape is met at every depth.
 */
export function requests(target: Omit<Target, 'route'>, place: number): { route: Route; shape: Shape }[] {
  const [shortest, ...others] = target.graph.routesTo(target.position.type);
  if (!shortest) return [];
  const turn = (shapes: readonly Shape[], by: number) => shapes[by % shapes.length] as Shape;
  return [
    ...[...ALWAYS, turn(IN_TURN, place), turn(IN_TURN, place + 3), turn(NOT_REACHING, place)].map((shape) => ({
      route: shortest,
      shape,
    })),
    ...others.map((route, at) => ({ route, shape: at % 2 ? PLAIN : turn(SHAPES, place + at * 5) })),
  ];
}

/** Everything plain that a type has, but for some fields, and on the way down all that needs no agreement. */
export function everythingBut(
  graph: Graph,
  end: string,
  isLeftOut: (position: Position) => boolean,
  given: Arguments,
): string {
  const type = graph.schema.getType(end) as GraphQLObjectType;
  const left = graph.positions
    .filter((position) => position.type === end && isLeftOut(position))
    .map(({ field }) => field);
  const fields = Object.keys(type.getFields()).filter((field) => !left.includes(field));
  const plain = fields.filter((field) => !typeAt(graph.schema, { type: end, field }));
  return ['__typename', ...plain.map((field) => asked(graph, { type: end, field }, given))].join(' ');
}

/** What stands on a way beside the next step: cursors, places, page information. */
export function openBeside(graph: Graph, name: string, isLeftOut: (position: Position) => boolean): string {
  const type = graph.schema.getType(name) as GraphQLObjectType;
  const left = graph.positions
    .filter((position) => position.type === name && isLeftOut(position))
    .map(({ field }) => field);
  // Persons and records have places of their own in the matrix.
  const isPassed = /(Connection|Edge|Changes|Change|PageInfo)$/.test(name);
  const fields = isPassed ? Object.keys(type.getFields()).filter((field) => !left.includes(field)) : [];
  return fields
    .flatMap((field) => {
      const below = typeAt(graph.schema, { type: name, field });
      if (!below) return [field];
      return below.name === 'PageInfo' ? [`${field} { ${openBeside(graph, below.name, isLeftOut)} }`] : [];
    })
    .join(' ');
}
