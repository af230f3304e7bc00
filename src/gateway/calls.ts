/**
 * What is asked of whom, and in what order: the calls that an operation makes of services. What the service of an object does not have is asked of
 * whoever gives it, by the object's key and what else the giver must be told; calls wait for those that they need something of, and for no others.
 */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type OperationDefinitionNode,
  OperationTypeNode,
  TypeNameMetaFieldDef,
} from 'graphql';
import { documentOf, ENTITIES, entitiesNode, fieldNode, TOLD, toldDefinition } from './call-document';
import { type Field, isTypeName } from './fields';
import type { Joins, Required } from './joins';

/** One call of a service. */
export interface Call {
  service: string;
  document: DocumentNode;
  /** Those of the operation that the document uses. */
  variables: readonly string[];
  /** The objects that it is asked about; none of a call that begins at the root. */
  about: readonly About[];
  /** The calls that must have been answered before. */
  after: readonly Call[];
}

/** Objects of one place in the answer, and what a service is told of them. */
export interface About {
  /** Under which the service gives them, and the variable that holds what it is told. */
  field: string;
  variable: string;
  /** The names under which they stand in the answer, lists being gone through. */
  place: readonly string[];
  type: string;
  key: string;
  requires: readonly Required[];
  /** Place, type and what is told, as text: what is equal in them is found once. */
  signature: string;
}

/** A place in the answer of which a service is asked something. */
interface Visit {
  service: string;
  place: readonly string[];
  /** Undefined of the root. */
  object: { type: string; key: string; requires: Map<string, Required> } | undefined;
  nodes: Map<string, FieldNode>;
  after: Set<Visit>;
}

/**
 * The calls of an operation, each behind those that it waits for.
 * @throws when the graph cannot give a field
 */
export function callsOf(joins: Joins, operation: OperationDefinitionNode, fields: readonly Field[]): readonly Call[] {
  const visits: Visit[] = [];

  /** Notes what is asked of an object: of the service that has it, and at the same place of those that do not need to have it. */
  function ask(
    fields: readonly Field[],
    type: GraphQLObjectType,
    here: Visit,
    place: readonly string[],
  ): Map<string, FieldNode> {
    const own = new Map<string, FieldNode>();
    const others = new Map<string, Visit>();

    function other(name: string): Visit {
      const { service, key, requires } = joins.giverOf(type.name, name);
      const known = others.get(service);
      const visit: Visit = known ?? {
        service,
        place,
        object: { type: type.name, key, requires: new Map() },
        nodes: new Map(),
        after: new Set([here]),
      };
      if (!known) {
        others.set(service, visit);
        own.set(key, fieldNode(key));
      }
      for (const required of requires) {
        visit.object?.requires.set(required.name, required);
        if (joins.has(here.service, type.name, required.name)) own.set(required.name, fieldNode(required.name));
        else {
          const giver = other(required.name);
          giver.nodes.set(required.name, fieldNode(required.name));
          visit.after.add(giver);
        }
      }
      if (!known) visits.push(visit);
      return visit;
    }

    for (const field of fields) {
      const isHere = isTypeName(field) || joins.has(here.service, type.name, field.name);
      const visit = isHere ? here : other(field.name);
      (isHere ? own : visit.nodes).set(field.key, nodeOf(field, visit, place));
    }
    return own;
  }

  function nodeOf(field: Field, here: Visit, place: readonly string[]): FieldNode {
    if (!field.below) return fieldNode(field.name, field);
    const below = ask(field.below, field.type as GraphQLObjectType, here, [...place, field.key]);
    // Of an object of which every field is left out it is still told that it is there.
    if (below.size === 0) below.set(TypeNameMetaFieldDef.name, fieldNode(TypeNameMetaFieldDef.name));
    return fieldNode(field.name, field, [...below.values()]);
  }

  for (const [service, own] of rootsOf(joins, operation, fields)) {
    const last =
      operation.operation === OperationTypeNode.MUTATION ? visits.filter((one) => !one.object).at(-1) : undefined;
    const visit: Visit = {
      service,
      place: [],
      object: undefined,
      nodes: new Map(),
      after: new Set(last ? [last] : []),
    };
    visits.push(visit);
    for (const field of own) visit.nodes.set(field.key, nodeOf(field, visit, []));
  }
  return joined(inOrder(visits), operation);
}

