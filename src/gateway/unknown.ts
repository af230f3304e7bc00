/**
 * One-bit answers of bureaus that could not be asked: `UNKNOWN`, which is never `NO`. An error beside them says which bureau it was.
 */
import type { GraphQLError } from 'graphql';
import { type Field, isTypeName } from './fields';

/** The type of one-bit answers in the graph, and what is said of what is not known. */
const ANSWER = 'Answer';
const UNKNOWN = 'UNKNOWN';

type Data = Record<string, unknown>;

/**
 * Puts `UNKNOWN` in place of every answer that is missing, and returns the data. Only data beside errors miss any; where a bureau refused, they are
 * left as they are: what may not be asked is not unknown.
 */
export function sayUnknown(fields: readonly Field[], data: Data, errors: readonly GraphQLError[]): Data {
  const isRefused = errors.some(({ extensions }) => extensions.code === 'NOT_SHARED');
  if (isRefused) return data;
  const failed = new Set(errors.map(({ path }) => JSON.stringify(path)));
  fill(fields, data, [], (place) => failed.has(JSON.stringify(place)));
  return data;
}

type Place = readonly (string | number)[];

function fill(fields: readonly Field[], data: Data, at: Place, hasFailed: (place: Place) => boolean): void {
  for (const { key, type, isList, below } of fields) {
    const place = [...at, key];
    if (type.name === ANSWER) data[key] ??= UNKNOWN;
    else if (below && data[key] != null) fillEach(below, data[key], place, hasFailed);
    // Who is null without an error is nobody: the owner of an account that is the patient's own.
    else if (below && !isList && hasFailed(place)) data[key] = anew(below) ?? null;
  }
}

function fillEach(fields: readonly Field[], value: unknown, at: Place, hasFailed: (place: Place) => boolean): void {
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) fillEach(fields, item, [...at, index], hasFailed);
  else if (typeof value === 'object' && value !== null) fill(fields, value as Data, at, hasFailed);
}

/** An object that holds nothing but answers that are not known: of a person whose register could not be asked. Undefined where it would have to hold more. */
function anew(fields: readonly Field[]): Data | undefined {
  const isAnswer = ({ type }: Field) => type.name === ANSWER;
  if (!fields.some(isAnswer)) return undefined;
  const made: Data = {};
  for (const field of fields) {
    if (isTypeName(field)) made[field.key] = field.parent.name;
    else if (field.isRequired) return undefined;
    else made[field.key] = isAnswer(field) ? UNKNOWN : null;
  }
  return made;
}
