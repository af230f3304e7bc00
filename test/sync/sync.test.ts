/** Configured sources: what waits in a watched directory, what a register has, and what happens when several are told to do the same. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Database, openDatabase } from '../../src/db/database';
import type { KindReport } from '../../src/sync/report';
import type { BureauSettings } from '../../src/sync/setting';
import { type SyncOptions, syncBureaus } from '../../src/sync/sync';
import { testDatabase, withClient } from '../support/database';
import { SAMPLE_KEY } from '../support/hub';
import { JIA, YI } from '../support/small-city';
import { fillTaxRegister, taxSettings } from './tax-register';

const HEADER = 'source_id,updated_at,op,source,id_number,name,birth_date,death_date,registered_at,status';
/** An hour from now: files written now have lain there for an hour then. */
const NOW = new Date(Date.now() + 3_600_000);

let database: Database;
let inbox: string;

beforeEach(async () => {
  database = await testDatabase();
  inbox = mkdtempSync(path.join(tmpdir(), 'heyan-inbox-'));
});
afterEach(async () => {
  await database.close();
  rmSync(inbox, { recursive: true });
});

/** A document of death, touched at a time of June 2026. */
const death = (
  touched: string,
  deathDate: string,
  more: { id?: string; person?: { number: string; name: string }; status?: string } = {},
) => {
  const { id = 'SW1', person = JIA, status = 'VALID' } = more;
  return `${id},2026-06-${touched}+08:00,U,DEATH_CERTIFICATE,${person.number},${person.name},,${deathDate},2026-06-01,${status}`;
};
const gone = (touched: string, id = 'SW1') => `${id},2026-06-${touched}+08:00,D,,,,,,,`;

/** Puts a delivery into the inbox. */
function put(name: string, ...rows: string[]): void {
  mkdirSync(path.join(inbox, name), { recursive: true });
  writeFileSync(path.join(inbox, name, 'death.csv'), `${[HEADER, ...rows].join('\n')}\n`);
}

const fromInbox = (): BureauSettings => ({ death: { lateAfterMinutes: 120, deliveries: inbox, kinds: {} } });
const sync = (more: Partial<SyncOptions> = {}, to: Database = database) =>
  syncBureaus(to, { settings: fromInbox(), hubKey: SAMPLE_KEY, now: () => NOW, ...more });

/** What became of each, in the words of its counts that are not 0. */
const told = (kinds: readonly KindReport[]) =>
  kinds.map(({ state, source, inserted, changed, unchanged, deleted, stale, quarantined }) => [
    path.basename(source),
    state,
    Object.fromEntries(
      Object.entries({ inserted, changed, unchanged, deleted, stale, quarantined }).filter(([, count]) => count > 0),
    ),
  ]);

/** Every revision of a record, the oldest first: `op day standing`. */
async function history(id = 'SW1'): Promise<string[]> {
  const { rows } = await database.pool.query<{ line: string }>(
    `select concat_ws(' ', op, death_date, status, case when recorded_to is null then 'stands' end) as line from death.revision where source_id = $1 order by seq`,
    [id],
  );
  return rows.map(({ line }) => line);
}

