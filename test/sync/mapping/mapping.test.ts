import { recordKinds } from '../../../src/bureaus/bureau';
import type { RecordKind } from '../../../src/bureaus/record';
import { askedColumns, mapped } from '../../../src/sync/mapping/mapping';
import type { Mapping } from '../../../src/sync/setting';
import { type Chunk, type Rows, SourceFault, type SourceRow } from '../../../src/sync/sources/source';

const kindOf = (word: string) => recordKinds().find(({ kind }) => kind === word) as RecordKind;
const DEATH = kindOf('death');
const LINE = kindOf('claim_line');

const sourceOf = (columns: readonly string[], rows: readonly (readonly string[])[], more: object = {}): Rows => ({
  columns,
  rows: (async function* () {
    yield rows.map((cells, at): SourceRow => ({ line: at + 2, raw: cells.join(','), cells: [...cells] }));
  })(),
  close: async () => undefined,
  ...more,
});
const all = async (rows: Rows): Promise<SourceRow[]> => {
  const taken: SourceRow[] = [];
  for await (const batch of rows.rows) taken.push(...batch);
  return taken;
};

/** What a death needs besides the column that is looked at. */
const REST: Mapping = {
  source_id: { column: 'LSH' },
  updated_at: { constant: '2026-06-30' },
  source: { constant: 'CREMATION' },
  id_number: { constant: 'x' },
  name: { constant: 'x' },
  death_date: { constant: '2026-06-29' },
  registered_at: { constant: '2026-06-29' },
  status: { constant: 'VALID' },
};

/** One foreign cell under one mapping: the exchange cell, or the fault. */
const made = async (column: string, said: Mapping[string], cell: string): Promise<string> => {
  const rows = mapped(sourceOf(['LSH', 'F'], [['A1', cell]]), DEATH, { ...REST, [column]: { column: 'F', ...said } });
  const [row] = await all(rows);
  return row?.fault ?? (row?.cells?.[rows.columns.indexOf(column)] as string);
};

