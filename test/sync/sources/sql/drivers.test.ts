/**
 * SQL Server and Oracle, whose servers and drivers are not here: a stand-in for each driver's package plays its side as its documentation says
 * (mssql 12: Request, arrayRowMode, cancel; oracledb 6: execute, metaData, break), so that what Heyan asks and what it makes of answers is seen.
 */
import type { SqlSetting } from '../../../../src/sync/setting';
import { type Register, SourceFault } from '../../../../src/sync/sources/source';
import { openSqlRegister } from '../../../../src/sync/sources/sql/register';
import { readRun } from '../read-register';

/** What was asked, and what is answered: the first answer whose pattern the statement matches. */
const said: { sql: string; parameters: readonly string[] }[] = [];
let answers: { to: RegExp; rows?: unknown[][]; columns?: object[]; error?: object }[] = [];
let isCancelled = false;

/** TypeORM asks where it is before we ask anything. */
const WHERE_AM_I = /db_name|schema_name/i;

function answerTo(sql: string, parameters: readonly string[]): { rows: unknown[]; columns: object[] } {
  if (WHERE_AM_I.test(sql)) return { rows: [{ db_name: 'db', schema_name: 'me' }], columns: [] };
  said.push({ sql, parameters });
  const answer = answers.find(({ to }) => to.test(sql));
  if (answer?.error) throw Object.assign(new Error('the password is secret'), answer.error);
  return { rows: answer?.rows ?? [], columns: answer?.columns ?? [] };
}

const mockMssql = {
  ConnectionPool: class {
    on() {
      return this;
    }
    connect(done: (error: null) => void) {
      queueMicrotask(() => done(null));
      return this;
    }
    close(done: () => void) {
      done();
    }
  },
  Request: class {
    arrayRowMode = false;
    private readonly parameters: string[] = [];
    input(name: string, value: string) {
      expect([name, typeof value]).toEqual([String(this.parameters.push(value)), 'string']);
    }
    async query(sql: string) {
      const { rows, columns } = answerTo(sql, this.parameters);
      expect(this.arrayRowMode).toBe(!WHERE_AM_I.test(sql));
      return { recordset: rows, columns: [columns] };
    }
    cancel() {
      isCancelled = true;
    }
  },
};

const mockOracledb = {
  OUT_FORMAT_ARRAY: 4001,
  OUT_FORMAT_OBJECT: 4002,
  STRING: 2001,
  createPool(_options: object, done: (error: null, pool: object) => void) {
    const connection = {
      async execute(sql: string, parameters: readonly string[] = []) {
        const { rows, columns } = answerTo(sql, parameters);
        return { rows, metaData: columns };
      },
      rollback: async () => {
        said.push({ sql: 'rollback', parameters: [] });
      },
      break: async () => {
        isCancelled = true;
      },
      close: async () => undefined,
    };
    const getConnection = (taken?: (error: null, connection: object) => void) =>
      taken ? taken(null, connection) : Promise.resolve(connection);
    done(null, { getConnection, close: (closed: () => void) => closed() });
  },
};

jest.mock('mssql', () => mockMssql, { virtual: true });
jest.mock('oracledb', () => mockOracledb, { virtual: true });

const usual = { watermark: 'GXSJ', key: 'ID', overlapMinutes: 15, offset: '+08:00', statementTimeoutSeconds: 5 };
let opened: Register | undefined;

async function open(type: SqlSetting['type'], changes: Partial<SqlSetting> = {}): Promise<Register> {
  const url = `${type}://reader:secret@host/db`;
  opened = await openSqlRegister({ type, url, table: 'SWDJ.T', ...usual, ...changes });
  return opened;
}

beforeEach(() => {
  said.length = 0;
  answers = [];
  isCancelled = false;
});
afterEach(() => opened?.close());

const declared = (declaration: string) => ({ declaration });

