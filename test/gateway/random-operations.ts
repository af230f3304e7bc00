/** Operations made at random over the bureaus' part of the graph, valid ones: with aliases, fragments, conditions and the same field twice. */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql';
import { seededRandom } from '../../src/demo/random';

export interface RandomOperation {
  query: string;
  variables: Record<string, unknown>;
}

const DEPTH_MAX = 6;
const FIELDS_MAX = 5;
/** By which conditions decide. */
const CONDITIONS = ['yes', 'no'] as const;

/**
 * One operation.
 * @param seed equal seeds give equal operations of equal graphs
 * @param roots root fields to begin with, each with the text of its arguments
 */
export function randomOperation(
  schema: GraphQLSchema,
  seed: number,
  roots: Readonly<Record<string, string>>,
): RandomOperation {
  const { int, pick, chance } = seededRandom(seed);
  const fragments: string[] = [];
  let names = 0;
  const nameAs = (letter: string) => {
    names += 1;
    return `${letter}${names}`;
  };

  function selections(type: GraphQLObjectType, depth: number): string {
    const fields = Object.values(type.getFields()).filter(
      (field) => isLeafType(getNamedType(field.type)) || depth < DEPTH_MAX,
    );
    if (fields.length === 0) return '__typename';
    const chosen = Array.from({ length: int(1, FIELDS_MAX) }, () => pick(fields));
    const parts = chosen.map((field) => selected(field, type, depth));
    // The other gateway says null of an object whose fields are all left out.
    return [...parts, '__typename'].join(' ');
  }

  function selected(field: GraphQLField<unknown, unknown>, parent: GraphQLObjectType, depth: number): string {
    const type = getNamedType(field.type);
    const below = isObjectType(type) ? ` { ${selections(type, depth + 1)} }` : '';
    const alias = chance(0.15) ? `${nameAs('a')}: ` : '';
    // What it requires, which other fields do not, makes the other gateway leave those out silently when it is left out itself.
    const condition = field.name === 'aliveOn' ? () => '' : decided;
    const text = `${alias}${field.name}${argumentsOf(field.args)}${condition()}${below}`;
    if (chance(0.1)) return `... on ${parent.name}${condition()} { ${text} }`;
    if (!chance(0.1)) return text;
    const name = nameAs('F');
    fragments.push(`fragment ${name} on ${parent.name} { ${text} }`);
    return `...${name}${condition()}`;
  }

  function decided(): string {
    return chance(0.15) ? ` @${pick(['include', 'skip'])}(if: $${pick([...CONDITIONS])})` : '';
  }

  const query = schema.getQueryType() as GraphQLObjectType;
  const chosen = Object.entries(roots).filter(() => chance(0.5));
  const bodies = (chosen.length > 0 ? chosen : Object.entries(roots).slice(0, 1)).map(([name, given]) => {
    const type = getNamedType(query.getFields()[name]?.type);
    return `${name}(${given}) { ${isObjectType(type) ? selections(type, 1) : ''} }`;
  });
  // Each is used, or it would not be valid.
  const head = `query Random($yes: Boolean!, $no: Boolean = false, $day: Date!)`;
  const used =
    '__typename @include(if: $yes) @skip(if: $no) ... @include(if: $yes) { u: persons(ids: []) { aliveOn(date: $day) } }';
  return {
    query: [`${head} { ${bodies.join(' ')} ${used} }`, ...fragments].join('\n'),
    variables: { yes: chance(0.8), ...(chance(0.5) && { no: chance(0.3) }), day: '2026-06-01' },
  };
}

/** The same for the same field, so that two of it are one. */
function argumentsOf(declared: readonly GraphQLArgument[]): string {
  const given = declared.flatMap(({ name, type }) => {
    const text = VALUES[name] ?? VALUES[getNamedType(type).name];
    return text === undefined ? [] : [`${name}: ${text}`];
  });
  return given.length > 0 ? `(${given.join(', ')})` : '';
}

const VALUES: Readonly<Record<string, string>> = {
  first: '3',
  date: '$day',
  day: '$day',
  scheme: 'RESIDENT',
  period: '"2026-05"',
  month: '"2026-05"',
  year: '2026',
};
