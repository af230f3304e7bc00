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
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { recordKinds } from '../../../src/bureaus/bureau';
import type { Database } from '../../../src/db/database';
import { type Listening, listen } from '../../../src/gateway/listen';
import type { Clause } from '../../../src/sharing/agreement';
import { type FollowOptions, type FollowReport, followFeed } from '../../../src/sync/follower/follower';
import { loadDelivery } from '../../../src/sync/load';
import { syncBureaus } from '../../../src/sync/sync';
import { agree, everything, PURPOSE } from '../../support/callers';
import { testDatabase } from '../../support/database';
import { SAMPLE_KEY, type TestHub, testHub } from '../../support/hub';
import { claim, deliver, household, JIA, smallCity, YI } from '../../support/small-city';
import { openTroubledHub, type Trouble, type TroubledHub } from '../../support/troubled-hub';

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
    await deliverRiskyTexts();
    await agree(hub, new Map([['partner', (kind) => [everything(kind)]]]));
    http = await listen(hub.hub.gateway, { host: '127.0.0.1', port: 0, pages: null });
  });
  afterAll(async () => {
    for (const one of troubled) await one.close();
    await http.close();
    await hub.close();
    rmSync(root, { recursive: true, force: true });
  });

  /** Values that a file, or a program that opens one, could mistake for something else. */
  async function deliverRiskyTexts(): Promise<void> {
    const texts = [
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
    const rows = texts.map((text, at) => {
      const cells = [
        at % 2 ? `=${at}` : `'+${at}`,
        'U',
        '2026-06-01T08:00:00.123456+08:00',
        JIA.number,
        text,
        '1',
        '1946-05-07',
        `${text}H`,
        '340303',
        'ACTIVE',
      ];
      return cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
    });
    const directory = newDirectory();
    mkdirSync(directory);
    const header = 'source_id,op,updated_at,id_number,name,sex,birth_date,household_no,district_code,status';
    // No apostrophe is taken off here: what begins with one and a sign has two.
    writeFileSync(path.join(directory, 'household.csv'), `${[header, ...rows].join('\n').replaceAll(`"'`, `"''`)}\n`);
    const { kinds } = await loadDelivery(hub.database, { directory, hubKey: SAMPLE_KEY });
    if (kinds[0]?.inserted !== texts.length) throw new Error(JSON.stringify(kinds));
  }

  const newDirectory = () => path.join(root, String(next++));

  async function follow(
    directory: string,
    more: Partial<FollowOptions> & { agency?: string; url?: string; silence?: number } = {},
  ): Promise<FollowReport> {
    const { agency = 'partner', url = http.url, silence = 30_000, ...options } = more;
    const token = await hub.hub.issuer.issue(agency, 'night job');
    return followFeed({
      kind: 'claim',
      directory,
      hub: { url, token, purpose: PURPOSE, silenceMillisecondsMax: silence },
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
      `select to_jsonb(r) - array['seq', 'recorded_from', 'recorded_to', 'delivered_hash'] as revision, recorded_to is null as stands from ${table} r order by seq`,
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

  test('its directory is a source of sync as it stands: with their manifests, deliveries wait for nothing', async () => {
    const directory = newDirectory();
    await follow(directory, { limits: { rowsMax: 9 } });
    const copy = await testDatabase();
    try {
      const settings = { claim: { deliveries: directory, kinds: {}, lateAfterMinutes: 120 } };
      const { kinds, waiting } = await syncBureaus(copy, { settings, hubKey: SAMPLE_KEY });
      expect([kinds.map(({ state, rowsIn }) => [state, rowsIn]), waiting]).toEqual([
        deliveriesOf(directory).map((name) => ['COMPLETE', parse(textOf(directory, name)).length - 1]),
        [],
      ]);
      expect(await revisionsIn(copy, 'claim')).toEqual(await revisionsIn(hub.database, 'claim'));
      expect(await syncBureaus(copy, { settings, hubKey: SAMPLE_KEY })).toMatchObject({ kinds: [], waiting: [] });
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
      late: null,
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
        { ...row, ...LATER, risk_removed_on: '2026-06-09' },
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
    expect(
      rowsOf(directory, 'poverty').map((one) => [one.source_id, one.op, one.category, one.risk_removed_on]),
    ).toEqual([
      ['PK1', 'U', 'MARGINAL', ''],
      ['PK1', 'U', 'MARGINAL', '2026-06-09'],
      ['PK2', 'U', 'MARGINAL', ''],
      ['PK2', 'D', '', ''],
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

  describe('asks for what is shared with it', () => {
    const clause = (fields: string[], more: Partial<Clause> = {}): Clause => ({
      recordKind: 'household',
      fields,
      verbs: ['FEED'],
      ...more,
    });
    const sharing = (agency: string, ...clauses: Clause[]) =>
      agree(hub, new Map([[agency, ({ kind }) => (kind === 'household' ? clauses : [])]]));
    const followAs = (agency: string, directory: string, more: Partial<FollowOptions> = {}) =>
      follow(directory, { agency, kind: 'household', ...more });

    test('and leaves out what it may use by other verbs only', async () => {
      await sharing(
        'fields',
        clause(['sourceId', 'updatedAt', 'name', 'previousIdNumbers', 'person', 'oldNumber']),
        clause(['address', 'idNumber'], { verbs: ['LOOKUP'] }),
      );
      const directory = newDirectory();
      expect(await followAs('fields', directory)).toMatchObject({
        state: 'COMPLETE',
        columns: ['previous_id_numbers', 'name'],
      });
      expect(Object.keys(rowsOf(directory, 'household')[0] as object)).toEqual([
        'source_id',
        'op',
        'updated_at',
        'previous_id_numbers',
        'name',
      ]);
    });

    test('or only for the fields that it is told', async () => {
      const directory = newDirectory();
      expect(await follow(directory, { fields: ['benefit_tier', 'claimType'] })).toMatchObject({
        columns: ['claim_type', 'benefit_tier'],
      });
      expect(
        await follow(newDirectory(), { agency: 'fields', kind: 'household', fields: ['name', 'address'] }),
      ).toMatchObject({
        state: 'REFUSED',
        deliveries: 0,
        reason: 'The hub refuses: Ask public-security to share household.address (FEED) for purpose REVIEW',
      });
      await expect(follow(newDirectory(), { fields: ['personKey'] })).rejects.toThrow(
        /^"personKey" is no field of claim: they are id_number, /,
      );
      await expect(follow(newDirectory(), { kind: 'clam' })).rejects.toThrow(
        /^"clam" is no kind of record: the kinds are /,
      );
    });

    test('what is masked stays masked, and a record that leaves the districts is deleted', async () => {
      await sharing(
        'masked',
        clause(['sourceId', 'updatedAt', 'name', 'birthDate', 'districtCode'], {
          masks: { name: 'PARTIAL', birthDate: 'YEAR' },
          districts: ['340303'],
        }),
      );
      const directory = newDirectory();
      await followAs('masked', directory, { fields: ['name', 'birth_date'] });
      await deliver(hub.database, {
        household: [
          household(YI, 'HJ2', { district_code: '340304', ...LATER }),
          household(YI, 'HJ8', { district_code: '340304', ...LATER }),
        ],
      });
      expect(await followAs('masked', directory, { fields: ['name', 'birth_date'] })).toMatchObject({
        changes: 1,
        deleted: 1,
      });
      const rows = rowsOf(directory, 'household').filter(({ source_id }) => source_id?.startsWith('HJ'));
      expect(rows.filter(({ source_id }) => source_id === 'HJ2' || source_id === 'HJ8')).toEqual([
        { source_id: 'HJ2', op: 'U', updated_at: '2026-05-31T16:00:00Z', name: '金*', birth_date: '1980' },
        { source_id: 'HJ2', op: 'D', updated_at: '2026-06-09T16:00:00Z', name: '', birth_date: '' },
      ]);
    });

    test('by the time of the hub where that of the source is not shared, and then for good', async () => {
      await sharing('times', clause(['sourceId', 'recordedAt', 'name']));
      const directory = newDirectory();
      await followAs('times', directory, { limits: { rowsMax: 5 } });
      const { rows } = await hub.database.pool.query<{ at: string }>(
        'select recorded_from as at from household.revision order by seq',
      );
      const told = rowsOf(directory, 'household').map((row) => row.updated_at);
      expect(told).toEqual(rows.map(({ at }) => at));
      await agree(
        hub,
        new Map([['times', ({ kind }) => (kind === 'household' ? [clause(['sourceId', 'updatedAt', 'status'])] : [])]]),
        { version: 2 },
      );
      await deliver(hub.database, { household: [household(YI, 'HJ7', LATER)] });
      const notes: string[] = [];
      expect(await followAs('times', directory, { note: (sentence) => notes.push(sentence) })).toMatchObject({
        changes: 1,
        columns: ['name', 'status'],
      });
      expect(rowsOf(directory, 'household').at(-1)?.updated_at).not.toBe('2026-06-09T16:00:00Z');
      expect(notes).toEqual(['New from here on: status; for earlier changes too, follow into an empty directory']);
    });

    test.each([
      ['no key', ['updatedAt', 'name']],
      ['no time', ['sourceId', 'name']],
      ['nothing', []],
    ])('and says what to ask for when that is %s', async (what, fields) => {
      const agency = what.replace(' ', '-');
      await sharing(agency, ...(fields.length > 0 ? [clause(fields)] : []));
      expect(await followAs(agency, newDirectory())).toMatchObject({
        state: 'REFUSED',
        deliveries: 0,
        reason:
          fields.length > 0
            ? 'The hub does not share enough of household for files: ask public-security to share sourceId and updatedAt (FEED) for purpose REVIEW'
            : expect.stringContaining('household'),
      });
    });
  });

  describe('keeps its directory whole', () => {
    test('what a killed follower left of a delivery goes, and it goes on behind the last that is whole', async () => {
      const directory = newDirectory();
      await follow(directory, { limits: { rowsMax: 4 } });
      const [first, ...others] = deliveriesOf(directory) as [string, ...string[]];
      const whole = rowsOf(directory);
      for (const name of others.slice(1)) rmSync(path.join(directory, name), { recursive: true });
      rmSync(path.join(directory, 'follow.json'));
      renameSync(path.join(directory, others[0] as string), path.join(directory, 'next.part'));
      expect(await follow(directory)).toMatchObject({ from: String(Number(first)) });
      expect(rowsOf(directory)).toEqual(whole);
      expect(existsSync(path.join(directory, 'next.part'))).toBe(false);
    });

    test('it goes on behind what was delivered also when the deliveries were moved away', async () => {
      const directory = newDirectory();
      const { cursor } = await follow(directory);
      for (const name of deliveriesOf(directory)) rmSync(path.join(directory, name), { recursive: true });
      expect(await follow(directory)).toMatchObject({ from: cursor, cursor, changes: 0 });
    });

    test('another kind is not mixed in, and what no follower wrote is not believed', async () => {
      const directory = newDirectory();
      await follow(directory, { kind: 'death' });
      await expect(follow(directory)).rejects.toThrow(/holds the feed of death: name another directory for claim$/);
      writeFileSync(path.join(directory, 'follow.json'), '{"kind":"death"}');
      await expect(follow(directory, { kind: 'death' })).rejects.toThrow(/follow\.json is not what a follower wrote/);
      writeFileSync(path.join(root, 'file'), '');
      await expect(follow(path.join(root, 'file'))).rejects.toThrow(/^The directory .*file cannot be made \(EEXIST\)/);
    });

    test('a long stretch of the log without rows is remembered by a delivery without rows', async () => {
      await agree(
        hub,
        new Map([
          [
            'elsewhere',
            ({ kind }) =>
              kind === 'claim'
                ? [
                    {
                      recordKind: 'claim',
                      fields: ['sourceId', 'updatedAt', 'name'],
                      verbs: ['FEED'],
                      districts: ['99'],
                    },
                  ]
                : [],
          ],
        ]),
      );
      const directory = newDirectory();
      expect(await follow(directory, { agency: 'elsewhere' })).toMatchObject({
        deliveries: 0,
        cursor: '0',
        state: 'COMPLETE',
      });
      const report = await follow(directory, { agency: 'elsewhere', limits: { emptySteps: 14 } });
      expect(report).toMatchObject({ deliveries: 1, changes: 0, cursor: '14' });
      expect(textOf(directory, '000000000000000014')).toBe('source_id,op,updated_at,name\n');
    });

    const lock = (directory: string) => path.join(directory, 'follower.lock');
    const locked = (holder: object) => {
      const directory = newDirectory();
      mkdirSync(directory);
      writeFileSync(lock(directory), JSON.stringify(holder));
      return directory;
    };
    const here = { host: hostname(), pid: process.pid, began: '', id: '1' };

    test.each<[string, object, boolean]>([
      ['lives', here, true],
      ['is gone', { ...here, pid: 4_194_305 }, false],
      ['had its number before', { ...here, began: '1' }, !existsSync('/proc/self/stat')],
      ['is on another machine', { ...here, host: 'elsewhere' }, true],
    ])('a directory whose follower %s', async (_, holder, isHeld) => {
      const directory = locked(holder);
      const following = follow(directory);
      if (isHeld)
        await expect(following).rejects.toThrow(
          /^Another follower, .*, writes .*: wait for it to end, or remove .*follower\.lock when it has$/,
        );
      else expect((await following).state).toBe('COMPLETE');
      expect(existsSync(lock(directory))).toBe(isHeld);
    });

    test.each([
      ['that nobody has touched for a minute, wherever its follower was', { ...here, host: 'elsewhere' }, 61_000],
      ['whose follower was killed before it could write its name', {}, 1_100],
    ])('a directory is free %s', async (_, holder, milliseconds) => {
      const directory = locked(holder);
      const then = new Date(Date.now() - milliseconds);
      utimesSync(lock(directory), then, then);
      expect((await follow(directory)).state).toBe('COMPLETE');
    });

    test("of many who begin at once with a dead one's lock, one at a time follows", async () => {
      const directory = locked({ ...here, pid: 4_194_305 });
      const ended = await Promise.allSettled(
        Array.from({ length: 8 }, () => follow(directory, { limits: { rowsMax: 2 } })),
      );
      const done = ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(done.reduce((sum, { changes }) => sum + changes, 0)).toBe(14);
      expect(
        ended
          .flatMap((one) => (one.status === 'rejected' ? [one.reason.message] : []))
          .filter((message) => !/^Another follower/.test(message)),
      ).toEqual([]);
    });

    test('one whose directory was taken by another delivers nothing more', async () => {
      const directory = newDirectory();
      const following = follow(directory, {
        limits: { pageChanges: 2, rowsMax: 2 },
        onProgress: (changes) =>
          changes === 7 && writeFileSync(lock(directory), JSON.stringify({ ...here, id: 'another' })),
      });
      await expect(following).rejects.toThrow(/^Another follower has taken /);
      expect(rowsOf(directory)).toHaveLength(6);
      expect(existsSync(lock(directory))).toBe(true);
    });
  });

  describe('goes on whatever happens to the hub', () => {
    const through = async (troubleOf: (request: number, accept: string) => Trouble): Promise<TroubledHub> => {
      const hub = await openTroubledHub(http.url, troubleOf);
      troubled.push(hub);
      return hub;
    };
    let whole: Record<string, string>[];
    beforeAll(async () => {
      const directory = newDirectory();
      await follow(directory);
      whole = rowsOf(directory);
    });

    test.each<[string, Trouble]>([
      ['connections that are lost', 'reset'],
      ['a hub that says nothing', 'silence'],
      ['answers that break off', { bytes: 1_500, next: 'reset' }],
      ['answers that come to a halt', { bytes: 1_500, next: 'silence' }],
      [
        'a hub that is too busy',
        {
          status: 429,
          headers: { 'retry-after': '7' },
          body: '{"errors":[{"message":"busy","extensions":{"code":"TOO_MANY_STREAMS"}}]}',
        },
      ],
      ['a gateway in between', { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>' }],
      ['a hub that stops', { status: 503, body: '{"error":"Service Unavailable"}' }],
      [
        'a bureau that fails',
        {
          status: 200,
          body: '{"data":{"claimChanges":null},"errors":[{"message":"The claim bureau could not answer","extensions":{"code":"UNAVAILABLE"}}]}',
        },
      ],
      [
        'a stream that ends with an error',
        {
          status: 200,
          headers: { 'content-type': 'application/x-ndjson' },
          body: '{"errors":[{"message":"x","extensions":{"code":"AUDIT_UNAVAILABLE"}}]}\n',
        },
      ],
      ['half a line', { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body: '{"seq":"1"' }],
    ])('%s', async (_, trouble) => {
      const isStream =
        typeof trouble === 'object' &&
        'headers' in trouble &&
        trouble.headers?.['content-type'] === 'application/x-ndjson';
      const isOf = (accept: string) => !isStream || accept === 'application/x-ndjson';
      const { url } = await through((request, accept) => (request % 3 === 2 || !isOf(accept) ? 'none' : trouble));
      const directory = newDirectory();
      const pauses: number[] = [];
      const report = await follow(directory, {
        url,
        silence: trouble === 'silence' || (typeof trouble === 'object' && 'next' in trouble) ? 700 : undefined,
        limits: { pageChanges: 3, rowsMax: 4 },
        pause: async (milliseconds) => void pauses.push(milliseconds),
      });
      expect([report.state, report.changes, rowsOf(directory)]).toEqual(['COMPLETE', 14, whole]);
      expect(pauses.length).toBeGreaterThan(0);
      expect(
        pauses.every(
          (one) =>
            one >= (typeof trouble === 'object' && 'status' in trouble && trouble.status === 429 ? 7_000 : 500) &&
            one <= 60_000,
        ),
      ).toBe(true);
    });

    test('a page that takes too long is asked for in smaller ones', async () => {
      const late = '{"errors":[{"message":"too long","extensions":{"code":"TIMEOUT"}}]}';
      const slow = await through((request) => (request === 0 || request > 4 ? 'none' : { status: 200, body: late }));
      expect(await follow(newDirectory(), { url: slow.url, limits: { pageChanges: 1_000 } })).toMatchObject({
        state: 'COMPLETE',
        changes: 14,
      });
      expect(slow.asked.map(({ variables }) => variables.first)).toEqual([undefined, 100]);
    });

    test('it gives up in time, and keeps what it has', async () => {
      const { url } = await through((request) => (request < 2 ? 'none' : 'reset'));
      const directory = newDirectory();
      const cut = { bytes: 1_500, next: 'reset' } as const;
      const half = await through((request) => (request === 0 ? 'none' : request === 1 ? cut : 'reset'));
      const report = await follow(directory, { url: half.url, limits: { attempts: 4 } });
      expect(report).toMatchObject({
        state: 'UNREADY',
        reason: expect.stringMatching(/^The hub cannot be reached \(\w+\)$/),
      });
      expect([report.changes > 0, report.changes < 14, rowsOf(directory)]).toEqual([
        true,
        true,
        whole.slice(0, report.changes),
      ]);
      // The broken stream is the first of four failures.
      expect(half.requests).toBe(2 + 3);
      await follow(directory, { url });
      expect(rowsOf(directory)).toEqual(whole);
    });

    test.each<[string, Extract<Trouble, { status: number }>, RegExp]>([
      [
        'a page of the web',
        { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>' },
        /answers 404 and is no graph of a hub/,
      ],
      [
        'another address',
        { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' },
        /answers 302 and is no graph/,
      ],
      [
        'that the token does not hold',
        {
          status: 401,
          body: '{"errors":[{"message":"A valid access token is required","extensions":{"code":"UNAUTHENTICATED"}}]}',
        },
        /does not take this token: it is wrong, ended or revoked; get another$/,
      ],
      [
        'a change twice',
        {
          status: 200,
          headers: { 'content-type': 'application/x-ndjson' },
          body: `${'{"seq":"1","op":"DELETE","sourceId":"a","time":"2026-01-01","record":null}\n'.repeat(2)}`,
        },
        /out of order, behind place 1: ask who runs it$/,
      ],
      [
        'a change without its record',
        {
          status: 200,
          headers: { 'content-type': 'application/x-ndjson' },
          body: '{"seq":"1","op":"UPSERT","sourceId":"a","time":"2026-01-01","record":null}\n',
        },
        /a change without its record, behind place 0/,
      ],
      [
        'an end before the beginning',
        {
          status: 200,
          headers: { 'content-type': 'application/x-ndjson' },
          body: '{"endCursor":"-1","hasNextPage":true}\n',
        },
        /ends a page before place 0/,
      ],
    ])('what asking again does not change ends it at once: %s', async (_, answer, reason) => {
      const { url, ...rest } = await through((_request, accept) =>
        accept === 'application/json' && answer.status === 200 ? 'none' : answer,
      );
      const report = await follow(newDirectory(), { url });
      expect([report.state, rest.requests]).toEqual(['REFUSED', 0]);
      expect(report.reason).toMatch(reason);
    });

    test('it may be interrupted, and keeps what it has', async () => {
      const directory = newDirectory();
      const stop = new AbortController();
      const report = await follow(directory, {
        signal: stop.signal,
        limits: { pageChanges: 2 },
        onProgress: (changes) => changes === 5 && stop.abort(),
      });
      expect(report).toMatchObject({ state: 'INTERRUPTED', changes: 5 });
      expect(rowsOf(directory)).toEqual(whole.slice(0, 5));
      expect(readdirSync(directory).sort()).toEqual([...deliveriesOf(directory), 'follow.json']);
      await follow(directory);
      expect(rowsOf(directory)).toEqual(whole);
    });
  });
});
