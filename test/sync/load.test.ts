import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { encode } from 'iconv-lite';
import { personKey } from '../../src/bureaus/keys';
import type { Database } from '../../src/db/database';
import { type LoadOptions, loadDelivery } from '../../src/sync/load';
import { listQuarantine } from '../../src/sync/quarantine';
import type { DeliveryReport, KindReport } from '../../src/sync/report';
import { latestRuns } from '../../src/sync/run';
import { testDatabase } from '../support/database';
import { hubKey, rowCounts, sampleCity, writeDelivery } from './delivery';

jest.setTimeout(60_000);

let database: Database;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.close());

async function load(
  files: Record<string, string | Buffer>,
  options: Partial<LoadOptions> = {},
): Promise<DeliveryReport> {
  const { directory, remove } = writeDelivery(files);
  try {
    return await loadDelivery(database, { directory, hubKey, ...options });
  } finally {
    remove();
  }
}

const loadCity = (name: string) => loadDelivery(database, { directory: path.join(sampleCity, name), hubKey });

function outcomes(report: DeliveryReport): Record<string, number[]> {
  const counts = (kind: KindReport) => [
    kind.inserted,
    kind.changed,
    kind.unchanged,
    kind.deleted,
    kind.stale,
    kind.quarantined,
  ];
  for (const kind of report.kinds) {
    expect([kind.kind, kind.state]).toEqual([kind.kind, 'COMPLETE']);
    expect(counts(kind).reduce((sum, count) => sum + count, 0)).toBe(kind.rowsIn);
  }
  return Object.fromEntries(report.kinds.map((kind) => [kind.kind, counts(kind)]));
}

interface Revision {
  seq: string;
  source_id: string;
  op: string;
  identified_on: string | null;
  recorded_from: string;
  recorded_to: string | null;
}

async function poverty(where = 'true'): Promise<Revision[]> {
  const { rows } = await database.pool.query<Revision>(`select * from poverty.revision where ${where} order by seq`);
  return rows;
}

const standing = async () =>
  Object.fromEntries(
    (await poverty('recorded_to is null')).map((row) => [row.source_id, `${row.op} ${row.identified_on ?? ''}`.trim()]),
  );

const HEADER = 'source_id,op,updated_at,id_number,name,category,district_code,identified_on';
const row = (id: string, updated: string, identified = '2024-01-01', op = '') =>
  `${id},${op},2026-01-${updated}T00:00:00+08:00,340302197410037308,张伟,UNSTABLE,340302,${identified}`;
const file = (...rows: string[]) => ({ 'poverty.csv': [HEADER, ...rows, ''].join('\n') });

