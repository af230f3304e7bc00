/**
 * The rules of the cross-check in the graph: what each finds, on which law it rests, and which fields it reads.
 */
import { Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { tags } from '../bureaus/record';
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

@Resolver()
export class RuleResolver {
  @Query(() => [Rule], { nullable: true, description: 'The rules of the cross-check · 核查规则' })
  @tags('kind/finding', 'verb/LIST', 'presence')
  rules(): Rule[] {
    return allRules().map(inGraph);
  }
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
