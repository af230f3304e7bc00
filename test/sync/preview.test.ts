import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { previewText } from '../../src/cli/reports';
import type { Preview } from '../../src/sync/preview';
import { previewKind } from '../../src/sync/preview';
import type { BureauSettings, KindSetting, Mapping } from '../../src/sync/setting';
import { startRegister } from '../support/register-server';
import { numberOf } from '../support/small-city';
import { startPostgresRegister } from './sources/sql/registers';

const JIA = { number: numberOf('19460507', 101), name: '金丝雀甲' };
const YI = { number: numberOf('19800102', 202), name: '金丝雀乙' };
const SECRETS = [JIA.number, JIA.name, YI.number, YI.name, '金丝雀路'];
const MAPPING: Mapping = {
  source_id: { column: 'LSH' },
  id_number: { column: 'GMSFHM' },
  name: { column: 'XM' },
  source: { constant: 'CREMATION' },
  death_date: { column: 'SWRQ', date: 'yyyyMMdd' },
  registered_at: { column: 'DJSJ', date: 'yyyy-MM-dd HH:mm:ss' },
  updated_at: { column: 'GXSJ' },
  status: { column: 'ZT', codes: { 1: 'VALID', 2: 'VOIDED' } },
};
const HEAD = 'LSH,GMSFHM,XM,SWRQ,DJSJ,GXSJ,ZT,BZ';
const line = (id: string, changes: Record<string, string> = {}, person = JIA) =>
  Object.values({
    id,
    number: person.number,
    name: person.name,
    died: '20260310',
    at: '2026-03-11 09:00:00',
    touched: '2026-03-12',
    state: '1',
    note: '金丝雀路7号',
    ...changes,
  }).join(',');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const NOW = new Date('2126-01-01T00:00:00+08:00');
/** A folder of the watched directory with these files. */
const deliver = (folder: string, files: Record<string, string[]>) => {
  mkdirSync(path.join(directory, folder), { recursive: true });
  for (const [name, lines] of Object.entries(files))
    writeFileSync(path.join(directory, folder, name), `${lines.join('\n')}\n`);
};
const watched = (kind: KindSetting = { mapping: MAPPING }): BureauSettings => ({
  death: { lateAfterMinutes: 120, deliveries: directory, kinds: { death: kind } },
});
const look = (settings: BureauSettings, options: { showValues?: boolean; rowsMax?: number; kind?: string } = {}) =>
  previewKind({ settings, kind: 'death', now: () => NOW, ...options });
const registered = (kind: KindSetting): BureauSettings => ({
  death: { lateAfterMinutes: 120, kinds: { death: kind } },
});

