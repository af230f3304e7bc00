/**
 * What a bureau is told of its own records: where the cross-check doubts one, and where a reviewer decided that one is wrong. Each bureau sees
 * its own and nothing of another's; it needs no agreement for that.
 */
import { Args, ArgsType, Ctx, Field, ID, ObjectType, Query, Resolver } from 'type-graphql';
import { badInput, pageSize } from '../bureaus/bad-input';
import { readInstant } from '../bureaus/calendar';
import { type Connection, connect, connectionType, PageArgs, readCursor } from '../bureaus/connection';
import type { BureauContext } from '../bureaus/context';
import { PAGE_DEFAULT, PAGE_MAX } from '../bureaus/limits';
import { tags } from '../bureaus/record';
import { DateTimeScalar } from '../bureaus/scalars';
import type { FindingState as State } from '../crosscheck/finding';
import { ruleOf } from '../crosscheck/rulebook';
import { type TicketPosition, ticketsOf } from '../crosscheck/tickets';
import { FindingState } from './codes';
import { ownKinds } from './own-kinds';

@ObjectType({ description: 'A record of your own · 本部门记录', simpleResolvers: true })
class OwnRecord {
  @Field({ description: 'Kind of record · 记录类别' })
  @tags('own')
  kind!: string;

  @Field(() => ID, { description: 'Its key in your own system · 业务系统主键' })
  @tags('own')
  sourceId!: string;

  @Field(() => ID, { description: 'The revision that was looked at · 版本号' })
  @tags('own')
  revision!: string;
}

@ObjectType({
  description: 'A doubt about records of your own, to be checked in your register · 数据质量工单',
  simpleResolvers: true,
})
class DataQualityTicket {
  @Field(() => ID, { description: 'The id of the finding · 疑点编号' })
  @tags('own')
  id!: string;

  @Field({ description: 'Code of the rule that made it · 规则代码' })
  @tags('own')
  rule!: string;

  @Field({ description: 'What the rule finds, in English · 英文名称' })
  @tags('own')
  title!: string;

  @Field({ description: 'What the rule finds, in Chinese · 中文名称' })
  @tags('own')
  titleZh!: string;

  @Field(() => String, {
    nullable: true,
    description: "person, or a kind of your own; null where the subject is another bureau's · 对象类别",
  })
  @tags('own')
  subjectKind!: string | null;

  @Field(() => [OwnRecord], { description: 'Your records concerned, 100 at most · 涉及的本部门记录' })
  @tags('own')
  records!: OwnRecord[];

  @Field(() => FindingState, { description: 'Where it stands · 状态' })
  @tags('own')
  state!: State;

  @Field({ description: 'Whether a reviewer decided that a record of yours is wrong · 是否认定为数据源有误' })
  @tags('own')
  isSourceError!: boolean;

  @Field(() => DateTimeScalar, { description: 'When it was first found · 发现时间' })
  @tags('own')
  foundAt!: string;

  @Field(() => DateTimeScalar, { description: 'When it last changed · 变更时间' })
  @tags('own')
  changedAt!: string;
}

const DataQualityTicketConnection = connectionType(DataQualityTicket, 'DataQualityTicket', {
  tag: 'own',
  edge: 'A doubt in a list · 数据质量工单',
  node: 'The doubt · 数据质量工单',
  connection: 'Doubts about records of your own, the newest first · 数据质量工单列表',
  edges: 'The doubts of this page · 本页工单',
});

@ArgsType()
class TicketsArgs extends PageArgs {
  @Field(() => FindingState, {
    nullable: true,
    description: 'Where they stand; withdrawn ones only when asked for · 状态',
  })
  state?: State | null;
}

@Resolver()
export class OwnDataQualityResolver {
  @Query(() => DataQualityTicketConnection, {
    nullable: true,
    description: 'Doubts about records of your own agency, the newest first · 本部门数据质量工单',
  })
  @tags('own')
  async ownDataQuality(
    @Args() { state, first, after }: TicketsArgs,
    @Ctx() context: BureauContext,
  ): Promise<Connection<object>> {
    const size = pageSize(first, PAGE_DEFAULT, PAGE_MAX);
    const { agency } = context.caller;
    const tickets = await ticketsOf(context, {
      agency,
      kinds: ownKinds(agency),
      state,
      after: after == null ? null : positionOf(after),
      limit: size + 1,
    });
    context.reachPersons(tickets.slice(0, size).flatMap(({ personKey }) => personKey ?? []));
    return connect(
      tickets.map(({ personKey: _, ...ticket }) => {
        const { title } = ruleOf(ticket.rule);
        return { position: [ticket.foundAt, ticket.id], node: { ...ticket, title: title.en, titleZh: title.zh } };
      }),
      size,
      after,
    );
  }
}

function positionOf(cursor: string): TicketPosition {
  const [time, id] = readCursor(cursor);
  const foundAt = readInstant(time);
  if (foundAt !== undefined && /^[0-9a-f]{1,64}$/.test(id)) return [foundAt, id];
  throw badInput('after is not a cursor of this list: give the endCursor of the page before');
}
