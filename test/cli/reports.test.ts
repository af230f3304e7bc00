import path from 'node:path';
import { deliveryText, loadStep, syncText } from '../../src/cli/reports';
import { type KindReport, newReport } from '../../src/sync/report';

const COUNTS = { rowsIn: 1_200, inserted: 1_000, changed: 50, unchanged: 100, deleted: 20, stale: 10, quarantined: 20 };
const death: KindReport = { ...newReport('death', 'death', 'death.csv', '/inbox/3'), ...COUNTS, seconds: 2.04 };
const claim: KindReport = {
  ...newReport('claim', 'claim', 'sql:mysql://10.2.0.7:3306/yb JS', 'sql:mysql://10.2.0.7:3306/yb JS'),
  rowsIn: 200_000,
  unchanged: 200_000,
  chunks: 2,
  seconds: 10,
  state: 'INTERRUPTED',
  reason: 'stopped behind chunk 2',
  warnings: ['1 of 3 columns are not mapped and were left out: BZ'],
};

test('a delivery: each line adds up, and so does the last', () => {
  const [head, ...lines] = deliveryText({
    kinds: [death, { ...death, kind: 'household' }],
    warnings: ['x is odd'],
  }).split('\n');
  expect(head?.split(/ {2,}/)).toEqual([
    'kind',
    'rows in',
    'inserted',
    'changed',
    'unchanged',
    'deleted',
    'stale',
    'quarantined',
    'state',
    'seconds',
    'rows/s',
  ]);
  expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
    ['death', '1200', '1000', '50', '100', '20', '10', '20', 'COMPLETE', '2', '588'],
    ['household', '1200', '1000', '50', '100', '20', '10', '20', 'COMPLETE', '2', '588'],
    ['all', '2400', '2000', '100', '200', '40', '20', '40', '4.1', '588'],
    ['x is odd'],
  ]);
});

test('one kind needs no sum; what is wrong is said with the file', () => {
  const failed: KindReport = {
    ...newReport('death', 'death', 'death.csv', '/inbox/3'),
    state: 'FAILED',
    reason: 'is empty',
    warnings: ['w'],
  };
  expect(
    deliveryText({ kinds: [failed], warnings: [] })
      .split('\n')
      .slice(1),
  ).toEqual([
    expect.stringMatching(/^death +0 +0 +0 +0 +0 +0 +0 {2}FAILED +0 +0$/),
    'death.csv: is empty',
    'death.csv: w',
  ]);
});

test('rows in quarantine: how many, and the rule that most of them broke; a rejection says it in its reason', () => {
  const commonestFault = '12 like line 2: status is none of PAID, REFUNDED';
  const rejected: KindReport = { ...death, state: 'REJECTED', reason: `too many (${commonestFault})` };
  expect(
    deliveryText({
      kinds: [
        { ...death, commonestFault },
        { ...rejected, commonestFault },
      ],
      warnings: [],
    })
      .split('\n')
      .slice(4),
  ).toEqual([
    'death.csv: 20 in quarantine (12 like line 2: status is none of PAID, REFUNDED)',
    'death.csv: too many (12 like line 2: status is none of PAID, REFUNDED)',
  ]);
});

test('sources: where each is, the chunks of registers, and what waits', () => {
  const lines = syncText({ kinds: [death, claim], waiting: ['/inbox/4: was changed 5 seconds ago'] }).split('\n');
  expect(lines.slice(5)).toEqual([
    'kind   source                           chunks',
    `death  ${path.join('/inbox/3', 'death.csv')}`,
    'claim  sql:mysql://10.2.0.7:3306/yb JS  2',
    'waits  /inbox/4: was changed 5 seconds ago',
    'sql:mysql://10.2.0.7:3306/yb JS: stopped behind chunk 2',
    'sql:mysql://10.2.0.7:3306/yb JS: 1 of 3 columns are not mapped and were left out: BZ',
  ]);
  expect(lines[3]).toMatch(/^all +201200 +1000 +50 +200100 +20 +10 +20 +12 +16711$/);
});

test('nothing to take in says so', () => {
  expect(syncText({ kinds: [], waiting: [] })).toBe('Nothing to take in: no delivery is ready.');
  expect(syncText({ kinds: [], waiting: ['/inbox/4: is new'] })).toBe(
    'Nothing to take in: no delivery is ready.\nwaits  /inbox/4: is new',
  );
});

test('a bureau that could not be worked on at all is named by its kind', () => {
  const failed: KindReport = {
    ...newReport('death', 'death', '', 'death'),
    state: 'FAILED',
    reason: 'another run holds the lease',
  };
  expect(
    syncText({ kinds: [failed], waiting: [] })
      .split('\n')
      .slice(3),
  ).toEqual(['kind   source  chunks', 'death  death', 'death: another run holds the lease']);
});

test.each([
  [
    { phase: 'READING', bytesRead: 25, bytesTotal: 100 },
    { what: 'f.csv', doing: 'reading', count: 7, share: 0.25 },
  ],
  [
    { phase: 'WRITING', bytesRead: 0, bytesTotal: 0 },
    { what: 'f.csv', doing: 'writing', count: 7 },
  ],
] as const)('progress of %j', (progress, expected) => {
  expect(loadStep({ kind: 'death', file: 'f.csv', rows: 7, ...progress })).toEqual(expected);
});
