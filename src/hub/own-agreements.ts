/**
 * The agreements of the caller's agency. They are shown to their two sides and to nobody else: what is none of the caller's business reads like
 * what does not exist.
 */
import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { Log } from '../audit/log';
import type { PublicKey } from '../audit/signing';
import { badInput, pageSize } from '../bureaus/bad-input';
import { type Connection, connect, PageArgs, readCursor } from '../bureaus/connection';
import type { BureauContext } from '../bureaus/context';
import { PAGE_DEFAULT, PAGE_MAX } from '../bureaus/limits';
import { tags } from '../bureaus/record';
import { Agreement as KeptAgreement, type Clause as KeptClause, stateOn } from '../sharing/agreement';
import { isSigned } from '../sharing/approval';
import { type AgreementEvent, historyOf, type Office } from '../sharing/life';
import { Agreement, AgreementConnection, AgreementState, type Clause, type CovertDays } from './agreement';
import type { ReadKeptElsewhere } from './freshness';

/** What resolvers of the hub's own part find in their context besides. */
export interface HubContext extends BureauContext {
  office: Office;
  /** Keys under which approvals count. */
  keys: readonly PublicKey[];
  /** The audit log: documents are hashed as it is. */
  log: Log;
  keptElsewhere: ReadKeptElsewhere;
}

@ArgsType()
class AgreementsArgs extends PageArgs {
  @Field(() => AgreementState, { nullable: true, description: 'Where they stand · 状态' })
  state?: string | null;
}

/** Whether the caller is a side of an agreement. */
export function isSide({ caller }: Pick<BureauContext, 'caller'>, { provider, agency }: KeptAgreement): boolean {
  return caller.agency === provider || caller.agency === agency;
}

@Resolver(() => Agreement)
export class AgreementResolver {
  @Query(() => Agreement, {
    nullable: true,
    description: 'One agreement of which your agency is a side · 查询一份协议',
  })
  @tags('own')
  async agreement(
    @Arg('id', () => ID, { description: 'Its id · 协议编号' }) id: string,
    @Ctx() context: HubContext,
  ): Promise<KeptAgreement | null> {
    if (id.includes('\0')) return null;
    const found = await context.office.dataSource.getRepository(KeptAgreement).findOneBy({ id });
    return found && isSide(context, found) ? found : null;
  }

  @Query(() => AgreementConnection, {
    nullable: true,
    description: 'Agreements of which your agency is a side, by id · 本部门的协议',
  })
  @tags('own')
  async agreements(
    @Args() { state, first, after }: AgreementsArgs,
    @Ctx() context: HubContext,
  ): Promise<Connection<KeptAgreement>> {
    const size = pageSize(first, PAGE_DEFAULT, PAGE_MAX);
    const [, from = ''] = after == null ? [] : readCursor(after);
    if (from.includes('\0'))
      throw badInput('after is not a cursor of this list: give the endCursor of the page before');
    const today = context.office.today();
    const query = context.office.dataSource
      .getRepository(KeptAgreement)
      .createQueryBuilder('a')
      .where('(a.provider = :agency or a.agency = :agency)', { agency: context.caller.agency })
      .andWhere('a.id > :from', { from })
      .orderBy('a.id')
      .take(size + 1);
    if (state != null)
      query.andWhere(
        `case when a.state = 'APPROVED' and a.valid_to < :today then 'EXPIRED' else a.state end = :state`,
        {
          today,
          state,
        },
      );
    const found = await query.getMany();
    return connect(
      found.map((node) => ({ position: ['', node.id], node })),
      size,
      after,
    );
  }

  @FieldResolver()
  state(@Root() agreement: KeptAgreement, @Ctx() { office }: HubContext): string {
    return stateOn(agreement, office.today());
  }

  @FieldResolver()
  signed(@Root() agreement: KeptAgreement, @Ctx() { keys }: HubContext): boolean {
    return isSigned(agreement, keys);
  }

  @FieldResolver()
  covertDays(@Root() agreement: KeptAgreement): CovertDays[] {
    return Object.entries(agreement.covertDays).map(([purpose, days]) => ({ purpose, days }));
  }

  @FieldResolver()
  clauses(@Root() agreement: KeptAgreement): Clause[] {
    return agreement.clauses.map(({ masks = {}, districts = [], ...clause }: KeptClause) => ({
      ...clause,
      masks: Object.entries(masks).map(([field, mask]) => ({ field, mask })),
      districts,
    }));
  }

  @FieldResolver()
  events(@Root() agreement: KeptAgreement, @Ctx() { office }: HubContext): Promise<AgreementEvent[]> {
    return historyOf(office.dataSource, agreement.id);
  }
}
