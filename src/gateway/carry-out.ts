/**
 * Carrying out the calls of an operation. Each begins when those that it waits for have been answered; what a service gives of an object is put where
 * the object stands in the answer, and an error at it names that place.
 */
import { type ExecutionResult, GraphQLError, Kind } from 'graphql';
import type { About, Call } from './calls';

type Data = Record<string, unknown>;
type Path = readonly (string | number)[];

/** Asks a service. It never rejects: what went wrong is in the result. */
export type Ask = (call: Call, variables: Data) => Promise<ExecutionResult>;

export interface CarriedOut {
  /** What has come in, under the names that the operation gives. It holds more than was asked for: what objects are found by. */
  data: Data;
  errors: readonly GraphQLError[];
}

/** @param variables the caller's, with the defaults of those that were not given */
export async function carryOut(calls: readonly Call[], variables: Readonly<Data>, ask: Ask): Promise<CarriedOut> {
  const run: Run = { data: {}, errors: [], failed: new Set(), known: new Map(), variables, ask };
  const ends = new Map<Call, Promise<void>>();
  for (const call of calls) {
    const before = call.after.map((one) => ends.get(one));
    ends.set(call, before.length > 0 ? Promise.all(before).then(() => make(call, run)) : make(call, run));
  }
  await Promise.all(ends.values());
  return run;
}

interface Run extends CarriedOut {
  errors: GraphQLError[];
  /** The services that could not answer in full by now. */
  failed: Set<string>;
  /** What was found by now, by signature. */
  known: Map<string, Objects>;
  variables: Readonly<Data>;
  ask: Ask;
}

async function make(call: Call, run: Run): Promise<void> {
  const { about, service } = call;
  const found = about.map((one) => ({ about: one, ...findOnce(one, run) }));
  if (about.length > 0 && found.every(({ told }) => told.length === 0)) return;
  const variables: Data = {};
  for (const name of call.variables) if (name in run.variables) variables[name] = run.variables[name];
  for (const { about, told } of found) variables[about.variable] = told;
  const isTold = found.every(({ about, told }) => isToldEnough(about, told, run.failed));
  const { data, errors = [] } = isTold ? await run.ask(call, variables) : { errors: [notToldEnough(service)] };
  if (errors.length > 0) run.failed.add(service);
  for (const error of errors) run.errors.push(...whereItStands(error, call, found, run.data));
  if (!data) return;
  if (about.length === 0) merge(run.data, data);
  for (const { about, objects, places } of found) {
    const given = data[about.field];
    if (!Array.isArray(given)) continue;
    for (let index = 0; index < objects.length; index++) {
      const more = given[places[index] as number];
      if (more) merge(objects[index] as Data, more);
    }
  }
}

/** The objects that a service is asked about; many of them may be the same one, and it is told of that once. */
interface Objects {
  objects: readonly Data[];
  /** Which of `told` each is. */
  places: readonly number[];
  told: readonly Data[];
}

interface Found extends Objects {
  about: About;
}

/** Services that are told the same wait for whoever gives it, so that nothing of it is missing when the first is told. */
function findOnce(about: About, { known, data }: Run): Objects {
  const found = known.get(about.signature) ?? find(about, data);
  known.set(about.signature, found);
  return found;
}

function find(about: About, data: Data): Objects {
  const { type, key, requires } = about;
  const objects: Data[] = [];
  const places: number[] = [];
  const told: Data[] = [];
  const byKey = new Map<unknown, number>();
  const others = new Map<string, number>();
  walk(data, about.place, 0, undefined, (object) => {
    if (object[key] == null) return;
    const telling: Data = { __typename: type, [key]: object[key] };
    // What is not known is left out.
    for (const { name } of requires) if (object[name] != null) telling[name] = object[name];
    // Nearly always the same is told of one key. Of what is not, texts find the place, however many there are.
    const first = byKey.get(object[key]);
    const isFirst = first === undefined || requires.every(({ name }) => isSame(told[first]?.[name], telling[name]));
    const text = isFirst ? '' : JSON.stringify(telling);
    let place = isFirst ? first : others.get(text);
    if (place === undefined) {
      place = told.push(telling) - 1;
      if (isFirst) byKey.set(object[key], place);
      else others.set(text, place);
    }
    objects.push(object);
    places.push(place);
  });
  return { objects, places, told };
}

/** Of two values as they came from services. What one of them gave of the same object is the same value. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/**
 * Whether a service is told all that it requires, `Person.keys` for one, under which the household register knows a person: a bureau that is not
 * told a person's other numbers would find fewer records than there are, and so is not asked. What may be null is missed only where the service
 * that gives it has failed.
 */
function isToldEnough({ requires }: About, told: readonly Data[], failed: ReadonlySet<string>): boolean {
  const needed = requires.filter(({ isList, giver }) => isList || failed.has(giver));
  return told.every((one) => needed.every(({ name }) => one[name] != null));
}

function notToldEnough(serviceName: string): GraphQLError {
  return new GraphQLError('What it needs of another bureau could not be had', {
    extensions: { code: 'UNAVAILABLE', serviceName },
  });
}

/** Sees the objects at a place of the answer, in its order. `at`, when given, says where each stands. */
function walk(
  value: unknown,
  place: readonly string[],
  depth: number,
  at: (string | number)[] | undefined,
  see: (object: Data) => void,
): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      at?.push(index);
      walk(value[index], place, depth, at, see);
      at?.pop();
    }
    return;
  }
  const name = place[depth];
  if (name === undefined) see(value as Data);
  else {
    at?.push(name);
    walk((value as Data)[name], place, depth + 1, at, see);
    at?.pop();
  }
}

/** An error at an object, at each place where the object stands; one that names no place, at all that was asked for by the call. */
function whereItStands(
  error: GraphQLError,
  { about, document }: Call,
  found: readonly Found[],
  data: Data,
): GraphQLError[] {
  if (about.length === 0) return error.path ? [error] : rootsOf(document).map((root) => movedTo(error, [root]));
  const [field, place, ...below] = error.path ?? [];
  const one = found.find(({ about }) => about.field === field);
  const meant = new Set(one?.objects.filter((_, index) => one.places[index] === place));
  if (!one || meant.size === 0) return found.map(({ about }) => movedTo(error, about.place));
  const paths: Path[] = [];
  const at: (string | number)[] = [];
  walk(data, one.about.place, 0, at, (object) => {
    if (meant.has(object)) paths.push([...at, ...below]);
  });
  return paths.map((path) => movedTo(error, path));
}

/** The names under which a document's root fields are answered. */
function rootsOf({ definitions }: Call['document']): readonly string[] {
  const sets = definitions.flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION ? [one.selectionSet] : []));
  const fields = sets.flatMap(({ selections }) => selections.filter((one) => one.kind === Kind.FIELD));
  return fields.map(({ alias, name }) => (alias ?? name).value);
}

function movedTo({ message, nodes, originalError, extensions }: GraphQLError, path: Path): GraphQLError {
  return new GraphQLError(message, { path, nodes, originalError, extensions });
}

/** Adds what came in to what is there. Where both have a list it is the same one, entry for entry. */
function merge(target: Data, more: Readonly<Data>): void {
  for (const name of Object.keys(more)) {
    const [there, given] = [target[name], more[name]];
    if (isObject(there) && isObject(given)) merge(there, given);
    else if (Array.isArray(there) && Array.isArray(given)) {
      for (const [index, item] of given.entries())
        if (isObject(there[index]) && isObject(item)) merge(there[index], item);
    } else if (given !== null || there === undefined) target[name] = given;
  }
}

function isObject(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
