import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Connection, createConnection } from 'mysql2/promise';
import { makeDataDirectory } from './data-directory';

/** Starting on a slow machine: a limit, not a pause. */
const startMilliseconds = 60_000;
const stopMilliseconds = 20_000;
const attemptsMax = 3;

/** The user that a bureau gives to Heyan: it may select and nothing else. A password full of what an address must escape. */
const readerName = 'heyan_reader';
const readerPassword = 'p@ss/w:rd%?';

/** Debian's programs of MariaDB; `MARIADBD` names another server. */
export interface MariadbPrograms {
  server: string;
  install: string;
}

/** Where MariaDB's programs are: `MARIADBD` when set, else where packages put them; null when they are not there. */
export function findMariadb(): MariadbPrograms | null {
  const servers = process.env.MARIADBD ? [process.env.MARIADBD] : ['/usr/sbin/mariadbd', '/usr/libexec/mariadbd'];
  const server = servers.find((place) => existsSync(place));
  const install = ['/usr/bin/mariadb-install-db', '/usr/local/bin/mariadb-install-db'].find((place) =>
    existsSync(place),
  );
  return server && install ? { server, install } : null;
}

/** What a test says where there is none. */
export const mariadbMissing =
  'no MariaDB to read from: mariadbd is missing (apt-get install mariadb-server-core mariadb-client-core, or set MARIADBD)';

/** A server of its own on a directory of its own. */
export interface MariadbServer {
  port: number;
  /** As the reader, who may select from everything in `database`. */
  readerUrl(database: string): string;
  /** Runs statements as root, one after the other, on a connection of their own; answers with the rows of the last. */
  run(database: string | undefined, ...statements: string[]): Promise<Record<string, unknown>[]>;
  /** A connection as root; the caller ends it. */
  connect(database?: string): Promise<Connection>;
  stop(): Promise<void>;
}

/** Starts a server and makes the reader. Takes about two seconds. */
export async function startMariadb(programs: MariadbPrograms): Promise<MariadbServer> {
  const directory = makeDataDirectory();
  try {
    const account = serverAccount();
    const data = join(directory, 'data');
    mkdirSync(data, { mode: 0o700 });
    if (account) chownSync(data, account.uid, account.gid);
    const as = account ? [`--user=${account.name}`] : [];
    install(programs, data, as);
    const { child, port } = await launch(programs, data, as);
    const server = serverOf(child, port, join(data, 'socket'), directory);
    await server.run(undefined, `create user '${readerName}'@'%' identified by '${readerPassword}'`);
    return server;
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** MariaDB refuses to run as root; as anybody else it runs as that. */
function serverAccount(): { name: string; uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const listed = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['mysql', 'nobody']) {
    const [, , uid, gid] = listed.find(([known]) => known === name) ?? [];
    if (uid !== undefined) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('MariaDB does not run as root, and neither the account mysql nor nobody exists: add one of them.');
}

function install({ install: program }: MariadbPrograms, data: string, as: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(
    program,
    ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...as],
    { encoding: 'utf8', timeout: startMilliseconds },
  );
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? ''}${stdout}${stderr}`);
}

/** The port is free when it is looked for, and may be taken a moment later: then another is tried. */
async function launch(
  programs: MariadbPrograms,
  data: string,
  as: readonly string[],
): Promise<{ child: ChildProcess; port: number }> {
  let said = '';
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const port = await freePort();
    const child = spawn(
      programs.server,
      [
        '--no-defaults',
        `--datadir=${data}`,
        `--socket=${join(data, 'socket')}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        '--character-set-server=utf8mb4',
        '--innodb-buffer-pool-size=64M',
        '--innodb-flush-log-at-trx-commit=0',
        '--innodb-fast-shutdown=2',
        ...as,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const failure = await readiness(child);
    if (failure === undefined) return { child, port };
    said = failure;
  }
  throw new Error(`${programs.server} did not start:\n${said}`);
}

/** Undefined when the server is ready, else what it said before it ended. */
function readiness(child: ChildProcess): Promise<string | undefined> {
  return new Promise((done) => {
    const lines: string[] = [];
    const timer = setTimeout(() => child.kill('SIGKILL'), startMilliseconds);
    const settle = (failure: string | undefined) => {
      clearTimeout(timer);
      done(failure);
    };
    // Read on to the end, or the server would block on a full pipe.
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > 100) lines.shift();
      if (line.includes('ready for connections')) settle(undefined);
    });
    child.once('error', (error) => settle(error.message));
    child.once('exit', () => settle(lines.join('\n')));
  });
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

function serverOf(child: ChildProcess, port: number, socketPath: string, directory: string): MariadbServer {
  const connect = (database?: string) => createConnection({ socketPath, user: 'root', database, charset: 'utf8mb4' });
  const password = encodeURIComponent(readerPassword);
  return {
    port,
    connect,
    readerUrl: (database) => `mariadb://${readerName}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    async run(database, ...statements) {
      const connection = await connect(database);
      try {
        let rows: unknown = [];
        for (const statement of statements) [rows] = await connection.query(statement);
        return rows as Record<string, unknown>[];
      } finally {
        await connection.end();
      }
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((done) => child.once('exit', done));
        const timer = setTimeout(() => child.kill('SIGKILL'), stopMilliseconds);
        child.kill('SIGTERM');
        await ended;
        clearTimeout(timer);
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
