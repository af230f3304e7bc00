/**
 * Relay connections (GraphQL Cursor Connections Specification) of records, paged by key and not by offset: a page costs the same wherever
 * it is, and records that come or go between two pages neither repeat nor hide others.
 */
import { ArgsType, type ClassType, Directive, Field, Int, ObjectType } from 'type-graphql';
import { badInput } from './bad-input';
import { type RecordClass, recordKind, tags } from './record';

@ObjectType({ description: 'Where a page ends · 分页信息', simpleResolvers: true })
@Directive('@shareable')
export class PageInfo {
  @Field({ description: 'Whether more follows · 是否有下一页' })
  @tags('open')
  hasNextPage!: boolean;

  @Field({ description: 'Whether this is not the first page · 是否有上一页' })
  @tags('open')
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first record · 起始游标' })
  @tags('open')
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last record: give it as after · 结束游标' })
  @tags('open')
  endCursor!: string | null;
}

@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: 'Records of the page · 每页条数' })
  first?: number;

  @Field(() => String, { nullable: true, description: 'endCursor of the page before · 上一页的结束游标' })
  after?: string;
}

export interface Connection<T> {
  edges: { cursor: string; node: T }[];
  pageInfo: PageInfo;
}

/** Where a page begins: the order value and the source id of the record before it. */
export type Position = readonly [order: string, sourceId: string];

const connections = new Map<RecordClass, ClassType>();

/** The GraphQL type `<Type>Connection` of a record class. */
export function connectionOf(recordClass: RecordClass): ClassType {
  const known = connections.get(recordClass);
  if (known) return known;
  const { type, en, zh } = recordKind(recordClass);
  const made = connectionType(recordClass as ClassType, type, {
    tag: 'open',
    edge: `${en} in a list · ${zh}`,
    node: `${en} · ${zh}`,
    connection: `${en}, paged · ${zh}`,
    edges: 'The records of this page · 本页记录',
  });
  connections.set(recordClass, made);
  return made;
}

/** How the parts of a connection are described, and how its fields are tagged. */
export interface ConnectionTerms {
  tag: string;
  edge: string;
  node: string;
  connection: string;
  edges: string;
}

/** The GraphQL type `<name>Connection` over nodes of a class, and its edges. */
export function connectionType(Node: ClassType, name: string, terms: ConnectionTerms): ClassType {
  @ObjectType(`${name}Edge`, { description: terms.edge, simpleResolvers: true })
  class Edge {
    @Field({ description: 'Its place in the list · 游标' })
    @tags(terms.tag)
    cursor!: string;

    @Field(() => Node, { description: terms.node })
    @tags(terms.tag)
    node!: object;
  }
  @ObjectType(`${name}Connection`, { description: terms.connection, simpleResolvers: true })
  class Page {
    @Field(() => [Edge], { description: terms.edges })
    @tags(terms.tag)
    edges!: Edge[];

    @Field(() => PageInfo, { description: 'Where the page ends · 分页信息' })
    @tags(terms.tag)
    pageInfo!: PageInfo;
  }
  return Page;
}

/** A cursor is opaque to clients: its inside may change, its meaning not. */
export function writeCursor(position: Position): string {
  return Buffer.from(JSON.stringify(position), 'utf8').toString('base64url');
}

/** The position a cursor names; a text that is no cursor of ours is bad input. */
export function readCursor(cursor: string): Position {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(position) && position.length === 2 && position.every((part) => typeof part === 'string')) {
      return position as unknown as Position;
    }
  } catch {
    // Falls through: whatever is wrong with it, the next step is the same.
  }
  throw badInput('after is not a cursor of this list: give the endCursor of the page before');
}

/** A page from one row more than it holds. */
export function connect<T>(
  rows: readonly { position: Position; node: T }[],
  size: number,
  after?: string | null,
): Connection<T> {
  const edges = rows.slice(0, size).map(({ position, node }) => ({ cursor: writeCursor(position), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > size,
      hasPreviousPage: after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