describe('the sample city', () => {
  test('is loaded whole, and the same delivery again changes nothing', async () => {
    expect(outcomes(await loadCity('delivery'))).toEqual({
      household: [1762, 0, 0, 0, 0, 0],
      death: [269, 0, 0, 0, 0, 0],
      enrollment: [1936, 0, 0, 0, 0, 0],
      retirement: [525, 0, 0, 0, 0, 0],
      contribution: [12758, 0, 0, 0, 0, 0],
      poverty: [57, 0, 0, 0, 0, 0],
      claim: [4911, 0, 0, 0, 0, 0],
      claim_line: [2328, 0, 0, 0, 0, 0],
    });
    const before = await rowCounts(database);
    expect(before['household.number']).toBeGreaterThan(0);
    const again = outcomes(await loadCity('delivery'));
    for (const counts of Object.values(again))
      expect([counts[0], counts[1], counts[3], counts[4], counts[5]]).toEqual([0, 0, 0, 0, 0]);
    expect(await rowCounts(database)).toEqual(before);
  });

  test('a later delivery: stale rows, tombstones, corrections; the first one again does not undo them', async () => {
    await loadCity('delivery');
    expect(outcomes(await loadCity('delivery-2'))).toEqual({
      household: [0, 41, 39, 0, 38, 0],
      death: [3, 3, 0, 0, 2, 0],
      enrollment: [0, 2, 0, 0, 0, 0],
      retirement: [0, 0, 0, 0, 0, 0],
      contribution: [1, 1, 0, 0, 0, 0],
      poverty: [0, 1, 0, 0, 0, 0],
      claim: [49, 1, 0, 34, 33, 0],
      claim_line: [1, 0, 0, 1, 0, 0],
    });
    const before = await rowCounts(database);
    await loadCity('delivery');
    await loadCity('delivery-2');
    expect(await rowCounts(database)).toEqual(before);
  });

  test('the other way round ends with the same standing records', async () => {
    const standingDigest = async () => {
      const { rows } = await database.pool.query(
        `select md5(string_agg(source_id || op || content_hash::text, ',' order by source_id)) as digest from claim.revision where recorded_to is null`,
      );
      return rows[0]?.digest as string;
    };
    await loadCity('delivery');
    await loadCity('delivery-2');
    const digest = await standingDigest();
    await database.close();
    database = await testDatabase();
    await loadCity('delivery-2');
    await loadCity('delivery');
    expect(await standingDigest()).toBe(digest);
  });

  test('with malformed rows: exactly those are in quarantine, each with its reason, everything else is loaded', async () => {
    const dirt = readFileSync(path.join(sampleCity, 'dirt.csv'), 'utf8').trim().split('\n').slice(1);
    const expected = dirt.map((line) => line.split(',').slice(0, 2).join(' ')).sort();
    const report = await loadCity('dirty');
    outcomes(report);
    const quarantine = await listQuarantine(database, { first: 1_000 });
    expect(quarantine.map((entry) => `${entry.file} ${entry.sourceId}`).sort()).toEqual(expected);
    for (const entry of quarantine)
      expect([entry.reason.length > 10, entry.line > 1, entry.row.includes(entry.sourceId as string)]).toEqual([
        true,
        true,
        true,
      ]);
    const before = await rowCounts(database);
    const clean = await loadCity('delivery');
    for (const kind of clean.kinds) expect([kind.kind, kind.inserted, kind.changed]).toEqual([kind.kind, 0, 0]);
    await loadCity('dirty');
    expect(await rowCounts(database)).toEqual(before);
  });
});

describe('the newest updated_at stands', () => {
  test.each<[string, string[], string[], number[], Record<string, string>]>([
    [
      'newer, other content',
      [row('A', '02')],
      [row('A', '03', '2025-05-05')],
      [0, 1, 0, 0, 0, 0],
      { A: 'U 2025-05-05' },
    ],
    ['newer, same content', [row('A', '02')], [row('A', '03')], [0, 1, 0, 0, 0, 0], { A: 'U 2024-01-01' }],
    ['equal, same content', [row('A', '02')], [row('A', '02')], [0, 0, 1, 0, 0, 0], { A: 'U 2024-01-01' }],
    [
      'equal, other content',
      [row('A', '02')],
      [row('A', '02', '2025-05-05')],
      [0, 1, 0, 0, 0, 0],
      { A: 'U 2025-05-05' },
    ],
    ['older', [row('A', '02')], [row('A', '01', '2025-05-05')], [0, 0, 0, 0, 1, 0], { A: 'U 2024-01-01' }],
    ['a deletion', [row('A', '02')], ['A,D,2026-01-03,,,,,'], [0, 0, 0, 1, 0, 0], { A: 'D' }],
    ['an older deletion', [row('A', '02')], ['A,D,2026-01-01,,,,,'], [0, 0, 0, 0, 1, 0], { A: 'U 2024-01-01' }],
    ['a deletion of what nobody knows', [], ['A,D,2026-01-03,,,,,'], [0, 0, 0, 1, 0, 0], { A: 'D' }],
    ['the same deletion again', ['A,D,2026-01-03,,,,,'], ['A,D,2026-01-03,x,x,x,x,x'], [0, 0, 1, 0, 0, 0], { A: 'D' }],
    ['older than a tombstone', ['A,D,2026-01-03,,,,,'], [row('A', '02')], [0, 0, 0, 0, 1, 0], { A: 'D' }],
    ['newer than a tombstone', ['A,D,2026-01-03,,,,,'], [row('A', '04')], [1, 0, 0, 0, 0, 0], { A: 'U 2024-01-01' }],
    [
      'not delivered any more',
      [row('A', '02'), row('B', '02')],
      [row('B', '02')],
      [0, 0, 1, 0, 0, 0],
      { A: 'U 2024-01-01', B: 'U 2024-01-01' },
    ],
    [
      'keys compare by code point',
      [row('A', '02')],
      [row('a', '02'), row('A ', '02'), row('Ａ', '02')],
      [3, 0, 0, 0, 0, 0],
      { A: 'U 2024-01-01', a: 'U 2024-01-01', 'A ': 'U 2024-01-01', Ａ: 'U 2024-01-01' },
    ],
  ])('%s', async (...[, first, second, expected, stands]) => {
    await load(file(...first));
    expect(outcomes(await load(file(...second)))).toEqual({ poverty: expected });
    expect(await standing()).toEqual(stands);
  });
});

