/**
 * The rules of the cross-check in the graph: what each finds, on which law it rests, which fields it reads, and how often it was right.
 */
import DataLoader from 'dataloader';
import { Ctx, Field, FieldResolver, Float, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { type BureauContext, loaderOf } from '../bureaus/context';
import { tags } from '../bureaus/record';
import { DateTimeScalar } from '../bureaus/scalars';
import { type RuleFigures, ruleFigures } from '../crosscheck/precision';
import type { Rule as RuleOfLaw } from '../crosscheck/rule';
import { allRules } from '../crosscheck/rulebook';
import { FindingClass, SUPERVISION } from './codes';

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

@Resolver(() => Rule)
export class RuleResolver {
  @Query(() => [Rule], { nullable: true, description: 'The rules of the cross-check · 核查规则' })
  @tags('kind/finding', 'verb/LIST', 'presence')
  rules(): Rule[] {
    return allRules().map(inGraph);
  }

  @FieldResolver(() => Int, { description: 'Findings it supports now · 现有疑点数' })
  @tags('kind/finding')
  async findings(@Root() { code }: Rule, @Ctx() context: BureauContext): Promise<number> {
    return (await figuresOf(code, context)).findings;
  }

  @FieldResolver(() => Int, {
    description: 'Its findings that were decided, also if it supports them no more · 已认定数',
  })
  @tags('kind/finding')
  async decided(@Root() { code }: Rule, @Ctx() context: BureauContext): Promise<number> {
    return (await figuresOf(code, context)).decided;
  }

  @FieldResolver(() => Int, { description: 'Of them decided to be legitimate · 认定为合规数' })
  @tags('kind/finding')
  async legitimate(@Root() { code }: Rule, @Ctx() context: BureauContext): Promise<number> {
    return (await figuresOf(code, context)).legitimate;
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description:
      'Of those decided one way or the other the share that was right, 0 to 1; of a rule about data also where a record was wrong · 准确率',
  })
  @tags('kind/finding')
  async precision(@Root() { code }: Rule, @Ctx() context: BureauContext): Promise<number | null> {
    return (await figuresOf(code, context)).precision;
  }

  @FieldResolver(() => DateTimeScalar, {
    nullable: true,
    description: 'Start of the last run in which it ran · 最近运行时间',
  })
  @tags('kind/finding')
  async lastRun(@Root() { code }: Rule, @Ctx() context: BureauContext): Promise<string | null> {
    return (await figuresOf(code, context)).lastRun;
  }

  @FieldResolver(() => [String], {
    nullable: true,
    description: 'Why the last run skipped it; null where it ran · 最近一次未运行的原因',
  })
  @tags('kind/finding')
  async skippedBecause(@Root() { code }: Rule, @Ctx() context: BureauContext): Promise<string[] | null> {
    return (await figuresOf(code, context)).skippedBecause;
  }
}

/** Counted once per operation, however many rules are asked for. */
async function figuresOf(code: string, context: BureauContext): Promise<RuleFigures> {
  const loader = loaderOf<string, RuleFigures>(
    context,
    'rule figures',
    () =>
      new DataLoader(async (codes) => {
        const figures = await ruleFigures(context, codes);
        return codes.map((each) => figures.get(each) as RuleFigures);
      }),
  );
  return loader.load(code);
}

/** A rule as the graph shows it. */
export function inGraph({ code, version, title, basis, class: findingClass, reads }: RuleOfLaw): Rule {
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
