// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how the environment is named in the file
/** What operators write under `bureaus:`, as they write it: in a file, with the line of every mistake. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BadSetting, type Config, readConfig } from '../../src/config';

const ENVIRONMENT = { DEATH_DB: 'mysql://reader:p%40ss@10.2.0.7/rkk', TAX_TOKEN: 't-0-k-e-n', EMPTY: '' };
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const read = (text: string): Config => {
  writeFileSync(path.join(directory, 'heyan.yaml'), text);
  return readConfig(ENVIRONMENT, directory);
};
/** The mistakes without the file's name and the path that all have in common. */
const told = (text: string, common = ''): string[] => {
  try {
    read(text);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(BadSetting);
    expect((error as Error).message).not.toContain('secret');
    return (error as Error).message
      .replaceAll(`${path.join(directory, 'heyan.yaml')}:`, '')
      .split('\n')
      .map((line) => line.replace(` ${common}`, ' '));
  }
};

const SQL = { type: 'mysql', url: 'mysql://reader:p%40ss@10.2.0.7/rkk', watermark: 'GXSJ', key: 'ID' };
const SQL_DEFAULTS = { overlapMinutes: 15, offset: '+08:00', statementTimeoutSeconds: 300 };

test('what is short becomes whole: defaults, paths beside the file, the environment', () => {
  const { bureaus, nightly, warnings } = read(
    `
nightly: { schedule: "0 4 * * *" }
bureaus:
  household:
    schedule: "30 2 * * 1-5"
    deliveries: ./inbox/public-security
    kinds:
      household: { file: 人口信息, mapping: { id_number: GMSFHM, sex: { column: XB, codes: { 男: "1", 女: "2" }, otherwise: "0" } } }
  death:
    lateAfterMinutes: 30
    kinds:
      death:
        sql: { type: mysql, url: "\${DEATH_DB}", table: rkk.SWXX, watermark: GXSJ, key: ID }
        mapping:
          source: { constant: CREMATION }
          death_date: { column: SWRQ, date: yyyyMMdd, codes: { 99991231: "" } }
          status: { column: ZT, codes: { 1: VALID, 01: VOIDED, true: VALID, ~: VOIDED } }
  contribution:
    kinds:
      contribution:
        http:
          url: https://tax.example/api/records
          token: "\${TAX_TOKEN}"
          rows: data.items
          page: { by: cursor, parameter: cursor, next: data.next }
          since: { parameter: updatedSince, watermark: updated_at }
`,
  );
  expect(warnings).toEqual([]);
  expect(nightly).toEqual({ schedule: '0 4 * * *' });
  expect(bureaus).toEqual({
    household: {
      schedule: '30 2 * * 1-5',
      lateAfterMinutes: 120,
      deliveries: path.join(directory, 'inbox/public-security'),
      kinds: {
        household: {
          file: '人口信息',
          mapping: {
            id_number: { column: 'GMSFHM' },
            sex: { column: 'XB', codes: { 男: '1', 女: '2' }, otherwise: '0' },
          },
        },
      },
    },
    death: {
      lateAfterMinutes: 30,
      kinds: {
        death: {
          sql: { ...SQL, ...SQL_DEFAULTS, table: 'rkk.SWXX' },
          mapping: {
            source: { constant: 'CREMATION' },
            death_date: { column: 'SWRQ', date: 'yyyyMMdd', codes: { 99991231: '' } },
            status: { column: 'ZT', codes: { 1: 'VALID', '01': 'VOIDED', true: 'VALID', '~': 'VOIDED' } },
          },
        },
      },
    },
    contribution: {
      lateAfterMinutes: 120,
      kinds: {
        contribution: {
          http: {
            url: 'https://tax.example/api/records',
            token: 't-0-k-e-n',
            headers: {},
            rows: 'data.items',
            page: { by: 'cursor', parameter: 'cursor', next: 'data.next' },
            since: { parameter: 'updatedSince', watermark: 'updated_at', overlapMinutes: 15 },
            offset: '+08:00',
            timeoutSeconds: 30,
            attempts: 5,
          },
        },
      },
    },
  });
});

