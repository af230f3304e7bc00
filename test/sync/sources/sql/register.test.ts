import type { SqlSetting } from '../../../../src/sync/setting';
import type { Register, SourceRow } from '../../../../src/sync/sources/source';
import { SourceFault } from '../../../../src/sync/sources/source';
import type { PageLimits } from '../../../../src/sync/sources/sql/chunk';
import { openSqlRegister } from '../../../../src/sync/sources/sql/register';
import { findMariadb, mariadbMissing } from '../../../support/mariadb';
import { readRun, rowsOf } from '../read-register';
import { registers, type TestRegister } from './registers';

const startLimitMs = 120_000;

if (!findMariadb())
  test(mariadbMissing, () => {
    process.stderr.write(`test/sync/sources/sql.test.ts: ${mariadbMissing}\n`);
    expect(Object.keys(registers)).toEqual(['PostgreSQL']);
  });

test.each([
  ['mssql', 'mssql@12'],
  ['oracle', 'oracledb@6'],
] as const)('a database of type %s needs the package %s, which is not installed', async (type, wanted) => {
  const setting = { type, url: `${type}://user:secret@host/db`, table: 't', watermark: 'w', key: 'k' };
  const opening = openSqlRegister({ ...setting, overlapMinutes: 15, offset: '+08:00', statementTimeoutSeconds: 1 });
  await expect(opening).rejects.toEqual(
    new SourceFault(
      `needs a package that is not installed: npm install ${wanted}, in the folder that Heyan is installed in`,
    ),
  );
});

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

  /** A new table of rows `id@touched`; times are minutes and seconds of one morning, or whole moments. */
  async function table(rows: readonly string[], touchedType = there.moment): Promise<string> {
    const name = `t${++tables}`;
    await there.run(`create table ${name} (id varchar(40), touched ${touchedType}, text varchar(40))`);
    await insert(name, rows);
    return name;
  }
  async function insert(name: string, rows: readonly string[]): Promise<void> {
    const values = rows.map((row) => {
      const [id, touched] = row.split('@') as [string, string];
      const key = id === '' ? 'null' : there.literal(id);
      return `(${key}, ${touched === '' ? 'null' : `'${full(touched)}'`}, ${there.literal(id)})`;
    });
    if (values.length > 0) await there.run(`insert into ${name} values ${values.join(', ')}`);
  }
  const full = (touched: string) => (/^\d\d:\d\d/.test(touched) ? `2026-06-30 08:${touched}` : touched);

  async function register(changes: Partial<SqlSetting>, limits: Partial<PageLimits> = {}): Promise<Register> {
    const opened = await openSqlRegister(there.setting(changes), limits);
    open.push(opened);
    return opened;
  }
  const ids = (rows: readonly Record<string, string>[]) => rows.map(({ id }) => id);
  const faultOf = async (changes: Partial<SqlSetting>) => {
    const failure = await register(changes)
      .then((opened) => opened.open(null, 10))
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SourceFault);
    return (failure as Error).message;
  };

  describe('in order and in pages', () => {
    test('every row once, however many share a watermark', async () => {
      const random = sequence(7);
      for (let round = 0; round < 4; round++) {
        const rows = Array.from({ length: 20 + random(60) }, (_, i) => `k${i}@08:0${random(3)}.00000${random(3)}`);
        const name = await table(rows);
        const limits = { rowsMax: 1 + random(9), rowsFirst: 1 + random(9) };
        const given = await readRun(await register({ table: name }, limits), { rowsMax: 1 + random(40) });
        const inOrder = await there.run(`select id from ${name} order by touched, id`);
        expect(ids(given.rows)).toEqual(inOrder.map(({ id }) => id));
      }
    });

    test('the order of keys is the register’s own', async () => {
      const name = await table([
        'b@00:01',
        'B2@00:01',
        'a@00:01',
        'Ö@00:01',
        '张三@00:01',
        "o'k\\@00:01",
        '_@00:01',
        'z z@00:01',
      ]);
      const given = await readRun(await register({ table: name }, { rowsMax: 1 }));
      const inOrder = await there.run(`select id from ${name} order by touched, id`);
      expect(ids(given.rows)).toEqual(inOrder.map(({ id }) => id));
    });

    test.each(['bigint', 'decimal(30,10)', 'char(20)', 'date'])(
      'by a watermark of type %s, which no number of JavaScript holds',
      async (type) => {
        const marks = {
          bigint: ['9007199254740993', '9007199254740992', '-5', '9007199254740994'],
          'decimal(30,10)': ['9007199254740993.0000000001', '9007199254740993.0000000002', '-1.5', '10'],
          'char(20)': ['20260630080001', '20260630080000', '20250630080000', '20270630080000'],
          date: ['2026-06-30', '2026-06-29', '1066-01-01', '9999-12-31'],
        }[type] as string[];
        const name = await table(
          marks.map((mark, at) => `k${at}@${mark}`),
          type,
        );
        const given = await readRun(await register({ table: name }, { rowsMax: 1 }));
        expect(ids(given.rows)).toEqual(['k2', 'k1', 'k0', 'k3'].sort((a, b) => place(type, a) - place(type, b)));
      },
    );

    test('one column may be both watermark and key', async () => {
      const name = await table(['c@00:01', 'a@00:02', 'b@00:03']);
      const given = await readRun(await register({ table: name, watermark: 'id' }, { rowsMax: 1 }));
      expect(ids(given.rows)).toEqual(['a', 'b', 'c']);
    });

    test('a query is read as a table is', async () => {
      const name = await table(['a@00:01', 'b@00:02', 'c@00:03']);
      const query = `select upper(t.id) as id, t.touched as touched from ${name} t where t.id <> 'b' -- without b`;
      const given = await readRun(await register({ query }, { rowsMax: 1 }));
      expect(given.rows).toEqual([
        { id: 'A', touched: expect.stringMatching(/^2026-06-30T08:00:01(\.0+)?\+08:00$/) },
        { id: 'C', touched: expect.stringMatching(/^2026-06-30T08:00:03(\.0+)?\+08:00$/) },
      ]);
    });

    test('names that would be statements are names', async () => {
      const evil = `x"; drop table t1; -- \`'] (1`;
      const q = there.quote;
      await there.run(
        `create table ${q(evil)} (${q('select')} varchar(20), ${q(`时间"\``)} ${there.moment}, ${q('a b')} int)`,
        `insert into ${q(evil)} values ('甲', '2026-06-30 08:00:00', 1), ('乙', '2026-06-30 08:00:00', 2)`,
      );
      const setting = { table: evil, watermark: `时间"\``, key: 'a b' };
      const given = await readRun(await register(setting, { rowsMax: 1 }));
      expect(given.rows.map((row) => row.select)).toEqual(['甲', '乙']);
      expect(await there.run('select count(*) as n from t1')).toHaveLength(1);
    });

    test('a page is as long as its rows allow', async () => {
      const name = await table(Array.from({ length: 40 }, (_, i) => `${'x'.repeat(30)}${10 + i}@00:01`));
      const chunk = await (await register({ table: name }, { rowsFirst: 4, rowsMax: 1_000, charactersMax: 900 })).open(
        null,
        100,
      );
      const pages: number[] = [];
      for await (const batch of chunk.rows) pages.push(batch.length);
      expect(pages).toEqual([4, 10, 10, 10, 6]);
    });

    test('two rows at one place are refused when a page ends there, and not lost', async () => {
      const name = await table(['a@00:01', 'b@00:01', 'b@00:01', 'c@00:01']);
      const reading = readRun(await register({ table: name }, { rowsMax: 2 }));
      await expect(reading).rejects.toThrow(/several rows with the same touched and id: name as sql.key a column/);
    });
  });

  describe('rows as sync takes them', () => {
    test('numbered in their chunk, with raw by the register’s names', async () => {
      const name = await table(['a@00:01', 'b@00:02', 'c@00:03']);
      const opened = await register({ table: name }, { rowsMax: 1 });
      const first = await opened.open(null, 2);
      expect((await rowsOf(first)).map(({ line }) => line)).toEqual([1, 2]);
      const [row] = await rowsOf(await opened.open(first.end().checkpoint, 2));
      expect([row?.line, JSON.parse((row as SourceRow).raw)]).toEqual([
        1,
        { id: 'c', touched: expect.stringMatching(/^2026-06-30T08:00:03/), text: 'c' },
      ]);
    });

    test('an empty register names its columns all the same', async () => {
      const chunk = await (await register({ table: await table([]) })).open(null, 10);
      expect(chunk.columns).toEqual(['id', 'touched', 'text']);
      expect(await rowsOf(chunk)).toEqual([]);
      expect(chunk.end()).toEqual({ checkpoint: null, more: false });
    });

    test('a control character costs its row', async () => {
      const name = await table(['a@00:01', 'b@00:02', 'c@00:03']);
      await there.run(`update ${name} set text = 'x\u0007y' where id = 'b'`);
      const given = await readRun(await register({ table: name }));
      expect([ids(given.rows), given.faults]).toEqual([['a', 'c'], ['2: text holds a control character']]);
    });

    test('where a chunk ended is not told before it was read', async () => {
      const chunk = await (await register({ table: await table(['a@00:01']) })).open(null, 10);
      expect(() => chunk.end()).toThrow('before all its rows were read');
    });
  });

  describe('from run to run', () => {
    test('a run that goes on begins exactly behind the last row, in another process too', async () => {
      const name = await table(['a@00:01', 'b@00:01', 'c@00:01', 'd@00:02']);
      const killed = await readRun(await register({ table: name }), { rowsMax: 2, chunksMax: 1 });
      expect(ids(killed.rows)).toEqual(['a', 'b']);
      const resumed = await readRun(await register({ table: name }), { rowsMax: 2, after: killed.checkpoint });
      expect(ids(resumed.rows)).toEqual(['c', 'd']);
    });

    test('a chunk that ends with the register is followed by an empty one, which completes the run', async () => {
      const name = await table(['a@00:01', 'b@00:02']);
      const given = await readRun(await register({ table: name }), { rowsMax: 1 });
      expect([ids(given.rows), given.chunks, given.checkpoint?.complete]).toEqual([['a', 'b'], 3, 'yes']);
    });

    test.each([
      ['15 minutes', 15, ['b', 'c', 'late']],
      ['none', 0, ['c']],
    ])('a new run begins before the last watermark: overlap %s', async (_, overlapMinutes, expected) => {
      const name = await table(['a@10:00', 'b@16:00', 'c@30:00']);
      const first = await readRun(await register({ table: name, overlapMinutes }));
      await insert(name, ['late@20:00', 'later@12:00']);
      const second = await readRun(await register({ table: name, overlapMinutes }), { after: first.checkpoint });
      expect(ids(second.rows).sort()).toEqual(expected);
    });

    test('an overlap of more rows than a chunk holds up no run, however often it is killed', async () => {
      const name = await table(Array.from({ length: 20 }, (_, i) => `k${10 + i}@30:00`));
      const setting = { table: name };
      let { checkpoint } = await readRun(await register(setting), { rowsMax: 7 });
      await insert(name, ['new@31:00']);
      const seen: string[] = [];
      for (let lives = 0; lives < 5 && !seen.includes('new'); lives++) {
        const life = await readRun(await register(setting), { rowsMax: 7, chunksMax: 1, after: checkpoint });
        seen.push(...(ids(life.rows) as string[]));
        checkpoint = life.checkpoint;
      }
      expect(seen).toHaveLength(21);
    });

    test('what is committed late behind a run’s beginning is read by the next, however long the run took', async () => {
      const now = (await there.run('select current_timestamp as now'))[0]?.now as Date;
      const minutesAgo = (minutes: number) => shanghai(new Date(now.getTime() - minutes * 60_000));
      const name = await table([`a@${minutesAgo(30)}`, `b@${minutesAgo(5)}`]);
      const opened = await register({ table: name });
      const first = await readRun(opened, { rowsMax: 1, chunksMax: 1 });
      // The run takes so long that rows an hour younger have come: a watermark alone would begin the next run behind the late one.
      await insert(name, [`late@${minutesAgo(10)}`, `young@${shanghai(new Date(now.getTime() + 3_600_000))}`]);
      const rest = await readRun(opened, { after: first.checkpoint });
      await insert(name, [`later@${minutesAgo(8)}`]);
      const next = await readRun(await register({ table: name }), { after: rest.checkpoint });
      expect(ids([...first.rows, ...rest.rows])).toEqual(['a', 'late', 'b', 'young']);
      expect(ids(next.rows)).toEqual(['late', 'later', 'b', 'young']);
    });

    test('a watermark in the future holds up none of the rows behind it', async () => {
      const name = await table(['a@00:01', 'forever@9999-12-31 00:00:00']);
      const first = await readRun(await register({ table: name }));
      await insert(name, [`new@${shanghai(new Date())}`]);
      const second = await readRun(await register({ table: name }), { after: first.checkpoint });
      expect(ids(second.rows)).toEqual(['new', 'forever']);
    });

    test('by a number every stretch is read by two runs, without overlap by one', async () => {
      const name = await table(['a@1', 'b@2'], 'bigint');
      const run = async (overlapMinutes: number, after: Record<string, string> | null) =>
        readRun(await register({ table: name, overlapMinutes }), { after, rowsMax: 2 });
      const first = await run(15, null);
      await insert(name, ['d@4']);
      const second = await run(15, first.checkpoint);
      await insert(name, ['c@3', 'e@5']);
      const third = await run(15, second.checkpoint);
      expect([first, second, third].map(({ rows }) => ids(rows).join(''))).toEqual(['ab', 'abd', 'cde']);
      expect(ids((await run(0, second.checkpoint)).rows)).toEqual(['e']);
    });

    test('rows that come, go and are touched while it is read', async () => {
      const name = await table(Array.from({ length: 12 }, (_, i) => `k${10 + i}@00:${10 + i}`));
      const chunk = await (await register({ table: name }, { rowsMax: 3 })).open(null, 100);
      const seen: string[] = [];
      for await (const batch of chunk.rows) {
        if (seen.length === 0) {
          await insert(name, ['before@00:01', 'between@00:14.5', 'behind@59:00']);
          await there.run(
            `delete from ${name} where id in ('k12', 'k16')`,
            `update ${name} set touched = '2026-06-30 08:58:00' where id = 'k10'`,
          );
        }
        seen.push(...batch.map(({ cells }) => cells?.[0] as string));
      }
      expect(seen).toEqual(
        [...'10 11 12 13 14'.split(' '), 'between', '15', ...'17 18 19 20 21 10'.split(' '), 'behind'].map((id) =>
          /^\d/.test(id) ? `k${id}` : id,
        ),
      );
    });

    test('rows without watermark or key are counted, once a run', async () => {
      const name = await table(['a@00:01', 'b@', 'c@', '@00:02', 'd@00:03']);
      const given = await readRun(await register({ table: name }), { rowsMax: 1 });
      expect(ids(given.rows)).toEqual(['a', 'd']);
      expect(given.warnings).toEqual([
        '2 rows without touched cannot be read: the register must fill it',
        '1 row without id cannot be read: the register must fill it',
      ]);
    });

    test('more of them than anybody counts', async () => {
      const name = await table(Array.from({ length: 1_001 }, (_, i) => `k${i}@`));
      expect((await readRun(await register({ table: name }))).warnings).toEqual([
        'more than 1000 rows without touched cannot be read: the register must fill it',
      ]);
    });

    test('counting them is given up when it takes too long, and the others are read', async () => {
      const name = await table(['a@00:01', 'b@']);
      const slow = there.setting({}).type === 'postgres' ? 'pg_sleep(5) is null' : 'sleep(5) > 1';
      const query = `select id, touched from ${name} where touched is not null or ${slow}`;
      const given = await readRun(await register({ query, statementTimeoutSeconds: 1 }));
      expect(ids(given.rows)).toEqual(['a']);
      expect(given.warnings).toEqual(['whether rows without touched were left out could not be counted in 1 s']);
    });
  });

  describe('a register that cannot be read says why', () => {
    const secrets = /p@ss|p%40ss|heyan_reader|register_[0-9a-f]{12}:/;
    test.each<[string, (url: URL) => Partial<SqlSetting>, RegExp]>([
      [
        'another password',
        (url) => ({ url: change(url, { password: 'wrong' }) }),
        /^refuses the user or password \(.+\): check sql.url/,
      ],
      ['another user', (url) => ({ url: change(url, { username: 'nobody' }) }), /^refuses the user or password/],
      [
        'another database',
        (url) => ({ url: change(url, { pathname: '/nowhere' }) }),
        /^(has no database of that name|refuses)/,
      ],
      [
        'a port where nobody listens',
        (url) => ({ url: elsewhere(url, '127.0.0.1', '1') }),
        /^cannot be reached \(ECONNREFUSED\)/,
      ],
      [
        'a host that does not exist',
        (url) => ({ url: elsewhere(url, 'nowhere.invalid', '1') }),
        /^cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/,
      ],
      ['no such table', () => ({ table: 'nothing' }), /^has no table or view that table nothing names/],
      [
        'no such schema',
        () => ({ table: 'nowhere.nothing' }),
        /^(has no table or view that table nowhere.nothing|has no database|does not let)/,
      ],
      [
        'no such watermark',
        () => ({ watermark: 'changed' }),
        /^has no column changed, named as sql.watermark: its columns are id, touched, text$/,
      ],
      ['a key in other letters', () => ({ key: 'ID' }), /^has no column ID, named as sql.key: write id$/],
      [
        'no such column in a query',
        () => ({ table: undefined, query: 'select nothing from t1' }),
        /^has no column that query names/,
      ],
      ['no statement', () => ({ table: undefined, query: 'selec id from t1' }), /^does not understand query/],
      [
        'two statements',
        () => ({ table: undefined, query: 'select id, touched from t1; select 1' }),
        /^does not understand query/,
      ],
      [
        'a column twice',
        () => ({ table: undefined, query: 'select id, touched, text as id from t1' }),
        /two columns named id|does not understand query/,
      ],
      [
        'an order by rounded numbers',
        () => ({ table: undefined, query: 'select id, sqrt(2) as touched from t1' }),
        /^cannot be read in the order of touched, whose type/,
      ],
    ])('%s', async (_name, changes, reason) => {
      await there.run('create table if not exists t1 (id varchar(40), touched timestamp null, text varchar(40))');
      const setting = there.setting({ table: 't1' });
      const message = await faultOf({ table: 't1', ...changes(new URL(setting.url)) });
      expect(message).toMatch(reason);
      expect(message).not.toMatch(secrets);
    });

    test('no right to read a table', async () => {
      await there.run('create table hidden (id varchar(40), touched timestamp)');
      const { url } = there.setting({});
      const other = new URL(url);
      if (other.protocol === 'postgres:' || other.protocol === 'postgresql:')
        await there.run(`revoke select on hidden from ${decodeURIComponent(other.username)}`);
      else {
        await there.run(
          "create user if not exists 'other'@'%' identified by 'other'",
          "grant select on register.t1 to 'other'@'%'",
        );
        Object.assign(other, { username: 'other', password: 'other' });
      }
      expect(await faultOf({ table: 'hidden', url: other.toString() })).toMatch(
        /^does not let this user read \(.+\): grant it select/,
      );
    });

    test('its name and fingerprint hold neither user nor password', async () => {
      const opened = await register({ table: 'death' });
      const { type, url } = there.setting({});
      const { searchParams, hostname, port, pathname } = new URL(url);
      expect(opened.name).toBe(
        `sql:${type}://${searchParams.get('host') ?? hostname}:${port || 5432}${pathname} death`,
      );
      expect(opened.fingerprint).toMatch(/^[0-9a-f]{64}$/);
      const same = await register({
        table: 'death',
        url: change(new URL(url), { password: 'changed' }),
        overlapMinutes: 3,
      });
      expect(same.fingerprint).toBe(opened.fingerprint);
      for (const other of [
        { table: 'deaths' },
        { query: 'death' },
        { watermark: 'x' },
        { key: 'x' },
        { offset: '+09:00' },
      ])
        expect((await register({ table: 'death', ...other })).fingerprint).not.toBe(opened.fingerprint);
    });
  });
});

/** Whole numbers below a limit, the same ones in every run (Park and Miller's generator). */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

function place(type: string, id: string): number {
  const orders: Record<string, string[]> = {
    bigint: ['k2', 'k1', 'k0', 'k3'],
    'decimal(30,10)': ['k2', 'k3', 'k0', 'k1'],
    'char(20)': ['k2', 'k1', 'k0', 'k3'],
    date: ['k2', 'k1', 'k0', 'k3'],
  };
  return (orders[type] as string[]).indexOf(id);
}

function shanghai(instant: Date): string {
  return new Date(instant.getTime() + 8 * 3_600_000).toISOString().slice(0, 23).replace('T', ' ');
}

function change(url: URL, parts: Partial<URL>): string {
  return Object.assign(new URL(url), parts).toString();
}

/** A socket's folder, which an address may name instead, is left out. */
function elsewhere(url: URL, hostname: string, port: string): string {
  const there = new URL(`${url.protocol}//${hostname}:${port}${url.pathname}`);
  return change(there, { username: url.username, password: url.password });
}