/** Root fields by the service that gives them; of a mutation in series, as they stand (GraphQL, October 2021, 6.2.2). */
function rootsOf(
  joins: Joins,
  { operation }: OperationDefinitionNode,
  fields: readonly Field[],
): readonly (readonly [service: string, fields: readonly Field[]])[] {
  const roots: [service: string, fields: Field[]][] = [];
  for (const field of fields) {
    const giver = isTypeName(field)
      ? (roots[0]?.[0] ?? joins.services[0])
      : joins.services.find((service) => joins.has(service, field.parent.name, field.name));
    if (giver === undefined) throw new Error(`No service gives ${field.parent.name}.${field.name}`);
    const known =
      operation === OperationTypeNode.MUTATION ? roots.at(-1) : roots.find(([service]) => service === giver);
    if (known?.[0] === giver) known[1].push(field);
    else roots.push([giver, [field]]);
  }
  return roots;
}

/** Each behind those that it waits for. */
function inOrder(visits: readonly Visit[]): readonly Visit[] {
  const ordered = new Set<Visit>();
  const waiting = new Set(visits);
  while (waiting.size > 0) {
    const ready = [...waiting].filter(({ after }) => [...after].every((one) => ordered.has(one)));
    if (ready.length === 0) throw new Error('calls wait for each other');
    for (const visit of ready) {
      ordered.add(visit);
      waiting.delete(visit);
    }
  }
  return [...ordered];
}

/** Visits of one service that wait for the same calls are one call: it finds what is at several places by one statement. */
function joined(visits: readonly Visit[], operation: OperationDefinitionNode): readonly Call[] {
  const callOf = new Map<Visit, number>();
  const groups: { visits: Visit[]; after: readonly number[] }[] = [];
  const byName = new Map<string, number>();
  for (const visit of visits) {
    const after = [...new Set([...visit.after].map((one) => callOf.get(one) as number))].sort((a, b) => a - b);
    const name = visit.object ? `${visit.service} ${after}` : `root ${groups.length}`;
    const place = byName.get(name) ?? groups.push({ visits: [], after }) - 1;
    byName.set(name, place);
    callOf.set(visit, place);
    groups[place]?.visits.push(visit);
  }
  const calls: Call[] = [];
  for (const { visits, after } of groups)
    calls.push(
      callAs(
        visits,
        after.map((place) => calls[place] as Call),
        operation,
      ),
    );
  return calls;
}

function callAs(visits: readonly Visit[], after: readonly Call[], operation: OperationDefinitionNode): Call {
  const [first] = visits as readonly [Visit, ...Visit[]];
  const about = visits.flatMap(({ object, place }, index): About[] => {
    if (!object) return [];
    const { type, key, requires } = object;
    const [field, variable] = visits.length === 1 ? [ENTITIES, TOLD] : [`_e${index}`, `${TOLD}${index}`];
    const signature = JSON.stringify([place, type, key, [...requires.keys()].sort()]);
    return [{ field, variable, place, type, key, requires: [...requires.values()], signature }];
  });
  const entities = about.map((one, index) => entitiesNode(one, [...(visits[index] as Visit).nodes.values()]));
  const { document, variables } = first.object
    ? documentOf(
        operation,
        OperationTypeNode.QUERY,
        entities,
        about.map(({ variable }) => toldDefinition(variable)),
      )
    : documentOf(operation, operation.operation, [...first.nodes.values()], []);
  return { service: first.service, document, variables, about, after };
}
