/**
 * Who looked at a person, when, under which purpose: `Person.accesses`, told from the audit log. A person may ask this of whoever handles their
 * information (个人信息保护法, articles 44 and 45), and supervision answers from here.
 */
import type { Pool } from 'pg';
import { Args, Ctx, Directive, Field, FieldResolver, ID, ObjectType, Resolver, Root } from 'type-graphql';
import { type Access as AccessKept, accessesOf } from '../audit/accesses';
import { badInput, pageSize } from '../bureaus/bad-input';
import { type Connection, connect, connectionType, PageArgs, readCursor } from '../bureaus/connection';
import { PAGE_DEFAULT, PAGE_MAX } from '../bureaus/limits';
import { keysOf } from '../bureaus/read';
import { tags } from '../bureaus/record';
import { DateTimeScalar } from '../bureaus/scalars';
import { SUPERVISION } from './codes';
import type { HubContext } from './own-agreements';
import { Person, PLACES, placesWith } from './person';

@ObjectType({ description: 'An operation that reached a person · 查询记录', simpleResolvers: true })
@tags(`provider/${SUPERVISION}`)
export class Access {
  @Field(() => DateTimeScalar, { description: 'When · 时间' })
  @tags('kind/access')
  at!: string;

  @Field({ description: 'Code of the agency that looked · 查询部门' })
  @tags('kind/access')
  agency!: string;

  @Field(() => String, { nullable: true, description: 'The officer, as the agency names them · 经办人' })
  @tags('kind/access')
  officer!: string | null;

  @Field({ description: 'Purpose of the agreement it was done under · 用途' })
  @tags('kind/access')
  purpose!: string;

  @Field(() => String, { nullable: true, description: 'Number of the case · 案件编号' })
  @tags('kind/access')
  case!: string | null;

  @Field(() => [String], { description: 'Kinds of record that were read · 涉及的数据类别' })
  @tags('kind/access')
  kinds!: string[];

  @Field(() => [String], { description: 'How they were read · 使用方式' })
  @tags('kind/access')
  verbs!: string[];

  @Field(() => ID, { description: 'Receipt of the audit record · 审计回执' })
  @tags('kind/access')
  receipt!: string;
}

const AccessConnection = connectionType(Access, 'Access', {
  tag: 'open',
  edge: 'An access in a list · 查询记录',
  node: 'The access · 查询记录',
  connection: 'Accesses, the newest first · 查询记录列表',
  edges: 'The accesses of this page · 本页记录',
});

@Resolver(() => Person)
export class AccessResolver {
  @FieldResolver(() => AccessConnection, {
    nullable: true,
    description: 'Who looked at this person, the newest first; covert purposes after their delay · 谁查询过该人员',
  })
  @Directive(`@requires(fields: "keys ${[...PLACES.values()].join(' ')}")`)
  @tags('kind/access', 'presence')
  async accesses(
    @Root() person: Person,
    @Args() { first, after }: PageArgs,
    @Ctx() context: HubContext,
  ): Promise<Connection<AccessKept>> {
    const size = pageSize(first, PAGE_DEFAULT, PAGE_MAX);
    const keys = keysOf(person);
    context.reachPersons(keys);
    const { accesses, hasNextPage } = await accessesOf(context.pool, {
      keys,
      feedPlaces: placesWith(person),
      covert: await covertPurposes(context.pool),
      now: context.office.now(),
      first: size,
      after: after == null ? null : seqOf(after),
    });
    const page = connect(
      accesses.map((node) => ({ position: [node.seq, ''] as const, node })),
      size,
      after,
    );
    return { ...page, pageInfo: { ...page.pageInfo, hasNextPage } };
  }
}

function seqOf(cursor: string): string {
  const [seq] = readCursor(cursor);
  if (!/^\d{1,18}$/.test(seq))
    throw badInput('after is not a cursor of this list: give the endCursor of the page before');
  return seq;
}

/** Purposes that some agreement calls covert, and after how many days they are told; of several agreements the longest. */
async function covertPurposes(pool: Pool): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ purpose: string; days: number }>(
    `select purpose, max(days::int) as days from sharing.agreement, jsonb_each_text(covert_days) covert(purpose, days) group by purpose`,
  );
  return new Map(rows.map(({ purpose, days }) => [purpose, days]));
}
