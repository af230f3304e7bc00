/**
 * The evidence of a finding in the graph: the exact records, the window, the rule's version and parameters, the agreements.
 */
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { tags } from '../bureaus/record';
import { DateScalar, DateTimeScalar } from '../bureaus/scalars';
import type { Finding } from '../crosscheck/finding';

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
export class Evidence {
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

/** The evidence of a finding as the graph shows it. */
export function evidenceOf({ evidence, ruleVersion }: Finding): Evidence {
  return {
    records: evidence.records,
    window: evidence.window,
    ruleVersion,
    parameters: Object.entries(evidence.parameters).map(([name, value]) => ({ name, value })),
    agreements: Object.entries(evidence.agreements).map(([field, agreement]) => ({ field, agreement })),
  };
}
