/**
 * What became of a finding, in the graph: the decision in force, and what took its support away.
 */
import { Field, ID, ObjectType } from 'type-graphql';
import { tags } from '../bureaus/record';
import { DateScalar, DateTimeScalar } from '../bureaus/scalars';
import { FindingOutcome, RecordBecame } from './codes';

@ObjectType({ description: 'A decision in force · 核查结论', simpleResolvers: true })
export class FindingDecision {
  @Field(() => FindingOutcome, { description: 'What was decided · 结论' })
  @tags('open')
  outcome!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Code of the bureau whose record is wrong, with SOURCE_ERROR · 数据有误的部门',
  })
  @tags('open')
  bureau!: string | null;

  @Field({ description: 'Why, in the words of who decided · 理由' })
  @tags('open')
  reason!: string;

  @Field({ description: 'The officer, as their agency names them · 经办人' })
  @tags('open')
  decidedBy!: string;

  @Field({ description: "The officer's agency · 经办部门" })
  @tags('open')
  agency!: string;

  @Field(() => DateTimeScalar, { description: 'When · 时间' })
  @tags('open')
  decidedAt!: string;
}

@ObjectType({
  description: 'A record that a finding rested on, or that came in since · 依据变化',
  simpleResolvers: true,
})
export class RecordChange {
  @Field({ description: 'Kind of record · 记录类别' })
  @tags('open')
  kind!: string;

  @Field(() => ID, { description: "Its key in the bureau's own system · 业务系统主键" })
  @tags('open')
  sourceId!: string;

  @Field(() => ID, { nullable: true, description: 'The revision it rested on; null for one that came in · 原版本号' })
  @tags('open')
  before!: string | null;

  @Field(() => ID, { nullable: true, description: 'The revision now; null for one that was deleted · 现版本号' })
  @tags('open')
  after!: string | null;

  @Field(() => RecordBecame, { description: 'What became of it · 变化' })
  @tags('open')
  became!: string;
}

@ObjectType({ description: 'Why the rules no longer support a finding · 撤回原因', simpleResolvers: true })
export class FindingLoss {
  @Field(() => [RecordChange], {
    description: 'Records that changed; none where days passed or a number became another person’s · 变化的记录',
  })
  @tags('open')
  records!: RecordChange[];

  @Field(() => String, { nullable: true, description: 'Code of the rule that tells it better now · 由何规则取代' })
  @tags('open')
  supersededBy!: string | null;

  @Field({ description: 'Whether the version or parameters of the rule changed · 规则是否变更' })
  @tags('open')
  ruleChanged!: boolean;

  @Field(() => ID, { description: 'The run that found it no more · 核查批次' })
  @tags('open')
  run!: string;

  @Field(() => DateScalar, { description: 'The day for which that run checked · 核查基准日' })
  @tags('open')
  asOf!: string;

  @Field(() => DateTimeScalar, { description: 'When · 时间' })
  @tags('open')
  at!: string;
}