test.each<[string, string, string[]]>([
  ['nothing', 'bureaus: {}', []],
  ['a bureau that is none', 'bureaus:\n  deth: {}', ['2: bureaus.deth: no such bureau: did you mean death?']],
  [
    'a bureau that is nothing like one',
    'bureaus:\n  社保: {}',
    [
      '2: bureaus.社保: no such bureau: the bureaus are claim, contribution, death, enrollment, household, poverty, retirement',
    ],
  ],
  ['a bureau without settings', 'bureaus:\n  death:', ['2: bureaus.death: write its settings below it, indented']],
  [
    'a bureau without a source',
    'bureaus:\n  death: { schedule: "0 2 * * *" }',
    ['2: bureaus.death: names no source: write deliveries, or under kinds a register with sql or http'],
  ],
  [
    'a word that is no setting',
    'bureaus:\n  death:\n    delivery: ./inbox',
    [
      '2: bureaus.death: names no source: write deliveries, or under kinds a register with sql or http',
      '3: bureaus.death.delivery: no such setting: did you mean deliveries?',
    ],
  ],
  [
    'an address for a directory',
    'bureaus:\n  death: { deliveries: "ftp://h/d" }',
    ['2: bureaus.death.deliveries: write the path of a directory'],
  ],
  [
    'minutes out of their limits',
    'bureaus:\n  death:\n    deliveries: d\n    lateAfterMinutes: 0',
    ['4: bureaus.death.lateAfterMinutes: Too small: expected number to be >=1'],
  ],
  [
    "another bureau's kind, and no kind",
    'bureaus:\n  death:\n    deliveries: d\n    kinds:\n      claim_line: {}\n      claim_lines: {}',
    [
      '5: bureaus.death.kinds.claim_line: claim_line is a kind of the bureau claim: write it there',
      '6: bureaus.death.kinds.claim_lines: no such kind of death: there is death',
    ],
  ],
  [
    'two files of one name',
    'bureaus:\n  claim:\n    deliveries: d\n    kinds:\n      claim: { file: claim_line }',
    ['5: bureaus.claim.kinds.claim.file: claim_line is the file of claim_line too: write another'],
  ],
  [
    'a file in a folder, a file with its ending, and a file where none is delivered',
    'bureaus:\n  claim:\n    deliveries: d\n    kinds:\n      claim: { file: a/b }\n      claim_line: { file: b.csv.gz }\n  death:\n    kinds:\n      death: { file: x }',
    [
      '5: bureaus.claim.kinds.claim.file: write the name without a folder and without .csv, .csv.gz or .xlsx',
      '6: bureaus.claim.kinds.claim_line.file: write the name without a folder and without .csv, .csv.gz or .xlsx',
      '9: bureaus.death.kinds.death: names no source: write sql or http, or deliveries for its bureau',
      '9: bureaus.death.kinds.death.file: names a file, but the bureau has no deliveries',
    ],
  ],
  [
    'a chain without a time',
    'nightly: {}',
    ['1: nightly.schedule: Invalid input: expected string, received undefined'],
  ],
])('%s', (_, text, expected) => {
  expect(told(text)).toEqual(expected);
});

const FIVE = 'write five fields, minute hour day month weekday, as "30 2 * * *" for half past two every night';
test.each<[string, string | undefined]>([
  ['30 2 * * *', undefined],
  ['*/15 0-5 1,15 * mon-fri', undefined],
  ['0 0 29 2 *', undefined],
  ['* * * *', `has 4 fields: ${FIVE}`],
  ['0 30 2 * * *', `has 6 fields: ${FIVE}`],
  ['', `has 0 fields: ${FIVE}`],
  ['@daily', `has 1 fields: ${FIVE}`],
  ['H 2 * * *', `is no cron: ${FIVE}`],
  ['0 2 L * *', `is no cron: ${FIVE}`],
  ['60 2 * * *', `is no cron (Constraint error, got value 60 expected range 0-59): ${FIVE}`],
  ['0 0 30 2 *', `is no cron (Invalid explicit day of month definition): ${FIVE}`],
])('the schedule %j', (schedule, fault) => {
  const text = `nightly:\n  schedule: ${JSON.stringify(schedule)}`;
  expect(told(text)).toEqual(fault === undefined ? [] : [`2: nightly.schedule: ${fault}`]);
});

