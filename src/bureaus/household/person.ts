/**
 * The household register's part of `Person`: who it is, and which numbers are theirs. Here, and only here, a person is found by a number.
 */
import DataLoader from 'dataloader';
import { Arg, Ctx, Directive, Field, FieldResolver, ID, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { badInput } from '../bad-input';
import { type BureauContext, loaderOf } from '../context';
import { checkIdNumber } from '../id-number';
import { personKey } from '../keys';
import { known } from '../known';
import { KEYS_MAX, PERSONS_MAX } from '../limits';
import { factsOf } from '../one-bit';
import { KNOWN_AT_DESCRIPTION, PERSON_DESCRIPTION, PERSON_ID_DESCRIPTION } from '../person';
import { project } from '../projection';
import { bytes, type PersonReference } from '../read';
import { recordKind, tags } from '../record';
import { DateScalar } from '../scalars';
import { within } from '../within';
import { Household } from './household';

@ObjectType('Person', { description: PERSON_DESCRIPTION, simpleResolvers: true })
@Directive('@key(fields: "id")')
export class HouseholdPerson implements PersonReference {
  @Field(() => ID, { description: PERSON_ID_DESCRIPTION })
  @tags('handle')
  id!: string;

  @Field(() => [ID], { nullable: true, description: 'Keys of every number of this person · 全部号码的人员键' })
  @Directive('@inaccessible')
  @tags('open')
  keys!: string[];

  @Field(() => DateScalar, { nullable: true, description: KNOWN_AT_DESCRIPTION })
  @Directive('@inaccessible')
  @tags('open')
  knownAt?: string | null;
}

@Resolver(() => HouseholdPerson)
export class HouseholdPersonResolver {
  @Query(() => HouseholdPerson, {
    nullable: true,
    description:
      'One person, by any of their identity numbers or by person key. Whether records exist is for each bureau to say · 按号码或人员键查询一人',
  })
  @tags('open', 'verb/LOOKUP')
  async person(
    @Arg('idNumber', () => String, { nullable: true, description: 'Any identity number of theirs · 公民身份号码' })
    idNumber: string | null,
    @Arg('id', () => ID, { nullable: true, description: PERSON_ID_DESCRIPTION }) id: string | null,
    @Arg('knownAt', () => DateScalar, {
      nullable: true,
      description: `${KNOWN_AT_DESCRIPTION}. Which numbers are theirs, and persons reached from a record, are answered as of now`,
    })
    knownAt: string | null,
    @Ctx() context: BureauContext,
  ): Promise<HouseholdPerson> {
    if ((idNumber == null) === (id == null)) throw badInput('give exactly one of idNumber and id');
    const person = await findPerson(id == null ? keyOfNumber(idNumber as string, context) : checkedKey(id), context);
    return { ...person, knownAt };
  }

  @Query(() => [HouseholdPerson], {
    description: `Persons by person key, at most ${PERSONS_MAX}, in the order asked · 按人员键批量查询`,
  })
  @tags('open', 'verb/LOOKUP')
  async persons(
    @Arg('ids', () => [ID], { description: 'Person keys in hex · 人员键' }) ids: string[],
    @Ctx() context: BureauContext,
  ): Promise<HouseholdPerson[]> {
    if (ids.length > PERSONS_MAX)
      throw badInput(`ids has ${ids.length} entries: ask for at most ${PERSONS_MAX} at once`);
    const keys = ids.map(checkedKey);
    return Promise.all(keys.map((key) => findPerson(key, context)));
  }

  @FieldResolver()
  async keys(@Root() person: HouseholdPerson, @Ctx() context: BureauContext): Promise<string[]> {
    return (await found(person, context)).keys;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The number the register holds today · 现用公民身份号码',
  })
  @tags('kind/household', 'sensitivity/SENSITIVE')
  async idNumber(@Root() person: HouseholdPerson, @Ctx() context: BureauContext): Promise<unknown> {
    return (await householdOf(person, context))?.idNumber;
  }

  @FieldResolver(() => String, { nullable: true, description: 'Name in the household register · 姓名' })
  @tags('kind/household', 'sensitivity/PERSONAL')
  async name(@Root() person: HouseholdPerson, @Ctx() context: BureauContext): Promise<unknown> {
    return (await householdOf(person, context))?.name;
  }

  @FieldResolver(() => Household, {
    nullable: true,
    description: 'The register entry that speaks for the person · 户籍信息',
  })
  @tags('kind/household', 'presence')
  household(@Root() person: HouseholdPerson, @Ctx() context: BureauContext): Promise<object | null> {
    return householdOf(person, context);
  }
}

