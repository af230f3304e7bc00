/**
 * Two bureaus' databases to read from, a PostgreSQL and a MariaDB, so that one table of tests says what holds for both: each with a reader who may
 * only select, and an owner who fills, locks and kills.
 */
import { randomBytes } from 'node:crypto';
import type { SqlSetting } from '../../../../src/sync/setting';
import { inDatabase, testServerUrl, withClient } from '../../../support/database';
import { findMariadb, type MariadbServer, startMariadb } from '../../../support/mariadb';

export interface TestRegister {
  /** A setting that reads `table` by `touched` and `id`, unless told otherwise. */
  setting(changes: Partial<SqlSetting>): SqlSetting;
  /** The owner runs statements; answers with the rows of the last. */
  run(...statements: string[]): Promise<Record<string, unknown>[]>;
  /** The type of a time with microseconds and without offset. */
  moment: string;
  quote(name: string): string;
  literal(text: string): string;
  /** Keeps readers of a table waiting until it is told to end. */
  lock(table: string): Promise<() => Promise<void>>;
  /** How many of the reader's statements are waiting. */
  waiting(): Promise<number>;
  /** How many connections the reader has. */
  connections(): Promise<number>;
  /** Ends the reader's connections from the other side. */
  killReaders(): Promise<void>;
  stop(): Promise<void>;
}

/** By the name of the database; MariaDB only where it is installed. */
export const registers: Readonly<Record<string, () => Promise<TestRegister>>> = {
  PostgreSQL: startPostgresRegister,
  ...(findMariadb() && { MariaDB: startMariadbRegister }),
};

const DEFAULTS = { watermark: 'touched', key: 'id', overlapMinutes: 15, offset: '+08:00', statementTimeoutSeconds: 30 };

/** A database of its own on the run's server. */
export async function startPostgresRegister(server = testServerUrl()): Promise<TestRegister> {
  const name = `register_${randomBytes(6).toString('hex')}`;
  await withClient(server, async (client) => {
    await client.query(`create role ${name} login password 'p@ss/w:rd%?'`);
    await client.query(`create database ${name}`);
  });
  const owner = inDatabase(server, name);
  await withClient(owner, (client) => client.query(`alter default privileges grant select on tables to ${name}`));
  const reader = new URL(owner);
  reader.username = name;
  reader.password = encodeURIComponent('p@ss/w:rd%?');
  const sessions = `from pg_stat_activity where usename = '${name}'`;
  const run = (...statements: string[]) =>
    withClient(owner, async (client) => {
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) ({ rows } = await client.query(statement));
      return rows;
    });
  const count = async (sql: string) => Number((await run(sql))[0]?.n);
  return {
    setting: (changes) => ({ ...DEFAULTS, type: 'postgres', url: reader.toString(), ...changes }),
    run,
    moment: 'timestamp(6)',
    quote: (column) => `"${column.replaceAll('"', '""')}"`,
    literal: (text) => `'${text.replaceAll("'", "''")}'`,
    lock: (table) =>
      held((until) =>
        withClient(owner, async (client) => {
          await client.query(`begin; lock table ${table} in access exclusive mode`);
          await until();
        }),
      ),
    waiting: () => count(`select count(*) as n ${sessions} and wait_event_type = 'Lock'`),
    connections: () => count(`select count(*) as n ${sessions}`),
    async killReaders() {
      await run(`select pg_terminate_backend(pid) ${sessions}`);
    },
    stop: () =>
      withClient(server, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
        await client.query(`drop role ${name}`);
      }),
  };
}

async function startMariadbRegister(): Promise<TestRegister> {
  const server = await startMariadb(findMariadb() as NonNullable<ReturnType<typeof findMariadb>>);
  await server.run(undefined, 'create database register', "grant select on register.* to 'heyan_reader'@'%'");
  return mariadbRegister(server);
}

function mariadbRegister(server: MariadbServer): TestRegister {
  const run = (...statements: string[]) => server.run('register', ...statements);
  const sessions = "from information_schema.processlist where user = 'heyan_reader'";
  const count = async (sql: string) => Number((await run(sql))[0]?.n);
  return {
    setting: (changes) => ({ ...DEFAULTS, type: 'mariadb', url: server.readerUrl('register'), ...changes }),
    run,
    moment: 'datetime(6)',
    quote: (column) => `\`${column.replaceAll('`', '``')}\``,
    literal: (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
    lock: (table) =>
      held(async (until) => {
        const connection = await server.connect('register');
        await connection.query(`lock tables ${table} write`);
        await until();
        await connection.end();
      }),
    waiting: () => count(`select count(*) as n ${sessions} and state like 'Waiting for table%'`),
    connections: () => count(`select count(*) as n ${sessions}`),
    async killReaders() {
      for (const { id } of await run(`select id ${sessions}`)) await run(`kill ${Number(id)}`);
    },
    stop: server.stop,
  };
}

/** Runs `hold` up to where it waits, and answers with what lets it go on to its end. */
async function held(hold: (until: () => Promise<void>) => Promise<void>): Promise<() => Promise<void>> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((done) => {
    release = done;
  });
  let holding: Promise<void> = Promise.resolve();
  await new Promise<void>((reached, fail) => {
    holding = hold(() => {
      reached();
      return released;
    });
    holding.catch(fail);
  });
  return () => {
    release();
    return holding;
  };
}