test('the newest delivery is shown: how its first rows are mapped, in part, and what would be quarantined', async () => {
  deliver('2026-03-01', { 'death.csv': [HEAD, line('OLD')] });
  deliver('2026-04-01', {
    'death.csv': [
      HEAD,
      line('A1'),
      line('A2', { died: '2026-03-10' }, YI),
      line('A3', { state: '7' }),
      line('A4', { number: JIA.number.replace(/.$/, (last) => (last === '0' ? '1' : '0')) }),
      line('A1'),
      `A6,${JIA.number}`,
      line('A7', { died: '2026-03-10' }),
      line('A8', { died: '2026.3.10' }),
    ],
  });
  const files = readdirSync(directory, { recursive: true });
  const preview = await look(watched());
  expect(preview).toEqual({
    kind: 'death',
    source: path.join(directory, '2026-04-01/death.csv'),
    columns: [
      { column: 'source_id', from: 'LSH' },
      { column: 'updated_at', from: 'GXSJ' },
      { column: 'source', from: '(constant)' },
      { column: 'id_number', from: 'GMSFHM' },
      { column: 'name', from: 'XM' },
      { column: 'death_date', from: 'SWRQ' },
      { column: 'registered_at', from: 'DJSJ' },
      { column: 'status', from: 'ZT' },
    ],
    rows: [
      {
        line: 2,
        cells: [
          'A1',
          '2026-03-12',
          'CREMATION',
          `3403**********${JIA.number.slice(-4)}`,
          '金*',
          '2026-03-10',
          '2026-03-11T09:00:00+08:00',
          'VALID',
        ],
        isQuarantined: false,
      },
      { line: 5, cells: expect.arrayContaining(['A4']), isQuarantined: true },
      { line: 6, cells: expect.arrayContaining(['A1']), isQuarantined: true },
    ],
    rowsRead: 8,
    more: false,
    quarantined: [
      {
        reason: 'death_date cannot be told: column SWRQ holds no day or time that exists, as yyyyMMdd',
        rows: 3,
        lines: [3, 8, 9],
      },
      {
        reason:
          'status cannot be told: column ZT holds a code that bureaus.death.kinds.death.mapping.status.codes does not name',
        rows: 1,
        lines: [4],
      },
      { reason: 'id_number has a wrong check character (ISO 7064 MOD 11-2)', rows: 1, lines: [5] },
      { reason: 'source_id occurs twice in this file', rows: 1, lines: [6] },
      { reason: 'the line has 2 cells, the header has 8', rows: 1, lines: [7] },
    ],
    warnings: ['1 of 8 columns are not mapped and were left out: BZ'],
  });
  for (const secret of SECRETS) expect(JSON.stringify(preview)).not.toContain(secret);
  expect(readdirSync(directory, { recursive: true })).toEqual(files);
});

test('a name that is mapped into a column of codes, and a number into any other, stay unread', async () => {
  deliver('1', { 'death.csv': [HEAD, line('A1')] });
  const wrong = {
    ...MAPPING,
    status: { column: 'XM' },
    source_id: { column: 'GMSFHM' },
    certificate_no: { column: 'GMSFHM' },
    date_precision: { column: 'BZ' },
  };
  const preview = await look(watched({ mapping: wrong }));
  expect(preview.rows).toHaveLength(1);
  for (const secret of SECRETS) expect(JSON.stringify(preview)).not.toContain(secret);
  const whole = JSON.stringify(await look(watched({ mapping: wrong }), { showValues: true }));
  for (const secret of [JIA.number, JIA.name, '金丝雀路']) expect(whole).toContain(secret);
});

test('as many rows are read as are wanted', async () => {
  deliver('1', { 'death.csv': [HEAD, ...Array.from({ length: 30 }, (_, i) => line(`A${i}`))] });
  const shown = ({ rows, rowsRead, more }: Preview) => [rows.length, rowsRead, more];
  expect(shown(await look(watched()))).toEqual([10, 30, false]);
  expect(shown(await look(watched(), { rowsMax: 30 }))).toEqual([10, 30, false]);
  expect(shown(await look(watched(), { rowsMax: 29 }))).toEqual([10, 29, true]);
  expect(shown(await look(watched(), { rowsMax: 5 }))).toEqual([5, 5, true]);
});

test.each<[string, Record<string, string[]>, KindSetting, string | undefined]>([
  ['a file by another name', { '死亡.csv': [HEAD, line('A1')] }, { file: '死亡', mapping: MAPPING }, undefined],
  [
    'no file of the kind',
    { 'household.csv': ['source_id'] },
    { mapping: MAPPING },
    'holds no delivery that is ready and has death.csv, death.csv.gz or death.xlsx',
  ],
  [
    'a file without a mapped column',
    { 'death.csv': [HEAD.replace('GMSFHM', 'gmsfhm'), line('A1')] },
    { mapping: MAPPING },
    'has no column GMSFHM (bureaus.death.kinds.death.mapping.id_number), but gmsfhm: its columns are LSH, gmsfhm, XM, SWRQ, DJSJ, GXSJ, ZT, BZ',
  ],
  [
    'a file without a header',
    { 'death.csv': [line('A1')] },
    { mapping: MAPPING },
    expect.stringMatching(/has a row in its first line: the header is missing/) as never,
  ],
  [
    'a file in the exchange format without a column',
    { 'death.csv': ['source_id,name', 'A1,x'] },
    {},
    expect.stringMatching(/^lacks the required columns updated_at, source, id_number/) as never,
  ],
  ['an empty file', { 'death.csv': [''] }, { mapping: MAPPING }, expect.stringMatching(/empty/) as never],
])('%s', async (_, files, kind, fault) => {
  deliver('1', files);
  const preview = await look(watched(kind));
  expect(preview.fault).toEqual(fault);
  for (const secret of SECRETS) expect(JSON.stringify(preview)).not.toContain(secret);
});

