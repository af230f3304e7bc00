/** The kinds of record that an agency provides: it is told of their deliveries, and of no other's. */
import { GraphQLError } from 'graphql';
import { ArgsType, Field } from 'type-graphql';
import { badInput } from '../bureaus/bad-input';
import { recordKinds } from '../bureaus/bureau';
import { PageArgs } from '../bureaus/connection';
import type { Freshness } from '../subgraph/freshness';
import type { HubContext } from './own-agreements';

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

/**
 * All kinds of the caller's agency whose deliveries the hub takes in, or the one that was asked for. What a bureau on its own premises took in is on
 * record there and not here: an empty list would read as if it had never delivered, so it is refused by name, with when it says it last did.
 */
export async function ownKindsHere(
  { caller, keptElsewhere }: Pick<HubContext, 'caller' | 'keptElsewhere'>,
  asked?: string | null,
): Promise<string[]> {
  const kinds = ownKinds(caller.agency, asked);
  const elsewhere = await keptElsewhere(kinds);
  if (elsewhere.size === 0) return kinds;
  const here = kinds.filter((kind) => !elsewhere.has(kind));
  const others = here.length > 0 ? `; for the others name a kind: ${here.join(' or ')}` : '';
  throw new GraphQLError(`${[...elsewhere].map(sentenceOf).join('; ')}${others}`, {
    extensions: { code: 'KEPT_ELSEWHERE', kinds: [...elsewhere.keys()] },
  });
}

function sentenceOf([kind, fresh]: [string, Freshness | null]): string {
  const last = fresh?.at
    ? `its last complete delivery ended at ${fresh.at}`
    : 'when it last delivered is not known here';
  return `${kind} is taken in by its bureau on its own premises, where its runs and its quarantine are: ask there (${last})`;
}

/** A page of one's own kinds. */
@ArgsType()
export class OwnKindArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'Kind of record of your agency; all unless told · 数据类别' })
  kind?: string | null;
}