describe('a cell', () => {
  const unread = (column: string, pattern: string) =>
    `${column} cannot be told: column F holds no day or time that exists, as ${pattern}`;
  const STATUS = { codes: { 1: 'VALID', '01': 'VALID', 作废: 'VOIDED' } };
  const OPEN = { date: 'yyyyMMdd', codes: { 99991231: '', 0: '' } };
  test.each<[string, string, Mapping[string], string, string]>([
    ['goes under its exchange name', 'name', {}, '张三', '张三'],
    ['is trimmed, of ideographic blanks too', 'name', {}, '　张三 ', '张三'],
    ['is trimmed as a key, which databases fill up with blanks', 'source_id', {}, 'LS01   ', 'LS01'],
    ['becomes the code that the table names', 'status', STATUS, '1', 'VALID'],
    ['is text: 01 is not 1', 'status', { codes: { 1: 'VALID', '01': 'VOIDED' } }, '01', 'VOIDED'],
    ['may be a word of another language', 'status', STATUS, ' 作废 ', 'VOIDED'],
    ['stays empty', 'status', STATUS, ' ', ''],
    ['stays empty, also where others become something', 'status', { ...STATUS, otherwise: 'VOIDED' }, '', ''],
    ['is what others become', 'status', { ...STATUS, otherwise: 'VOIDED' }, '7', 'VOIDED'],
    ['may be named empty', 'status', { codes: { '': 'VALID' } }, ' ', 'VALID'],
    [
      'with a code that nobody knows is a fault that does not repeat it',
      'status',
      STATUS,
      '7',
      'status cannot be told: column F holds a code that bureaus.death.kinds.death.mapping.status.codes does not name',
    ],
    [
      'is no property of every object',
      'status',
      STATUS,
      'constructor',
      expect.stringMatching(/does not name$/) as never,
    ],
    ['is a day, written together', 'death_date', { date: 'yyyyMMdd' }, '20260629', '2026-06-29'],
    ['is a day in Chinese', 'death_date', { date: 'yyyy年M月d日' }, '2026年6月9日', '2026-06-09'],
    ['is a day in Chinese with two digits', 'death_date', { date: 'yyyy年M月d日' }, '2026年12月29日', '2026-12-29'],
    ['is a day, the day first', 'death_date', { date: 'dd/MM/yyyy' }, '29/06/2026', '2026-06-29'],
    ['is a day of a time', 'death_date', { date: 'yyyy-MM-dd HH:mm' }, '2026-06-29 23:59', '2026-06-29'],
    ['is a leap day', 'death_date', { date: 'yyyyMMdd' }, '20240229', '2024-02-29'],
    ['is no leap day', 'death_date', { date: 'yyyyMMdd' }, '20260229', unread('death_date', 'yyyyMMdd')],
    ['is no day of June', 'death_date', { date: 'yyyyMMdd' }, '20260631', unread('death_date', 'yyyyMMdd')],
    ['is no month', 'death_date', { date: 'yyyyMMdd' }, '20261301', unread('death_date', 'yyyyMMdd')],
    ['is too short', 'death_date', { date: 'yyyyMMdd' }, '2026062', unread('death_date', 'yyyyMMdd')],
    ['is too long', 'death_date', { date: 'yyyyMMdd' }, '202606290', unread('death_date', 'yyyyMMdd')],
    ['has other text between', 'death_date', { date: 'yyyy/MM/dd' }, '2026-06-29', unread('death_date', 'yyyy/MM/dd')],
    [
      'has digits of another width',
      'death_date',
      { date: 'yyyyMMdd' },
      '２０２６０６２９',
      unread('death_date', 'yyyyMMdd'),
    ],
    ['is a day that stays empty', 'death_date', { date: 'yyyyMMdd' }, '  ', ''],
    ['is an exception among days', 'death_date', OPEN, '99991231', ''],
    ['is a day beside exceptions', 'death_date', OPEN, '20260629', '2026-06-29'],
    ['is neither', 'death_date', OPEN, '99991230', unread('death_date', 'yyyyMMdd')],
    [
      'is a time in Shanghai',
      'registered_at',
      { date: 'dd/MM/yyyy HH:mm:ss' },
      '29/06/2026 08:05:09',
      '2026-06-29T08:05:09+08:00',
    ],
    ['is a time with a T', 'registered_at', { date: 'yyyyMMddTHHmm' }, '20260629T0805', '2026-06-29T08:05:00+08:00'],
    ['is a day of a column of times', 'registered_at', { date: 'yyyyMMdd' }, '20260629', '2026-06-29'],
    ['is no hour', 'registered_at', { date: 'yyyyMMddHHmm' }, '202606292400', unread('registered_at', 'yyyyMMddHHmm')],
    [
      'is no minute',
      'registered_at',
      { date: 'yyyyMMddHHmm' },
      '202606292360',
      unread('registered_at', 'yyyyMMddHHmm'),
    ],
    ['counts seconds', 'registered_at', { date: 'epochSeconds' }, '1782662709', '2026-06-29T00:05:09+08:00'],
    ['counts seconds before 1970', 'registered_at', { date: 'epochSeconds' }, '-28801', '1969-12-31T23:59:59+08:00'],
    [
      'counts milliseconds',
      'registered_at',
      { date: 'epochMilliseconds' },
      '1782662709040',
      '2026-06-29T00:05:09.040+08:00',
    ],
    [
      'counts whole seconds',
      'registered_at',
      { date: 'epochMilliseconds' },
      '1782662709000',
      '2026-06-29T00:05:09+08:00',
    ],
    ['counts to the day in Shanghai', 'death_date', { date: 'epochSeconds' }, '1782662399', '2026-06-28'],
    [
      'counts beyond all years',
      'death_date',
      { date: 'epochSeconds' },
      '99999999999',
      unread('death_date', 'epochSeconds'),
    ],
    ['counts nothing', 'death_date', { date: 'epochSeconds' }, '1e9', unread('death_date', 'epochSeconds')],
    ['is a day of what a database knows to be a time', 'death_date', {}, '2026-06-29T00:00:00+08:00', '2026-06-29'],
    ['is the day in Shanghai of a time elsewhere', 'death_date', {}, '2026-06-28T16:00:00.5Z', '2026-06-29'],
    [
      'is such a time, whatever the pattern says',
      'death_date',
      { date: 'yyyy/MM/dd' },
      '2026-06-29 01:00:00+08:00',
      '2026-06-29',
    ],
    [
      'is such a time and stays it',
      'registered_at',
      { date: 'yyyyMMdd' },
      '2026-06-29T01:00:00+08:00',
      '2026-06-29T01:00:00+08:00',
    ],
    [
      'is no such time, which the check finds',
      'death_date',
      {},
      '2026-06-31T01:00:00+08:00',
      '2026-06-31T01:00:00+08:00',
    ],
    ['is the same for every row', 'certificate_no', { column: undefined, constant: 'none' }, 'A', 'none'],
  ])('%s', async (_, column, said, cell, expected) => {
    expect(await made(column, said, cell)).toEqual(expected);
  });

  test('of a month or year is written as a month or year', async () => {
    const period = async (date: string, cell: string) => {
      const kind = kindOf('contribution');
      const required = kind.fields.filter((field) => field.required).map(({ column }) => [column, { constant: 'x' }]);
      const mapping = { ...REST, ...Object.fromEntries(required), period: { column: 'F', date } };
      const rows = mapped(sourceOf(['LSH', 'F'], [['A', cell]]), kind, mapping);
      return (await all(rows))[0]?.cells?.[rows.columns.indexOf('period')];
    };
    expect(await period('yyyyMM', '202606')).toBe('2026-06');
    expect(await period('yyyy年', '2026年')).toBe('2026');
    expect(await period('yyyyMMdd', '20260629')).toBe('2026-06');
  });
});

