import type { SqlSetting } from '../../../../src/sync/setting';
import type { Dialect, SqlColumn } from '../../../../src/sync/sources/sql/dialect';
import { mssql } from '../../../../src/sync/sources/sql/mssql';
import { mysql } from '../../../../src/sync/sources/sql/mysql';
import { oracle } from '../../../../src/sync/sources/sql/oracle';
import { postgres } from '../../../../src/sync/sources/sql/postgres';
import type { Start } from '../../../../src/sync/sources/sql/run';
import {
  describeStatement,
  emptyStatement,
  pageStatement,
  tiesStatement,
} from '../../../../src/sync/sources/sql/statement';

const setting = { table: 'swdj.死亡', offset: '+08:00' } as SqlSetting;
const behind: Start = { behind: { watermark: '2026-06-30 08:00:00', key: '7' } };

/** A time of the dialect and a number, the columns that most registers are read by. */
function columnsOf(type: string): { watermark: SqlColumn; key: SqlColumn } {
  const words = { mssql: ['datetime', 'bigint'], oracle: ['DATE', 'NUMBER'] }[type] ?? ['', ''];
  return {
    watermark: { name: 'gxsj', form: 'moment', type: words[0] as string },
    key: { name: 'id', form: 'number', type: words[1] as string },
  };
}

/** The page behind a position, the parameters' places, and the other statements, by dialect. */
const expected: Readonly<
  Record<string, { dialect: Dialect; page: string; parameters: string; from: string; ties: string }>
> = {
  postgres: {
    dialect: postgres,
    page: `select q."gxsj", q."id" from "swdj"."死亡" q where q."gxsj" is not null and q."id" is not null and (q."gxsj", q."id") > ($1, $2) order by q."gxsj", q."id" limit 10`,
    parameters: 'wk',
    from: `select q."gxsj", q."id" from "swdj"."死亡" q where q."gxsj" is not null and q."id" is not null and q."gxsj" >= $1 order by q."gxsj", q."id" limit 10`,
    ties: `select count(*) from (select 1 as present from "swdj"."死亡" q where q."gxsj" = $1 and q."id" = $2 limit 2) found`,
  },
  mysql: {
    dialect: mysql,
    page: 'select q.`gxsj`, q.`id` from `swdj`.`死亡` q where q.`gxsj` is not null and q.`id` is not null and q.`gxsj` >= ? and (q.`gxsj` > ? or (q.`gxsj` = ? and q.`id` > cast(? as decimal(65, 30)))) order by q.`gxsj`, q.`id` limit 10',
    parameters: 'wwwk',
    from: 'select q.`gxsj`, q.`id` from `swdj`.`死亡` q where q.`gxsj` is not null and q.`id` is not null and q.`gxsj` >= ? order by q.`gxsj`, q.`id` limit 10',
    ties: 'select count(*) from (select 1 as present from `swdj`.`死亡` q where q.`gxsj` = ? and q.`id` = cast(? as decimal(65, 30)) limit 2) found',
  },
  mssql: {
    dialect: mssql,
    page: 'select top (10) convert(varchar(27), q.[gxsj], 121), convert(varchar(60), q.[id], 2) from [swdj].[死亡] q where q.[gxsj] is not null and q.[id] is not null and q.[gxsj] >= convert(datetime, @1, 121) and (q.[gxsj] > convert(datetime, @2, 121) or (q.[gxsj] = convert(datetime, @3, 121) and q.[id] > convert(bigint, @4))) order by q.[gxsj], q.[id]',
    parameters: 'wwwk',
    from: 'select top (10) convert(varchar(27), q.[gxsj], 121), convert(varchar(60), q.[id], 2) from [swdj].[死亡] q where q.[gxsj] is not null and q.[id] is not null and q.[gxsj] >= convert(datetime, @1, 121) order by q.[gxsj], q.[id]',
    ties: 'select count(*) from (select top (2) 1 as present from [swdj].[死亡] q where q.[gxsj] = convert(datetime, @1, 121) and q.[id] = convert(bigint, @2)) found',
  },
  oracle: {
    dialect: oracle,
    page: `select * from (select to_char(q."gxsj", 'YYYY-MM-DD HH24:MI:SS') "gxsj", to_char(q."id", 'TM9') "id" from "swdj"."死亡" q where q."gxsj" is not null and q."id" is not null and q."gxsj" >= to_date(substr(:1, 1, 19), 'YYYY-MM-DD HH24:MI:SS') and (q."gxsj" > to_date(substr(:2, 1, 19), 'YYYY-MM-DD HH24:MI:SS') or (q."gxsj" = to_date(substr(:3, 1, 19), 'YYYY-MM-DD HH24:MI:SS') and q."id" > to_number(:4))) order by q."gxsj", q."id") where rownum <= 10`,
    parameters: 'wwwk',
    from: `select * from (select to_char(q."gxsj", 'YYYY-MM-DD HH24:MI:SS') "gxsj", to_char(q."id", 'TM9') "id" from "swdj"."死亡" q where q."gxsj" is not null and q."id" is not null and q."gxsj" >= to_date(substr(:1, 1, 19), 'YYYY-MM-DD HH24:MI:SS') order by q."gxsj", q."id") where rownum <= 10`,
    ties: `select count(*) from (select * from (select 1 as present from "swdj"."死亡" q where q."gxsj" = to_date(substr(:1, 1, 19), 'YYYY-MM-DD HH24:MI:SS') and q."id" = to_number(:2)) where rownum <= 2) found`,
  },
};

