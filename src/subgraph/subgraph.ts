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
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Pool } from 'pg';
import { buildSchemaSync, createResolversMap, type NonEmptyArray } from 'type-graphql';
import type { Bureau } from '../bureaus/bureau';
import type { Lookup } from '../db/lookups';
import type { ReadAgreements } from '../sharing/agreement';
import { type Footprint, footprintOf, readShareMap, type ShareMap } from '../sharing/footprint';
import type { Passage } from '../sharing/passage';
import { keptOr, rememberDecisions } from '../sharing/remember';
import { defaultsOf } from '../sharing/selection';
import { guardRootFields } from '../sharing/shield';
import { type DecideHere, decisionHere, type Reaching } from './decide-here';
import type { ReadFreshness } from './freshness';
import { OperationContext } from './operation-context';

/** What a service gives the gateway: a name, a schema for composition, and answers. */
export interface Subgraph {
  name: string;
  sdl: string;
  execute(request: SubgraphRequest): Promise<ExecutionResult>;
}

/** A service of this process. */
export interface OpenedSubgraph extends Subgraph {
  /** What its operations run on, made when it is first asked for. */
  schema(): GraphQLSchema;
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
  lookup: Lookup;
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

/** What is worked out once per document and kept with it. */
interface Prepared extends Reaching {
  fields: ReadonlyMap<string, readonly string[]>;
  run(context: OperationContext, variables: Record<string, unknown>): Promise<ExecutionResult> | ExecutionResult;
}

const FEDERATION =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external", "@tag", "@inaccessible", "@shareable"])';

/** The service of one bureau. Throws when its classes make no schema; that they make a valid subgraph, composition and the first operation say. */
export function openSubgraph(
  bureau: Pick<Bureau, 'name' | 'resolvers' | 'references'>,
  means: SubgraphMeans,
): OpenedSubgraph {
  const { sdl, executable } = declared(bureau);
  const prepared = new WeakMap<DocumentNode, Map<string, Prepared>>();
  let decides: DecideHere | undefined;

  function prepare(document: DocumentNode, operationName: string | undefined): Prepared {
    const byName = keptOr(prepared, document, () => new Map<string, Prepared>());
    const known = byName.get(operationName ?? '');
    if (known) return known;
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new GraphQLError('The document holds no such operation');
    const { schema, map } = executable();
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
    schema: () => executable().schema,
    async execute({ document, variables, operationName, passage }) {
      const here = prepare(document, operationName);
      const { fields, run } = here;
      const agreements = await means.agreements(passage.caller.agency);
      const freshness = await means.freshness();
      for (const kind of fields.keys()) {
        if (kind === 'any') continue;
        const { at = null, lateSince = null } = freshness.get(kind) ?? {};
        passage.reached.freshness.set(kind, at);
        if (lateSince) passage.reached.late.set(kind, lateSince);
      }
      decides ??= decisionHere(executable().map, rememberDecisions());
      const decision = decides(passage, here, agreements, means.today());
      if (!(decision instanceof Error)) means.granted?.(passage, decision.agreements);
      const context = new OperationContext({ passage, fields, freshness, decision }, means);
      return run(context, variables ?? {});
    },
  };
}

/** The schema of a bureau that runs its operations, its SDL for composition and its tags. */
export function buildSchema(bureau: Declaring): { schema: GraphQLSchema; sdl: string; map: ShareMap } {
  const { sdl, executable } = declared(bureau);
  return { sdl, ...executable() };
}

/** The SDL of a bureau for composition. */
export function sdlOf(bureau: Declaring): string {
  return declared(bureau).sdl;
}

type Declaring = Pick<Bureau, 'name' | 'resolvers' | 'references'>;

/**
 * What a bureau's classes declare. The schema that runs operations is made when the first comes, since most processes ask one or two bureaus
 * something, and all of them only who serves.
 */
function declared(bureau: Declaring): { sdl: string; executable(): { schema: GraphQLSchema; map: ShareMap } } {
  const built = buildSchemaSync({
    resolvers: bureau.resolvers as NonEmptyArray<Function>,
    orphanedTypes: [],
    validate: false,
    // Its own check asks the schema for all of itself; what is built from it is checked when it is composed, and as a subgraph.
    skipCheck: true,
  });
  const sdl = `${FEDERATION}\n\n${printSchemaWithDirectives(built)}`;
  const make = () => {
    const typeDefs = parse(sdl);
    const resolvers = createResolversMap(built) as Record<string, Record<string, unknown>>;
    for (const [type, find] of Object.entries(bureau.references ?? {})) {
      resolvers[type] = {
        ...resolvers[type],
        __resolveReference: (reference: object, context: object) => find(reference as never, context as never),
      };
    }
    const schema = guardRootFields(buildSubgraphSchema({ typeDefs, resolvers: resolvers as never }));
    return { schema, map: readShareMap(schema, typeDefs) };
  };
  let made: ReturnType<typeof make> | undefined;
  const executable = () => {
    made ??= make();
    return made;
  };
  return { sdl, executable };
}

function withoutEntities(operation: OperationDefinitionNode): OperationDefinitionNode {
  const selections = operation.selectionSet.selections.filter(
    (selection) => selection.kind !== Kind.FIELD || selection.name.value !== '_entities',
  );
  return { ...operation, selectionSet: { ...operation.selectionSet, selections } };
}

/** graphql-jit asks for a value of a required variable even where it has a default (GraphQL, October 2021, 6.1.2). */
function withDefaults(operation: OperationDefinitionNode, run: Prepared['run']): Prepared['run'] {
  const defaults = defaultsOf(operation);
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
