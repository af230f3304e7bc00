/**
 * What became of a bureau's deliveries, told to the bureau: each run of each of its kinds. Counts and states, and no record.
 */
import { Args, Ctx, Field, ID, Int, ObjectType, Query, Resolver, registerEnumType } from 'type-graphql';
import { pageSize } from '../bureaus/bad-input';
import { type Connection, connectionType } from '../bureaus/connection';
import { PAGE_DEFAULT, PAGE_MAX } from '../bureaus/limits';
import { tags } from '../bureaus/record';
import { DateTimeScalar } from '../bureaus/scalars';
import { newestRuns, type Run } from '../sync/run';
import { numberOf, pageOf } from './numbered-page';
import type { HubContext } from './own-agreements';
import { OwnKindArgs, ownKindsHere } from './own-kinds';

const RUN_STATES = {
  RUNNING: 'going on · 进行中',
  COMPLETE: 'everything was taken in · 已完成',
  REJECTED: 'too many rows broke a rule: nothing of it was taken in · 已退回',
  FAILED: 'the file or register could not be taken, or not further · 失败',
  INTERRUPTED: 'it ended early; the next run goes on from there · 已中断',
} satisfies Record<Run['state'], string>;

const SyncRunState = Object.fromEntries(Object.keys(RUN_STATES).map((state) => [state, state]));
registerEnumType(SyncRunState, {
  name: 'SyncRunState',
  description: 'What became of a run · 同步状态',
  valuesConfig: Object.fromEntries(Object.entries(RUN_STATES).map(([state, description]) => [state, { description }])),
});

@ObjectType({ description: 'One taking in of one kind of record · 同步记录', simpleResolvers: true })
class SyncRun {
  @Field(() => ID, { description: 'Its number · 编号' })
  @tags('own')
  id!: string;

  @Field({ description: 'Kind of record · 数据类别' })
  @tags('own')
  kind!: string;

  @Field({ description: 'Delivery or register that was read · 数据来源' })
  @tags('own')
  source!: string;

  @Field(() => SyncRunState, { description: 'What became of it · 状态' })
  @tags('own')
  state!: string;

  @Field(() => String, { nullable: true, description: 'Why it was not complete · 原因' })
  @tags('own')
  reason!: string | null;

  @Field(() => DateTimeScalar, { description: 'When it began · 开始时间' })
  @tags('own')
  startedAt!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ended; null while it goes on · 结束时间' })
  @tags('own')
  finishedAt!: string | null;

  @Field(() => Int, { description: 'Stretches it was taken in, each whole or not at all · 批次数' })
  @tags('own')
  chunks!: number;

  @Field(() => Int, { description: 'Rows read; of a run that was complete, the sum of the counts below · 读取行数' })
  @tags('own')
  rowsIn!: number;

  @Field(() => Int, { description: 'New records · 新增' })
  @tags('own')
  inserted!: number;

  @Field(() => Int, { description: 'Changed records · 变更' })
  @tags('own')
  changed!: number;

  @Field(() => Int, { description: 'Rows that stood already · 未变' })
  @tags('own')
  unchanged!: number;

  @Field(() => Int, { description: 'Deleted records · 删除' })
  @tags('own')
  deleted!: number;

  @Field(() => Int, { description: 'Rows older than what stands · 过期' })
  @tags('own')
  stale!: number;

  @Field(() => Int, { description: 'Rows that broke a rule of the exchange format · 隔离' })
  @tags('own')
  quarantined!: number;

  @Field(() => [String], { description: 'What should be looked at and did no harm · 提示' })
  @tags('own')
  warnings!: string[];
}

const SyncRunConnection = connectionType(SyncRun, 'SyncRun', {
  tag: 'open',
  edge: 'A run in a list · 同步记录',
  node: 'The run · 同步记录',
  connection: 'Runs, the newest first · 同步记录列表',
  edges: 'The runs of this page · 本页记录',
});

@Resolver()
export class SyncRunResolver {
  @Query(() => SyncRunConnection, {
    nullable: true,
    description: "What became of your agency's deliveries, the newest first · 本部门数据的同步记录",
  })
  @tags('own')
  async syncRuns(@Args() { kind, first, after }: OwnKindArgs, @Ctx() context: HubContext): Promise<Connection<Run>> {
    const size = pageSize(first, PAGE_DEFAULT, PAGE_MAX);
    const runs = await newestRuns(context.pool, {
      kinds: await ownKindsHere(context, kind),
      first: size + 1,
      before: numberOf(after),
    });
    return pageOf(runs, size, after);
  }
}