describe('deliveries in a watched directory', () => {
  test('are taken in the order of their names, once', async () => {
    put('2026-06-10', death('10T08:00:00', '2026-05-01'));
    put('2026-06-11', death('11T08:00:00', '2026-05-02'));
    expect(told((await sync()).kinds)).toEqual([
      ['2026-06-10', 'COMPLETE', { inserted: 1 }],
      ['2026-06-11', 'COMPLETE', { changed: 1 }],
    ]);
    expect(told((await sync()).kinds)).toEqual([]);
    expect(await history()).toEqual(['U 2026-05-01 VALID', 'U 2026-05-02 VALID stands']);
  });

  test('the same three times, an older after a newer, a correction and its retraction: the newest stands, the history shows all', async () => {
    const first = death('10T08:00:00', '2026-05-01');
    for (const name of ['1', '2', '3']) put(name, first);
    put('4', death('12T08:00:00', '2026-04-30'));
    put('5', death('11T08:00:00', '2026-05-09'));
    put('6', death('13T08:00:00', '2026-05-01', { status: 'VOIDED' }));
    put('7', death('14T08:00:00', '2026-05-01'));
    put('8', gone('15T08:00:00'));
    put('9', death('13T09:00:00', '2026-05-03'));
    expect(told((await sync()).kinds).map(([, , counts]) => counts)).toEqual([
      { inserted: 1 },
      { unchanged: 1 },
      { unchanged: 1 },
      { changed: 1 },
      { stale: 1 },
      { changed: 1 },
      { changed: 1 },
      { deleted: 1 },
      { stale: 1 },
    ]);
    expect(await history()).toEqual([
      'U 2026-05-01 VALID',
      'U 2026-04-30 VALID',
      'U 2026-05-01 VOIDED',
      'U 2026-05-01 VALID',
      'D stands',
    ]);
  });

  test('one that is still being written waits, and is named', async () => {
    put('1', death('10T08:00:00', '2026-05-01'));
    const report = await sync({ now: () => new Date() });
    expect(report.kinds).toEqual([]);
    expect(report.waiting).toEqual([expect.stringContaining(path.join(inbox, '1'))]);
    expect(told((await sync()).kinds)).toEqual([['1', 'COMPLETE', { inserted: 1 }]]);
  });

  test('one that is mostly bad is rolled back, tried again, and stops nothing behind it', async () => {
    put('1', death('10T08:00:00', 'never'), death('10T08:00:00', '2026-05-01', { id: 'SW2', person: YI }));
    put('2', death('11T08:00:00', '2026-05-01'));
    const rejected = ['1', 'REJECTED', { quarantined: 1 }];
    expect(told((await sync()).kinds)).toEqual([rejected, ['2', 'COMPLETE', { inserted: 1 }]]);
    expect(told((await sync()).kinds)).toEqual([rejected]);
    expect(await history('SW2')).toEqual([]);
    put('1', death('10T08:00:00', '2026-05-03'), death('10T08:00:00', '2026-05-01', { id: 'SW2', person: YI }));
    expect(told((await sync()).kinds)).toEqual([['1', 'COMPLETE', { inserted: 1, stale: 1 }]]);
    const { rows } = await database.pool.query('select name, state, attempts from sync.delivery order by name, state');
    expect(rows).toEqual([
      { name: '1', state: 'COMPLETE', attempts: 1 },
      { name: '1', state: 'REJECTED', attempts: 2 },
      { name: '2', state: 'COMPLETE', attempts: 1 },
    ]);
  });

  test('a manifest that disagrees refuses the file, one that is broken the delivery', async () => {
    put('1', death('10T08:00:00', '2026-05-01'));
    const manifest = path.join(inbox, '1', 'manifest.csv');
    writeFileSync(manifest, `file,rows,sha256\ndeath.csv,1,${'0'.repeat(64)}\n`);
    const [differs] = (await sync()).kinds;
    expect(differs).toMatchObject({ kind: 'death', state: 'FAILED', reason: expect.stringMatching(/SHA-256/) });
    writeFileSync(manifest, 'what?\n');
    const [broken] = (await sync()).kinds;
    expect(broken).toMatchObject({ kind: 'death', state: 'FAILED', reason: expect.stringMatching(/^manifest.csv /) });
    expect(await history()).toEqual([]);
    rmSync(path.join(inbox, '1'), { recursive: true });
    put('2');
    writeFileSync(path.join(inbox, '2', 'manifest.csv'), `file,rows,sha256\nclaim.csv,1,${'0'.repeat(64)}\n`);
    const settings = { claim: { lateAfterMinutes: 120, deliveries: inbox, kinds: {} } };
    rmSync(path.join(inbox, '2', 'death.csv'));
    writeFileSync(path.join(inbox, '2', 'claim_line.csv'), '');
    expect((await sync({ settings })).kinds.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['claim', expect.stringMatching(/manifest.csv/)],
      ['claim_line', expect.stringMatching(/manifest.csv/)],
    ]);
  });

  test('an inbox that is not there is a failed run of its bureau', async () => {
    rmSync(inbox, { recursive: true });
    expect((await sync()).kinds).toEqual([
      expect.objectContaining({ kind: 'death', state: 'FAILED', reason: expect.stringMatching(/ENOENT/) }),
    ]);
    const { rows } = await database.pool.query('select kind, state from sync.run');
    expect(rows).toEqual([{ kind: 'death', state: 'FAILED' }]);
    mkdirSync(inbox);
  });

  test('of a delivery of several kinds, taking one does not count as taking it', async () => {
    const settings: BureauSettings = { claim: { lateAfterMinutes: 120, deliveries: inbox, kinds: {} } };
    put('1', death('10T08:00:00', '2026-05-01'));
    expect((await sync({ settings, kinds: ['claim'] })).kinds).toEqual([]);
    const { rows } = await database.pool.query('select from sync.delivery');
    expect(rows).toHaveLength(0);
  });
});