describe('a row', () => {
  const CODES = { status: { column: 'ZT', codes: { 1: 'VALID' } } };
  const DATES = { death_date: { column: 'SWRQ', date: 'yyyyMMdd' } };
  const OP = { op: { column: 'SCBZ', codes: { 0: 'U', 1: 'D' } } };

  test('stands in the order of the exchange format, however the source is ordered', async () => {
    const rows = mapped(sourceOf(['ZT', 'SWRQ', 'LSH'], [['1', '20260629', 'A1']]), DEATH, {
      ...REST,
      ...CODES,
      ...DATES,
    });
    expect(rows.columns).toEqual([
      'source_id',
      'updated_at',
      'source',
      'id_number',
      'name',
      'death_date',
      'registered_at',
      'status',
    ]);
    expect(await all(rows)).toEqual([
      {
        line: 2,
        raw: '1,20260629,A1',
        cells: ['A1', '2026-06-30', 'CREMATION', 'x', 'x', '2026-06-29', '2026-06-29', 'VALID'],
      },
    ]);
  });

  test('that is faulty keeps its text and has its key, when that can be told', async () => {
    const mapping = { ...REST, ...CODES, source_id: { column: 'LSH', codes: { A1: 'A-1' } } };
    const rows = mapped(
      sourceOf(
        ['LSH', 'ZT'],
        [
          ['A1', '9'],
          ['A2', '1'],
        ],
      ),
      DEATH,
      mapping,
    );
    expect(await all(rows)).toEqual([
      { line: 2, raw: 'A1,9', sourceId: 'A-1', fault: expect.stringMatching(/^status cannot be told/) },
      { line: 3, raw: 'A2,1', sourceId: undefined, fault: expect.stringMatching(/^source_id cannot be told/) },
    ]);
  });

  test('that was faulty before has the key of its line, or none', async () => {
    const broken = (raw: string, sourceId?: string): SourceRow => ({ line: 1, raw, fault: 'is broken', sourceId });
    const source = sourceOf(['ZT', 'LSH'], []);
    const batch = [broken('1,A1"'), broken('1'), broken('1,A1', 'B1')];
    source.rows = (async function* () {
      yield batch;
    })();
    expect((await all(mapped(source, DEATH, REST))).map(({ sourceId }) => sourceId)).toEqual(['A1"', undefined, 'B1']);
    // A register's row is no line of cells.
    const chunk = { ...sourceOf(['ZT', 'LSH'], []), end: () => ({ checkpoint: null, more: false }) };
    chunk.rows = (async function* () {
      yield [broken('{"ZT":"1","LSH":"A1"')];
    })();
    const [row] = await all(mapped(chunk, DEATH, REST));
    expect([row?.sourceId, 'sourceId' in (row as SourceRow)]).toEqual([undefined, true]);
  });

  test('that is deleted needs nothing but its key, and keeps nothing else', async () => {
    const rows = mapped(
      sourceOf(
        ['LSH', 'SCBZ', 'ZT'],
        [
          ['A1', '1', '?'],
          ['A2', '0', '?'],
        ],
      ),
      DEATH,
      { ...REST, ...CODES, ...OP },
    );
    const [gone, faulty] = await all(rows);
    expect(gone?.cells).toEqual(['A1', 'D', '2026-06-30', '', '', '', '', '', '']);
    expect(faulty?.fault).toMatch(/^status/);
  });

  test('is not read before it is asked for: text that costs is not made', async () => {
    let made = 0;
    const source = sourceOf(['LSH'], []);
    source.rows = (async function* () {
      yield [
        {
          line: 1,
          get raw() {
            made += 1;
            return 'A';
          },
          cells: ['A'],
        },
      ];
    })();
    const [row] = await all(mapped(source, DEATH, REST));
    expect([made, row?.raw, made]).toEqual([0, 'A', 1]);
  });
});

