/**
 * Whether this process can answer now: the database is there, of the form this version expects, and takes audit records. A balancer asks it
 * every few seconds, and so may anybody: the answer is remembered for a second, and says a code and nothing else.
 */
import type { Pool } from 'pg';
import { isMigrated } from '../db/migrate';

export type Unready = 'STOPPING' | 'DATABASE_UNREACHABLE' | 'DATABASE_NOT_MIGRATED' | 'AUDIT_UNWRITABLE';

/** What is wrong; null when nothing is. Never rejects. */
export type ReadReadiness = () => Promise<Unready | null>;

const REMEMBERED_MILLISECONDS = 1_000;
/** A database that takes longer to answer a question about nothing will not answer anybody in time. */
const LOOK_MILLISECONDS_MAX = 2_000;

/** No records: it takes the log's lock and its rights, and writes nothing. */
const APPEND_NOTHING = `select audit.append('{}', '{}', '{}', '{}')`;

/** Readiness of a process over `pool`, by a clock that nobody sets back. */
export function readinessOf(pool: Pool, elapsed: () => number = () => performance.now()): ReadReadiness {
  let remembered: { until: number; look: Promise<Unready | null> } | undefined;
  return () => {
    if (remembered && remembered.until > elapsed()) return remembered.look;
    const look = withinTime(lookAt(pool));
    remembered = { until: elapsed() + REMEMBERED_MILLISECONDS, look };
    return look;
  };
}

async function lookAt(pool: Pool): Promise<Unready | null> {
  try {
    if (!(await isMigrated(pool))) return 'DATABASE_NOT_MIGRATED';
  } catch {
    return 'DATABASE_UNREACHABLE';
  }
  return pool.query(APPEND_NOTHING).then(
    () => null,
    () => 'AUDIT_UNWRITABLE' as const,
  );
}

async function withinTime(look: Promise<Unready | null>): Promise<Unready | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Unready>((resolve) => {
    timer = setTimeout(() => resolve('DATABASE_UNREACHABLE'), LOOK_MILLISECONDS_MAX);
  });
  try {
    return await Promise.race([look, late]);
  } finally {
    clearTimeout(timer);
  }
}