/** Settings of the one kind of the bureau, each on a line of its own from the fifth. */
const ofDeath = (settings: Record<string, string>) =>
  [
    'bureaus:',
    '  death:',
    '    kinds:',
    '      death:',
    ...Object.entries(settings).map(([key, text]) => `        ${key}: ${text}`),
  ].join('\n');

describe('a register', () => {
  const sql = (changes: Record<string, string>) => {
    const all = { type: 'postgres', url: 'postgres://u:secret@h/d', table: 't', watermark: 'w', key: 'k', ...changes };
    const lines = Object.entries(all).filter(([, text]) => text !== '-');
    return told(
      ofDeath({ sql: ['', ...lines.map(([key, text]) => `${key}: ${text}`)].join('\n          ') }),
      'bureaus.death.kinds.death.sql',
    );
  };
  const NO_ADDRESS = (type: string, example: string) =>
    `7: .url: this is no address of a database of type ${type}: write ${example}, in a password %40 for @ and %2F for /`;
  const POSTGRES = NO_ADDRESS('postgres', 'postgres://user:password@host:5432/database');
  const NAME_ALONE = 'write the name alone, without blanks, quotes or brackets';
  test.each<[string, Record<string, string>, string[]]>([
    ['with a table', {}, []],
    [
      'with a query',
      { table: '-', query: '"select a.*, row_number() over (order by x) from (select * from t order by y) a -- ok"' },
      [],
    ],
    ['with Chinese names', { table: '人口库.死亡信息', watermark: '更新时间', key: '主键' }, []],
    ['of another type', { type: 'sqlite' }, ['6: .type: write one of postgres, mysql, mariadb, mssql, oracle']],
    [
      'of another type than its address',
      { type: 'mysql' },
      [NO_ADDRESS('mysql', 'mysql://user:password@host:3306/database')],
    ],
    ['of MariaDB, as many write it', { type: 'mariadb', url: 'mysql://h/d' }, []],
    ['behind a socket', { url: 'postgres://u@/d?host=/run/postgresql' }, []],
    ['without a host', { url: 'postgres:///d' }, [POSTGRES]],
    ['without a database', { url: 'postgres://u:secret@h' }, [POSTGRES]],
    ['with a slash in its password', { url: 'postgres://u:sec/secret@h/d' }, [POSTGRES]],
    ['without an address', { url: '-' }, ['5: .url: write a text']],
    [
      'with a variable that is not set',
      { url: '"postgres://u:${DEATH_PW}@h/${EMPTY}"' },
      [
        '7: .url: the environment variable DEATH_PW is not set: set it, or write the value here',
        '7: .url: the environment variable EMPTY is not set: set it, or write the value here',
      ],
    ],
    [
      'with a variable that is none',
      { url: '"${death-db}"' },
      ['7: .url: write ${NAME}, the name of an environment variable: letters, digits and _'],
    ],
    ['with neither table nor query', { table: '-' }, ['5: .table: name the table or view to read, or write a query']],
    ['with both', { query: 'select 1' }, ['11: .query: write table or query, not both']],
    [
      'with a table in quotes',
      { table: '\'"t"\'' },
      ['8: .table: write table, or schema.table, without blanks, quotes or brackets'],
    ],
    [
      'with a table and more',
      { table: 't; drop table x' },
      ['8: .table: write table, or schema.table, without blanks, quotes or brackets'],
    ],
    ['with a query that is none', { table: '-', query: 'delete from t' }, ['10: .query: write a select']],
    [
      'with a query in order',
      { table: '-', query: 'select * from t ORDER\n            by x' },
      ['10: .query: holds order by: leave it out, the rows are read in the order of watermark and key'],
    ],
    [
      'with two queries',
      { table: '-', query: 'select 1; select 2' },
      ['10: .query: holds a semicolon: write one statement and leave it out'],
    ],
    ['with a query that quotes', { table: '-', query: 'select \';\' as a, "order by" from t /* ; order by */' }, []],
    [
      'without a watermark',
      { watermark: '-', key: '-' },
      [
        '5: .watermark: name the column that grows whenever a row is touched',
        '5: .key: name the column that tells rows with the same watermark apart',
      ],
    ],
    ['with a column and more', { watermark: 'w desc' }, [`9: .watermark: ${NAME_ALONE}`]],
    [
      'with numbers beyond their limits',
      { overlapMinutes: '20000', statementTimeoutSeconds: '0.5', offset: 'CST' },
      [
        '11: .overlapMinutes: Too big: expected number to be <=10080',
        '12: .statementTimeoutSeconds: Invalid input: expected int, received number',
        '12: .statementTimeoutSeconds: Too small: expected number to be >=1',
        '13: .offset: write an offset such as +08:00',
      ].filter((line) => !line.includes('Too small')),
    ],
    ['with a word that is no setting', { tabel: 'x' }, ['11: .tabel: no such setting: did you mean table or type?']],
  ])('%s', (_, changes, expected) => {
    expect(sql(changes)).toEqual(expected);
  });

  const http = (changes: Record<string, string>) => {
    const all = { url: 'https://h/api', page: '{ by: number }', ...changes };
    const lines = Object.entries(all).filter(([, text]) => text !== '-');
    return told(
      ofDeath({ http: ['', ...lines.map(([key, text]) => `${key}: ${text}`)].join('\n          ') }),
      'bureaus.death.kinds.death.http',
    );
  };
  test.each<[string, Record<string, string>, string[]]>([
    ['by numbers', {}, []],
    ['by addresses', { page: '{ by: address, next: links.next }' }, []],
    ['with user and password', { url: 'https://u:secret@h/api' }, []],
    ['elsewhere', { url: 'ftp://u:secret@h/api' }, ['6: .url: this is no http:// or https:// address']],
    [
      'that does not say how it pages',
      { page: '-' },
      ['5: .page: write how pages are asked for: by: number, by: cursor or by: address'],
    ],
    [
      'that pages otherwise',
      { page: '{ by: offset }' },
      ['7: .page.by: write how pages are asked for: by: number, by: cursor or by: address'],
    ],
    [
      'by a cursor that is nowhere',
      { page: '{ by: cursor, parameter: c }' },
      ['7: .page.next: Invalid input: expected string, received undefined'],
    ],
    [
      'by a parameter that is two',
      { page: '{ by: number, parameter: a&b }' },
      ['7: .page.parameter: write the name of a query parameter'],
    ],
    ['with rows at no path', { rows: 'data..items' }, ['8: .rows: write the path in the answer, as data.items']],
    ['with headers from the environment', { headers: '{ x-key: "${TAX_TOKEN}" }' }, []],
    [
      'with headers that are none',
      { headers: '{ "x y": a, host: b }' },
      [
        '8: .headers.x y: Invalid key in record',
        '8: .headers.host: this header is written by the request itself: take it out',
      ],
    ],
    [
      'with two ways to say who asks',
      { token: 'secret', headers: '{ Authorization: secret }' },
      ['9: .headers.Authorization: a token is given too: write one of the two'],
    ],
    [
      'with numbers beyond their limits',
      { timeoutSeconds: '601', attempts: '0', size: '{ parameter: n, rows: 10001 }' },
      [
        '8: .timeoutSeconds: Too big: expected number to be <=600',
        '9: .attempts: Too small: expected number to be >=1',
        '10: .size.rows: Too big: expected number to be <=10000',
      ],
    ],
  ])('%s', (_, changes, expected) => {
    expect(http(changes)).toEqual(expected);
  });

  test('is one of two, and stands beside no deliveries', () => {
    const both = {
      http: '{ url: "https://h", page: { by: number } }',
      sql: '{ type: mysql, url: "mysql://h/d", table: t, watermark: w, key: k }',
    };
    expect(told(ofDeath(both))).toEqual([
      '5: bureaus.death.kinds.death.http: the kind has sql too: write one of the two',
    ]);
    expect(told(ofDeath(both).replace('    kinds:', '    deliveries: d\n    kinds:'))).toEqual([
      '6: bureaus.death.kinds.death.http: the bureau has deliveries: write those or registers, not both',
      '7: bureaus.death.kinds.death.sql: the bureau has deliveries: write those or registers, not both',
    ]);
  });
});

