/** `heyan sync` as operators type it: a process of its own, over a database of the run's server. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '../../src/db/database';
import { CHILD_MILLISECONDS_MAX, runLines } from '../support/command';
import { compileIfStale } from '../support/compiled';
import { testDatabase } from '../support/database';
import { numberOf } from '../support/small-city';

jest.setTimeout(CHILD_MILLISECONDS_MAX);

const JIA = { number: numberOf('19460507', 101), name: '金丝雀甲' };
const SETTINGS = `
bureaus:
  death:
    deliveries: ./inbox
    kinds:
      death:
        file: 死亡信息
        mapping:
          source_id: LSH
          id_number: GMSFHM
          name: XM
          source: { constant: CREMATION }
          death_date: { column: SWRQ, date: yyyyMMdd }
          registered_at: { column: DJSJ, date: "yyyy/MM/dd HH:mm" }
          updated_at: { column: DJSJ, date: "yyyy/MM/dd HH:mm" }
          status: { column: ZT, codes: { 1: VALID, 2: VOIDED } }
`;
const LINES = [
  'LSH,GMSFHM,XM,SWRQ,DJSJ,ZT',
  ...Array.from({ length: 9 }, (_, i) => `A${i},${JIA.number},${JIA.name},20260310,2026/03/11 09:00,1`),
  `A9,${JIA.number},${JIA.name},20260310,2026/03/11 09:00,7`,
];

let directory: string;
let database: Database;
beforeAll(async () => {
  compileIfStale();
  directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});
const run = (...lines: string[]) => runLines({ directory, database }, lines);
/** With a manifest, so that it is ready at once. */
const deliver = (folder: string, lines: readonly (string | undefined)[]) => {
  const place = path.join(directory, 'inbox', folder);
  mkdirSync(place, { recursive: true });
  const text = lines.join('\n');
  writeFileSync(path.join(place, '死亡信息.csv'), text);
  const total = ['死亡信息.csv', lines.length - 1, createHash('sha256').update(text).digest('hex')];
  writeFileSync(path.join(place, 'manifest.csv'), `file,rows,sha256\n${total.join(',')}\n`);
};
const state = async () =>
  (
    await database.pool.query(
      'select (select count(*) from sync.run) as runs, (select count(*) from death.revision) as deaths',
    )
  ).rows[0];

test('without a source, and with words that are none: what to do', async () => {
  const [bare, strange, mixed, whole] = await run('sync', 'sync deaths', 'sync --dry-run --full', 'sync --show-values');
  expect([bare?.code, bare?.out]).toEqual([1, '']);
  expect(bare?.err).toMatch(
    /^No source is configured: .*\n[\s\S]*bureaus:\n {2}death:\n {4}deliveries: [\s\S]*heyan sync --dry-run/,
  );
  expect([strange?.code, strange?.err]).toEqual([
    1,
    expect.stringMatching(/^deaths is no kind of record: the kinds are claim, claim_line, contribution, death/),
  ]);
  expect([mixed?.code, whole?.code]).toEqual([2, 2]);
  expect(mixed?.err).toMatch(/do not go together[\s\S]*Usage: heyan sync/);
  expect(existsSync(path.join(directory, 'data'))).toBe(false);
});

test('a dry run shows and writes nothing; a sync takes in, and again finds nothing new', async () => {
  writeFileSync(path.join(directory, 'heyan.yaml'), SETTINGS);
  deliver('2026-03-12', LINES);
  const [text, json, other] = await run('sync --dry-run death', 'sync --dry-run --json', 'sync claim');
  expect([text?.code, text?.err]).toEqual([0, '']);
  expect(text?.out).toMatch(
    /^death from .*死亡信息\.csv\n[\s\S]*id_number +GMSFHM +3403\*+[\s\S]*10 rows were read; 1 would be quarantined\n[\s\S]*Nothing was written\.\n$/,
  );
  expect(JSON.parse(json?.out as string)).toMatchObject([
    { kind: 'death', rowsRead: 10, quarantined: [{ rows: 1, lines: [11] }] },
  ]);
  for (const one of [text, json]) expect(one?.out).not.toMatch(new RegExp(`${JIA.number}|${JIA.name}`));
  expect([other?.code, other?.err]).toEqual([
    1,
    'claim has no source in heyan.yaml: the kinds that have one are death\n',
  ]);
  expect([await state(), existsSync(path.join(directory, 'data'))]).toEqual([{ runs: '0', deaths: '0' }, false]);

  const [taken] = await run('sync death');
  expect([taken?.code, taken?.err]).toEqual([0, expect.stringMatching(/^Founded the hub/)]);
  expect(taken?.out).toMatch(
    /death +10 +9 +0 +0 +0 +0 +1 {2}COMPLETE[\s\S]*death {2}.*inbox\/2026-03-12\/死亡信息\.csv/,
  );
  const [again, full] = [...(await run('sync --json')), ...(await run('sync --full --json'))];
  expect([again?.code, JSON.parse(again?.out as string)]).toEqual([0, { kinds: [], waiting: [] }]);
  expect(JSON.parse(full?.out as string).kinds).toMatchObject([
    { kind: 'death', rowsIn: 10, unchanged: 9, quarantined: 1, state: 'COMPLETE' },
  ]);
  expect(await state()).toEqual({ runs: '2', deaths: '9' });
});

test('what is not taken whole ends with 1', async () => {
  deliver('2026-03-13', [LINES[0], LINES[10], LINES[10]?.replace('A9', 'B9')]);
  const [dry, taken] = await run('sync --dry-run', 'sync');
  expect([dry?.code, dry?.out]).toEqual([
    1,
    expect.stringContaining('2 would be quarantined, more than the limit of 20 %: nothing would be taken'),
  ]);
  expect([taken?.code, taken?.out]).toEqual([1, expect.stringMatching(/REJECTED/)]);
});
