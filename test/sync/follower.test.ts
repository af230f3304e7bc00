import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { recordKinds } from '../../src/bureaus/bureau';
import type { Database } from '../../src/db/database';
import { type Listening, listen } from '../../src/gateway/listen';
import type { Clause } from '../../src/sharing/agreement';
import { type FollowOptions, type FollowReport, followFeed } from '../../src/sync/follower';
import { loadDelivery } from '../../src/sync/load';
import { agree, everything, PURPOSE } from '../support/callers';
import { testDatabase } from '../support/database';
import { SAMPLE_KEY, type TestHub, testHub } from '../support/hub';
import { claim, deliver, household, JIA, smallCity, YI } from '../support/small-city';
import { openTroubledHub, type Trouble, type TroubledHub } from '../support/troubled-hub';

const LATER = { updated_at: '2026-06-10' };

describe('a follower', () => {
  let hub: TestHub;
  let http: Listening;
  let root: string;
  let next = 0;
  const troubled: TroubledHub[] = [];
  beforeAll(async () => {
    hub = await testHub();
    root = mkdtempSync(path.join(tmpdir(), 'heyan-follow-'));
    await deliver(hub.database, smallCity());
    await deliver(hub.database, {
      claim: [
        { ...claim(JIA, 'JS1', '2026-02-01', { status: 'RECOVERED', ...LATER }), op: 'U' },
        { ...claim(YI, 'JS10', '2026-01-01', LATER), op: 'D' },
      ],
    });
    // A deletion that is taken back: by the source's time it was never gone, by the hub's it came back before it was deleted.
    await deliver(hub.database, { claim: [claim(YI, 'JS10', '2026-01-01', { status: 'REFUSED', ...LATER })] });
    await agree(hub, new Map([['partner', (kind) => [everything(kind)]]]));
    http = await listen(hub.hub.gateway, { host: '127.0.0.1', port: 0, pages: null });
  });
  afterAll(async () => {
    for (const one of troubled) await one.close();
    await http.close();
    await hub.close();
    rmSync(root, { recursive: true, force: true });
  });

  const newDirectory = () => path.join(root, String(next++));

  async function follow(
    directory: string,
    more: Partial<FollowOptions> & { agency?: string; url?: string } = {},
  ): Promise<FollowReport> {
    const { agency = 'partner', url = http.url, ...options } = more;
    const token = await hub.hub.issuer.issue(agency, 'night job');
    return followFeed({
      kind: 'claim',
      directory,
      hub: { url, token, purpose: PURPOSE, silenceMillisecondsMax: 1_000 },
      pause: async () => undefined,
      ...options,
    });
  }

  const deliveriesOf = (directory: string) =>
    readdirSync(directory)
      .filter((name) => /^\d{18}$/.test(name))
      .sort();
  const textOf = (directory: string, delivery: string, kind = 'claim') =>
    readFileSync(path.join(directory, delivery, `${kind}.csv`), 'utf8');
  /** Every row that was delivered, in order, as an independent reader of RFC 4180 reads it. */
  const rowsOf = (directory: string, kind = 'claim'): Record<string, string>[] =>
    deliveriesOf(directory).flatMap(
      (name) => parse(textOf(directory, name, kind), { columns: true }) as Record<string, string>[],
    );

  /** Every revision in the order of the change log, without the places and times that are a hub's own. */
  async function revisionsIn(database: Database, kind: string): Promise<unknown[]> {
    const { table } = recordKinds().find((one) => one.kind === kind) as { table: string };
    const { rows } = await database.pool.query(
      `select to_jsonb(r) - array['seq', 'recorded_from', 'recorded_to'] as revision, recorded_to is null as stands from ${table} r order by seq`,
    );
    return rows;
  }

  test('delivers every kind so that whoever loads the deliveries in order has every revision of it', async () => {
    const copy = await testDatabase();
    try {
      for (const { kind } of recordKinds()) {
        const directory = newDirectory();
        const report = await follow(directory, { kind });
        expect([kind, report.state, report.changes, report.cursor]).toEqual([
          kind,
          'COMPLETE',
          rowsOf(directory, kind).length,
          String(rowsOf(directory, kind).length),
        ]);
        for (const name of deliveriesOf(directory)) {
          const loaded = await loadDelivery(copy, { directory: path.join(directory, name), hubKey: SAMPLE_KEY });
          expect(loaded).toMatchObject({
            warnings: [],
            kinds: [{ state: 'COMPLETE', quarantined: 0, stale: 0, unchanged: 0, warnings: [] }],
          });
        }
        expect([kind, await revisionsIn(copy, kind)]).toEqual([kind, await revisionsIn(hub.database, kind)]);
      }
    } finally {
      await copy.close();
    }
  });

  test('says what it did; asked again it takes nothing, and then only what is new', async () => {
    const directory = newDirectory();
    const first = await follow(directory, { kind: 'poverty' });
    expect(first).toEqual({
      kind: 'poverty', directory, state: 'COMPLETE', changes: 1, deleted: 0, deliveries: 1, from: '0', cursor: '1', pages: 1,
      columns: ['id_number', 'name', 'category', 'household_no', 'district_code', 'identified_on', 'risk_removed_on'],
      receipts: [expect.stringMatching(/^[0-9a-f]{64}$/)],
      freshness: expect.stringMatching(/^2026-/),
    }); // biome-ignore format: a report
    const text = textOf(directory, '000000000000000001', 'poverty');
    expect(text).toBe(
      `source_id,op,updated_at,id_number,name,category,household_no,district_code,identified_on,risk_removed_on\nPK1,U,2026-05-31T16:00:00Z,${JIA.number},${JIA.name},MARGINAL,P1,340303,2024-01-01,\n`,
    );
    expect(readFileSync(path.join(directory, '000000000000000001/manifest.csv'), 'utf8')).toBe(
      `file,rows,sha256\npoverty.csv,1,${createHash('sha256').update(text).digest('hex')}\n`,
    );
    expect(await follow(directory, { kind: 'poverty' })).toMatchObject({
      changes: 0,
      deliveries: 0,
      from: '1',
      cursor: '1',
    });
    const [row] = smallCity().poverty as [Record<string, string>];
    await deliver(hub.database, {
      poverty: [
        { ...row, ...LATER, category: 'UNEXPECTED' },
        { ...row, source_id: 'PK2' },
      ],
    });
    await deliver(hub.database, { poverty: [{ ...row, source_id: 'PK2', op: 'D', ...LATER }] });
    expect(await follow(directory, { kind: 'poverty' })).toMatchObject({
      changes: 3,
      deleted: 1,
      deliveries: 2,
      from: '1',
      cursor: '4',
    });
    expect(rowsOf(directory, 'poverty').map((one) => [one.source_id, one.op, one.category])).toEqual([
      ['PK1', 'U', 'MARGINAL'],
      ['PK1', 'U', 'UNEXPECTED'],
      ['PK2', 'U', 'MARGINAL'],
      ['PK2', 'D', ''],
    ]);
    expect(readdirSync(directory).sort()).toEqual([
      '000000000000000001',
      '000000000000000003',
      '000000000000000004',
      'follow.json',
    ]);
  });

  test.each([1, 3, 5_000])(
    'in deliveries of %i rows and pages of every size it is the same, and no delivery holds a record twice',
    async (rowsMax) => {
      const whole = newDirectory();
      await follow(whole);
      for (const pageChanges of [1, 4, 5_000]) {
        const directory = newDirectory();
        await follow(directory, { limits: { rowsMax, pageChanges } });
        expect(rowsOf(directory)).toEqual(rowsOf(whole));
        for (const name of deliveriesOf(directory)) {
          const ids = (parse(textOf(directory, name), { columns: true }) as Record<string, string>[]).map(
            (row) => row.source_id,
          );
          expect([ids.length > 0, ids.length <= rowsMax, new Set(ids).size]).toEqual([true, true, ids.length]);
        }
      }
    },
  );

  test('values that a file could mistake for something else arrive as they are', async () => {
    const names = [
      '=1+1',
      "'=1+1",
      '+a',
      '-1',
      '-x',
      '@b',
      'a,b',
      'a"b',
      '"',
      "'",
      '＝x',
      'a\nb',
      '\ud83d\ude00',
      'ＮＵＬＬ',
      '\\N',
    ];
    const rows = names.map(
      (name, at) =>
        `"${at % 2 ? '=' : "'"}${at}","U","2026-06-01","${JIA.number}","${name.replaceAll('"', '""')}","1","1946-05-07","H","340303","ACTIVE"`,
    );
    const delivery = newDirectory();
    mkdirSync(delivery);
    writeFileSync(
      path.join(delivery, 'household.csv'),
      `source_id,op,updated_at,id_number,name,sex,birth_date,household_no,district_code,status\n${rows.join('\n')}\n`,
    );
    const source = await testHub();
    const copy = await testDatabase();
    const listening = await listen(source.hub.gateway, { host: '127.0.0.1', port: 0, pages: null });
    try {
      expect(await loadDelivery(source.database, { directory: delivery, hubKey: SAMPLE_KEY })).toMatchObject({
        kinds: [{ inserted: names.length }],
      });
      await agree(source, new Map([['partner', (kind) => [everything(kind)]]]));
      const directory = newDirectory();
      const token = await source.hub.issuer.issue('partner');
      await followFeed({ kind: 'household', directory, hub: { url: listening.url, token, purpose: PURPOSE } });
      for (const name of deliveriesOf(directory))
        await loadDelivery(copy, { directory: path.join(directory, name), hubKey: SAMPLE_KEY });
      expect(await revisionsIn(copy, 'household')).toEqual(await revisionsIn(source.database, 'household'));
    } finally {
      await listening.close();
      await source.close();
      await copy.close();
    }
  });
});
