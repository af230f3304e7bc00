/** The hub's part of `Person`: whom findings concern, and who was looked at. */
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { recordKinds } from '../bureaus/bureau';
import { PERSON_DESCRIPTION, PERSON_ID_DESCRIPTION } from '../bureaus/person';
import { PLACES_DESCRIPTION, placesField } from '../bureaus/places';
import type { PersonReference } from '../bureaus/read';
import { tags } from '../bureaus/record';

@ObjectType('Person', { description: PERSON_DESCRIPTION, simpleResolvers: true })
@Directive('@key(fields: "id")')
export class Person implements PersonReference {
  @Field(() => ID, { description: PERSON_ID_DESCRIPTION })
  @tags('handle')
  id!: string;

  @Field(() => [ID], { nullable: true, description: 'Keys of every number of this person · 全部号码的人员键' })
  @Directive('@external')
  keys?: string[] | null;
}

/** What each bureau hands on of where a person's records stand in its change log, by kind. */
export const PLACES: ReadonlyMap<string, string> = new Map(
  recordKinds().flatMap((kind) => {
    const field = placesField(kind);
    return field ? [[kind.kind, field] as const] : [];
  }),
);

for (const field of PLACES.values()) {
  Field(() => [ID], { nullable: true, description: PLACES_DESCRIPTION })(Person.prototype, field);
  Directive('@external')(Person.prototype, field);
}

/** The places that came with a person, by kind. */
export function placesWith(person: Person): { kind: string; seqs: readonly string[] }[] {
  const given = person as unknown as Readonly<Record<string, readonly string[] | undefined>>;
  return [...PLACES].map(([kind, field]) => ({ kind, seqs: given[field] ?? [] }));
}