describe('a mapping', () => {
  const mapping = (written: Record<string, string>) => {
    const lines = Object.entries(written).map(([key, text]) => `${key}: ${text}`);
    const text = [
      'bureaus:',
      '  death:',
      '    deliveries: d',
      '    kinds:',
      '      death:',
      '        mapping:',
      ...lines.map((line) => `          ${line}`),
    ];
    return told(text.join('\n'), 'bureaus.death.kinds.death.mapping.');
  };
  const LETTERS =
    'write yyyy, MM or M, dd or d, HH, mm, ss and the text between them, or epochSeconds or epochMilliseconds';
  test.each<[string, Record<string, string>, string[]]>([
    ['of columns', { id_number: 'GMSFHM', name: '{ column: XM }', op: '{ column: ZT, codes: { 1: U, 0: D } }' }, []],
    [
      'of a column that the kind does not have',
      { idNumber: 'GMSFHM' },
      ['7: idNumber: death has no column idNumber: did you mean id_number?'],
    ],
    [
      'of a column that is derived',
      { person_key: 'X' },
      [
        '7: person_key: death has no column person_key: its columns are source_id, op, updated_at, source, id_number, name, birth_date, death_date, date_precision, certificate_no, place_district, registered_at, status',
      ],
    ],
    ['of nothing', { name: '{}' }, ['7: name.column: write the name of the foreign column, or a constant']],
    ['of a list', { name: '[XM]' }, ['7: name: Invalid input: expected object, received array']],
    [
      'of a column and a constant',
      { status: '{ column: ZT, constant: VALID }' },
      ['7: status.column: a constant is the same for every row: write one of the two'],
    ],
    [
      'of a constant and codes',
      { status: '{ constant: VALID, codes: { 1: VALID } }' },
      ['7: status.codes: a constant is the same for every row: write one of the two'],
    ],
    [
      'of a word that is no setting',
      { status: '{ column: ZT, code: { 1: VALID } }' },
      ['7: status.code: no such setting'],
    ],
    [
      'of constants that the columns cannot hold',
      { source: '{ constant: CREMATON }', place_district: '{ constant: 990101 }', updated_at: '{ constant: 2026 }' },
      [
        '7: source.constant: source is none of DEATH_CERTIFICATE, CREMATION, COURT_DECLARATION',
        '8: place_district.constant: place_district is no six-digit code of GB/T 2260 in an existing province',
        '9: updated_at.constant: updated_at is neither a timestamp with offset (2026-06-30T08:00:00+08:00) nor a day',
      ],
    ],
    [
      'of constants that would make all rows one, or none',
      {
        source_id: '{ constant: A }',
        id_number: '{ constant: 110101199003077774 }',
        op: '{ constant: D }',
        name: '{ constant: "" }',
      },
      [
        '7: source_id.constant: source_id is not the same for every row: name the foreign column',
        '8: id_number.constant: id_number is not the same for every row: name the foreign column',
        '9: op.constant: would delete every record: leave op out, or name the foreign column',
        '10: name.constant: an empty constant says nothing: take it out',
      ],
    ],
    [
      'of codes that the column does not know',
      { status: '{ column: ZT, codes: { 1: VALID, 2: VOID }, otherwise: GONE }' },
      ['7: status.codes.2: status is none of VALID, VOIDED', '7: status.otherwise: status is none of VALID, VOIDED'],
    ],
    [
      'of what others become without codes',
      { status: '{ column: ZT, otherwise: VALID }' },
      ['7: status.otherwise: says what other codes become, but there are no codes'],
    ],
    [
      'of days by exceptions alone',
      { birth_date: '{ column: CSRQ, codes: { 0: "" } }' },
      [
        '7: birth_date.codes: of a column of days names the exceptions only: write with date how the others are written',
      ],
    ],
    [
      'of days and what others become',
      { birth_date: '{ column: C, codes: { 0: "" }, otherwise: "", date: yyyyMMdd }' },
      ['7: birth_date.otherwise: with a date, what the codes do not name is read as a date: take this out'],
    ],
    [
      'of an exception that is no day',
      { birth_date: '{ column: C, codes: { 0: never }, date: yyyyMMdd }' },
      ['7: birth_date.codes.0: birth_date is no day that exists, as YYYY-MM-DD or YYYYMMDD'],
    ],
    [
      'of dates that can be read',
      {
        birth_date: '{ column: C, date: "yyyy年M月d日" }',
        registered_at: '{ column: D, date: "yyyy-MM-ddTHH:mm:ss" }',
        updated_at: '{ column: E, date: epochMilliseconds }',
      },
      [],
    ],
    [
      'of a date in the letters of another tool',
      { birth_date: '{ column: C, date: YYYY-MM-DD }', registered_at: '{ column: C, date: yyyy-MM-dd hh:mm }' },
      [
        `7: birth_date.date: YYYY-MM-DD holds YYYY, which is no part of a date: ${LETTERS}`,
        `8: registered_at.date: yyyy-MM-dd hh:mm holds hh, which is no part of a date: ${LETTERS}`,
      ],
    ],
    [
      'of a date that can be read in two ways',
      { birth_date: '{ column: C, date: yyyyMd }', registered_at: '{ column: C, date: "d1HH:mm M yyyy" }' },
      [
        '7: birth_date.date: yyyyMd does not say where its month ends: write MM or dd',
        '8: registered_at.date: d1HH:mm M yyyy does not say where its day ends: write MM or dd',
      ],
    ],
    [
      'of half a date',
      { birth_date: '{ column: C, date: MM-dd }', registered_at: '{ column: C, date: yyyy-MM-dd HH }' },
      [
        `7: birth_date.date: MM-dd lacks the year: ${LETTERS}`,
        `8: registered_at.date: yyyy-MM-dd HH lacks the minute: ${LETTERS}`,
      ],
    ],
    [
      'of a month twice',
      { birth_date: '{ column: C, date: yyyyMMMM }' },
      ['7: birth_date.date: yyyyMMMM names the month twice'],
    ],
    [
      'of a date in a column of codes',
      { status: '{ column: C, date: yyyyMMdd }' },
      ['7: status.date: yyyyMMdd is a pattern of days and times, which this column does not hold'],
    ],
  ])('%s', (_, written, expected) => {
    expect(mapping(written)).toEqual(expected);
  });
});

