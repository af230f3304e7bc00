/**
 * What a provider is told of the audit log: who used which of its fields, for what, how often, and what was refused to whom. Each agency is told
 * of its own kinds of record, and of no other's.
 */
import { Arg, Ctx, Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { usesOf } from '../audit/report';
import { tags } from '../bureaus/record';
import { DateScalar, DateTimeScalar } from '../bureaus/scalars';
import { LIMITS } from '../gateway/limits';
import type { HubContext } from './own-agreements';

@ObjectType({ description: 'How often one agency used one field · 字段使用情况', simpleResolvers: true })
class FieldUse {
  @Field({ description: 'Agency that asked · 使用部门' })
  @tags('own')
  agency!: string;

  @Field({ description: 'Purpose · 用途' })
  @tags('own')
  purpose!: string;

  @Field({ description: 'Kind of record · 数据类别' })
  @tags('own')
  kind!: string;

  @Field({ description: 'Field; * is that there is a record · 字段' })
  @tags('own')
  field!: string;

  @Field({ description: 'Verb · 使用方式' })
  @tags('own')
  verb!: string;

  @Field(() => String, { nullable: true, description: 'Why it was refused; null when it was used · 拒绝原因' })
  @tags('own')
  refused!: string | null;

  @Field(() => Int, { description: 'Operations · 次数' })
  @tags('own')
  operations!: number;

  @Field(() => DateTimeScalar, { description: 'The last of them · 最近一次' })
  @tags('own')
  last!: string;
}

@ObjectType({ description: 'Uses and refusals of the fields of one provider · 字段使用报告', simpleResolvers: true })
class FieldUses {
  @Field(() => [FieldUse], { description: 'By agency, purpose, field and verb · 明细' })
  @tags('own')
  lines!: FieldUse[];

  @Field({ description: 'Whether there were no more lines than one answer holds · 是否完整' })
  @tags('own')
  isComplete!: boolean;
}

@Resolver()
export class FieldUsesResolver {
  @Query(() => FieldUses, { nullable: true, description: 'Who used which of your fields · 本部门字段的使用情况' })
  @tags('own')
  async fieldUses(
    @Arg('from', () => DateScalar, { nullable: true, description: 'First day · 起始日期' }) from: string | null,
    @Arg('to', () => DateScalar, { nullable: true, description: 'Last day · 截止日期' }) to: string | null,
    @Ctx() { caller, office, pool }: HubContext,
  ): Promise<FieldUses> {
    const kinds = office
      .catalogue()
      .kinds.filter(({ provider }) => provider === caller.agency)
      .map(({ kind }) => kind);
    if (kinds.length === 0) return { lines: [], isComplete: true };
    return usesOf(pool, {
      kinds,
      from: from ?? undefined,
      to: to ?? undefined,
      millisecondsMax: LIMITS.operationMilliseconds,
    });
  }
}
