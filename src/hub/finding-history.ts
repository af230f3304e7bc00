/**
 * The history of a finding in the graph: every change, with who or which run made it, when and why.
 */
import DataLoader from 'dataloader';
import { Args, Ctx, Field, FieldResolver, ID, Int, ObjectType, Resolver, Root } from 'type-graphql';
import { badInput, pageSize } from '../bureaus/bad-input';
import { type Connection, connect, connectionType, PageArgs, readCursor } from '../bureaus/connection';
import { type BureauContext, loaderOf } from '../bureaus/context';
import { PAGE_DEFAULT, PAGE_MAX } from '../bureaus/limits';
import { tags } from '../bureaus/record';
import { DateTimeScalar } from '../bureaus/scalars';
import { type FindingEvent as EventKept, historyOf } from '../crosscheck/history';
import { FindingAct, FindingOutcome, FindingState } from './codes';
import { Finding } from './finding';
import { RecordChange } from './finding-life';

@ObjectType({ description: 'A change of a finding · 变动记录', simpleResolvers: true })
class FindingEvent {
  @Field(() => Int, { description: 'The version it has since · 变动后版本' })
  @tags('open')
  version!: number;

  @Field(() => DateTimeScalar, { description: 'When · 时间' })
  @tags('open')
  at!: string;

  @Field(() => FindingAct, { description: 'What happened · 变动' })
  @tags('open')
  act!: string;

  @Field(() => FindingState, { nullable: true, description: 'State before; null for the first · 变动前状态' })
  @tags('open')
  fromState!: string | null;

  @Field(() => FindingState, { description: 'State since · 变动后状态' })
  @tags('open')
  toState!: string;

  @Field(() => ID, { nullable: true, description: 'The run, where a run did it · 核查批次' })
  @tags('open')
  run!: string | null;

  @Field(() => [RecordChange], {
    nullable: true,
    description: 'Records that changed, where it lost its support · 变化的记录',
  })
  @tags('open')
  records!: RecordChange[] | null;

  @Field(() => String, { nullable: true, description: "The officer's agency, where people did it · 经办部门" })
  @tags('open')
  agency!: string | null;

  @Field(() => String, { nullable: true, description: 'The officer, as their agency names them · 经办人' })
  @tags('open')
  officer!: string | null;

  @Field(() => FindingOutcome, { nullable: true, description: 'What was decided · 结论' })
  @tags('open')
  outcome!: string | null;

  @Field(() => String, { nullable: true, description: 'Code of the bureau whose record is wrong · 数据有误的部门' })
  @tags('open')
  bureau!: string | null;

  @Field(() => String, { nullable: true, description: 'Why, in the words of who decided · 理由' })
  @tags('open')
  reason!: string | null;
}

const FindingEventConnection = connectionType(FindingEvent, 'FindingEvent', {
  tag: 'open',
  edge: 'A change in a list · 变动记录',
  node: 'The change · 变动记录',
  connection: 'Changes of a finding, the oldest first · 变动记录列表',
  edges: 'The changes of this page · 本页变动',
});

@Resolver(() => Finding)
export class FindingHistoryResolver {
  @FieldResolver(() => FindingEventConnection, {
    description: 'Every change, the oldest first: who or which run made it, when and why · 变动记录',
  })
  @tags('kind/finding')
  async history(
    @Root() { id }: { id: string },
    @Args() { first, after }: PageArgs,
    @Ctx() context: BureauContext,
  ): Promise<Connection<object>> {
    const size = pageSize(first, PAGE_DEFAULT, PAGE_MAX);
    const from = after == null ? 0 : versionOf(after);
    const loader = loaderOf<string, EventKept[]>(
      context,
      `finding:history:${size}:${from}`,
      () =>
        new DataLoader(async (ids) => {
          const found = await historyOf(context, ids, { first: size + 1, after: from });
          return ids.map((one) => found.get(one) ?? []);
        }),
    );
    const events = await loader.load(id);
    return connect(
      events.map(({ cause, ...event }) => ({
        position: [String(event.version), ''],
        node: { ...event, records: cause?.records ?? null },
      })),
      size,
      after,
    );
  }
}

function versionOf(cursor: string): number {
  const [version] = readCursor(cursor);
  if (!/^\d{1,9}$/.test(version))
    throw badInput('after is not a cursor of this list: give the endCursor of the page before');
  return Number(version);
}