describe('SQL Server', () => {
  const columns = [
    { name: 'ID', type: declared('uniqueidentifier'), length: 16 },
    { name: 'GXSJ', type: declared('datetime2'), scale: 7 },
    { name: 'JE', type: declared('decimal'), precision: 18, scale: 2 },
    { name: 'YX', type: declared('bit') },
    { name: 'CSRQ', type: declared('date') },
    { name: 'SJ', type: declared('datetimeoffset') },
    { name: 'BB', type: declared('binary'), length: 8 },
    { name: 'ZP', type: declared('varbinary'), length: 65_535 },
    { name: 'XM', type: declared('nvarchar'), length: 40 },
  ];
  const row = [
    '6F9619FF',
    '2026-06-30 08:00:00.1234567',
    '90071992547409.93',
    true,
    '1990-02-28',
    '2026-06-30 08:00:00.1234567 +08:00',
    '00FF',
    null,
    '张三',
  ];

  test('what its driver would round or cut comes as text', async () => {
    answers = [
      { to: /where 1 = 0/, columns },
      { to: /sysdatetimeoffset/, rows: [['2026-06-30 22:00:00.0000000']] },
      { to: /count/, rows: [[0]] },
      { to: /^select top \(2000\)/, rows: [row] },
    ];
    const given = await readRun(await open('mssql'));
    expect(given.rows).toEqual([
      {
        ID: '6F9619FF',
        GXSJ: '2026-06-30T08:00:00.1234567+08:00',
        JE: '90071992547409.93',
        YX: 'true',
        CSRQ: '1990-02-28',
        SJ: '2026-06-30T08:00:00.1234567+08:00',
        BB: '00ff',
        ZP: '',
        XM: '张三',
      },
    ]);
    const page = said.find(({ sql }) => sql.startsWith('select top (2000)'))?.sql ?? '';
    expect(page.slice('select top (2000) '.length, page.indexOf(' from '))).toBe(
      [
        'q.[ID]',
        'convert(varchar(27), q.[GXSJ], 121)',
        'convert(varchar(60), q.[JE], 2)',
        'q.[YX]',
        'convert(varchar(10), q.[CSRQ], 23)',
        "convert(varchar(34), switchoffset(q.[SJ], '+08:00'), 121)",
        'convert(varchar(max), q.[BB], 2)',
        'case when datalength(q.[ZP]) <= 1024 then convert(varchar(max), convert(varbinary(1024), q.[ZP]), 2) end',
        'q.[XM]',
      ].join(', '),
    );
    expect(given.warnings).toEqual(['of large objects only those of 1024 bytes or fewer are read: ZP']);
  });

  test.each([
    ['datetime', 'convert(datetime, @1, 121)'],
    ['datetime2', 'convert(datetime2(7), @1, 121)'],
    ['smalldatetime', 'convert(smalldatetime, @1, 121)'],
    ['varchar', 'convert(varchar(8000), @1)'],
    ['nchar', 'convert(nvarchar(4000), @1)'],
    ['decimal', 'convert(decimal(38, 4), @1)'],
    ['binary', 'convert(varbinary(8000), @1, 2)'],
  ])('a watermark of type %s is compared as such: %s', async (type, parameter) => {
    answers = [
      {
        to: /where 1 = 0/,
        columns: [columns[0] as object, { name: 'GXSJ', type: declared(type), scale: 4, length: 8 }],
      },
      { to: /count/, rows: [[1]] },
    ];
    await readRun(await open('mssql'), { after: { watermark: 'w', key: 'k' } });
    const page = said.find(({ sql }) => sql.startsWith('select top (2000)'));
    expect(page?.sql).toContain(`q.[GXSJ] >= ${parameter} and (q.[GXSJ] > ${parameter.replace('@1', '@2')} or (`);
    expect(page?.sql).toContain('q.[ID] > convert(uniqueidentifier, @4)');
    expect(page?.parameters).toEqual(['w', 'w', 'w', 'k']);
  });

  test.each([
    [{ number: 208, code: 'EREQUEST' }, /^has no table or view that table SWDJ.T names/],
    [{ number: 207, code: 'EREQUEST' }, /^has no column that table SWDJ.T names/],
    [{ number: 229, code: 'EREQUEST' }, /^does not let this user read/],
    [{ code: 'ETIMEOUT' }, /^took longer than 5 s for a statement/],
    [{ code: 'ESOCKET' }, /^lost the connection while it was read/],
    [{ number: 8134, code: 'EREQUEST' }, /^answers with an error \(8134\)/],
  ])('the error %p has words', async (error, words) => {
    answers = [{ to: /where 1 = 0/, error }];
    const fault = await open('mssql')
      .then((register) => register.open(null, 10))
      .catch((caught: unknown) => caught);
    expect(fault).toBeInstanceOf(SourceFault);
    expect((fault as Error).message).toMatch(words);
    expect((fault as Error).message).not.toContain('secret');
  });
});

