/**
 * The graph that a caller sees by introspection: what its agreements reach, and its own affairs. A field is in it when some verb that leads
 * there is granted; types that nothing leads to any more are not.
 */
import { MapperKind, mapSchema, pruneSchema } from '@graphql-tools/utils';
import type { GraphQLFieldConfig, GraphQLSchema } from 'graphql';
import { type Agreement, VERBS, type Verb } from '../sharing/agreement';
import type { Caller } from '../sharing/caller';
import { decide, type Grounds } from '../sharing/decide';
import { type ShareMap, usesOf } from '../sharing/footprint';

/** Callers remembered per agreements: purposes of one agency, with and without a case. */
const CALLERS_MAX = 20;

export type Visible = (caller: Caller, agreements: readonly Agreement[], day: string) => GraphQLSchema;

/** The visible part of a schema, remembered while agreements, purpose and day are the same. */
export function visibleParts(map: ShareMap): Visible {
  const known = new WeakMap<readonly Agreement[], Map<string, GraphQLSchema>>();
  return (caller, agreements, day) => {
    const byCaller = known.get(agreements) ?? new Map<string, GraphQLSchema>();
    known.set(agreements, byCaller);
    const name = JSON.stringify([caller.agency, caller.purpose, caller.case !== null, day]);
    const schema = byCaller.get(name) ?? visiblePart(map, caller, { agreements, day, kinds: map });
    if (byCaller.size >= CALLERS_MAX) byCaller.clear();
    byCaller.set(name, schema);
    return schema;
  };
}

function visiblePart(map: ShareMap, caller: Caller, grounds: Grounds): GraphQLSchema {
  const isGranted = (type: string, field: string, verb: Verb) => {
    const uses = usesOf(map, type, field, verb);
    if (uses === undefined) return false;
    const footprint = { uses, untagged: [], own: true, introspection: false };
    return decide(caller, footprint, grounds).granted;
  };
  const shown = (config: GraphQLFieldConfig<unknown, unknown>, field: string, type: string) =>
    VERBS.some((verb) => isGranted(type, field, verb)) ? config : null;
  return pruneSchema(mapSchema(map.schema, { [MapperKind.OBJECT_FIELD]: shown, [MapperKind.ROOT_FIELD]: shown }));
}