test('a delivery that is not ready is waited for, and the one before it shown', async () => {
  deliver('1', { 'death.csv': [HEAD, line('A1')] });
  const now = () => new Date(Date.now() + 1_000);
  const preview = await previewKind({ settings: watched(), kind: 'death', now });
  expect([preview.rowsRead, preview.fault]).toEqual([0, expect.stringMatching(/^holds no delivery that is ready/)]);
  expect(preview.warnings).toEqual([expect.stringContaining(path.join(directory, '1'))]);
});

test('a kind without a source is none', async () => {
  await expect(look({})).rejects.toThrow('death has no source in heyan.yaml');
  await expect(look({ claim: { lateAfterMinutes: 1, deliveries: directory, kinds: {} } })).rejects.toThrow(
    'death has no source',
  );
});

test('a register behind SQL is read from its beginning, and only read', async () => {
  const register = await startPostgresRegister();
  try {
    await register.run(
      `create table swxx (lsh text, gmsfhm text, xm text, swrq date, djsj timestamp, gxsj timestamp(6), zt boolean)`,
      `insert into swxx select 'L' || i, '${JIA.number}', '${JIA.name}', '2026-03-10', '2026-03-11 09:00', timestamp '2026-03-12' + i * interval '1 minute', true from generate_series(1, 12) i`,
    );
    const lower = (column: string) => ({ column });
    const mapping: Mapping = {
      ...MAPPING,
      source_id: lower('lsh'),
      id_number: lower('gmsfhm'),
      name: lower('xm'),
      death_date: { column: 'djsj' },
      registered_at: { column: 'djsj' },
      updated_at: lower('gxsj'),
      status: { column: 'zt', codes: { true: 'VALID' } },
    };
    const sql = register.setting({ table: 'swxx', watermark: 'gxsj', key: 'lsh' });
    const preview = await look(registered({ sql, mapping }), { rowsMax: 11 });
    expect(preview.fault).toBeUndefined();
    expect(preview).toMatchObject({
      rowsRead: 11,
      more: true,
      quarantined: [],
      warnings: ['1 of 7 columns are not mapped and were left out: swrq'],
    });
    expect(preview.source).toMatch(/^sql:postgres:\/\/.* swxx$/);
    expect(preview.rows[0]?.cells).toEqual([
      'L1',
      '2026-03-12T00:01:00+08:00',
      'CREMATION',
      expect.stringMatching(/\*{10}/),
      '金*',
      '2026-03-11',
      '2026-03-11T09:00:00+08:00',
      'VALID',
    ]);
    const gone = await look(registered({ sql: { ...sql, table: 'swxx_old' }, mapping }));
    expect(gone.fault).toMatch(/swxx_old/);
    expect(JSON.stringify([preview, gone])).not.toContain('p@ss');
  } finally {
    await register.stop();
  }
});

