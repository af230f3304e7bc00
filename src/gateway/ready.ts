/**
 * Whether this process can answer now: the database is there, of the form this version expects, and takes audit records. A balancer asks it
 * every few seconds, and so may anybody: the answer is remembered for a second, "ready" until somebody is refused for want of the database, and says
 * a code and nothing else.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import { isMigrated } from '../db/migrate';
import type { Drain } from './drain';
import { inTime } from './in-time';

export type Unready = 'STOPPING' | 'DATABASE_UNREACHABLE' | 'DATABASE_NOT_MIGRATED' | 'AUDIT_UNWRITABLE';

/** What is wrong; null when nothing is. Never rejects. */
export type ReadReadiness = () => Promise<Unready | null>;

const REMEMBERED_MILLISECONDS = 1_000;
/** A database that takes longer to answer a question about nothing will not answer anybody in time. */
const LOOK_MILLISECONDS_MAX = 2_000;

/** No records: it takes the log's lock and its rights, and writes nothing. */
const APPEND_NOTHING = `select audit.append_lines('', '', '', '')`;

/** A record that is taken back. It is long, so that it needs room. */
const APPEND_ONE = `select audit.append_lines($1, repeat('x', 1800), '', '')`;

/**
 * Readiness of a process over `pool`, by a clock that nobody sets back. `failures` counts the records that could not be written, and the callers whose
 * tokens could not be looked up: after each it is tried whether a record can be again, for a full disk shows at nothing less, and who is sent no
 * requests would never write one.
 */
export function readinessOf(
  pool: Pool,
  elapsed: () => number = () => performance.now(),
  failures: () => number = () => 0,
): ReadReadiness {
  let remembered: { until: number; failed: number; look: Promise<Unready | null>; isReady: boolean } | undefined;
  let disproved = 0;
  const lookAtAll = async () => {
    const failed = failures();
    const unready = await lookAt(pool);
    if (unready !== null || failed === disproved) return unready;
    if (!(await canAppend(pool))) return 'AUDIT_UNWRITABLE';
    disproved = failed;
    return null;
  };
  return () => {
    const failed = failures();
    // Who was just refused must not hear that all is well.
    const isOutdated = remembered?.isReady && remembered.failed !== failed;
    if (remembered && remembered.until > elapsed() && !isOutdated) return remembered.look;
    const look = inTime<Unready | null>(lookAtAll(), LOOK_MILLISECONDS_MAX, () => 'DATABASE_UNREACHABLE');
    const now = { until: elapsed() + REMEMBERED_MILLISECONDS, failed, look, isReady: false };
    remembered = now;
    now.look.then((unready) => (now.isReady = unready === null));
    return now.look;
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

/** Whether a record can be written; it is not kept. */
async function canAppend(pool: Pool): Promise<boolean> {
  const client = await pool.connect().catch(() => undefined);
  if (!client) return false;
  let failure: Error | undefined;
  try {
    await client.query('begin');
    await client.query(APPEND_ONE, [randomBytes(32).toString('hex')]);
    return true;
  } catch {
    return false;
  } finally {
    await client.query('rollback').catch((error: Error) => {
      failure = error;
    });
    client.release(failure);
  }
}

/** `/healthz`: the process is alive; whoever runs it starts it anew when this stays out. `/readyz`: requests may be sent here. */
export function tellHealth(
  app: FastifyInstance,
  connections: Pick<Drain, 'isStopping'>,
  ready: ReadReadiness = async () => null,
): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const code = connections.isStopping() ? 'STOPPING' : await ready();
    if (code === null) return { status: 'ready' };
    return reply.code(503).send({ status: 'unready', code });
  });
}
