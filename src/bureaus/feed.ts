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
import { type Projection, project } from './projection';
import { type RecordClass, type RecordKind, recordKind, tags } from './record';
import { DateTimeScalar } from './scalars';
import { isWithin } from './within';

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
    description:
      'endCursor of the page before, or the seq of the last change that was kept; without it the feed begins at its beginning · 上一页的结束游标，或已保存的最后一条变更的序号',
  })
  after?: string;

  @Field(() => Int, { nullable: true, description: `Changes of the page, at most ${PAGE_MAX} · 每页条数` })
  first?: number;
}

interface Changes {
  changes: Told[];
  endCursor: string;
  hasNextPage: boolean;
}

/** The resolver of `<name>Changes` for a record class. */
export function feedOf(recordClass: RecordClass, name: string): ClassType {
  const kind = recordKind(recordClass);
  const types = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

  @ObjectType(`${types}Change`, { description: `A change of: ${kind.en} · 变更：${kind.zh}`, simpleResolvers: true })
  class Change {
    @Field(() => ID, {
      description:
        'Its place in the change log; give it as after to go on behind it · 变更序号，可作为 after 从其后继续',
    })
    @tags('open')
    seq!: string;

    @Field(() => ChangeOp, { description: 'What became of the record · 变更类型' })
    @tags('open')
    op!: ChangeOp;

    // The same as the record's own: who is not granted those does not read them here.
    @Field(() => ID, { description: "Key of the record in the bureau's own system · 业务系统主键" })
    @tags(`kind/${kind.kind}`)
    sourceId!: string;

    @Field(() => DateTimeScalar, { description: 'Since when the hub has known it · 入库时间' })
    @tags(`kind/${kind.kind}`)
    recordedAt!: string;

    // A record's own tells nothing of its deletion, and by the hub's time of one a later return of the record could look older than it.
    @Field(() => DateTimeScalar, { description: 'When the source last touched it, or deleted it · 数据更新时间' })
    @tags(`kind/${kind.kind}`)
    updatedAt!: string;

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

    @Field({
      description: 'Give it as after to go on; it stays valid for ever, as the seq of every change does · 结束游标',
    })
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

/** A change as the graph tells it, without what was not asked for. */
interface Told {
  seq: string;
  op: ChangeOp;
  sourceId: string;
  recordedAt: string | null;
  updatedAt: string | null;
  /** Key of the person it is about, where persons are noted one by one. */
  person: string | null;
  record: Record<string, unknown> | null;
}

async function feedPage(kind: RecordKind, after: string, size: number, context: BureauContext): Promise<Changes> {
  if (!/^\d{1,18}$/.test(after))
    throw badInput('after is not a cursor of this feed: give the endCursor of the page before');
  const { districts } = context.scope(kind.kind);
  const { changes, scannedTo } =
    districts === null
      ? { changes: await changesAfter(kind, after, size + 1, context), scannedTo: null }
      : await changesWithin(kind, districts, after, size + 1, context);
  const page = changes.slice(0, size);
  const isCut = changes.length > size;
  const endCursor = (isCut || scannedTo === null ? page.at(-1)?.seq : scannedTo.seq) ?? after;
  context.reachPersons(page.flatMap(({ person }) => person ?? []));
  const first = page[0];
  // A page cut to some districts does not name its persons by its ends: they were noted one by one.
  if (first && districts === null) context.reachFeed(kind.kind, first.seq, endCursor);
  return {
    changes: page,
    endCursor,
    hasNextPage: isCut || scannedTo?.more === true,
  };
}

async function changesAfter(kind: RecordKind, after: string, limit: number, context: BureauContext): Promise<Told[]> {
  const projection = project(kind, context);
  const person = context.countsPersons && kind.filedUnder ? `encode(r.person_key, 'hex')` : 'null';
  const { rows } = await context.pool.query<unknown[]>({
    rowMode: 'array',
    text: `select r.seq, r.op = 'D', ${times(kind, context)}, ${person}, ${projection.columns} from ${kind.table} r
           where r.seq > $1 order by r.seq limit $2`,
    values: [after, limit],
  });
  return rows.map((row) => changeOf(row, projection));
}

/** Revisions looked at for one page of some districts, at most: a rare district must not make one page read the whole log. */
const SCAN_MAX = 50_000;

/**
 * Changes in some districts. A record that leaves them is told as deleted, as is one that is deleted there; a record that was never there is
 * not told at all. `scannedTo` is how far the log was read, and whether it goes on.
 */
async function changesWithin(
  kind: RecordKind,
  districts: readonly string[],
  after: string,
  limit: number,
  context: BureauContext,
): Promise<{ changes: Told[]; scannedTo: { seq: string | null; more: boolean } }> {
  const scanned = await context.pool.query<{ seq: string | null; count: number }>(
    `select max(seq) as seq, count(*)::int as count
     from (select seq from ${kind.table} where seq > $1 order by seq limit $2) s`,
    [after, SCAN_MAX],
  );
  const { seq = null, count = 0 } = scanned.rows[0] ?? {};
  const projection = project(kind, context);
  const values: unknown[] = [after, seq ?? after, limit];
  const inside = isWithin(kind, districts, values);
  const person = kind.filedUnder ? `encode(r.person_key, 'hex')` : 'null';
  const { rows } = await context.pool.query<unknown[]>({
    rowMode: 'array',
    text: `select r.seq, not (r.op = 'U' and ${inside}), ${times(kind, context)}, ${person}, ${projection.columns}
           from ${kind.table} r
           left join lateral (
             select past.op = 'U' and past.inside as inside
             from (select r.seq, r.op, ${inside} as inside, r.source_id from ${kind.table} r) past
             where past.source_id = r.source_id and past.seq < r.seq order by past.seq desc limit 1) before on true
           where r.seq > $1 and r.seq <= $2 and ((r.op = 'U' and ${inside}) or before.inside) order by r.seq limit $3`,
    values,
  });
  return {
    changes: rows.map((row) => changeOf(row, projection)),
    scannedTo: { seq, more: count === SCAN_MAX },
  };
}

/** The times of a change: to read one that nobody asked for costs as much as a field of the record. */
function times(kind: RecordKind, context: BureauContext): string {
  const asked = context.fields(kind.kind);
  const column = (field: string, name: string) => (asked.includes(field) ? `r.${name}` : 'null');
  return `${column('recordedAt', 'recorded_from')}, ${column('updatedAt', 'updated_at')}`;
}

/** Where the record begins in a row. Its first column is the source id. */
const RECORD_AT = 5;

function changeOf(row: readonly unknown[], projection: Projection): Told {
  const isDeleted = row[1] as boolean;
  return {
    seq: row[0] as string,
    op: isDeleted ? ChangeOp.DELETE : ChangeOp.UPSERT,
    sourceId: row[RECORD_AT] as string,
    recordedAt: row[2] as string | null,
    updatedAt: row[3] as string | null,
    person: row[4] as string | null,
    record: isDeleted ? null : projection.record(row, RECORD_AT),
  };
}
