/**
 * Agreements changed through the graph, by officers of the provider. What the life of an agreement refuses is told in its own words.
 */

import { GraphQLError } from 'graphql';
import { Arg, Ctx, Field, ID, InputType, Int, Mutation, Resolver } from 'type-graphql';
import { badInput } from '../bureaus/bad-input';
import { tags } from '../bureaus/record';
import { DateScalar } from '../bureaus/scalars';
import type { Clause, Agreement as KeptAgreement, Mask as MaskWord, Verb as VerbWord } from '../sharing/agreement';
import { AgreementRefused, approve, draft, propose, revoke } from '../sharing/life';
import type { Terms } from '../sharing/terms';
import { Agreement, Mask, Verb } from './agreement';
import type { HubContext } from './own-agreements';

@InputType({ description: 'How one field is shown · 字段脱敏' })
class FieldMaskInput {
  @Field({ description: 'The field · 字段' })
  field!: string;

  @Field(() => Mask, { description: 'How it is shown · 脱敏方式' })
  mask!: MaskWord;
}

@InputType({ description: 'After how many days looks under a purpose are shown to the person · 延迟告知' })
class CovertDaysInput {
  @Field({ description: 'The purpose · 用途' })
  purpose!: string;

  @Field(() => Int, { description: 'Days · 天数' })
  days!: number;
}

@InputType({ description: 'Fields of one kind of record that may be used by these verbs · 协议条款' })
class ClauseInput {
  @Field({ description: 'Kind of record · 数据类别' })
  recordKind!: string;

  @Field(() => [String], { description: 'Fields · 字段' })
  fields!: string[];

  @Field(() => [Verb], { description: 'Verbs · 使用方式' })
  verbs!: VerbWord[];

  @Field(() => [FieldMaskInput], { nullable: true, description: 'Fields that are not shown as they are · 脱敏字段' })
  masks?: FieldMaskInput[] | null;

  @Field(() => [String], { nullable: true, description: 'Prefixes of GB/T 2260 codes, of 2, 4 or 6 digits · 行政区划' })
  districts?: string[] | null;
}

@InputType({ description: "Terms of an agreement; the provider is the caller's agency · 协议内容" })
class AgreementInput {
  @Field(() => ID, { description: 'Its id: the provider, /, and what the provider likes · 协议编号' })
  id!: string;

  @Field({ description: 'Agency that may use the records · 使用部门' })
  agency!: string;

  @Field(() => [String], { description: 'Purposes · 用途' })
  purposes!: string[];

  @Field(() => Boolean, { nullable: true, description: 'Whether each operation must name a case · 是否须注明案号' })
  caseRequired?: boolean | null;

  @Field(() => [CovertDaysInput], {
    nullable: true,
    description: 'Purposes that persons hear of later · 延迟告知的用途',
  })
  covertDays?: CovertDaysInput[] | null;

  @Field(() => [ClauseInput], { description: 'What may be used · 条款' })
  clauses!: ClauseInput[];

  @Field(() => DateScalar, { description: 'First day · 生效日期' })
  validFrom!: string;

  @Field(() => DateScalar, { description: 'Last day · 截止日期' })
  validTo!: string;

  @Field(() => Int, { nullable: true, description: 'Persons that may be reached per day · 每日人数上限' })
  personsPerDay?: number | null;
}

const ID_DESCRIPTION = 'Id of the agreement · 协议编号';

@Resolver()
export class AgreementChangeResolver {
  @Mutation(() => Agreement, { nullable: true, description: 'Write terms down, or over your own draft · 草拟协议' })
  @tags('own')
  draftAgreement(
    @Arg('input', () => AgreementInput, { description: 'The terms · 协议内容' }) input: AgreementInput,
    @Ctx() context: HubContext,
  ): Promise<KeptAgreement> {
    return told(context, draft(context.office, context.caller, termsOf(input, context.caller.agency)));
  }

  @Mutation(() => Agreement, { nullable: true, description: 'Propose a draft · 提交协议' })
  @tags('own')
  proposeAgreement(
    @Arg('id', () => ID, { description: ID_DESCRIPTION }) id: string,
    @Ctx() context: HubContext,
  ): Promise<KeptAgreement> {
    return told(context, propose(context.office, context.caller, id));
  }

  @Mutation(() => Agreement, { nullable: true, description: "Approve another officer's proposal · 批准协议" })
  @tags('own')
  approveAgreement(
    @Arg('id', () => ID, { description: ID_DESCRIPTION }) id: string,
    @Ctx() context: HubContext,
  ): Promise<KeptAgreement> {
    return told(context, approve(context.office, context.caller, id));
  }

  @Mutation(() => Agreement, { nullable: true, description: 'Revoke an agreement or withdraw a proposal · 撤销协议' })
  @tags('own')
  revokeAgreement(
    @Arg('id', () => ID, { description: ID_DESCRIPTION }) id: string,
    @Arg('reason', { description: 'Why · 原因' }) reason: string,
    @Ctx() context: HubContext,
  ): Promise<KeptAgreement> {
    return told(context, revoke(context.office, context.caller, id, reason));
  }
}

/** The changed agreement, noted for the audit record. Refusals were written for the officer; whatever else goes wrong was not. */
async function told(context: HubContext, change: Promise<KeptAgreement>): Promise<KeptAgreement> {
  try {
    const agreement = await change;
    context.reachAgreement(agreement.id);
    return agreement;
  } catch (error) {
    if (!(error instanceof AgreementRefused)) throw error;
    const { mistakes } = error;
    throw new GraphQLError(error.message, {
      extensions: { code: 'BAD_USER_INPUT', ...(mistakes.length > 0 && { mistakes }) },
    });
  }
}

function termsOf(input: AgreementInput, provider: string): Terms {
  return {
    id: input.id,
    provider,
    agency: input.agency,
    purposes: input.purposes,
    caseRequired: input.caseRequired ?? false,
    covertDays: byName(input.covertDays ?? [], 'purpose', ({ days }) => days),
    clauses: input.clauses.map(
      ({ recordKind, fields, verbs, masks, districts }): Clause => ({
        recordKind,
        fields,
        verbs,
        masks: byName(masks ?? [], 'field', ({ mask }) => mask),
        districts: districts ?? [],
      }),
    ),
    validFrom: input.validFrom,
    validTo: input.validTo,
    personsPerDay: input.personsPerDay ?? null,
  };
}

/** A list of pairs as an object. */
function byName<K extends string, T extends Readonly<Record<K, string>>, V>(
  items: readonly T[],
  name: K,
  value: (item: T) => V,
): Record<string, V> {
  const twice = items.find((item, place) => items.findIndex((other) => other[name] === item[name]) < place);
  if (twice) throw badInput(`${name} ${twice[name].slice(0, 100)} stands there twice`);
  return Object.fromEntries(items.map((item) => [item[name], value(item)]));
}