test('revisions are numbered in the order of commits and lines, and a closed one ends when the next begins', async () => {
  const now = () => new Date('2026-06-30T00:00:00Z');
  await load(file(row('B', '02'), row('A', '02')), { now });
  await load(file(row('C', '02'), row('B', '03', '2025-05-05')), { now });
  const revisions = await poverty();
  expect(revisions.map(({ seq, source_id }) => [seq, source_id])).toEqual([
    ['1', 'B'],
    ['2', 'A'],
    ['3', 'C'],
    ['4', 'B'],
  ]);
  expect(revisions.map(({ recorded_from, recorded_to }) => [recorded_from, recorded_to])).toEqual([
    ['2026-06-30T00:00:00Z', '2026-06-30T00:00:00.001Z'],
    ['2026-06-30T00:00:00Z', null],
    ['2026-06-30T00:00:00.001Z', null],
    ['2026-06-30T00:00:00.001Z', null],
  ]);
});

test('two loads at once: both are whole, numbers are given once, and the end is the newest', async () => {
  const rows = (day: string) => Array.from({ length: 500 }, (_, i) => row(`A${i}`, day, `2024-01-${day}`));
  const reports = await Promise.all([load(file(...rows('02'))), load(file(...rows('03'))), load(file(...rows('04')))]);
  for (const report of reports) outcomes(report);
  expect(new Set(Object.values(await standing()))).toEqual(new Set(['U 2024-01-04']));
  const revisions = await poverty();
  expect(revisions.map(({ seq }) => Number(seq))).toEqual(revisions.map((_, at) => at + 1));
});

