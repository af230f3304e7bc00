/**
 * What is wrong with a database that works and cannot take what it is given, told to whoever runs it, with what to do. Anything else says for itself
 * what it is.
 */
import { withoutValues } from './without-values';

/** By SQLSTATE (PostgreSQL 18, appendix A). */
const TROUBLES: Readonly<Record<string, string>> = {
  '53100':
    'The disk of the database is full: what was being written is undone and nothing is lost; free space there, then run it again. What serves goes on by itself',
  '53200': 'The database has no memory left: what was being written is undone; end what takes it, then run it again',
  '53300': 'The database has no connection left: end other clients, or raise its max_connections',
};

/** As pg's pool words it. */
const NONE_FREE = 'timeout exceeded when trying to connect';

/** One sentence on an error of the database, without values. */
export function troubleOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  const known = typeof code === 'string' ? TROUBLES[code] : undefined;
  if (known !== undefined) return `${known} (${withoutValues(error)})`;
  if (error instanceof Error && error.message === NONE_FREE)
    return 'No connection to the database became free in time: all of this process are in use';
  return withoutValues(error);
}
