/**
 * Permission as graphql-shield's documentation puts it on a schema: a rule on every field. Each asks whether the caller was granted that
 * field, and remembers its answer for the request (`contextual`), which is the fastest of shield's caches.
 */
import { type GraphQLSchema, isObjectType } from 'graphql';
import type { IMiddlewareGenerator } from 'graphql-middleware';
import { type IRules, rule, shield } from 'graphql-shield';
import type { PeerContext } from './subgraphs';

export function permissionsOf(schema: GraphQLSchema): IMiddlewareGenerator<unknown, PeerContext, unknown> {
  const rules: Record<string, Record<string, unknown>> = {};
  for (const type of ownTypes(schema)) {
    const fields = Object.keys(type.getFields()).filter((field) => !field.startsWith('_'));
    rules[type.name] = Object.fromEntries(fields.map((field) => [field, granted(`${type.name}.${field}`)]));
  }
  return shield(rules as IRules, { allowExternalErrors: true }) as never;
}

/** Everything there is to be granted. */
export function everyField(schemas: readonly GraphQLSchema[]): ReadonlySet<string> {
  return new Set(
    schemas.flatMap((schema) =>
      ownTypes(schema).flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)),
    ),
  );
}

function granted(name: string) {
  return rule({ cache: 'contextual' })((_parent, _args, context: PeerContext) => context.granted.has(name));
}

function ownTypes(schema: GraphQLSchema) {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('_'));
}