describe('quarantine', () => {
  const many = Array.from({ length: 20 }, (_, i) => row(`G${i}`, '02'));

  test('the first of a source_id counts, later ones are kept with their text', async () => {
    const second = row('A', '09', '2025-05-05');
    const report = await load(file(row('A', '02'), ...many, second, `${second}x`));
    expect(outcomes(report)).toEqual({ poverty: [21, 0, 0, 0, 0, 2] });
    expect((await standing()).A).toBe('U 2024-01-01');
    expect(
      (await listQuarantine(database, { first: 10 })).map(({ line, sourceId, reason, row: text }) => [
        line,
        sourceId,
        reason,
        text,
      ]),
    ).toEqual([
      [23, 'A', 'source_id occurs twice in this file, first on line 2', second],
      [24, 'A', 'identified_on is no day that exists, as YYYY-MM-DD or YYYYMMDD', `${second}x`],
    ]);
  });

  test('a quarantined redelivery leaves the row held before in force; a good one settles it', async () => {
    await load(file(row('A', '02'), ...many));
    const broken = file(row('A', '03', 'soon'), ...many);
    await load(broken);
    await load(broken);
    expect((await standing()).A).toBe('U 2024-01-01');
    expect(await listQuarantine(database, { first: 10, kind: 'poverty' })).toHaveLength(1);
    await load(file(row('A', '01'), ...many));
    expect(await listQuarantine(database, { first: 10 })).toHaveLength(1);
    await load(file(row('A', '04', '2025-05-05'), ...many));
    expect(await listQuarantine(database, { first: 10 })).toHaveLength(0);
    await load(broken);
    expect(await listQuarantine(database, { first: 10 })).toHaveLength(1);
    expect((await rowCounts(database))['sync.quarantine']).toBe(1);
  });

  test.each([
    [20, 'COMPLETE'],
    [19, 'REJECTED'],
  ])('5 broken rows of %i more: %s', async (good, state) => {
    const broken = Array.from({ length: 5 }, (_, i) => row(`B${i}`, '02', 'soon'));
    const files = {
      ...file(...many.slice(0, good), ...broken),
      'retirement.csv':
        'source_id,updated_at,id_number,name,pension,retired_on,status\nT1,2026-01-01,340302197410037308,张伟,EMPLOYEE,2020-01-01,PAYING\n',
    };
    const report = await load(files);
    expect(report.kinds.map((kind) => [kind.kind, kind.state, kind.rowsIn, kind.quarantined])).toEqual([
      ['poverty', state, good + 5, 5],
      ['retirement', 'COMPLETE', 1, 0],
    ]);
    const commonestFault = `5 like line ${good + 2}: identified_on is no day that exists, as YYYY-MM-DD or YYYYMMDD`;
    expect(report.kinds.map((kind) => kind.commonestFault)).toEqual([commonestFault, undefined]);
    expect(Object.keys(await standing())).toHaveLength(state === 'COMPLETE' ? good : 0);
    expect(await listQuarantine(database, { first: 100 })).toHaveLength(5);
    const run = (await latestRuns(database)).find(({ kind }) => kind === 'poverty');
    expect(run).toMatchObject({ state, rowsIn: good + 5, inserted: state === 'COMPLETE' ? good : 0, quarantined: 5 });
    if (state === 'REJECTED')
      expect(run?.reason).toBe(
        `5 of 24 rows of poverty.csv broke a rule, more than the limit of 20 %: nothing of this bureau was loaded (${commonestFault})`,
      );
  });

  test('one rejected kind takes its bureau with it', async () => {
    const line = 'C1-1,2026-01-01,C1,1,X,DRUG,2026-01-01,1,1,1';
    const report = await load({
      'claim.csv': `${readFileSync(path.join(sampleCity, 'delivery-2/claim.csv'), 'latin1').split('\n')[0]}\n,,,\n`,
      'claim_line.csv': `source_id,updated_at,claim_source_id,line_no,item_code,item_group,service_date,quantity,unit_price,amount\n${line}\n`,
    });
    expect(report.kinds.map(({ kind, state }) => [kind, state])).toEqual([
      ['claim', 'REJECTED'],
      ['claim_line', 'REJECTED'],
    ]);
    expect((await rowCounts(database))['claim.line_revision']).toBe(0);
  });
});

