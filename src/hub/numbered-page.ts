/** Pages of lists in falling order of a number that each of their things has. */
import { badInput } from '../bureaus/bad-input';
import { type Connection, connect, readCursor } from '../bureaus/connection';

/** The number before which a page of a list in falling order goes on. */
export function numberOf(after: string | null | undefined): string | null {
  if (after == null) return null;
  const [, id] = readCursor(after);
  if (!/^\d{1,18}$/.test(id))
    throw badInput('after is not a cursor of this list: give the endCursor of the page before');
  return id;
}

/** A page of things that have a number, from one more than it holds. */
export function pageOf<T extends { id: string }>(
  found: readonly T[],
  size: number,
  after?: string | null,
): Connection<T> {
  return connect(
    found.map((node) => ({ position: ['', node.id], node })),
    size,
    after,
  );
}
