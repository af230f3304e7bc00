/**
 * A bureau made into a guarded GraphQL service. Its schema is built from its classes, each operation is compiled once by graphql-jit, and
 * before anything runs the bureau decides for itself on the caller that the gateway hands over.
 */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  valueFromASTUntyped,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Pool } from 'pg';
import { buildSchemaSync, createResolversMap, type NonEmptyArray } from 'type-graphql';
import type { Bureau } from '../bureaus/bureau';
import type { BureauContext } from '../bureaus/context';
import type { Agreement, ReadAgreements } from '../sharing/agreement';
import { type Decision, type decide, type Grounds } from '../sharing/decide';
import { type Footprint, footprintOf, nameOfUse, readShareMap, type ShareMap, type Use } from '../sharing/footprint';
import { notShared } from '../sharing/not-shared';
import type { Passage } from '../sharing/passage';
import { rememberDecisions } from '../sharing/remember';
import type { Scope } from '../sharing/scope';
import { type GuardedContext, guardRootFields } from '../sharing/shield';
import type { ReadFreshness } from './freshness';

/** What a service gives the gateway: a name, a schema for composition, and answers. */
export interface Subgraph {
  name: string;
  sdl: string;
  execute(request: SubgraphRequest): Promise<ExecutionResult>;
}

/** One operation for a bureau, with the passage it enters under. */
export interface SubgraphRequest {
  document: DocumentNode;
  variables?: Record<string, unknown>;
  operationName?: string;
  passage: Passage;
}

/** What a bureau's service works with. */
export interface SubgraphMeans {
  pool: Pool;
  hubKey(): Buffer;
  agreements: ReadAgreements;
  freshness: ReadFreshness;
  /** The civil day on which agreements must hold, `YYYY-MM-DD`. */
  today(): string;
  /** What the service's own resolvers find in their context besides. */
  beside?: object;
  /** Told under which agreements the bureau granted an operation, before it runs. */
  granted?(passage: Passage, agreements: readonly string[]): void;
}

/** The context of one operation inside a bureau. Resolvers see the `BureauContext` in it. */
export type SubgraphContext = BureauContext & GuardedContext;

/** What is worked out once per document and kept with it. */
interface Prepared {
  footprint: Footprint;
  /** The part of the footprint that enters by the bureau's own root fields, and so has its verb from the document itself. */
  rooted: Footprint;
  fields: ReadonlyMap<string, readonly string[]>;
  run(context: SubgraphContext, variables: Record<string, unknown>): Promise<ExecutionResult> | ExecutionResult;
}

const FEDERATION =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external", "@tag", "@inaccessible", "@shareable"])';

/** The service of one bureau. Throws when its classes do not make a valid subgraph. */
export function openSubgraph(
  bureau: Pick<Bureau, 'name' | 'resolvers' | 'references'>,
  means: SubgraphMeans,
): Subgraph & { schema: GraphQLSchema } {
  const { schema, sdl, map } = buildSchema(bureau);
  const prepared = new WeakMap<DocumentNode, Map<string, Prepared>>();
  const decideHere = decisionHere(map, rememberDecisions());

  function prepare(document: DocumentNode, operationName: string | undefined): Prepared {
    const byName = prepared.get(document) ?? new Map<string, Prepared>();
    prepared.set(document, byName);
    const known = byName.get(operationName ?? '');
    if (known) return known;
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new GraphQLError('The document holds no such operation');
    const footprint = footprintOf(map, document, operation, 'bureau');
    const rooted = footprintOf(map, document, withoutEntities(operation), 'bureau');
    const made = {
      footprint,
      rooted,
      fields: fieldsByKind(footprint),
      run: withDefaults(operation, runner(schema, document, operationName)),
    };
    byName.set(operationName ?? '', made);
    return made;
  }

  return {
    name: bureau.name,
    sdl,
    schema,
    async execute({ document, variables, operationName, passage }) {
      const here = prepare(document, operationName);
      const { fields, run } = here;
      const [agreements, freshness] = await Promise.all([means.agreements(passage.caller.agency), means.freshness()]);
      for (const kind of fields.keys()) {
        if (kind === 'any') continue;
        const { at = null, lateSince = null } = freshness.get(kind) ?? {};
        passage.reached.freshness.set(kind, at);
        if (lateSince) passage.reached.late.set(kind, lateSince);
      }
      const decision = decideHere(passage, here, agreements, means.today());
      if (!(decision instanceof Error)) means.granted?.(passage, decision.agreements);
      const context: SubgraphContext = {
        ...means.beside,
        caller: passage.caller,
        pool: means.pool,
        hubKey: means.hubKey,
        fields: (kind) => fields.get(kind) ?? [],
        scope: (kind) => (decision instanceof Error ? NOWHERE : (decision.scopes.get(kind) ?? NOWHERE)),
        countsPersons: passage.countsPersons,
        validAsOf: (kind) => freshness.get(kind)?.at ?? null,
        reachPersons: (keys) => {
          for (const key of keys) passage.reached.persons.add(key);
        },
        reachFeed: (kind, from, to) => passage.reached.feeds.push({ kind, from, to }),
        reachAgreement: (id) => passage.reached.agreements.add(id),
        handOut: (hash) => passage.reached.documents.add(hash),
        loaders: new Map(),
        refusal: () => (decision instanceof Error ? decision : undefined),
      };
      return run(context, variables ?? {});
    },
  };
}