/** What the register hands on to answer `aliveOn`: nothing that a caller can ask for. */
@Resolver(() => HouseholdPerson)
export class RegistrationResolver {
  @FieldResolver(() => [ID], { nullable: true, description: 'Name keys of their standing entries · 在册姓名比对键' })
  @Directive('@inaccessible')
  @tags('kind/household', 'as/aliveOn', 'verb/VERIFY')
  async registeredNames(@Root() person: HouseholdPerson, @Ctx() context: BureauContext): Promise<string[]> {
    return (await entriesOf(person, context)).map(([name]) => name);
  }

  @FieldResolver(() => Boolean, { nullable: true, description: 'Whether an entry of theirs is active · 是否在册' })
  @Directive('@inaccessible')
  @tags('kind/household', 'as/aliveOn', 'verb/VERIFY')
  async registeredActive(@Root() person: HouseholdPerson, @Ctx() context: BureauContext): Promise<boolean> {
    return (await entriesOf(person, context)).some(([, status]) => status === 'ACTIVE');
  }
}

async function entriesOf(person: HouseholdPerson, context: BureauContext): Promise<Entry[]> {
  const whole = await found(person, context);
  return factsOf<Entry>(recordKind(Household), `encode(r.name_key, 'hex'), r.status`, whole, context);
}

/** A register entry names its person by the number it is filed under alone: here the person is looked up, as for every other bureau. */
export async function found(person: HouseholdPerson, context: BureauContext): Promise<HouseholdPerson> {
  return (person.keys as string[] | undefined)
    ? person
    : { ...(await findPerson(person.id, context)), knownAt: person.knownAt };
}

type Entry = readonly [nameKey: string, status: string];

/** The person under any of their keys, with the canonical key as `id`. A key nobody has heard of is a person without records. */
export async function findPerson(key: string, context: BureauContext): Promise<HouseholdPerson> {
  const loader = loaderOf<string, HouseholdPerson>(
    context,
    'person',
    () => new DataLoader((keys) => findPersons(keys, context)),
  );
  return loader.load(key);
}

async function findPersons(keys: readonly string[], context: BureauContext): Promise<HouseholdPerson[]> {
  const rows = await context.lookup<[place: number, canonical: string, other: string | null]>(
    `select (asked.place - 1)::int, encode(coalesce(n.canonical_key, asked.key), 'hex'), encode(other.number_key, 'hex')
     from unnest($1::bytea[]) with ordinality asked(key, place)
     left join lateral (
       select canonical_key from household.number where number_key = asked.key offset 0) n on true
     left join lateral (
       select number_key from household.number where canonical_key = coalesce(n.canonical_key, asked.key) offset 0) other on true
     order by 1, 3`,
    [keys.map(bytes)],
  );
  const persons: { id: string; keys: string[] }[] = [];
  for (const [place, id, other] of rows) {
    persons[place] ??= { id, keys: [id] };
    if (other !== null) persons[place].keys.push(other);
  }
  context.reachPersons(persons.map(({ id }) => id));
  return persons;
}

/**
 * The row that speaks for a person: the one under the canonical number; of several, `ACTIVE` before `CANCELLED`, then the latest
 * `updated_at`, then the larger `source_id`.
 */
async function householdOf(person: HouseholdPerson, context: BureauContext): Promise<Record<string, unknown> | null> {
  const { id, knownAt } = await found(person, context);
  const loader = loaderOf<string, Record<string, unknown> | null>(
    context,
    `household:${knownAt ?? ''}`,
    () => new DataLoader((keys) => households(keys, knownAt, context), { maxBatchSize: KEYS_MAX }),
  );
  return loader.load(id);
}

async function households(
  keys: readonly string[],
  knownAt: string | null | undefined,
  context: BureauContext,
): Promise<(Record<string, unknown> | null)[]> {
  const kind = recordKind(Household);
  const projection = project(kind, context, knownAt);
  const values: unknown[] = [keys.map(bytes)];
  // First the row that speaks, then whether it may be seen: another row must not speak in its place.
  const rows = await context.lookup<[place: number, isShown: boolean, ...unknown[]]>(
    `select (owner.place - 1)::int, entry.* from unnest($1::bytea[]) with ordinality owner(key, place)
     cross join lateral (
       select true ${within(kind, context, values)}, ${projection.columns} from ${known(kind, knownAt, values)} r
       where r.person_key = owner.key
       order by (r.status = 'ACTIVE') desc, r.updated_at desc, r.source_id desc limit 1) entry`,
    values,
  );
  const entries: (Record<string, unknown> | null)[] = keys.map(() => null);
  for (const row of rows) if (row[1]) entries[row[0]] = projection.record(row, 2);
  return entries;
}

function keyOfNumber(idNumber: string, context: BureauContext): string {
  const checked = checkIdNumber(idNumber);
  if (!checked.ok) throw badInput(`idNumber ${checked.reason}`);
  return personKey(context.hubKey(), idNumber).toString('hex');
}

function checkedKey(id: string): string {
  if (!/^[0-9a-f]{32}$/.test(id)) throw badInput('id is not a person key: 32 lower-case hex digits');
  return id;
}
