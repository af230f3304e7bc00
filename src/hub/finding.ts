/**
 * Findings in the graph: what the cross-check found, by which rule, resting on which records.
 */
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
  registerEnumType,
} from 'type-graphql';
import { badInput, pageSize } from '../bureaus/bad-input';
import { PageArgs, PageInfo } from '../bureaus/connection';
import type { BureauContext } from '../bureaus/context';
import { PAGE_DEFAULT, PAGE_MAX } from '../bureaus/limits';
import { PERSON_DESCRIPTION, PERSON_ID_DESCRIPTION } from '../bureaus/person';
import type { PersonReference } from '../bureaus/read';
import { tags } from '../bureaus/record';
import { DateScalar, DateTimeScalar, MoneyScalar } from '../bureaus/scalars';
import * as findings from '../crosscheck/finding';
import type { Rule as RuleOfLaw } from '../crosscheck/rule';
import { allRules, ruleOf } from '../crosscheck/rulebook';

/** The agency that gives findings. */
export const SUPERVISION = 'medical-insurance-supervision';

function codes(name: string, description: string, meanings: Record<string, string>): Record<string, string> {
  const values = Object.fromEntries(Object.keys(meanings).map((value) => [value, value]));
  registerEnumType(values, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      Object.entries(meanings).map(([value, meaning]) => [value, { description: meaning }]),
    ),
  });
  return values;
}

export const FindingState = codes('FindingState', 'Where a finding stands · 疑点状态', {
  OPEN: 'nobody has looked at it yet · 待核查',
  UNDER_REVIEW: 'being reviewed · 核查中',
  FRAUD_LEAD: 'handed on as a lead · 移送线索',
  RECOVER: 'to be recovered · 追回',
  ALREADY_RECOVERED: 'already recovered · 已追回',
  LEGITIMATE: 'legitimate · 合规',
  SOURCE_ERROR: "a bureau's record is wrong · 数据源有误",
  IDENTITY_ERROR: 'two persons were taken for one · 身份有误',
  UNDETERMINED: 'could not be determined · 无法认定',
  WITHDRAWN: 'no longer supported by the records · 已撤回',
  CONTRADICTED: 'decided, and no longer supported · 依据已变',
});
const Tier = codes('Tier', 'How well a death is established · 死亡证据等级', {
  PROVEN: 'two sources, or a certificate that matches exactly · 确证',
  SUSPECTED: 'one other piece of evidence · 疑似',
  CONTESTED: 'the evidence contradicts itself, or there is a sign of life · 存疑',
});
const FindingClass = codes('FindingClass', 'What kind of wrong it is · 疑点类别', {
  CLAIM: 'a claim · 结算',
  ACCOUNT: 'a personal account · 个人账户',
  ENROLLMENT: 'an enrolment · 参保',
  PENSION: 'a pension · 养老待遇',
  INSTITUTION: 'an institution · 定点机构',
  DATA_QUALITY: 'a register may be wrong · 数据质量',
});
const Advice = codes('Advice', 'What a reviewer should do first; never an accusation · 处理建议', {
  RECOVER: 'recover the money · 追回',
  VERIFY: 'verify first · 先核实',
});

@ObjectType('Person', { description: PERSON_DESCRIPTION })
@Directive('@key(fields: "id", resolvable: false)')
class FindingPerson implements PersonReference {
  @Field(() => ID, { description: PERSON_ID_DESCRIPTION })
  @tags('open')
  id!: string;
}

@ObjectType({ description: 'A rule of the cross-check · 核查规则' })
@tags(`provider/${SUPERVISION}`)
export class Rule {
  @Field({ description: 'Its code, for ever · 规则代码' })
  @tags('kind/finding')
  code!: string;

  @Field(() => Int, { description: 'Its version · 规则版本' })
  @tags('kind/finding')
  version!: number;

  @Field({ description: 'What it finds, in English · 英文名称' })
  @tags('kind/finding')
  title!: string;

  @Field({ description: 'What it finds, in Chinese · 中文名称' })
  @tags('kind/finding')
  titleZh!: string;

  @Field(() => [String], { description: 'Documents and articles it rests on · 法律依据' })
  @tags('kind/finding')
  basis!: string[];

  @Field(() => FindingClass, { description: 'What kind of wrong it is · 疑点类别' })
  @tags('kind/finding')
  class!: string;

  @Field(() => [String], { description: 'Fields it reads of each kind of record · 使用的字段' })
  @tags('kind/finding')
  reads!: readonly string[];
}

