/** A register that is given up, lost, too slow or told to write: what the guard of a session stands for. */
import { waitFor } from '../../../../src/db/wait';
import type { SqlSetting } from '../../../../src/sync/setting';
import { type Register, SourceFault } from '../../../../src/sync/sources/source';
import type { PageLimits } from '../../../../src/sync/sources/sql/chunk';
import { openSqlRegister } from '../../../../src/sync/sources/sql/register';
import { endAll, newDirectory, start } from '../../../db/servers';
import { readRun } from '../read-register';
import { registers, startPostgresRegister, type TestRegister } from './registers';

const startLimitMs = 120_000;

describe.each(Object.entries(registers))('a register in %s', (_name, startRegister) => {
  let there: TestRegister;
  const open: Register[] = [];
  let tables = 0;

  beforeAll(async () => {
    there = await startRegister();
  }, startLimitMs);
  afterEach(async () => {
    for (const register of open.splice(0)) await register.close();
  });
  afterAll(() => there?.stop());

  /** A new table of so many rows, a second after one another. */
  async function table(rows: number): Promise<string> {
    const name = `t${++tables}`;
    const values = Array.from({ length: rows }, (_, i) => `('k${i}', '2026-06-30 08:00:0${i}')`);
    await there.run(
      `create table ${name} (id varchar(40), touched ${there.moment})`,
      `insert into ${name} values ${values.join(', ')}`,
    );
    return name;
  }
  async function register(changes: Partial<SqlSetting>, limits: Partial<PageLimits> = {}): Promise<Register> {
    const opened = await openSqlRegister(there.setting(changes), limits);
    open.push(opened);
    return opened;
  }

  describe('in the middle of a page', () => {
    /** Opens a register, takes its first page, and asks for the second, which has to wait for a lock. */
    async function waitingFor(changes: Partial<SqlSetting> = {}) {
      const name = await table(6);
      const opened = await register({ table: name, ...changes }, { rowsMax: 2 });
      const chunk = await opened.open(null, 100);
      const pages = chunk.rows[Symbol.asyncIterator]();
      await pages.next();
      const unlock = await there.lock(name);
      const second = pages.next().then(
        () => 'read',
        (error: unknown) => error,
      );
      expect(await waitFor(async () => ((await there.waiting()) > 0 ? true : undefined), 10_000)).toBe(true);
      return { name, opened, chunk, second, unlock };
    }

    test('a connection that is ended from the other side fails the chunk, and the register is read again', async () => {
      const { opened, chunk, second, unlock } = await waitingFor();
      await there.killReaders();
      const fault = await second;
      await unlock();
      expect(fault).toBeInstanceOf(SourceFault);
      expect((fault as Error).message).toMatch(
        /^lost the connection while it was read \(.+\): what was taken before stands/,
      );
      expect(() => chunk.end()).toThrow('before all its rows were read');
      expect((await readRun(opened)).rows).toHaveLength(6);
    });

    test('closing ends the statement and its connection', async () => {
      const { opened, chunk, second, unlock } = await waitingFor();
      await chunk.close();
      expect(await there.waiting()).toBe(0);
      expect(await second).toEqual(new SourceFault('was closed while it was read'));
      await unlock();
      await opened.close();
      expect(await waitFor(async () => ((await there.connections()) === 0 ? true : undefined), 10_000)).toBe(true);
    });

    test('a statement that takes too long is ended by the server', async () => {
      const { second, unlock } = await waitingFor({ statementTimeoutSeconds: 1 });
      const fault = await second;
      await unlock();
      expect((fault as Error).message).toMatch(
        /^took longer than 1 s for a statement \((57014|1969)\): give it an index on \(touched, id\)/,
      );
    });
  });

  test('nothing can be written, and a query that tries is told so', async () => {
    const name = await table(1);
    const writes =
      there.setting({}).type === 'postgres'
        ? [
            `create function write_${name}() returns int language sql as 'insert into ${name} (id) values (''w'') returning 1'`,
            `grant insert on ${name} to public`,
          ]
        : [
            `create function write_${name}() returns int begin insert into ${name} (id) values ('w'); return 1; end`,
            "grant insert, execute on register.* to 'heyan_reader'@'%'",
          ];
    await there.run(...writes);
    const query = `select id, touched, write_${name}() as written from ${name}`;
    await expect(readRun(await register({ query }))).rejects.toThrow(/was asked by query to write/);
    expect(await there.run(`select id from ${name}`)).toHaveLength(1);
  });
});

describe('a PostgreSQL of its own', () => {
  afterAll(endAll, startLimitMs);

  test(
    'that is stopped while it is read is read on when it runs again',
    async () => {
      const directory = newDirectory();
      const server = await start(directory);
      const there = await startPostgresRegister(server.url);
      await there.run(
        'create table t (id int, touched timestamp)',
        "insert into t select i, timestamp '2026-06-30 08:00:00' from generate_series(1, 9) i",
      );
      const register = await openSqlRegister(there.setting({ table: 't' }), { rowsMax: 2 });
      const before = await readRun(register, { rowsMax: 4, chunksMax: 1 });
      const chunk = await register.open(before.checkpoint, 4);
      const pages = chunk.rows[Symbol.asyncIterator]();
      await pages.next();
      await server.stop();
      await expect(pages.next()).rejects.toThrow(/^(lost the connection|cannot be reached)/);
      await expect(register.open(before.checkpoint, 4)).rejects.toThrow(/^cannot be reached/);
      await start(directory);
      const after = await readRun(register, { rowsMax: 4, after: before.checkpoint });
      await register.close();
      expect([...before.rows, ...after.rows].map(({ id }) => Number(id))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    },
    startLimitMs,
  );
});