test('every mistake of a file is told at once, from its first line to its last', () => {
  const lines = told(
    [
      'quarantineLimit: 2',
      'bureaus:',
      '  deth: {}',
      '  death:',
      '    schedule: never',
      '    kinds:',
      '      death:',
      '        mapping:',
      '          sex: XB',
      'nightly: { at: 4 }',
    ].join('\n'),
  );
  expect(lines.map((line) => line.slice(0, line.indexOf(' ')))).toEqual(['1:', '3:', '5:', '7:', '9:', '10:', '10:']);
});

describe('a password or token in the file itself', () => {
  const KINDS = {
    death: 'sql: { type: mysql, url: "mysql://u:secret@h/d", table: t, watermark: w, key: k }',
    poverty: 'sql: { type: mysql, url: "mysql://u:${TAX_TOKEN}@h/d", table: t, watermark: w, key: k }',
    contribution: 'http: { url: "https://h", page: { by: number }, token: secret }',
    enrollment:
      'http: { url: "https://u:secret@h", page: { by: number }, headers: { x-api-key: secret, accept: all, cookie: "${TAX_TOKEN}" } }',
  };
  const text = [
    'bureaus:',
    ...Object.entries(KINDS).map(([kind, said]) => `  ${kind}: { kinds: { ${kind}: { ${said} } } }`),
  ].join('\n');

  test('is no secret when others can read the file', () => {
    writeFileSync(path.join(directory, 'heyan.yaml'), text);
    chmodSync(path.join(directory, 'heyan.yaml'), 0o640);
    const { warnings } = readConfig(ENVIRONMENT, directory);
    const places = warnings.map((warning) => warning.replace(`${directory}/heyan.yaml:`, '').replace(/: holds.*/, ''));
    expect(places).toEqual([
      '2: bureaus.death.kinds.death.sql.url',
      '4: bureaus.contribution.kinds.contribution.http.token',
      '5: bureaus.enrollment.kinds.enrollment.http.url',
      '5: bureaus.enrollment.kinds.enrollment.http.headers.x-api-key',
    ]);
    expect(warnings[0]).toMatch(
      /holds a password or token that others can read: take it from the environment with \$\{NAME\}, or chmod 600 the file$/,
    );
  });

  test('is one when only its owner can', () => {
    writeFileSync(path.join(directory, 'heyan.yaml'), text, { mode: 0o600 });
    expect(readConfig(ENVIRONMENT, directory).warnings).toEqual([]);
  });
});