describe('Oracle', () => {
  const columns = [
    { name: 'ID', dbTypeName: 'NUMBER' },
    { name: 'GXSJ', dbTypeName: 'TIMESTAMP' },
    { name: 'CSRQ', dbTypeName: 'DATE' },
    { name: 'SJ', dbTypeName: 'TIMESTAMP WITH LOCAL TIME ZONE' },
    { name: 'BM', dbTypeName: 'RAW' },
    { name: 'ZP', dbTypeName: 'BLOB' },
    { name: 'XM', dbTypeName: 'VARCHAR2' },
  ];
  const row = [
    '.5',
    '2026-06-30 08:00:00.123456789',
    '1990-02-28 00:00:00',
    '2026-06-30 08:00:00.123456000 +08:00',
    '00FF',
    null,
    '张三',
  ];

  test('what its driver would round or cut comes as text, from transactions that only read', async () => {
    answers = [
      { to: /where 1 = 0/, columns },
      { to: /systimestamp/, rows: [['2026-06-30 22:00:00.000000']] },
      { to: /count/, rows: [[0]] },
      { to: /rownum <= 2000$/, rows: [row] },
    ];
    const given = await readRun(await open('oracle'));
    expect(given.rows).toEqual([
      {
        ID: '0.5',
        GXSJ: '2026-06-30T08:00:00.123456789+08:00',
        CSRQ: '1990-02-28T00:00:00+08:00',
        SJ: '2026-06-30T08:00:00.123456000+08:00',
        BM: '00ff',
        ZP: '',
        XM: '张三',
      },
    ]);
    const [prepared, ...rest] = said.map(({ sql }) => sql);
    expect(prepared).toBe(
      "alter session set nls_sort = binary nls_comp = binary nls_numeric_characters = '.,' time_zone = '+08:00'",
    );
    expect(rest.filter((_sql, at) => at % 3 === 0)).toEqual(rest.filter((sql) => sql === 'set transaction read only'));
    expect(rest.filter((_sql, at) => at % 3 === 2)).toEqual(rest.filter((sql) => sql === 'rollback'));
  });

  test.each([
    ['NUMBER', 'to_number(:1)'],
    ['DATE', "to_date(substr(:1, 1, 19), 'YYYY-MM-DD HH24:MI:SS')"],
    ['TIMESTAMP', "to_timestamp(:1, 'YYYY-MM-DD HH24:MI:SS.FF9')"],
    ['TIMESTAMP WITH TIME ZONE', "to_timestamp_tz(:1, 'YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM')"],
    ['RAW', 'hextoraw(:1)'],
    ['CHAR', ':1'],
  ])('a watermark of type %s is compared as such: %s', async (dbTypeName, parameter) => {
    answers = [{ to: /where 1 = 0/, columns: [{ name: 'GXSJ', dbTypeName }, columns[0] as object] }];
    await readRun(await open('oracle'), { after: { watermark: 'w', key: 'k' } });
    const page = said.find(({ sql }) => sql.endsWith('rownum <= 2000'));
    expect(page?.sql).toContain(`q."GXSJ" >= ${parameter} and (q."GXSJ" > ${parameter.replace(':1', ':2')} or (`);
    expect(page?.parameters).toEqual(['w', 'w', 'w', 'k']);
  });

  test.each([
    [{ errorNum: 942, code: 'ORA-00942' }, /^has no table or view that table SWDJ.T names/],
    [{ errorNum: 904, code: 'ORA-00904' }, /^has no column that table SWDJ.T names/],
    [{ code: 'NJS-123' }, /^took longer than 5 s/],
    [{ code: 'NJS-500' }, /^lost the connection/],
    [{ errorNum: 1476, code: 'ORA-01476' }, /^answers with an error \(ORA-01476\)/],
  ])('the error %p has words', async (error, words) => {
    answers = [{ to: /where 1 = 0/, error }];
    const fault = await open('oracle')
      .then((register) => register.open(null, 10))
      .catch((caught: unknown) => caught);
    expect(fault).toBeInstanceOf(SourceFault);
    expect((fault as Error).message).toMatch(words);
    expect((fault as Error).message).not.toContain('secret');
  });
});

test.each<SqlSetting['type']>(['mssql', 'oracle'])(
  'closing a chunk of %s ends the statement under way',
  async (type) => {
    const columns = {
      mssql: [
        { name: 'ID', type: declared('int') },
        { name: 'GXSJ', type: declared('int') },
      ],
      oracle: [
        { name: 'ID', dbTypeName: 'NUMBER' },
        { name: 'GXSJ', dbTypeName: 'NUMBER' },
      ],
    }[type as 'mssql' | 'oracle'];
    answers = [
      { to: /where 1 = 0/, columns },
      { to: /count/, rows: [[0]] },
    ];
    const register = await open(type);
    const chunk = await register.open(null, 10);
    const first = chunk.rows[Symbol.asyncIterator]().next();
    await chunk.close();
    await expect(first).rejects.toThrow('was closed while it was read');
    expect(isCancelled).toBe(true);
  },
);
