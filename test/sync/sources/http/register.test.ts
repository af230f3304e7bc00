import type { HttpSetting } from '../../../../src/sync/setting';
import { type HttpOptions, openHttpRegister } from '../../../../src/sync/sources/http/register';
import { type Checkpoint, SourceFault } from '../../../../src/sync/sources/source';
import {
  type Asked,
  type RegisterFault,
  type RegisterRow,
  type RegisterServer,
  type RegisterServerOptions,
  startRegister,
} from '../../../support/register-server';
import { readRun, rowsOf } from '../read-register';

const NOW = new Date('2026-07-01T02:00:00+08:00');
/** The clock of every register here, a minute behind ours. */
const DATE = new Date('2026-07-01T01:59:00+08:00').toUTCString();
const STYLES = ['number', 'cursor', 'address'] as const;

let servers: RegisterServer[] = [];
afterEach(async () => {
  for (const server of servers) await server.close();
  servers = [];
});

async function start(options: RegisterServerOptions): Promise<RegisterServer> {
  const server = await startRegister({ pageRows: 10, ...options });
  servers.push(server);
  return server;
}

const open = (server: RegisterServer, changes: Partial<HttpSetting> = {}, options: HttpOptions = {}) =>
  openHttpRegister(server.setting(changes), { now: () => NOW, pause: async () => undefined, ...options });

/** Rows touched a minute apart, from midnight of 2026-06-01 on, or whenever `from` is. */
function rowsUpTo(count: number, from = 0): RegisterRow[] {
  const first = Date.parse('2026-06-01T00:00:00Z');
  return Array.from({ length: count }, (_, i) => ({
    source_id: `D${String(from + i).padStart(6, '0')}`,
    touched: new Date(first + (from + i) * 60_000).toISOString().slice(0, 19).replace('T', ' '),
  }));
}
const ids = (rows: readonly object[]) => rows.map((row) => (row as RegisterRow).source_id as string);
const isFirst = ({ query }: Asked) => !query.has('cursor') && Number(query.get('page') ?? 1) === 1;

describe('a chunk', () => {
  test.each(STYLES)('by %s holds whole pages, and as many rows as asked for at most', async (by) => {
    const server = await start({ rows: rowsUpTo(65), by });
    const register = await open(server);
    let after: Checkpoint | null = null;
    const sizes: number[] = [];
    for (let more = true; more; ) {
      const chunk = await register.open(after, 25);
      const rows = await rowsOf(chunk);
      expect(rows.map((row) => row.line)).toEqual(rows.map((_, at) => at + 1));
      sizes.push(rows.length);
      expect(chunk.end()).toEqual(chunk.end());
      ({ checkpoint: after, more } = chunk.end() as { checkpoint: Checkpoint; more: boolean });
    }
    expect([sizes.slice(0, 3), sizes.reduce((sum, size) => sum + size)]).toEqual([[20, 20, 20], 65]);
  });

  test('holds one page at least, however long it is', async () => {
    const server = await start({ rows: rowsUpTo(15), by: 'cursor' });
    const { chunks, rows } = await readRun(await open(server), { rowsMax: 3 });
    expect([chunks, rows.length]).toEqual([2, 15]);
  });

  test('ends behind the page with which it has enough bytes', async () => {
    const server = await start({ rows: rowsUpTo(40), by: 'cursor' });
    const { chunks, rows } = await readRun(await open(server, {}, { limits: { chunkBytes: 500 } }));
    expect([chunks, rows.length]).toEqual([4, 40]);
  });

  test('has the columns of all its rows, not only of the first page', async () => {
    const rows = rowsUpTo(25).map((row, i) => (i === 24 ? { ...row, person: { name: '张伟' } } : row));
    const server = await start({ rows, by: 'cursor' });
    const chunk = await (await open(server)).open(null, 100);
    expect(chunk.columns).toEqual(['source_id', 'touched', 'person.name']);
    expect((await rowsOf(chunk)).at(-1)?.cells?.[2]).toBe('张伟');
  });

  test('has the columns that will be asked for, also when it has no row', async () => {
    const server = await start({ rows: [], by: 'cursor' });
    const chunk = await (await open(server, {}, { columns: ['id', 'name'] })).open(null, 100);
    expect([chunk.columns, await rowsOf(chunk), chunk.end().more]).toEqual([['id', 'name'], [], false]);
  });

  test('a row that is none costs itself, and is kept as it came', async () => {
    const server = await start({
      rows: [{ source_id: 'D1', a: 1 }, 'no row' as unknown as RegisterRow, { source_id: 'D3', a: [{}] }],
      by: 'cursor',
    });
    expect(await readRun(await open(server))).toMatchObject({
      rows: [{ source_id: 'D1', a: '1' }],
      faults: ['2: the row is no JSON object', expect.stringMatching(/^3: a is a list of which one is an object/)],
      raw: ['{"source_id":"D1","a":1}', '"no row"', '{"source_id":"D3","a":[{}]}'],
    });
  });

  test('an identity number written as a JSON number keeps its 18 digits', async () => {
    const body = '{"data":{"items":[{"source_id":"D1","id_number":340321194901011234,"paid":12.30}]},"next":null}';
    const server = await start({ rows: [], by: 'cursor', onAsked: () => ({ body }) });
    expect((await readRun(await open(server))).rows).toEqual([
      { source_id: 'D1', id_number: '340321194901011234', paid: '12.3' },
    ]);
  });
});