describe('columns', () => {
  const told = (columns: string[], mapping: Mapping, kind = DEATH): string => {
    try {
      return mapped(sourceOf(columns, []), kind, mapping).columns.join(' ');
    } catch (error) {
      expect(error).toBeInstanceOf(SourceFault);
      return (error as Error).message;
    }
  };
  const PATH = 'bureaus.death.kinds.death.mapping';
  const GIVEN = 'source_id updated_at source id_number name death_date registered_at status';
  const LINE_GIVEN = kindOf('claim_line')
    .fields.filter((field) => !('from' in field.form) && field.required)
    .map(({ column }) => column);
  test.each<[string, string[], Mapping, string]>([
    ['under their own names need no mapping', GIVEN.split(' '), {}, GIVEN],
    [
      'of the exchange format come beside mapped ones',
      ['LSH', 'certificate_no'],
      REST,
      GIVEN.replace('death_date', 'death_date certificate_no'),
    ],
    [
      'that a mapping uses do not come under their own name too',
      ['LSH', 'birth_date'],
      { ...REST, death_date: { column: 'birth_date', date: 'yyyyMMdd' } },
      GIVEN,
    ],
    [
      'that a mapping uses come under their own name when it is said',
      ['LSH', 'birth_date'],
      { ...REST, death_date: { column: 'birth_date' }, birth_date: { column: 'birth_date' } },
      GIVEN.replace('death_date', 'birth_date death_date'),
    ],
    [
      'that are not there are named with their setting, what is near, and what there is',
      ['LSH', 'gmsfhm', 'XM'],
      { ...REST, id_number: { column: 'GMSFHM' }, name: { column: 'MC' } },
      `has no column GMSFHM (${PATH}.id_number), but gmsfhm, and no column MC (${PATH}.name): its columns are LSH, gmsfhm, XM`,
    ],
    [
      'that are a row of data are not repeated',
      ['A1', '110101199003077774', '张三'],
      REST,
      `has no column LSH (${PATH}.source_id): where the names of columns should be stands what looks like a row`,
    ],
    [
      'that must be there are asked for',
      ['LSH', 'XM'],
      {
        source_id: { column: 'LSH' },
        updated_at: { constant: '2026-06-30' },
        ...Object.fromEntries(Object.entries(REST).slice(3)),
        name: { column: 'XM' },
      },
      `does not say source: name the foreign column under ${PATH}; its columns are LSH, XM`,
    ],
    ['there twice cannot be told apart', ['LSH', 'XM', 'LSH'], REST, 'names the column LSH twice'],
    ['there twice that nobody asks for do no harm', ['LSH', 'XM', 'XM'], REST, GIVEN],
    [
      'of an answer without a row lack nothing',
      [],
      { ...REST, name: { column: 'XM' } },
      expect.stringContaining('id_number name') as never,
    ],
  ])('%s', (_, columns, mapping, expected) => {
    expect(told(columns, mapping)).toEqual(expected);
  });

  test('of a kind are under its bureau', () => {
    const mapping = Object.fromEntries(LINE_GIVEN.map((column) => [column, { column: 'X' }]));
    expect(told(['source_id', 'updated_at'], mapping, LINE)).toContain(
      'bureaus.claim.kinds.claim_line.mapping.item_code',
    );
  });

  test('that are left out are one warning, some of them named; what the source says itself is kept', () => {
    const columns = ['LSH', ...Array.from({ length: 12 }, (_, i) => `C${i}`)];
    const rows = mapped(sourceOf(columns, [], { warnings: ['is odd'] }), DEATH, { ...REST, name: { column: 'C0' } });
    expect(rows.warnings).toEqual([
      'is odd',
      '11 of 13 columns are not mapped and were left out: C1, C2, C3, C4, C5, C6, C7, C8 and 3 more',
    ]);
    expect(mapped(sourceOf(['LSH'], []), DEATH, REST).warnings).toEqual([]);
  });

  test('are asked for by the names that the source has', () => {
    const asked = askedColumns(DEATH, {
      ...REST,
      name: { column: 'name_of' },
      birth_date: { column: 'LSH' },
      op: { column: 'source' },
    });
    expect(asked).toEqual({
      columns: ['LSH', 'source', 'name_of', 'date_precision', 'certificate_no', 'place_district'],
      key: 'LSH',
    });
  });
});

test('a chunk stays one: where it ends is asked of the source, and closing closes the source', async () => {
  const calls: string[] = [];
  const chunk: Chunk = {
    ...sourceOf(['LSH'], [['A1']]),
    close: async () => {
      calls.push('close');
    },
    end: () => {
      calls.push('end');
      return { checkpoint: { at: 'A1' }, more: true };
    },
  };
  const rows = mapped(chunk, DEATH, REST);
  expect(await all(rows)).toHaveLength(1);
  expect(rows.end()).toEqual({ checkpoint: { at: 'A1' }, more: true });
  await rows.close();
  expect(calls).toEqual(['end', 'close']);
});

test('reading that is given up lets go of the source', async () => {
  let isGivenUp = false;
  const source = sourceOf(['LSH'], []);
  source.rows = (async function* () {
    try {
      for (;;) yield [{ line: 1, raw: 'A', cells: ['A'] }];
    } finally {
      isGivenUp = true;
    }
  })();
  for await (const _ of mapped(source, DEATH, REST).rows) break;
  expect(isGivenUp).toBe(true);
});
