/**
 * The rows of a bureau's deliveries that wait in quarantine, told to the bureau, which alone can correct them. A row is shown as it was
 * delivered: it is the bureau's own, and nobody else's.
 */
import { Args, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { pageSize } from '../bureaus/bad-input';
import { type Connection, connectionType } from '../bureaus/connection';
import { PAGE_DEFAULT, PAGE_MAX } from '../bureaus/limits';
import { tags } from '../bureaus/record';
import { DateTimeScalar } from '../bureaus/scalars';
import { type QuarantinedRow as KeptRow, newestQuarantined } from '../sync/quarantine';
import { numberOf, pageOf } from './numbered-page';
import type { HubContext } from './own-agreements';
import { OwnKindArgs, ownKindsHere } from './own-kinds';

@ObjectType({
  description: 'A delivered row that broke a rule of the exchange format, and waits to be delivered again · 隔离数据',
  simpleResolvers: true,
})
class QuarantinedRow {
  @Field(() => ID, { description: 'Its number · 编号' })
  @tags('own')
  id!: string;

  @Field({ description: 'Kind of record · 数据类别' })
  @tags('own')
  kind!: string;

  @Field({ description: 'File or register it came from · 文件' })
  @tags('own')
  file!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Line of the file it begins on, counted from 1; null of a register, which has no lines · 行号',
  })
  @tags('own')
  line!: number | null;

  @Field(() => ID, {
    nullable: true,
    description: "Key of the record in the bureau's own system, when it could be told · 业务系统主键",
  })
  @tags('own')
  sourceId!: string | null;

  @Field({ description: 'The rule it broke · 原因' })
  @tags('own')
  reason!: string;

  @Field({ description: 'The row as it was delivered · 原始数据' })
  @tags('own')
  row!: string;

  @Field(() => DateTimeScalar, { description: 'Since when it waits · 隔离时间' })
  @tags('own')
  quarantinedAt!: string;
}

const QuarantinedRowConnection = connectionType(QuarantinedRow, 'QuarantinedRow', {
  tag: 'open',
  edge: 'A quarantined row in a list · 隔离数据',
  node: 'The row · 隔离数据',
  connection: 'Quarantined rows, the newest first · 隔离数据列表',
  edges: 'The rows of this page · 本页数据',
});

@Resolver()
export class QuarantineResolver {
  @Query(() => QuarantinedRowConnection, {
    nullable: true,
    description:
      "Rows of your agency's deliveries that wait to be delivered again, the newest first; a page of long rows may be shorter than asked for · 本部门的隔离数据",
  })
  @tags('own')
  async quarantine(
    @Args() { kind, first, after }: OwnKindArgs,
    @Ctx() context: HubContext,
  ): Promise<Connection<QuarantinedRow>> {
    const size = pageSize(first, PAGE_DEFAULT, PAGE_MAX);
    const kinds = await ownKindsHere(context, kind);
    const { rows, hasMore } = await newestQuarantined(context.pool, { kinds, first: size, before: numberOf(after) });
    const page = pageOf(rows.map(inGraph), size, after);
    return { ...page, pageInfo: { ...page.pageInfo, hasNextPage: hasMore } };
  }
}

/** The largest number that GraphQL calls an Int (GraphQL, October 2021, section 3.5.1). */
const INT_MAX = 2 ** 31 - 1;

function inGraph({ line, ...row }: KeptRow): QuarantinedRow {
  return { ...row, line: line > 0 && line <= INT_MAX ? line : null };
}