test('a register behind HTTP may leave out what is empty: a column that no row has is told', async () => {
  const rows = Array.from({ length: 3 }, (_, i) => ({
    lsh: `L${i}`,
    person: { number: JIA.number, name: JIA.name },
    died: '20260310',
    at: '2026-03-11 09:00:00',
    touched: '2026-03-12',
    state: 1,
  }));
  const register = await startRegister({ rows, by: 'number', pageRows: 2 });
  try {
    const mapping: Mapping = {
      source_id: { column: 'lsh' },
      id_number: { column: 'person.number' },
      name: { column: 'person.name' },
      source: { constant: 'CREMATION' },
      death_date: { column: 'died', date: 'yyyyMMdd' },
      registered_at: { column: 'at', date: 'yyyy-MM-dd HH:mm:ss' },
      updated_at: { column: 'touched' },
      status: { column: 'state', codes: { 1: 'VALID' } },
      certificate_no: { column: 'certificate' },
    };
    const preview = await look(registered({ http: register.setting(), mapping }));
    expect(preview.fault).toBeUndefined();
    expect(preview).toMatchObject({ rowsRead: 3, more: false, quarantined: [] });
    expect(preview.rows[0]?.cells).toEqual([
      'L0',
      '2026-03-12',
      'CREMATION',
      expect.stringMatching(/\*{10}/),
      '金*',
      '2026-03-10',
      '',
      '2026-03-11 09:00:00+08:00',
      'VALID',
    ]);
    expect(preview.warnings).toEqual([
      'no row has certificate (bureaus.death.kinds.death.mapping.certificate_no), only lsh, person.number, person.name, died, at, touched, state',
    ]);
  } finally {
    await register.close();
  }
});

describe('as text', () => {
  test('columns from top to bottom, as many rows as the terminal is wide, and what would become of them', async () => {
    deliver('1', { 'death.csv': [HEAD, line('A1'), line('A2', {}, YI), line('A3', { died: 'x' })] });
    const preview = await look(watched());
    const text = previewText({ ...preview, source: '/inbox/1/death.csv' }, 0.2, 80);
    expect(text.split('\n')).toEqual([
      'death from /inbox/1/death.csv',
      '',
      'column         from        line 2                     line 3',
      'source_id      LSH         A1                         A2',
      'updated_at     GXSJ        2026-03-12                 2026-03-12',
      'source         (constant)  CREMATION                  CREMATION',
      `id_number      GMSFHM      3403**********${JIA.number.slice(-4)}         3403**********${YI.number.slice(-4)}`,
      'name           XM          金*                        金*',
      'death_date     SWRQ        2026-03-10                 2026-03-10',
      'registered_at  DJSJ        2026-03-11T09:00:00+08:00  2026-03-11T09:00:00+08:00',
      'status         ZT          VALID                      VALID',
      '                           taken                      taken',
      '',
      '3 rows were read; 1 would be quarantined, more than the limit of 20 %: nothing would be taken',
      'rows  reason                                                                                lines',
      '   1  death_date cannot be told: column SWRQ holds no day or time that exists, as yyyyMMdd  4',
      '1 of 8 columns are not mapped and were left out: BZ',
      'Nothing was written.',
    ]);
    expect(previewText(preview, 0.2, 40)).toContain('line 2\n');
  });

  test('a cell cannot draw over the terminal', () => {
    const preview: Preview = {
      kind: 'death',
      source: 's',
      columns: [{ column: 'name', from: 'XM' }],
      rows: [{ line: 1, cells: ['a\u001b[2Jb\nc'], isQuarantined: false }],
      rowsRead: 1,
      more: true,
      quarantined: [],
      warnings: [],
    };
    const text = previewText(preview, 0.2);
    expect(text).toContain('name    XM    a [2Jb c');
    expect(text).toContain('1 rows were read, more follow; 0 would be quarantined\nNothing was written.');
  });

  test('a source that could not be read says why', () => {
    const preview: Preview = {
      kind: 'death',
      source: 'sql:mysql://h:1/d t',
      fault: 'cannot be reached',
      columns: [],
      rows: [],
      rowsRead: 0,
      more: false,
      quarantined: [],
      warnings: ['w'],
    };
    expect(previewText(preview, 0.2)).toBe(
      'death from sql:mysql://h:1/d t: nothing could be taken\nsql:mysql://h:1/d t cannot be reached\nw',
    );
  });
});
