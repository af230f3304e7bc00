import type { ValueForm } from '../../../../src/sync/sources/sql/dialect';
import { openSqlRegister } from '../../../../src/sync/sources/sql/register';
import { toExchange } from '../../../../src/sync/sources/sql/values';
import { readRun } from '../read-register';
import { registers, type TestRegister } from './registers';

const startLimitMs = 120_000;

describe('values as databases write them become exchange text', () => {
  test.each<[ValueForm, string, string]>([
    ['day', '2026-06-30', '2026-06-30'],
    ['day', '0000-00-00', ''],
    ['day', 'infinity', 'infinity'],
    ['moment', '2026-06-30 08:00:00', '2026-06-30T08:00:00+08:00'],
    ['moment', '2026-06-30 08:00:00.123456', '2026-06-30T08:00:00.123456+08:00'],
    ['moment', '0000-00-00 00:00:00', ''],
    ['moment', '0044-03-15 12:00:00 BC', '0044-03-15 12:00:00 BC'],
    ['instant', '2026-06-30 08:00:00.12+08', '2026-06-30T08:00:00.12+08:00'],
    ['instant', '2026-06-30 08:00:00.1234567 +05:30', '2026-06-30T08:00:00.1234567+05:30'],
    ['instant', '-infinity', '-infinity'],
    ['number', '900719925474099300.10', '900719925474099300.10'],
    ['number', '.5', '0.5'],
    ['number', '-.5', '-0.5'],
    ['boolean', 't', 'true'],
    ['boolean', 'false', 'false'],
    ['binary', '00FF', '00ff'],
    ['text', '  张三 ', '  张三 '],
  ])('%s %s', (form, value, expected) => {
    expect(toExchange(form, '+08:00')(value)).toBe(expected);
  });
});

/** By database: a column's type, the value as SQL, and the cell that comes of it. */
const cells: Readonly<Record<string, readonly [string, string, string][]>> = {
  PostgreSQL: [
    ['date', "'1990-02-28'", '1990-02-28'],
    ['date', "'infinity'", 'infinity'],
    ['timestamp', "'2026-06-30 08:00:00.123456'", '2026-06-30T08:00:00.123456+08:00'],
    ['timestamp', "'2026-06-30 08:00'", '2026-06-30T08:00:00+08:00'],
    ['timestamptz', "'2026-06-30 00:00:00.5+00'", '2026-06-30T08:00:00.5+08:00'],
    ['timestamptz', "'1900-01-01 00:00:00+00'", '1900-01-01T08:00:00+08:00'],
    ['bigint', '9007199254740993', '9007199254740993'],
    ['numeric(20,2)', "'900719925474099300.10'", '900719925474099300.10'],
    ['double precision', '0.1', '0.1'],
    ['boolean', 'true', 'true'],
    ['char(6)', "'男'", '男     '],
    ['text', "'𠮷野·阿力'", '𠮷野·阿力'],
    ['bytea', "'\\x00ff'", '00ff'],
    ['bytea', "decode(repeat('00', 2000), 'hex')", ''],
    ['uuid', "'6C84FB90-12C4-11E1-840D-7B25C5EE775A'", '6c84fb90-12c4-11e1-840d-7b25c5ee775a'],
    ['jsonb', `'{"a": 1}'`, '{"a": 1}'],
    ['text', 'null', ''],
  ],
  MariaDB: [
    ['date', "'1990-02-28'", '1990-02-28'],
    ['datetime(6)', "'2026-06-30 08:00:00.123456'", '2026-06-30T08:00:00.123456+08:00'],
    ['datetime', "'2026-06-30 08:00:00'", '2026-06-30T08:00:00+08:00'],
    ['timestamp(3) null', "'2026-06-30 00:00:00.5'", '2026-06-30T08:00:00.500+08:00'],
    ['bigint unsigned', '18446744073709551615', '18446744073709551615'],
    ['decimal(20,2)', "'900719925474099300.10'", '900719925474099300.10'],
    ['double', '0.1', '0.1'],
    ['tinyint(1)', 'true', '1'],
    ['bit(1)', "b'1'", '1'],
    ['year', '2026', '2026'],
    ['char(6)', "'男'", '男'],
    ['varchar(20) character set gbk', "'张三丰'", '张三丰'],
    ['varchar(20) character set utf8mb4', "'𠮷野·阿力'", '𠮷野·阿力'],
    ['text character set gb2312', "'县'", '县'],
    ["enum('男','女')", "'女'", '女'],
    ["set('a','b')", "'a,b'", 'a,b'],
    ['binary(2)', "x'00ff'", '00ff'],
    ['varbinary(9)', "x'00ff'", '00ff'],
    ['blob', "x'00ff'", '00ff'],
    ['longblob', "repeat('x', 2000)", ''],
    ['json', `'{"a": 1}'`, '{"a": 1}'],
    ['time', "'23:59:59'", '23:59:59'],
    ['text', 'null', ''],
  ],
};