/** The schema of a bureau, its SDL for composition and its tags. */
export function buildSchema(bureau: Pick<Bureau, 'name' | 'resolvers' | 'references'>): {
  schema: GraphQLSchema;
  sdl: string;
  map: ShareMap;
} {
  const built = buildSchemaSync({
    resolvers: bureau.resolvers as NonEmptyArray<Function>,
    orphanedTypes: [],
    validate: false,
  });
  const sdl = `${FEDERATION}\n\n${printSchemaWithDirectives(built)}`;
  const typeDefs = parse(sdl);
  const resolvers = createResolversMap(built) as Record<string, Record<string, unknown>>;
  for (const [type, find] of Object.entries(bureau.references ?? {})) {
    resolvers[type] = {
      ...resolvers[type],
      __resolveReference: (reference: object, context: object) => find(reference as never, context as never),
    };
  }
  const schema = guardRootFields(buildSubgraphSchema({ typeDefs, resolvers: resolvers as never }));
  return { schema, sdl, map: readShareMap(schema, typeDefs) };
}

/** Of a kind that nothing was granted of, nothing is shown. */
const NOWHERE: Scope = { districts: [], masks: {} };

type DecideHere = (
  passage: Passage,
  here: Prepared,
  agreements: readonly Agreement[],
  day: string,
) => Extract<Decision, { granted: true }> | GraphQLError;

/**
 * The bureau's own decision: the scope of each kind, or why nothing is answered. Every use in the document that reaches it must stand in the
 * footprint that the caller was granted, and the agreements must grant that footprint's part of this bureau now.
 */
function decisionHere(map: ShareMap, remembered: typeof decide): DecideHere {
  const parts = new WeakMap<Footprint, WeakMap<Prepared, Part>>();

  function partOf(footprint: Footprint, here: Prepared): Part {
    const byDocument = parts.get(footprint) ?? new WeakMap<Prepared, Part>();
    parts.set(footprint, byDocument);
    const part = byDocument.get(here) ?? partHere(footprint, here);
    byDocument.set(here, part);
    return part;
  }

  return ({ caller, footprint, exhausted }, here, agreements, day) => {
    const { own, strange } = partOf(footprint, here);
    if (strange)
      return new GraphQLError(`${nameOfUse(strange)} is not in the footprint that was decided on`, {
        extensions: { code: 'NOT_SHARED' },
      });
    const grounds: Grounds = { agreements, day, kinds: map, exhausted };
    const decision: Decision = remembered(caller, own, grounds);
    return decision.granted ? decision : (notShared(decision.refusals)[0] as GraphQLError);
  };
}

/** What of a granted footprint is this bureau's to decide, and what the document uses that was not granted. */
interface Part {
  own: Footprint;
  strange: Use | undefined;
}

function partHere(granted: Footprint, { footprint: here, rooted }: Prepared): Part {
  const kinds = new Set(here.uses.map((use) => use.kind));
  const uses = granted.uses.filter((use) => kinds.has(use.kind));
  const asked = new Set(uses.flatMap((use) => [`${use.kind}.${use.field}`, nameOfUse(use)]));
  // What enters by `_entities` was asked for by the verb of another bureau's root field, which only the gateway knows.
  const strange =
    here.uses.find((use) => !asked.has(`${use.kind}.${use.field}`)) ??
    rooted.uses.find((use) => !asked.has(nameOfUse(use)));
  // A field that is filtered by here must be granted as it is, whatever the gateway said of it.
  const exact = new Set(here.uses.filter((use) => use.exact).map((use) => `${use.kind}.${use.field}`));
  const own = uses.map((use) => (exact.has(`${use.kind}.${use.field}`) ? { ...use, exact: true as const } : use));
  return { own: { ...here, uses: own }, strange };
}

function withoutEntities(operation: OperationDefinitionNode): OperationDefinitionNode {
  const selections = operation.selectionSet.selections.filter(
    (selection) => selection.kind !== Kind.FIELD || selection.name.value !== '_entities',
  );
  return { ...operation, selectionSet: { ...operation.selectionSet, selections } };
}

/** graphql-jit asks for a value of a required variable even where it has a default (GraphQL, October 2021, 6.1.2). */
function withDefaults({ variableDefinitions = [] }: OperationDefinitionNode, run: Prepared['run']): Prepared['run'] {
  const defaults = Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  );
  return Object.keys(defaults).length === 0 ? run : (context, variables) => run(context, { ...defaults, ...variables });
}

/** graphql-jit where it can (5–9 ms for 5,000 rows of ten fields against 26–34), graphql-js where it declines. */
function runner(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): Prepared['run'] {
  const compiled = compileQuery(schema, document, operationName);
  if (isCompiledQuery(compiled)) return (context, variables) => compiled.query(undefined, context, variables);
  return (context, variables) =>
    execute({
      schema,
      document,
      operationName,
      contextValue: context,
      variableValues: variables,
    }) as Promise<ExecutionResult>;
}

function fieldsByKind(footprint: Footprint): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  for (const { kind, field } of footprint.uses) {
    const list = fields.get(kind) ?? [];
    if (field !== '*' && !list.includes(field)) list.push(field);
    fields.set(kind, list);
  }
  return fields;
}
