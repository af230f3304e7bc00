/** The hub's part of `Person`: whom findings concern, and who was looked at. */
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { PERSON_DESCRIPTION, PERSON_ID_DESCRIPTION } from '../bureaus/person';
import type { PersonReference } from '../bureaus/read';
import { tags } from '../bureaus/record';

@ObjectType('Person', { description: PERSON_DESCRIPTION })
@Directive('@key(fields: "id")')
export class Person implements PersonReference {
  @Field(() => ID, { description: PERSON_ID_DESCRIPTION })
  @tags('handle')
  id!: string;

  @Field(() => [ID], { nullable: true, description: 'Keys of every number of this person · 全部号码的人员键' })
  @Directive('@external')
  keys?: string[] | null;
}
