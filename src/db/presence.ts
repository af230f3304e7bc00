import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { roleName } from './cluster';
import { waitFor } from './wait';

/**
 * Who uses an embedded server is kept in the server itself: every Heyan process holds a shared lock in one open session. The lock ends
 * with the session, so a killed process is never counted, and no file about it can be stale.
 *
 * Nobody else holds it → the server is ours to stop. Exclusively held → someone is stopping it, or preparing it for first use.
 */
const lockNumber = 0x48_45_59_41; // 'HEYA'
/** Held by a process that knows of no other, and would stop the server when it ends unexpectedly. */
const aloneNumber = lockNumber + 1;
const announceMillisecondsMax = 2_000;
const channel = 'heyan_presence';
const reconnectMillisecondsBetween = 200;

/** Sees to it that the server runs, if it can; false when there is nothing more to be done about it. Never rejects. */
export type Revive = () => Promise<boolean>;

/** This process's place among the users of one embedded server. */
export interface Presence {
  /** Nobody else used the server when we came. */
  first: boolean;
  /** No other process has come since; known without asking the server. */
  alone: boolean;
  /** Gives up the place. 'last' when nobody else is left, and then keeps others out until `close`; 'unreachable' when it cannot be known. */
  leave(): Promise<'last' | 'others' | 'unreachable'>;
  close(): Promise<void>;
}

/**
 * Takes a place among the users of the server at `url` (its database 'postgres').
 * @param revive asked when our session has ended, until there is a server to come back to
 * @returns undefined when the server is being stopped or prepared: look again
 * @throws pg's error when it cannot be reached
 */
export async function joinServer(url: string, revive: Revive): Promise<Presence | undefined> {
  const session = await openSession(url);
  try {
    const first = await tryLock(session, 'pg_try_advisory_lock');
    if (first) await makeDatabase(session);
    if (!(await tryLock(session, 'pg_try_advisory_lock_shared'))) {
      await session.end();
      return undefined;
    }
    // Before anyone else can come: from now on we hear of them.
    const presence = await stay(
      url,
      session,
      first && (await tryLock(session, 'pg_try_advisory_lock', aloneNumber)),
      revive,
    );
    if (first) await session.query('SELECT pg_advisory_unlock($1)', [lockNumber]);
    else await announce(session);
    unreference(session);
    presence.first = first;
    return presence;
  } catch (error) {
    await session.end().catch(() => undefined);
    throw error;
  }
}

async function stay(url: string, opened: Client, alone: boolean, revive: Revive): Promise<Presence> {
  let session: Client | undefined = opened;
  let leaving = false;
  const presence: Presence = {
    first: alone,
    alone,
    leave: async () => {
      leaving = true;
      if (session) hold(session);
      session ??= await openSession(url).catch(() => undefined);
      if (!session) return 'unreachable';
      try {
        await session.query('SELECT pg_advisory_unlock_all()');
        return (await tryLock(session, 'pg_try_advisory_lock')) ? 'last' : 'others';
      } catch {
        return 'unreachable';
      }
    },
    close: async () => {
      leaving = true;
      await session?.end().catch(() => undefined);
    },
  };

  const watch = async (client: Client) => {
    client.on('notification', ({ processId }) => {
      if (processId === backendOf(client) || !presence.alone) return;
      presence.alone = false;
      client.query('SELECT pg_advisory_unlock($1)', [aloneNumber]).catch(() => undefined);
    });
    client.on('end', () => {
      if (session !== client) return;
      session = undefined;
      if (!leaving) void comeBack();
    });
    await client.query(`LISTEN ${channel}`);
  };

  // The server restarts its sessions after one of them crashed, or is started anew; our place must be taken again, or we would not be counted.
  const comeBack = async () => {
    while (!leaving && (await revive())) {
      const client = await openSession(url).catch(() => undefined);
      if (client && !leaving && (await tryLock(client, 'pg_try_advisory_lock_shared').catch(() => false))) {
        session = client;
        // Others may have come while we were not listening.
        presence.alone = false;
        await watch(client).catch(() => undefined);
        unreference(client);
        return;
      }
      await client?.end().catch(() => undefined);
      await pause(reconnectMillisecondsBetween, undefined, { ref: false });
    }
  };

  await watch(opened);
  return presence;
}

/** Tells the others that we came, and waits until the one that took itself to be alone has heard it. */
async function announce(session: Client): Promise<void> {
  await session.query(`NOTIFY ${channel}`);
  const believers = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = ${aloneNumber} AND granted`;
  await waitFor(
    async () => ((await session.query(believers)).rowCount === 0 ? true : undefined),
    announceMillisecondsMax,
  );
}

/** The server's process of this session, as notifications name their sender. */
function backendOf(client: Client): number {
  return (client as Client & { processID: number }).processID;
}

async function openSession(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: 'heyan presence',
    connectionTimeoutMillis: 5000,
  });
  // Without a listener a broken session would end the process; 'end' follows and is where we react.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return client;
}

async function tryLock(
  client: Client,
  lock: 'pg_try_advisory_lock' | 'pg_try_advisory_lock_shared',
  number = lockNumber,
): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>(`SELECT ${lock}($1) AS got`, [number]);
  return rows[0]?.got === true;
}

/** At each first arrival, because a process may have been killed between making the cluster and making the database. */
async function makeDatabase(client: Client): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [roleName]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${roleName}`);
}

/** The open session alone must not keep a finished command from ending … */
function unreference(client: Client): void {
  (client as Client & { unref(): void }).unref();
}

/** … but an answer we wait for must. */
function hold(client: Client): void {
  (client as Client & { ref(): void }).ref();
}
