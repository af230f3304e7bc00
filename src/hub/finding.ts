/**
 * Findings in the graph: what the cross-check found, by which rule, resting on which records.
 */
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { badInput, pageSize } from '../bureaus/bad-input';
import { connectionType, PageArgs } from '../bureaus/connection';
import type { BureauContext } from '../bureaus/context';
import { PAGE_DEFAULT, PAGE_MAX } from '../bureaus/limits';
import type { PersonReference } from '../bureaus/read';
import { tags } from '../bureaus/record';
import { DateTimeScalar, MoneyScalar } from '../bureaus/scalars';
import * as findings from '../crosscheck/finding';
import { ruleOf } from '../crosscheck/rulebook';
import { Advice, FindingClass, FindingState, SUPERVISION, Tier } from './codes';
import { Evidence, evidenceOf } from './evidence';
import { FindingDecision, FindingLoss } from './finding-life';
import { Person } from './person';
import { inGraph, Rule } from './rule';

@ObjectType({ description: 'A doubtful record to be reviewed; people establish intent, never a rule · 疑点' })
@tags(`provider/${SUPERVISION}`)
export class Finding {
  @Field(() => ID, { description: 'The same wherever rule and subject are the same · 疑点编号' })
  @tags('kind/finding')
  id!: string;

  @Field(() => Rule, { description: 'The rule that made it · 规则' })
  @tags('kind/finding')
  rule!: Rule;

  @Field({ description: 'Kind of the subject · 对象类别' })
  @tags('kind/finding')
  subjectKind!: string;

  @Field(() => ID, { description: 'source_id of a record, code of an institution, or person key · 对象' })
  @tags('kind/finding')
  subject!: string;

  @Field(() => MoneyScalar, { description: 'Money concerned · 涉及金额' })
  @tags('kind/finding')
  amount!: string;

  @Field(() => Tier, {
    nullable: true,
    description: "How well the person's death is established; null without evidence of one · 死亡证据等级",
  })
  @tags('kind/finding')
  tier!: string | null;

  @Field(() => FindingState, { description: 'Where it stands · 状态' })
  @tags('kind/finding')
  state!: string;

  @Field(() => FindingClass, { description: 'What kind of wrong it is · 类别' })
  @tags('kind/finding')
  class!: string;

  @Field(() => Advice, { description: 'What to do first · 处理建议' })
  @tags('kind/finding')
  advice!: string;

  @Field(() => DateTimeScalar, { description: 'When it was first found · 发现时间' })
  @tags('kind/finding')
  foundAt!: string;

  @Field(() => DateTimeScalar, { description: 'When it last changed · 变更时间' })
  @tags('kind/finding')
  changedAt!: string;

  @Field(() => Int, { description: 'Grows by one with every change: name it when you review it · 版本' })
  @tags('kind/finding')
  version!: number;

  @Field({ description: 'Whether the rules find it now · 当前是否成立' })
  @tags('kind/finding')
  isSupported!: boolean;

  @Field(() => FindingDecision, {
    nullable: true,
    description: 'The decision in force; it stays when the finding is contradicted · 核查结论',
  })
  @tags('kind/finding')
  decision!: FindingDecision | null;

  @Field({
    description:
      'Whether it rests on something else, or no more on anything, than when it was decided on · 结论后依据是否变化',
  })
  @tags('kind/finding')
  changedSinceDecision!: boolean;

  @Field(() => FindingLoss, {
    nullable: true,
    description: 'What took its support away; null while the rules find it · 撤回原因',
  })
  @tags('kind/finding')
  withdrawnBecause!: FindingLoss | null;

  @Field(() => Person, { nullable: true, description: 'The person concerned · 涉及人员' })
  @tags('kind/finding')
  person!: PersonReference | null;

  @Field(() => Evidence, { description: 'What it rests on · 证据' })
  @tags('kind/finding')
  evidence!: Evidence;
}

const FindingConnection = connectionType(Finding, 'Finding', {
  tag: 'open',
  edge: 'A finding in a list · 疑点',
  node: 'The finding · 疑点',
  connection: 'Findings, paged · 疑点列表',
  edges: 'The findings of this page · 本页疑点',
});

@ArgsType()
class FindingsArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'Code of a rule · 规则代码' })
  rule?: string;

  @Field(() => FindingState, { nullable: true, description: 'Where they stand · 状态' })
  state?: findings.FindingState;
}

@Resolver(() => Finding)
export class FindingResolver {
  @Query(() => Finding, { nullable: true, description: 'One finding · 查询一条疑点' })
  @tags('kind/finding', 'verb/LOOKUP', 'presence')
  async finding(
    @Arg('id', () => ID, { description: 'Its id · 疑点编号' }) id: string,
    @Ctx() context: BureauContext,
  ): Promise<findings.Finding | null> {
    const finding = /^[0-9a-f]{1,64}$/.test(id) ? await findings.findingById(context, id) : null;
    if (finding?.personKey) context.reachPersons([finding.personKey]);
    return finding;
  }

  @Query(() => FindingConnection, { nullable: true, description: 'Findings, by rule and subject · 疑点列表' })
  @tags(
    'kind/finding',
    'verb/LIST',
    'presence',
    'reads/rule',
    'reads/state',
    'reads/subjectKind',
    'reads/subject',
    // Its cursors are ids.
    'reads/id',
  )
  async findings(@Args() { rule, state, first, after }: FindingsArgs, @Ctx() context: BureauContext): Promise<object> {
    if (rule?.includes('\0')) throw badInput('rule holds a NUL character');
    if (after != null && !(await findings.findingById(context, after.replaceAll('\0', ''))))
      throw badInput('after is not a cursor of this list: give the endCursor of the page before');
    const page = await findings.listFindings(context, {
      rule,
      state,
      first: pageSize(first, PAGE_DEFAULT, PAGE_MAX),
      after,
    });
    context.reachPersons(page.findings.flatMap(({ personKey }) => personKey ?? []));
    return {
      edges: page.findings.map((node) => ({ cursor: node.id, node })),
      pageInfo: {
        hasNextPage: page.hasNextPage,
        hasPreviousPage: after != null,
        startCursor: page.findings[0]?.id ?? null,
        endCursor: page.endCursor,
      },
    };
  }

  @FieldResolver()
  rule(@Root() finding: { rule: string }): Rule {
    return inGraph(ruleOf(finding.rule));
  }

  @FieldResolver()
  person(@Root() finding: { personKey: string | null }): PersonReference | null {
    return finding.personKey === null ? null : { id: finding.personKey };
  }

  @FieldResolver()
  evidence(@Root() finding: findings.Finding): Evidence {
    return evidenceOf(finding);
  }
}
