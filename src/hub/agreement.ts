/**
 * What an agreement is in the graph. Every field is the caller's own affair (`own`): nothing is to be granted, and who sees an agreement at all is
 * settled by the resolvers that hand it out.
 */
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionType } from '../bureaus/connection';
import { tags } from '../bureaus/record';
import { DateScalar, DateTimeScalar } from '../bureaus/scalars';
import type { MASKS, STATES, VERBS } from '../sharing/agreement';

function words(name: string, description: string, meanings: Readonly<Record<string, string>>): Record<string, string> {
  const values = Object.fromEntries(Object.keys(meanings).map((word) => [word, word]));
  const described = Object.entries(meanings).map(([word, meaning]) => [word, { description: meaning }]);
  registerEnumType(values, { name, description, valuesConfig: Object.fromEntries(described) });
  return values;
}

export const Verb = words('Verb', 'How fields may be used · 使用方式', {
  VERIFY: 'one-bit answers · 核验',
  LOOKUP: 'one record or person by its id · 查询',
  LIST: 'search and enumerate · 列表',
  FEED: 'follow changes · 变更订阅',
  AGGREGATE: 'count and sum · 统计',
  REVIEW: 'take up, decide on and give back findings · 核查处理',
} satisfies Record<(typeof VERBS)[number], string>);

export const Mask = words('Mask', 'How a field is shown · 脱敏方式', {
  PLAIN: 'as it is · 原文',
  PARTIAL: 'in part · 部分隐去',
  YEAR: 'a date as its year · 仅年份',
} satisfies Record<(typeof MASKS)[number], string>);

export const AgreementState = words('AgreementState', 'Where an agreement stands · 协议状态', {
  DRAFT: 'being written · 草拟',
  PROPOSED: 'waits for another officer of the provider · 待审批',
  APPROVED: 'approved and signed · 已批准',
  REVOKED: 'revoked or withdrawn, for good · 已撤销',
  EXPIRED: 'past its last day · 已到期',
} satisfies Record<(typeof STATES)[number], string>);

@ObjectType({ description: 'How one field is shown · 字段脱敏', simpleResolvers: true })
class FieldMask {
  @Field({ description: 'The field · 字段' })
  @tags('own')
  field!: string;

  @Field(() => Mask, { description: 'How it is shown · 脱敏方式' })
  @tags('own')
  mask!: string;
}

@ObjectType({
  description: 'After how many days looks under a purpose are shown to the person · 延迟告知',
  simpleResolvers: true,
})
export class CovertDays {
  @Field({ description: 'The purpose · 用途' })
  @tags('own')
  purpose!: string;

  @Field(() => Int, { description: 'Days · 天数' })
  @tags('own')
  days!: number;
}

@ObjectType({ description: 'Fields of one kind of record that may be used by these verbs · 协议条款' })
export class Clause {
  @Field({ description: 'Kind of record · 数据类别' })
  @tags('own')
  recordKind!: string;

  @Field(() => [String], { description: 'Fields · 字段' })
  @tags('own')
  fields!: readonly string[];

  @Field(() => [Verb], { description: 'Verbs · 使用方式' })
  @tags('own')
  verbs!: readonly string[];

  @Field(() => [FieldMask], { description: 'Fields that are not shown as they are · 脱敏字段' })
  @tags('own')
  masks!: FieldMask[];

  @Field(() => [String], { description: 'Prefixes of GB/T 2260 codes; empty is everywhere · 行政区划' })
  @tags('own')
  districts!: readonly string[];
}

@ObjectType({ description: "The hub's signature of an approval · 审批签名", simpleResolvers: true })
class Approval {
  @Field({ description: 'ed25519 or sm2 · 签名算法' })
  @tags('own')
  algorithm!: string;

  @Field({ description: 'Short name of the key · 密钥标识' })
  @tags('own')
  keyId!: string;

  @Field({ description: 'The public key, hex · 公钥' })
  @tags('own')
  publicKey!: string;

  @Field({ description: 'The signature, hex · 签名' })
  @tags('own')
  signature!: string;