describe('what is asked for', () => {
  test('size, token and headers, beside the query of the address', async () => {
    const server = await start({ rows: rowsUpTo(1), by: 'number', token: 't-1' });
    await readRun(await open(server, { url: `${server.url}?county=340321`, headers: { 'x-agency': 'ybj' } }));
    const [{ headers, query }] = server.asked as [Asked];
    expect(Object.fromEntries(query)).toEqual({ county: '340321', size: '10', page: '1' });
    expect(headers).toMatchObject({ authorization: 'Bearer t-1', 'x-agency': 'ybj', accept: 'application/json' });
  });

  test('an answer that is the list itself', async () => {
    const onAsked = ({ query }: Asked) => ({ body: query.get('page') === '1' ? '[{"source_id":"D1"}]' : '[]' });
    const server = await start({ rows: [], by: 'number', onAsked });
    expect((await readRun(await open(server, { rows: '' }))).rows).toEqual([{ source_id: 'D1' }]);
  });

  test('user and password in the address are sent as Basic, and appear nowhere', async () => {
    const server = await start({ rows: rowsUpTo(1), by: 'cursor' });
    const url = server.url.replace('http://', 'http://reader:p%40ss@');
    const register = await open(server, { url });
    await readRun(register);
    expect(server.asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('reader:p@ss').toString('base64')}`);
    expect(register.name).toBe(`http:${server.url}`);
  });

  test.each<[string, Partial<HttpSetting>, RegExp]>([
    ['no address', { url: 'deaths' }, /address that is none/],
    ['another protocol', { url: 'ftp://register/deaths' }, /neither https nor http/],
    ['a token that is no header', { token: 'secret\nx: y' }, /what http\.token holds/],
    ['a header that is none', { headers: { 'x y': 'secret' } }, /what http\.headers holds/],
    ['a password that cannot be decoded', { url: 'http://a:secret%zz@register/' }, /not percent-encoded/],
  ])('%s is a fault before anything is asked', async (_, changes, message) => {
    const server = await start({ rows: [], by: 'cursor' });
    const error = (await open(server, changes).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toBeInstanceOf(SourceFault);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('secret');
    expect(server.asked).toEqual([]);
  });

  test.each<[string, RegisterFault, RegExp]>([
    ['no list', { body: '{"data":{"items":{}}}' }, /^answered without a list of rows at data\.items, at the last of 2/],
    ['a busy register', 'busy', /^answered without a list of rows at data\.items/],
    ['too many rows', { body: JSON.stringify({ data: { items: Array(11).fill({}) } }) }, /^answered with more than 10/],
    ['a refused token', { status: 403 }, /^answered 403: its token/],
    ['no register', 'reset', /^could not be reached \(.*\), at the last of 2 attempts: see whether/],
  ])('%s ends the run with a fault', async (_, fault, message) => {
    const server = await start({ rows: rowsUpTo(3), by: 'cursor', onAsked: () => fault });
    const limits = { rowsPerPageMax: 10 };
    await expect(readRun(await open(server, { attempts: 2 }, { limits }))).rejects.toThrow(message);
  });
});

describe('since', () => {
  const watermark = 'touched';
  const page = (...times: unknown[]) => ({
    body: JSON.stringify({ data: { items: times.map((touched, i) => ({ source_id: `D${i}`, touched })) }, next: null }),
    headers: { date: DATE },
  });
  const reached = async (...times: unknown[]) => {
    const server = await start({ rows: [], by: 'cursor', watermark, onAsked: () => page(...times) });
    return (await readRun(await open(server))).checkpoint;
  };

  test('the next run asks from the highest watermark less the overlap, in the shape of the register', async () => {
    const server = await start({ rows: rowsUpTo(25), by: 'cursor', watermark });
    const first = await readRun(await open(server));
    expect(first.checkpoint).toEqual({ since: '2026-06-01 00:24:00' });
    server.rows = [...server.rows, ...rowsUpTo(2, 100)];
    const second = await readRun(await open(server), { after: first.checkpoint });
    expect(server.asked.map(({ query }) => query.get('since'))).toEqual([
      null,
      null,
      null,
      ...Array(2).fill('2026-06-01 00:09:00'),
    ]);
    expect([second.rows.length, second.checkpoint]).toEqual([18, { since: '2026-06-01 01:41:00' }]);
    const third = await readRun(await open(server), { after: second.checkpoint });
    expect([third.rows.length, third.checkpoint]).toEqual([2, second.checkpoint]);
  });

  test('without an overlap it is sent as it came', async () => {
    const server = await start({ rows: [], by: 'cursor', watermark });
    const since = { parameter: 'since', watermark, overlapMinutes: 0 };
    await readRun(await open(server, { since }), { after: { since: '2026-06-01T00:00:00.123456789Z' } });
    expect(server.asked[0]?.query.get('since')).toBe('2026-06-01T00:00:00.123456789Z');
  });

  test.each<[string, unknown[], Checkpoint]>([
    ['instants', ['2026-06-02T01:00:00+08:00', '2026-06-01T20:00:00Z'], { since: '2026-06-01T20:00:00Z' }],
    ['times without offset', ['2026-06-02T01:00:00Z', '2026-06-02 08:00'], { since: '2026-06-02T01:00:00Z' }],
    ['seconds since 1970', [1_780_000_000, 1_780_000_001], { since: '1780000001' }],
    ['what can be read', ['soon', null, '2026-06-02', {}], { since: '2026-06-02' }],
    ['nothing', [], {}],
  ])('the highest is that of %s', async (_, times, checkpoint) => {
    expect(await reached(...times)).toEqual(checkpoint);
  });

  test('none is later than the clock of the register when the run began: one row of 2099 hides none', async () => {
    expect(await reached('2026-06-02 08:00:00', '2099-01-01 00:00:00')).toEqual({ since: '2026-07-01 01:59:00' });
  });

  test('nor than our own', async () => {
    const server = await start({
      rows: [{ source_id: 'D1', touched: '2026-07-01 03:00:00' }],
      by: 'cursor',
      watermark,
    });
    expect((await readRun(await open(server))).checkpoint).toEqual({ since: '2026-07-01 02:00:00' });
  });

  test('rows without a readable time leave it where it was, and say so', async () => {
    const server = await start({ rows: [], by: 'cursor', watermark, onAsked: () => page('soon') });
    const { checkpoint, warnings } = await readRun(await open(server), { after: { since: '2026-06-01' } });
    expect(checkpoint).toEqual({ since: '2026-06-01' });
    expect(warnings).toEqual(['no row has a time at touched, so the next run begins where this one did']);
  });

  test('a row touched behind our back in a long run is there in the next', async () => {
    // By id: the row of the first page is touched when it was read, and the last row, touched still later, is the highest watermark.
    let clock = NOW.getTime();
    const rows = rowsUpTo(30).map((row) => ({ ...row }));
    const server = await start({
      rows,
      by: 'cursor',
      onAsked: ({ count }) => {
        clock += 3_600_000;
        const touch = (at: number) => Object.assign(rows[at] as object, { touched: new Date(clock).toISOString() });
        if (count === 2) touch(0);
        if (count === 3) touch(29);
        return undefined;
      },
    });
    const since = { parameter: 'since', watermark, overlapMinutes: 15 };
    const register = await open(server, { since }, { now: () => new Date(clock) });
    const { checkpoint } = await readRun(register);
    expect(checkpoint?.since && Date.parse(checkpoint.since)).toBeLessThan(Date.parse(rows[0]?.touched as string));
  });
});

describe('a run that was killed', () => {
  test.each(['cursor', 'address'] as const)('goes on at its %s', async (by) => {
    const server = await start({ rows: rowsUpTo(65), by, watermark: 'touched' });
    const killed = await readRun(await open(server), { rowsMax: 20, chunksMax: 2 });
    expect(killed.checkpoint).toEqual({
      began: expect.any(String),
      seen: '2026-06-01 00:39:00',
      [by]: expect.any(String),
    });
    const rest = await readRun(await open(server), { rowsMax: 20, after: killed.checkpoint });
    expect([...ids(killed.rows), ...ids(rest.rows)]).toEqual(ids(rowsUpTo(65)));
    expect(server.asked.filter(isFirst)).toHaveLength(1);
    expect(rest.checkpoint).toEqual({ since: '2026-06-01 01:04:00' });
  });

  test('begins again by number, from where the last whole run ended', async () => {
    const server = await start({ rows: rowsUpTo(65), by: 'number', watermark: 'touched' });
    const since = '2026-06-01 00:20:00';
    const killed = await readRun(await open(server), { rowsMax: 20, chunksMax: 1, after: { since } });
    const rest = await readRun(await open(server), { rowsMax: 20, after: killed.checkpoint });
    expect([...new Set(ids(rest.rows))]).toEqual(ids(rowsUpTo(60, 5)));
    expect(new Set(server.asked.map(({ query }) => query.get('since')))).toEqual(new Set(['2026-06-01 00:05:00']));
  });

  test('keeps when it began: what is later than that is read again', async () => {
    const rows = [...rowsUpTo(10), { source_id: 'L', touched: '2026-07-02 00:00:00' }];
    const server = await start({ rows, by: 'cursor', watermark: 'touched' });
    const killed = await readRun(await open(server), { rowsMax: 10, chunksMax: 1 });
    const later = { now: () => new Date('2026-07-05T00:00:00+08:00') };
    const { checkpoint } = await readRun(await open(server, {}, later), { after: killed.checkpoint });
    expect(checkpoint).toEqual({ since: '2026-07-01 02:00:00' });
  });

  test.each([400, 404, 410, 422])('begins again when the register has forgotten its place (%d)', async (status) => {
    let forgotten: string | null = null;
    const onAsked = ({ query }: Asked) =>
      forgotten !== null && query.get('cursor') === forgotten ? { status } : undefined;
    const server = await start({ rows: rowsUpTo(30), by: 'cursor', onAsked });
    const killed = await readRun(await open(server), { rowsMax: 10, chunksMax: 2 });
    forgotten = killed.checkpoint?.cursor ?? null;
    const rest = await readRun(await open(server), { after: killed.checkpoint }).catch(() => undefined);
    // The forgotten place comes up again on the way, and there it is a fault: it was named a moment ago.
    expect(rest).toBeUndefined();
    expect(server.asked.filter(isFirst)).toHaveLength(2);
    forgotten = null;
    const last = await readRun(await open(server), { after: killed.checkpoint });
    expect([...ids(killed.rows), ...ids(last.rows)]).toEqual(ids(rowsUpTo(30)));
  });

  test('by a register that forgets every place at once is a fault in the end', async () => {
    const onAsked = ({ query }: Asked) => (query.has('cursor') ? { status: 410 } : undefined);
    const server = await start({ rows: rowsUpTo(30), by: 'cursor', onAsked });
    await expect(readRun(await open(server), { rowsMax: 10 })).rejects.toThrow(
      /^forgot its place between two chunks, 3/,
    );
  });

  test('a chunk that was not kept is read again', async () => {
    for (const by of STYLES) {
      const server = await start({ rows: rowsUpTo(45), by, watermark: 'touched' });
      const register = await open(server);
      const kept = await readRun(register, { rowsMax: 20, chunksMax: 1 });
      await register.open(kept.checkpoint, 20);
      const rest = await readRun(register, { rowsMax: 20, after: kept.checkpoint });
      expect([...new Set([...ids(kept.rows), ...ids(rest.rows)])].sort()).toEqual(ids(rowsUpTo(45)));
    }
  });
});

describe('name and fingerprint', () => {
  const of = async (changes: Partial<HttpSetting>) => {
    const url = 'https://reader:secret@register.example/api/deaths?access=secret#x';
    const server = await start({ rows: [], by: 'cursor', watermark: 'touched' });
    return await open(server, { url, ...changes });
  };
  test('the name says where, and no secret', async () => {
    expect((await of({})).name).toBe('http:https://register.example/api/deaths');
  });
  test.each<[boolean, string, Partial<HttpSetting>]>([
    [true, 'the token', { token: 'other' }],
    [true, 'the password', { url: 'https://reader:new@register.example/api/deaths?access=secret' }],
    [true, 'time limits, attempts and size', { timeoutSeconds: 1, attempts: 1, size: undefined }],
    [true, 'the overlap', { since: { parameter: 'since', watermark: 'touched', overlapMinutes: 60 } }],
    [false, 'the address', { url: 'https://register.example/api/deaths' }],
    [false, 'the path of the rows', { rows: 'items' }],
    [false, 'how it pages', { page: { by: 'address', next: 'next' } }],
    [false, 'the watermark', { since: { parameter: 'since', watermark: 'other', overlapMinutes: 15 } }],
    [false, 'that there is no since', { since: undefined }],
  ])('a checkpoint stands (%p) when what changed is %s', async (stands, _, changes) => {
    const [before, behind] = [(await of({})).fingerprint, (await of(changes)).fingerprint];
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(before === behind).toBe(stands);
  });
});

test('a register that was closed asks for nothing more', async () => {
  const server = await start({ rows: rowsUpTo(1), by: 'cursor' });
  const register = await open(server);
  await register.close();
  await register.close();
  await expect(register.open(null, 10)).rejects.toThrow(/was let go of/);
  expect(server.asked).toEqual([]);
});

test('closing it ends a pause', async () => {
  const server = await start({
    rows: [],
    by: 'cursor',
    onAsked: () => ({ status: 503, headers: { 'retry-after': '60' } }),
  });
  const register = await openHttpRegister(server.setting());
  const opening = register.open(null, 10).catch((error: Error) => error.message);
  while (server.asked.length === 0) await new Promise((turn) => setImmediate(turn));
  await register.close();
  expect(await opening).toMatch(/was let go of/);
});

describe('whatever goes wrong and passes, and wherever the run is killed, every row arrives', () => {
  const FAULTS: readonly RegisterFault[] = [
    { status: 500 },
    { status: 503, headers: { 'retry-after': '1' } },
    { status: 429, headers: { 'retry-after': '1' } },
    { status: 408 },
    { body: '<html>busy' },
    { body: 'null' },
    'reset',
    'cut',
    'endEarly',
    'lengthTooSmall',
    'brokenGzip',
    'busy',
    'repeat',
    'stall',
    'stallInBody',
    'trickle',
  ];
  const generator = (start: number) => {
    let seed = start;
    return (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return (seed >> 8) % below;
    };
  };

  const rounds = STYLES.flatMap((by) => [1, 2, 3, 4].map((seed) => [by, seed] as const));
  test.each(rounds)('by %s, chance %i', async (by, chance) => {
    const random = generator(chance * 3 + STYLES.indexOf(by));
    const slow = new Set<RegisterFault>(['stall', 'stallInBody', 'trickle']);
    let slowLeft = chance === 1 ? 3 : 0;
    let inARow = 0;
    const happened = new Set<RegisterFault>();
    const server = await start({
      rows: rowsUpTo(200),
      by,
      watermark: 'touched',
      onAsked: () => {
        const fault = FAULTS[random(FAULTS.length)] as RegisterFault;
        // One attempt of five is left; stalls cost real time and are few.
        if (inARow >= 4 || random(2) === 0 || (slow.has(fault) && slowLeft-- <= 0)) {
          inARow = 0;
          return undefined;
        }
        inARow += 1;
        happened.add(fault);
        return fault;
      },
    });
    const arrived = new Set<string>();
    let checkpoint: Checkpoint | null = null;
    // Killed twice behind some chunks, then left to end.
    for (const chunksMax of [2, 3, 1_000]) {
      const register = await open(server, { timeoutSeconds: slowLeft > 0 ? 1 : 30 });
      const given = await readRun(register, { after: checkpoint, rowsMax: 50, chunksMax });
      checkpoint = given.checkpoint;
      for (const id of ids(given.rows)) arrived.add(id);
      server.rows = [...server.rows, ...rowsUpTo(3, server.rows.length)];
    }
    expect(checkpoint).toEqual({ since: expect.stringMatching(/^2026-06-01 03:2/) });
    expect([...arrived].sort()).toEqual(ids(rowsUpTo(arrived.size)));
    expect(arrived.size).toBeGreaterThanOrEqual(206);
    expect(happened.size).toBeGreaterThanOrEqual(3);
  });
});
