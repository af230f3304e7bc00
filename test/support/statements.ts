import { Client } from 'pg';
import type { Database } from '../../src/db/database';
import { databasesOf } from './shape';

/**
 * A look at what is sent to a database, by whichever of its connections in this process: every statement, until `stop`. Of a hub's database, also what
 * is sent to those of its bureaus.
 */
export function watchStatements(database: { url: string }): {
  texts: string[];
  ofBureaus(): string[];
  stop(): void;
} {
  const names = new Set(databasesOf(database as Database).map(({ url }) => new URL(url).pathname.slice(1)));
  const texts: string[] = [];
  const query = Client.prototype.query;
  Client.prototype.query = function watched(this: Client & { database: string }, ...given: unknown[]) {
    const first = given[0] as string | { text: string };
    if (names.has(this.database)) texts.push(typeof first === 'string' ? first : first.text);
    return (query as (...given: unknown[]) => unknown).apply(this, given);
  } as Client['query'];
  return {
    texts,
    /** Those that touch what bureaus or the cross-check keep. */
    ofBureaus: () => texts.filter((text) => /\.(line_)?revision\b|household\.number|crosscheck\.finding/.test(text)),
    stop: () => {
      Client.prototype.query = query;
    },
  };
}