describe('files', () => {
  test('a failing file fails alone, with its reason', async () => {
    const report = await load({
      ...file(row('A', '02')),
      'claim.csv': 'source_id,updated_at\n',
      'claim_line.csv':
        'source_id,updated_at,claim_source_id,line_no,item_code,item_group,service_date,quantity,unit_price,amount\n',
      'death.csv': '',
      'retirement.csv': 'x',
      'retirement.csv.gz': 'x',
      'enrollment.csv.gz': gzipSync('source_id,updated_at,id_number').subarray(0, 20),
      'notes.txt': 'x',
    });
    expect(report.warnings).toEqual(['notes.txt is no exchange file (<kind>.csv, .csv.gz or .xlsx) and was ignored']);
    expect(Object.fromEntries(report.kinds.map(({ kind, state, reason }) => [kind, reason ?? state]))).toEqual({
      claim: expect.stringMatching(/^lacks the required columns id_number, name, institution_code/),
      claim_line: 'COMPLETE',
      death: 'is empty: its first line must name the columns',
      enrollment: expect.stringMatching(/^is broken or cut short as gzip/),
      poverty: 'COMPLETE',
      retirement: 'retirement.csv and retirement.csv.gz are both there: remove the one that does not count',
    });
    const runs = await latestRuns(database);
    expect(runs.filter(({ state }) => state === 'FAILED').map(({ kind }) => kind)).toEqual([
      'claim',
      'death',
      'enrollment',
      'retirement',
    ]);
  });

  test('the same rows in any dress change nothing', async () => {
    const rows = [row('A', '02'), row('B', '02')];
    await load(file(...rows));
    const turned = [HEADER, ...rows].map((line) => line.split(',').reverse().join(','));
    const dresses: Record<string, string | Buffer>[] = [
      { 'poverty.csv': `\ufeff${[HEADER, ...rows].join('\r\n')}` },
      { 'poverty.csv.gz': gzipSync(encode([HEADER, ...rows].join('\n'), 'gb18030')) },
      { 'poverty.csv': turned.join('\n') },
      {
        'poverty.csv': [HEADER, ...rows]
          .map(
            (line) =>
              `${line
                .split(',')
                .map((cell) => `"${cell}"`)
                .join(',')},"more"`,
          )
          .join('\r\n'),
      },
    ];
    for (const dress of dresses) expect(outcomes(await load(dress))).toEqual({ poverty: [0, 0, 2, 0, 0, 0] });
  });

  test('only the kinds asked for', async () => {
    const report = await load({ ...file(row('A', '02')), 'death.csv': '' }, { kinds: ['poverty'] });
    expect(report.kinds.map(({ kind }) => kind)).toEqual(['poverty']);
    await expect(load(file(), { kinds: ['deaths'] })).rejects.toThrow(
      'deaths is no kind of record: the kinds are claim, claim_line',
    );
  });

  test('a directory without exchange files, or none at all, is one sentence', async () => {
    await expect(load({ 'notes.txt': '' })).rejects.toThrow(/holds no exchange file/);
    await expect(loadDelivery(database, { directory: '/nowhere/at/all', hubKey })).rejects.toThrow(
      /there is no delivery directory/,
    );
  });
});

test('another hub key is refused, and nothing is done', async () => {
  await load(file(row('A', '02')));
  const before = await rowCounts(database);
  await expect(load(file(row('B', '02')), { hubKey: Buffer.alloc(32, 1) })).rejects.toThrow(
    /loaded under another hub key/,
  );
  expect(await rowCounts(database)).toEqual(before);
});

test('a second loader waits so long and then says who holds the lease', async () => {
  const holder = await database.pool.connect();
  await holder.query(`select pg_advisory_lock(hashtextextended('heyan load poverty', 0))`);
  await expect(load(file(row('A', '02')), { leaseWaitMillisecondsMax: 20 })).rejects.toThrow(
    /Another load of poverty is running \(heyan, database process \d+/,
  );
  await holder.query('select pg_advisory_unlock_all()');
  holder.release();
  expect(outcomes(await load(file(row('A', '02'))))).toEqual({ poverty: [1, 0, 0, 0, 0, 0] });
});

test('earlier numbers are settled with the register, and unsettled when it changes', async () => {
  const household = (id: string, day: string, number: string, previous: string, name = '张伟') =>
    `${id},2026-01-${day},${number},${previous},${name},1,1974-10-03,1,340302,ACTIVE`;
  const register = (...rows: string[]) => ({
    'household.csv': [
      'source_id,updated_at,id_number,previous_id_numbers,name,sex,birth_date,household_no,district_code,status',
      ...rows,
    ].join('\n'),
  });
  const settled = async () => {
    const { rows } = await database.pool.query<{ number_key: Buffer; canonical_key: Buffer }>(
      'select * from household.number',
    );
    return rows.map((entry) => [entry.number_key.toString('hex'), entry.canonical_key.toString('hex')]);
  };
  const key = (number: string) => personKey(hubKey, number).toString('hex');
  await load(register(household('H1', '01', '340302197410037308', '340302741003730')));
  expect(await settled()).toEqual([[key('340302741003730'), key('340302197410037308')]]);
  await load(register(household('H2', '01', '340302741003730', '', '李娜')));
  expect(await settled()).toEqual([]);
});
