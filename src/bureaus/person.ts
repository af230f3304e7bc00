/**
 * A bureau's part of `Person`. `Person` belongs to no bureau: each owns a class for it that says only what it adds, and the composed graph
 * has them all. The household register, which alone knows which numbers are one person's, hands the other keys on as `keys`.
 */
import {
  Args,
  type ClassType,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  ID,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql';
import { pageSize } from './bad-input';
import { type Connection, connectionOf, PageArgs } from './connection';
import type { BureauContext } from './context';
import { PAGE_DEFAULT, PAGE_MAX } from './limits';
import { keysOf, type ListOrder, type PersonReference, pageOf, recordsOf } from './read';
import { type RecordClass, recordKind, tags } from './record';
import { DateScalar } from './scalars';

export const PERSON_DESCRIPTION = 'A person, known by a key and not by name or number · 自然人（以人员键标识）';
export const KNOWN_AT_DESCRIPTION = 'The day by whose end records had to be known; null for now · 截至该日已知';
export const PERSON_ID_DESCRIPTION = 'Person key: HMAC-SM3 of the identity number, hex · 人员键';

interface PartOptions {
  /** The field of `Person`. */
  field: string;
  /** Further fields that other bureaus hand on about a person. */
  external?: Readonly<Record<string, unknown>>;
  /** With an order the field is a Relay connection, else a plain list; its fields are those that it sorts by. */
  order?: ListOrder;
}

/** The classes of a bureau's part of `Person`: the type and the resolver of its one field. */
export function personPart(
  recordClass: RecordClass,
  { field, external = {}, order }: PartOptions,
): { Person: ClassType; resolver: ClassType } {
  const kind = recordKind(recordClass);
  const description = `${kind.en} · ${kind.zh}`;
  // Made before any schema is built: a type that appears while type-graphql builds one is not seen by it.
  const Page = order && connectionOf(recordClass);

  @ObjectType('Person', { description: PERSON_DESCRIPTION, simpleResolvers: true })
  @Directive('@key(fields: "id")')
  class Person implements PersonReference {
    @Field(() => ID, { description: PERSON_ID_DESCRIPTION })
    @tags('handle')
    id!: string;

    @Field(() => [ID], { nullable: true, description: 'Keys of every number of this person · 全部号码的人员键' })
    @Directive('@external')
    keys?: string[] | null;

    @Field(() => DateScalar, { nullable: true, description: KNOWN_AT_DESCRIPTION })
    @Directive('@external')
    knownAt?: string | null;
  }
  for (const [name, type] of Object.entries(external)) {
    Field(() => type as never, { nullable: true })(Person.prototype, name);
    Directive('@external')(Person.prototype, name);
  }

  @Resolver(() => Person)
  class List {
    @FieldResolver(() => [recordClass], { name: field, nullable: true, description })
    @Directive('@requires(fields: "keys knownAt")')
    @tags(`kind/${kind.kind}`, 'presence')
    records(@Root() person: Person, @Ctx() context: BureauContext): Promise<object[]> {
      return recordsOf(kind, person, context);
    }
  }

  @Resolver(() => Person)
  class Paged {
    @FieldResolver(() => Page as ClassType, { name: field, nullable: true, description })
    @Directive('@requires(fields: "keys knownAt")')
    @tags(`kind/${kind.kind}`, 'presence', 'reads/sourceId', ...(order?.reads ?? []).map((name) => `reads/${name}`))
    records(
      @Root() person: Person,
      @Args() { first, after }: PageArgs,
      @Ctx() context: BureauContext,
    ): Promise<Connection<object>> {
      return pageOf(
        kind,
        order as ListOrder,
        'person_key',
        keysOf(person),
        { size: pageSize(first, PAGE_DEFAULT, PAGE_MAX), after, knownAt: person.knownAt },
        context,
      );
    }
  }

  return { Person, resolver: order ? Paged : List };
}

/** The resolver of `person` on a record: the person it is filed under. */
export function filedPerson(recordClass: RecordClass, Person: ClassType): ClassType {
  const { kind } = recordKind(recordClass);
  @Resolver(() => recordClass)
  class FiledPerson {
    @FieldResolver(() => Person, { nullable: true, description: 'The person it is filed under · 所属人员' })
    @tags(`kind/${kind}`, 'sensitivity/PERSONAL')
    person(@Root() record: { person?: PersonReference }): PersonReference | null {
      return record.person ?? null;
    }
  }
  return FiledPerson;
}