  @Field({ description: 'SHA-256 of what was signed, hex · 签名原文摘要' })
  @tags('own')
  hash!: string;
}

@ObjectType({ description: 'A step in the life of an agreement · 协议变更记录', simpleResolvers: true })
class AgreementEvent {
  @Field(() => DateTimeScalar, { description: 'When · 时间' })
  @tags('own')
  at!: string;

  @Field({ description: 'Agency that acted · 操作部门' })
  @tags('own')
  agency!: string;

  @Field({ description: 'Officer that acted · 操作人' })
  @tags('own')
  officer!: string;

  @Field(() => AgreementState, { nullable: true, description: 'State before · 原状态' })
  @tags('own')
  fromState!: string | null;

  @Field(() => AgreementState, { description: 'State after · 新状态' })
  @tags('own')
  toState!: string;

  @Field(() => String, { nullable: true, description: 'Reason · 原因' })
  @tags('own')
  reason!: string | null;
}

@ObjectType({ description: 'What a provider allows one agency to do with its records · 数据共享协议' })
export class Agreement {
  @Field(() => ID, { description: 'Its id, which begins with the provider · 协议编号' })
  @tags('own')
  id!: string;

  @Field({ description: 'Agency that gives the records · 提供部门' })
  @tags('own')
  provider!: string;

  @Field({ description: 'Agency that may use them · 使用部门' })
  @tags('own')
  agency!: string;

  @Field(() => [String], { description: 'Purposes · 用途' })
  @tags('own')
  purposes!: string[];

  @Field({ description: 'Whether each operation must name a case · 是否须注明案号' })
  @tags('own')
  caseRequired!: boolean;

  @Field(() => [CovertDays], { description: 'Purposes that persons hear of later · 延迟告知的用途' })
  @tags('own')
  covertDays!: CovertDays[];

  @Field(() => [Clause], { description: 'What may be used · 条款' })
  @tags('own')
  clauses!: Clause[];

  @Field(() => DateScalar, { description: 'First day · 生效日期' })
  @tags('own')
  validFrom!: string;

  @Field(() => DateScalar, { description: 'Last day · 截止日期' })
  @tags('own')
  validTo!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Persons that may be reached per day; null is any number · 每日人数上限',
  })
  @tags('own')
  personsPerDay!: number | null;

  @Field(() => AgreementState, { description: 'Where it stands · 状态' })
  @tags('own')
  state!: string;

  @Field(() => String, { nullable: true, description: 'Officer that proposed it · 提出人' })
  @tags('own')
  proposedBy!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was proposed · 提出时间' })
  @tags('own')
  proposedAt!: string | null;

  @Field(() => String, { nullable: true, description: 'Officer that approved it · 批准人' })
  @tags('own')
  approvedBy!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was approved · 批准时间' })
  @tags('own')
  approvedAt!: string | null;

  @Field(() => Approval, { nullable: true, description: 'The signature of the approval · 审批签名' })
  @tags('own')
  approval!: Approval | null;

  @Field({
    description: 'Whether it is what was approved and signed; one that is not counts for nothing · 签名是否有效',
  })
  @tags('own')
  signed!: boolean;

  @Field(() => String, { nullable: true, description: 'Officer that revoked it · 撤销人' })
  @tags('own')
  revokedBy!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was revoked · 撤销时间' })
  @tags('own')
  revokedAt!: string | null;

  @Field(() => String, { nullable: true, description: 'Why it was revoked · 撤销原因' })
  @tags('own')
  revokedReason!: string | null;

  @Field(() => Int, { description: 'Grows by one with every change · 版本' })
  @tags('own')
  version!: number;

  @Field(() => [AgreementEvent], { description: 'Its history, oldest first · 变更记录' })
  @tags('own')
  events!: AgreementEvent[];
}

export const AgreementConnection = connectionType(Agreement, 'Agreement', {
  tag: 'own',
  edge: 'An agreement in a list · 协议',
  node: 'The agreement · 协议',
  connection: 'Agreements, paged · 协议列表',
  edges: 'The agreements of this page · 本页协议',
});
