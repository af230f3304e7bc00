/** The kinds of record that an agency provides: it is told of their deliveries, and of no other's. */
import { ArgsType, Field } from 'type-graphql';
import { badInput } from '../bureaus/bad-input';
import { recordKinds } from '../bureaus/bureau';
import { PageArgs } from '../bureaus/connection';

/** All kinds of the agency, or the one that was asked for. A kind that is another's and one that is none get the same answer. */
export function ownKinds(agency: string, asked?: string | null): string[] {
  const own = recordKinds()
    .filter(({ provider }) => provider === agency)
    .map(({ kind }) => kind);
  if (asked == null) return own;
  if (own.includes(asked)) return [asked];
  const which = own.length > 0 ? `: write ${own.join(' or ')}, or leave it out for all` : ', which provides none';
  throw badInput(`kind is no kind of record of your agency${which}`);
}

/** A page of one's own kinds. */
@ArgsType()
export class OwnKindArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'Kind of record of your agency; all unless told · 数据类别' })
  kind?: string | null;
}