describe.each(Object.entries(expected))('%s', (type, { dialect, page, parameters, from, ties }) => {
  const order = columnsOf(type);
  const columns = [order.watermark, order.key];
  const values = { w: '2026-06-30 08:00:00', k: '7' };

  test('a page behind a position', () => {
    expect(pageStatement(dialect, setting, columns, order, behind, 10)).toEqual({
      sql: page,
      parameters: [...parameters].map((letter) => values[letter as 'w' | 'k']),
    });
  });

  test('a page from a watermark on', () => {
    expect(pageStatement(dialect, setting, columns, order, { from: '2026-06-30 07:45:00.000' }, 10)).toEqual({
      sql: from,
      parameters: ['2026-06-30 07:45:00.000'],
    });
  });

  test('the rows at a position', () => {
    expect(tiesStatement(dialect, setting, order, { watermark: values.w, key: values.k })).toEqual({
      sql: ties,
      parameters: [values.w, values.k],
    });
  });

  test('a query stands as a table does, and its comment ends with it', () => {
    const query = { query: 'select * from t -- all', offset: '+08:00' } as SqlSetting;
    expect(describeStatement(dialect, query)).toBe('select * from (select * from t -- all\n) q where 1 = 0');
  });

  test('one column in both parts is sorted by once', () => {
    const { sql } = pageStatement(dialect, setting, columns, { watermark: order.key, key: order.key }, behind, 10);
    expect(sql.match(/order by [^ )]+/)?.[0]).not.toContain(',');
    expect(sql.match(/ > /g)).toHaveLength(1);
  });

  test('rows without a value are counted up to a limit', () => {
    const { sql } = emptyStatement(dialect, setting, order.key, 1_001);
    expect(sql).toMatch(/is null/);
    expect(sql).toMatch(/1001/);
  });

  test('no name ends its quotes', () => {
    const table = { table: 'a"`]b', offset: '+08:00' } as SqlSetting;
    const quoted = { postgres: '"a""`]b"', mysql: '`a"``]b`', mssql: '[a"`]]b]', oracle: '"a""`]b"' }[type];
    expect(describeStatement(dialect, table)).toBe(`select * from ${quoted} q where 1 = 0`);
  });
});
