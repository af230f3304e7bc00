import type { Pool } from 'pg';

/** A look at what is sent to the database: every statement of the pool, until `stop`. */
export function watchStatements(pool: Pool): { texts: string[]; ofBureaus(): string[]; stop(): void } {
  const texts: string[] = [];
  const query = pool.query;
  pool.query = function watched(this: Pool, ...given: unknown[]) {
    const first = given[0] as string | { text: string };
    texts.push(typeof first === 'string' ? first : first.text);
    return (query as (...given: unknown[]) => unknown).apply(this, given);
  } as Pool['query'];
  return {
    texts,
    /** Those that touch what bureaus or the cross-check keep. */
    ofBureaus: () => texts.filter((text) => /\.(line_)?revision\b|household\.number|crosscheck\.finding/.test(text)),
    stop: () => {
      pool.query = query;
    },
  };
}
