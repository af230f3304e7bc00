/**
 * Change feeds: the revisions of a kind in commit order, for followers that keep a copy.
 *
 * `seq` is given under a lock that its writer holds until commit (see sync/load), so a higher number is never visible before a lower one: a
 * follower that stores `endCursor` with its data misses nothing and sees nothing twice, also while writers commit. The revision table is
 * the change log: a revision's `seq` is its place in it, so a cursor stays valid for ever, also in a restored copy.
 */
import {
  Args,
  ArgsType,
  type ClassType,
  Ctx,
  Field,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  registerEnumType,
} from 'type-graphql';
import { badInput, pageSize } from './bad-input';
import type { BureauContext } from './context';
import { FEED_PAGE_DEFAULT, PAGE_MAX } from './limits';
import { project } from './projection';
import { type RecordClass, type RecordKind, recordKind, tags } from './record';
import { DateTimeScalar } from './scalars';

enum ChangeOp {
  UPSERT = 'UPSERT',
  DELETE = 'DELETE',
}
registerEnumType(ChangeOp, {
  name: 'ChangeOp',
  description: 'What became of a record · 变更类型',
  valuesConfig: {
    UPSERT: { description: 'it is new or changed · 新增或变更' },
    DELETE: { description: 'it was deleted · 删除' },
  },
});

@ArgsType()
class FeedArgs {
  @Field(() => String, {
    nullable: true,
    description: 'endCursor of the page before; without it the feed begins at its beginning · 上一页的结束游标',
  })
  after?: string;

  @Field(() => Int, { nullable: true, description: `Changes of the page, at most ${PAGE_MAX} · 每页条数` })
  first?: number;
}

interface Changes {
  changes: { seq: string; op: string; sourceId: string; recordedAt: string; record: Record<string, unknown> | null }[];
  endCursor: string;
  hasNextPage: boolean;
}

/** The resolver of `<name>Changes` for a record class. */
export function feedOf(recordClass: RecordClass, name: string): ClassType {
  const kind = recordKind(recordClass);
  const types = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

  @ObjectType(`${types}Change`, { description: `A change of: ${kind.en} · 变更：${kind.zh}`, simpleResolvers: true })
  class Change {
    @Field(() => ID, { description: 'Its place in the change log · 变更序号' })
    @tags('open')
    seq!: string;

    @Field(() => ChangeOp, { description: 'What became of the record · 变更类型' })
    @tags('open')
    op!: ChangeOp;

    @Field(() => ID, { description: "Key of the record in the bureau's own system · 业务系统主键" })
    @tags('open')
    sourceId!: string;

    @Field(() => DateTimeScalar, { description: 'Since when the hub has known it · 入库时间' })
    @tags('open')
    recordedAt!: string;

    @Field(() => recordClass, {
      nullable: true,
      description: 'The record as of this change; null when deleted · 变更后的记录',
    })
    @tags('open')
    record!: object | null;
  }

  @ObjectType(`${types}Changes`, {
    description: `Changes in commit order: ${kind.en} · 变更流：${kind.zh}`,
    simpleResolvers: true,
  })
  class ChangePage {
    @Field(() => [Change], { description: 'The changes of this page · 本页变更' })
    @tags('open')
    changes!: Change[];

    @Field({ description: 'Give it as after to go on; it stays valid for ever · 结束游标' })
    @tags('open')
    endCursor!: string;

    @Field({ description: 'Whether more is there already · 是否有下一页' })
    @tags('open')
    hasNextPage!: boolean;
  }

  @Resolver()
  class Feed {
    @Query(() => ChangePage, {
      name: `${name}Changes`,
      nullable: true,
      description: `Change feed: ${kind.en} · 变更流：${kind.zh}`,
    })
    @tags(`kind/${kind.kind}`, 'verb/FEED', 'presence')
    changes(@Args() { after, first }: FeedArgs, @Ctx() context: BureauContext): Promise<Changes> {
      return feedPage(kind, after ?? '0', pageSize(first, FEED_PAGE_DEFAULT, PAGE_MAX), context);
    }
  }
  return Feed;
}

async function feedPage(kind: RecordKind, after: string, size: number, context: BureauContext): Promise<Changes> {
  if (!/^\d{1,18}$/.test(after))
    throw badInput('after is not a cursor of this feed: give the endCursor of the page before');
  const projection = project(kind, context);
  const { rows } = await context.pool.query<unknown[]>({
    rowMode: 'array',
    text: `select r.seq, r.op, r.source_id, r.recorded_from, ${projection.columns} from ${kind.table} r
           where r.seq > $1 order by r.seq limit $2`,
    values: [after, size + 1],
  });
  const page = rows.slice(0, size);
  const endCursor = (page.at(-1)?.[0] as string | undefined) ?? after;
  if (page.length > 0) context.reachFeed(kind.kind, (page[0] as unknown[])[0] as string, endCursor);
  return {
    changes: page.map((row) => {
      const [seq, op, sourceId, recordedAt] = row as [string, string, string, string];
      const deleted = op === 'D';
      return {
        seq,
        op: deleted ? ChangeOp.DELETE : ChangeOp.UPSERT,
        sourceId,
        recordedAt,
        record: deleted ? null : projection.record(row, 4),
      };
    }),
    endCursor,
    hasNextPage: rows.length > size,
  };
}