@ObjectType({ description: 'A record that a finding rests on, as it stood · 证据记录' })
class EvidenceRecord {
  @Field({ description: 'Kind of record · 记录类别' })
  @tags('open')
  kind!: string;

  @Field(() => ID, { description: "Its key in the bureau's own system · 业务系统主键" })
  @tags('open')
  sourceId!: string;

  @Field(() => ID, { description: 'The revision used · 版本号' })
  @tags('open')
  revision!: string;

  @Field(() => DateTimeScalar, { description: 'Since when that revision was known · 入库时间' })
  @tags('open')
  recordedAt!: string;
}

@ObjectType({ description: 'The days on which the person may have died · 死亡时间窗' })
class Window {
  @Field(() => DateScalar, { description: 'The earliest · 最早' })
  @tags('open')
  earliest!: string;

  @Field(() => DateScalar, { description: 'The latest: care after it, and a day of grace, is after death · 最晚' })
  @tags('open')
  latest!: string;
}

@ObjectType({ description: 'A parameter of a rule · 规则参数' })
class Parameter {
  @Field({ description: 'Its name · 名称' })
  @tags('open')
  name!: string;

  @Field(() => Int, { description: 'Its value; days unless the name says otherwise · 取值' })
  @tags('open')
  value!: number;
}

@ObjectType({ description: 'Under which agreement a field was read · 字段所依据的共享协议' })
class FieldAgreement {
  @Field({ description: 'The field, as kind.field · 字段' })
  @tags('open')
  field!: string;

  @Field({ description: 'The agreement · 协议' })
  @tags('open')
  agreement!: string;
}

@ObjectType({ description: 'Why a finding was made: with it anyone can make it again · 证据' })
class Evidence {
  @Field(() => [EvidenceRecord], { description: 'The exact records used · 所用记录' })
  @tags('open')
  records!: EvidenceRecord[];

  @Field(() => Window, {
    nullable: true,
    description: 'When the person may have died, if any evidence is dated · 死亡时间窗',
  })
  @tags('open')
  window!: Window | null;

  @Field(() => Int, { description: 'Version of the rule · 规则版本' })
  @tags('open')
  ruleVersion!: number;

  @Field(() => [Parameter], { description: 'Parameters of the rule · 规则参数' })
  @tags('open')
  parameters!: Parameter[];

  @Field(() => [FieldAgreement], { description: 'Under which agreement each field was read · 共享协议' })
  @tags('open')
  agreements!: FieldAgreement[];
}

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

  @Field(() => FindingPerson, { nullable: true, description: 'The person concerned · 涉及人员' })
  @tags('kind/finding')
  person!: PersonReference | null;

  @Field(() => Evidence, { description: 'What it rests on · 证据' })
  @tags('kind/finding')
  evidence!: Evidence;
}

@ObjectType({ description: 'A finding in a list · 疑点' })
class FindingEdge {
  @Field({ description: 'Its place in the list · 游标' })
  @tags('open')
  cursor!: string;

  @Field(() => Finding, { description: 'The finding · 疑点' })
  @tags('open')
  node!: Finding;
}

@ObjectType({ description: 'Findings, paged · 疑点列表' })
class FindingConnection {
  @Field(() => [FindingEdge], { description: 'The findings of this page · 本页疑点' })
  @tags('open')
  edges!: FindingEdge[];

  @Field(() => PageInfo, { description: 'Where the page ends · 分页信息' })
  @tags('open')
  pageInfo!: PageInfo;
}

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
  @tags('kind/finding', 'verb/LIST', 'presence', 'reads/rule', 'reads/state')
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

  @Query(() => [Rule], { nullable: true, description: 'The rules of the cross-check · 核查规则' })
  @tags('kind/finding', 'verb/LIST', 'presence')
  rules(): Rule[] {
    return allRules().map(inGraph);
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
  evidence(@Root() { evidence, ruleVersion }: findings.Finding): Evidence {
    return {
      records: evidence.records,
      window: evidence.window,
      ruleVersion,
      parameters: Object.entries(evidence.parameters).map(([name, value]) => ({ name, value })),
      agreements: Object.entries(evidence.agreements).map(([field, agreement]) => ({ field, agreement })),
    };
  }
}

function inGraph({ code, version, title, basis, class: findingClass, reads }: RuleOfLaw): Rule {
  return {
    code,
    version,
    title: title.en,
    titleZh: title.zh,
    basis: basis.map(({ en, zh }) => `${en} · ${zh}`),
    class: findingClass,
    reads,
  };
}