describe('registers', () => {
  let register: Database;
  beforeEach(async () => {
    register = await testDatabase();
    await fillTaxRegister(register.url, 1_000);
  });
  afterEach(() => register.close());

  const contributions = (more: Partial<SyncOptions> = {}, to: Database = database) =>
    sync({ settings: taxSettings(register.url), chunkRows: 300, ...more }, to);

  test('are read on from where the last run ended, with names and codes mapped', async () => {
    const [first] = (await contributions()).kinds;
    expect(first).toMatchObject({ state: 'COMPLETE', chunks: 4, rowsIn: 1_000, inserted: 990, quarantined: 10 });
    await withClient(register.url, (client) =>
      client.query(`update sb_zsxx set sjje = 1.5, gxsj = '2026-03-01 10:00:00.123456' where zsxh = 'ZS000000001'`),
    );
    const [second] = (await contributions()).kinds;
    expect(second).toMatchObject({ state: 'COMPLETE', changed: 1, inserted: 0 });
    const { rows } = await database.pool.query(
      `select scheme, payer, amount::text, status, updated_at from contribution.revision where source_id = 'ZS000000001' and recorded_to is null`,
    );
    expect(rows).toEqual([
      { scheme: 'RESIDENT', payer: 'SELF', amount: '1.50', status: 'PAID', updated_at: '2026-03-01T02:00:00.123456Z' },
    ]);
  });

  test('under another mapping everything is read again, and quarantined rows that come whole are settled', async () => {
    await contributions();
    const settings = structuredClone(taxSettings(register.url)) as unknown as {
      contribution: { kinds: { contribution: { mapping: Record<string, object> } } };
    };
    settings.contribution.kinds.contribution.mapping.amount = {
      column: 'sjje',
      codes: { '-1.00': '0' },
      otherwise: '7',
    };
    const [again] = (await contributions({ settings: settings as unknown as BureauSettings })).kinds;
    expect(again).toMatchObject({ state: 'COMPLETE', rowsIn: 1_000, inserted: 10, quarantined: 0 });
    const { rows } = await database.pool.query(
      'select count(*)::int as open from sync.quarantine where resolved_at is null',
    );
    expect(rows).toEqual([{ open: 0 }]);
  });

  test('four workers told at once: the effect of one', async () => {
    const workers = await Promise.all(Array.from({ length: 4 }, () => openDatabase(database.url, { poolSize: 2 })));
    const reports = await Promise.all(workers.map((worker) => contributions({}, worker)));
    await Promise.all(workers.map((worker) => worker.close()));
    const inserted = reports.map(({ kinds }) => kinds[0]?.inserted);
    expect(inserted.sort()).toEqual([0, 0, 0, 990]);
    expect(reports.every(({ kinds }) => kinds[0]?.state === 'COMPLETE')).toBe(true);
    const { rows } = await database.pool.query('select count(*)::int as revisions from contribution.revision');
    expect(rows).toEqual([{ revisions: 990 }]);
  });

  test('a chunk that is mostly bad ends the run before it; what came before stands, and it is tried again', async () => {
    await withClient(register.url, (client) =>
      client.query(`update sb_zsxx set jflx = '9' where zsxh > 'ZS000000400'`),
    );
    const [first] = (await contributions()).kinds;
    expect(first).toMatchObject({
      state: 'REJECTED',
      inserted: 297,
      reason: expect.stringMatching(/nothing of this chunk/),
    });
    await withClient(register.url, (client) => client.query(`update sb_zsxx set jflx = '1'`));
    const [second] = (await contributions()).kinds;
    expect(second).toMatchObject({ state: 'COMPLETE' });
    const { rows } = await database.pool.query(
      'select count(distinct source_id)::int as records from contribution.revision',
    );
    expect(rows).toEqual([{ records: 990 }]);
  });

  test('one that is not there fails alone, in words without its password', async () => {
    put('1', death('10T08:00:00', '2026-05-01'));
    const settings = { ...fromInbox(), ...taxSettings('postgres://reader:sesame@127.0.0.1:1/tax') };
    const report = await sync({ settings });
    expect(report.kinds.map(({ kind, state }) => [kind, state])).toEqual([
      ['contribution', 'FAILED'],
      ['death', 'COMPLETE'],
    ]);
    expect(JSON.stringify(report)).not.toContain('sesame');
    const { rows } = await database.pool.query(`select reason from sync.run where state = 'FAILED'`);
    expect(rows).toHaveLength(1);
  });

  test('a run that is told to stop ends behind its chunk and says so; the next goes on', async () => {
    const stop = new AbortController();
    const [first] = (await contributions({ signal: stop.signal, onProgress: () => stop.abort() })).kinds;
    expect(first).toMatchObject({ state: 'INTERRUPTED', chunks: 1, rowsIn: 300 });
    const [second] = (await contributions()).kinds;
    expect(second?.state).toBe('COMPLETE');
    const { rows } = await database.pool.query(`select state, rows_in::int as rows from sync.run order by id`);
    expect(rows[0]).toEqual({ state: 'INTERRUPTED', rows: 300 });
    const { rows: standing } = await database.pool.query('select count(*)::int as records from contribution.revision');
    expect(standing).toEqual([{ records: 990 }]);
  });
});

test('a kind without a source is named with those that have one', async () => {
  await expect(sync({ kinds: ['poverty'] })).rejects.toThrow(
    'poverty has no source: heyan.yaml names sources of death',
  );
  await expect(sync({ settings: {}, kinds: ['death'] })).rejects.toThrow('heyan.yaml names none under bureaus');
});