describe.each(Object.entries(registers))('columns of %s', (database, start) => {
  let there: TestRegister;
  const rows = cells[database] as readonly [string, string, string][];
  beforeAll(async () => {
    there = await start();
    const columns = rows.map(([type], at) => `c${at} ${type}`);
    // The owner's session is in UTC, so that a time which knows its offset shows what becomes of it.
    const utc = there.moment.startsWith('datetime') ? "set time_zone = '+00:00'" : "set time zone 'UTC'";
    await there.run(
      utc,
      `create table facts (id int, touched ${there.moment}, ${columns.join(', ')})`,
      `insert into facts values (1, '2026-06-30 08:00:00', ${rows.map(([, value]) => value).join(', ')})`,
    );
  }, startLimitMs);
  afterAll(() => there?.stop());

  let cell: Record<string, string>;
  let warnings: string[];
  test('are read', async () => {
    const register = await openSqlRegister(there.setting({ table: 'facts' }));
    const given = await readRun(register);
    await register.close();
    cell = given.rows[0] as Record<string, string>;
    warnings = given.warnings;
    expect(Object.keys(cell)).toHaveLength(rows.length + 2);
  });

  test.each(rows.map(([type, value, expected], at) => [type, value, expected, at] as const))(
    '%s %s: %s',
    (_type, _value, expected, at) => {
      expect(cell[`c${at}`]).toBe(expected);
    },
  );

  test('large objects are named', () => {
    const objects = rows.flatMap(([type], at) => (/bytea|blob/.test(type) ? [`c${at}`] : []));
    expect(warnings).toEqual([`of large objects only those of 1024 bytes or fewer are read: ${objects.join(', ')}`]);
  });

  if (database === 'MariaDB')
    describe('as old databases have them', () => {
      async function read(changes: object) {
        const register = await openSqlRegister(there.setting(changes), { rowsMax: 1 });
        const given = await readRun(register);
        await register.close();
        return given.rows;
      }

      test('a table in GBK with Chinese names, whose keys are Chinese too', async () => {
        await there.run(
          'create table `死亡登记` (`编号` varchar(20), `姓名` varchar(20), `更新时间` datetime) character set gbk',
          "insert into `死亡登记` values ('怀远〔2026〕2', '李四', '2026-06-30 08:00:00'), ('怀远〔2026〕1', '张三', '2026-06-30 08:00:00')",
        );
        expect(await read({ table: '死亡登记', watermark: '更新时间', key: '编号' })).toEqual([
          { 编号: '怀远〔2026〕1', 姓名: '张三', 更新时间: '2026-06-30T08:00:00+08:00' },
          { 编号: '怀远〔2026〕2', 姓名: '李四', 更新时间: '2026-06-30T08:00:00+08:00' },
        ]);
      });

      test('bytes of GBK in columns that are declared latin1, set right by a query', async () => {
        await there.run(
          'create table old (id int, touched datetime, name varchar(20) character set latin1)',
          "insert into old values (1, '2026-06-30 08:00:00', convert(cast(convert('张三' using gbk) as binary) using latin1))",
        );
        const query = 'select id, touched, convert(cast(name as binary) using gbk) as name from old';
        expect((await read({ query }))[0]?.name).toBe('张三');
      });

      test('days zero are none, and hold up no run', async () => {
        await there.run(
          "set sql_mode = ''",
          'create table zeros (id int, touched datetime, died date)',
          "insert into zeros values (1, '0000-00-00 00:00:00', '0000-00-00'), (2, '0000-00-00 00:00:00', '2026-06-30'), (3, '2026-06-30 08:00:00', '0000-00-00')",
        );
        expect(await read({ table: 'zeros' })).toEqual([
          { id: '1', touched: '', died: '' },
          { id: '2', touched: '', died: '2026-06-30' },
          { id: '3', touched: '2026-06-30T08:00:00+08:00', died: '' },
        ]);
      });

      test('a key of bytes is compared as bytes', async () => {
        await there.run(
          'create table bytes (id binary(2), touched datetime)',
          "insert into bytes values (x'2700', '2026-06-30 08:00:00'), (x'00ff', '2026-06-30 08:00:00'), (x'5c27', '2026-06-30 08:00:00')",
        );
        expect((await read({ table: 'bytes' })).map(({ id }) => id)).toEqual(['00ff', '2700', '5c27']);
      });

      test('a key that no checkpoint can hold', async () => {
        await there.run(
          'create table nul (id varchar(9), touched datetime)',
          "insert into nul values (concat('a', char(0)), '2026-06-30 08:00:00')",
        );
        await expect(read({ table: 'nul' })).rejects.toThrow('holds id with the character NUL: clean it in sql.query');
      });

      test('as of type mysql', async () => {
        await there.run(
          'create table named (id int, touched datetime)',
          "insert into named values (7, '2026-06-30 08:00:00')",
        );
        const url = there.setting({}).url.replace('mariadb:', 'mysql:');
        expect(await read({ type: 'mysql', url, table: 'named' })).toEqual([
          { id: '7', touched: '2026-06-30T08:00:00+08:00' },
        ]);
      });

      test('a list that is sorted by its places and compared by its words gives no order', async () => {
        await there.run("create table lists (id enum('b','a'), touched datetime)");
        await expect(read({ table: 'lists' })).rejects.toThrow(/^cannot be read in the order of id/);
      });
    });
});
