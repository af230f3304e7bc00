/**
 * Where a person's records stand in a bureau's change log. A feed is on record by the stretches that were read, so whoever tells a person who
 * looked at them must know these places; and only the bureau does, wherever it is. They are handed on between services and shown to nobody.
 */
import DataLoader from 'dataloader';
import { type ClassType, Ctx, Directive, FieldResolver, ID, Resolver, Root } from 'type-graphql';
import { type BureauContext, loaderOf } from './context';
import { KEYS_MAX } from './limits';
import { bytes, keysOf, type PersonReference } from './read';
import { type RecordClass, type RecordKind, recordKind, tags } from './record';

/** Places of one key of a person in one kind; a person with more is a mistake of the provider's. */
const PLACES_MAX = 20_000;

export const PLACES_DESCRIPTION = "Places of their records in the bureau's change log · 变更序号";

/** The field of `Person` by which a kind's places are handed on; undefined of a kind that names no person. */
export function placesField(kind: RecordKind): string | undefined {
  return personColumns(kind).length > 0 ? `${kind.kind}Places` : undefined;
}

/**
 * The resolver of that field. `keysOf` is for the register, which knows a person's keys by itself; every other bureau is handed them.
 */
export function placesOf<P extends PersonReference>(
  recordClass: RecordClass,
  Person: ClassType,
  ownKeys?: (person: P, context: BureauContext) => Promise<readonly string[]>,
): ClassType {
  const kind = recordKind(recordClass);
  const needs = ownKeys ? tags() : Directive('@requires(fields: "keys")');
  @Resolver(() => Person)
  class Places {
    @FieldResolver(() => [ID], { name: placesField(kind), nullable: true, description: PLACES_DESCRIPTION })
    @Directive('@inaccessible')
    @needs
    @tags('open')
    async places(@Root() person: P, @Ctx() context: BureauContext): Promise<string[]> {
      const loader = loaderOf<string, string[]>(
        context,
        `${kind.kind}:places`,
        () => new DataLoader((keys) => placesUnder(kind, keys, context), { maxBatchSize: KEYS_MAX }),
      );
      const keys = ownKeys ? await ownKeys(person, context) : keysOf(person);
      return [...new Set((await Promise.all(keys.map((key) => loader.load(key)))).flat())];
    }
  }
  return Places;
}

async function placesUnder(kind: RecordKind, keys: readonly string[], context: BureauContext): Promise<string[][]> {
  // Two partial indexes serve one column: of what stands and of what has passed.
  const parts = personColumns(kind).flatMap((column) =>
    ['null', 'not null'].map(
      (state) => `select seq from ${kind.table} where ${column} = asked.key and recorded_to is ${state}`,
    ),
  );
  const rows = await context.lookup<[place: number, seq: string]>(
    `select (asked.place - 1)::int, found.seq::text from unnest($1::bytea[]) with ordinality asked(key, place)
     cross join lateral (${parts.join(' union ')} limit ${PLACES_MAX}) found`,
    [keys.map(bytes)],
  );
  const lists: string[][] = keys.map(() => []);
  for (const [place, seq] of rows) (lists[place] as string[]).push(seq);
  return lists;
}

/** A claim names the owner of the account beside the patient. */
function personColumns({ fields }: RecordKind): string[] {
  return fields.filter(({ form }) => form.form === 'personKey').map(({ column }) => column);
}
