import type { HttpSetting } from '../../../../src/sync/setting';
import { type HttpOptions, openHttpRegister } from '../../../../src/sync/sources/http/register';
import { SourceFault } from '../../../../src/sync/sources/source';
import {
  type Asked,
  type RegisterFault,
  type RegisterRow,
  type RegisterServer,
  type RegisterServerOptions,
  startRegister,
} from '../../../support/register-server';
import { type Given, readRun } from '../read-register';

const servers: RegisterServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
});

const rowsUpTo = (count: number, from = 1): RegisterRow[] =>
  Array.from({ length: count }, (_, i) => ({
    source_id: `D${String(from + i).padStart(6, '0')}`,
    touched: `2026-06-${String(1 + ((from + i) % 28)).padStart(2, '0')} 08:00:00`,
  }));

interface Reading {
  given: Given;
  asked: Asked[];
  paused: number;
}

/** Reads a run and ends the server's part in it. */
async function read(
  options: Partial<RegisterServerOptions> & Pick<RegisterServerOptions, 'rows' | 'by'>,
  changes: Partial<HttpSetting> = {},
  reading: HttpOptions = {},
): Promise<Reading> {
  const server = await startRegister({ pageRows: 10, ...options });
  servers.push(server);
  let paused = 0;
  const pause = async () => {
    paused += 1;
  };
  const register = await openHttpRegister(server.setting(changes), { pause, ...reading });
  const given = await readRun(register);
  return { given, asked: [...server.asked], paused };
}

async function faultOf(...given: Parameters<typeof read>): Promise<string> {
  const error = await read(...given).then(
    () => 'there was no fault',
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SourceFault);
  return (error as Error).message;
}

const ids = (rows: readonly object[]) => [...new Set(rows.map((row) => (row as RegisterRow).source_id))].sort();
const pagesOf = ({ asked }: Reading) => asked.map(({ query }) => Number(query.get('page')));
/** A fault of one page number, each time or the first times it is asked for. */
const onPage =
  (page: number, fault: RegisterFault, times = Number.POSITIVE_INFINITY) =>
  ({ query, attempt }: Asked) =>
    query.get('page') === String(page) && attempt <= times ? fault : undefined;

describe('every row of a list of any length comes once', () => {
  const lengths = [0, 1, 9, 10, 11, 20, 35];
  test.each<[string, RegisterServerOptions['by'], Partial<RegisterServerOptions>]>([
    ['by number', 'number', {}],
    ['by number with the last page for ever', 'number', { behindLast: 'LAST_PAGE' }],
    ['by number and since', 'number', { watermark: 'touched' }],
    ['by number and since with the last page for ever', 'number', { watermark: 'touched', behindLast: 'LAST_PAGE' }],
    ['by cursor', 'cursor', {}],
    ['by cursor and since', 'cursor', { watermark: 'touched' }],
    ['by address', 'address', {}],
    ['by address and since', 'address', { watermark: 'touched' }],
  ])('%s', async (_, by, options) => {
    for (const length of lengths) {
      const { given } = await read({ rows: rowsUpTo(length), by, ...options });
      expect(given.rows.map((row) => row.source_id).sort()).toEqual(ids(rowsUpTo(length)));
    }
  });
});

describe('by number', () => {
  test('a page shorter than asked for is not the end', async () => {
    const reading = await read({ rows: rowsUpTo(25), by: 'number' }, { size: { parameter: 'size', rows: 1000 } });
    expect(ids(reading.given.rows)).toHaveLength(25);
    expect(pagesOf(reading)).toEqual([1, 2, 3, 4, 5]);
  });

  test('with since, each page is read once more behind the next one', async () => {
    const reading = await read({ rows: rowsUpTo(25), by: 'number', watermark: 'touched' });
    expect(pagesOf(reading)).toEqual([1, 2, 1, 3, 2, 4, 5, 3]);
    expect(reading.given.rows).toHaveLength(25);
  });

  test('a page that is empty for a moment is asked for again', async () => {
    const reading = await read({ rows: rowsUpTo(35), by: 'number', onAsked: onPage(2, 'empty', 3) });
    expect(reading.given.rows.map((row) => row.source_id)).toEqual(ids(rowsUpTo(35)));
    expect(pagesOf(reading)).toEqual([1, 2, 3, 2, 2, 2, 3, 4, 5, 6]);
  });

  test('a page that stays empty while the next is not loses its rows: a fault', async () => {
    const message = await faultOf({ rows: rowsUpTo(35), by: 'number', onAsked: onPage(2, 'empty') });
    expect(message).toMatch(/^answered page 2 without rows, but not the page behind it, at the last of 5 attempts: /);
  });

  test('a page answered with the one before it is asked for again', async () => {
    const reading = await read({ rows: rowsUpTo(35), by: 'number', onAsked: onPage(3, 'repeat', 4) });
    expect(reading.given.rows.map((row) => row.source_id)).toEqual(ids(rowsUpTo(35)));
    expect(reading.paused).toBe(4);
  });

  test('one that stays so while the next has other rows is a fault', async () => {
    expect(await faultOf({ rows: rowsUpTo(35), by: 'number', onAsked: onPage(3, 'repeat') })).toMatch(
      /^answered page 3 with the rows of one that was read already, and it is not the last: check http\.page\.first$/,
    );
  });

  test('nor may a page further back stand for it, though nothing is behind', async () => {
    const body = JSON.stringify({ data: { items: rowsUpTo(10) } });
    const message = await faultOf({ rows: rowsUpTo(35), by: 'number', onAsked: onPage(4, { body }) });
    expect(message).toMatch(/^answered page 4 with the rows of one that was read already/);
  });

  test('numbers counted from 0 of a register that counts from 1 are found out', async () => {
    const page = { by: 'number', parameter: 'page', first: 0 } as const;
    expect(await faultOf({ rows: rowsUpTo(35), by: 'number' }, { page })).toMatch(/check http\.page\.first$/);
  });

  test.each<[string, (rows: readonly RegisterRow[]) => readonly RegisterRow[]]>([
    ['a row in front is deleted', (rows) => rows.slice(1)],
    ['three rows in front are touched and go to the end', (rows) => [...rows.slice(3), ...touched(rows.slice(0, 3))]],
    ['a row comes in front', (rows) => [...rowsUpTo(1, 0), ...rows]],
    ['a whole page in front is touched', (rows) => [...rows.slice(10), ...touched(rows.slice(0, 10))]],
    ['most rows are touched at once', (rows) => [...rows.slice(50), ...touched(rows.slice(0, 50))]],
  ])('no row slips through when %s', async (_, change) => {
    for (const behind of [1, 2, 3, 4, 5, 9]) {
      let changed = 0;
      const rows = rowsUpTo(60);
      const server = await startRegister({
        rows,
        by: 'number',
        pageRows: 10,
        onAsked: ({ count }) => {
          if (count === behind + 1) {
            server.rows = change(server.rows);
            changed += 1;
          }
          return undefined;
        },
      });
      servers.push(server);
      const since = { parameter: 'since', watermark: 'touched', overlapMinutes: 15 };
      const register = await openHttpRegister(server.setting({ since }), { pause: async () => undefined });
      const { rows: given } = await readRun(register);
      const expected = ids(rows).filter((id) => server.rows.some((row) => row.source_id === id));
      expect([changed, expected.filter((id) => !ids(given).includes(id))]).toEqual([1, []]);
    }
  });

  test('nor when rows are touched and deleted again and again while 400 are read', async () => {
    let seed = 11;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return (seed >> 8) % below;
    };
    for (let round = 0; round < 5; round++) {
      const server = await startRegister({
        rows: rowsUpTo(400),
        by: 'number',
        pageRows: 20,
        onAsked: () => {
          const at = random(server.rows.length);
          const [before, one, behind] = [
            server.rows.slice(0, at),
            server.rows.slice(at, at + 1),
            server.rows.slice(at + 1),
          ];
          const change = random(4);
          if (change === 0) server.rows = [...before, ...behind, ...touched(one)];
          if (change === 1) server.rows = [...before, ...behind];
          return undefined;
        },
      });
      servers.push(server);
      const since = { parameter: 'since', watermark: 'touched', overlapMinutes: 15 };
      const { rows } = await readRun(await openHttpRegister(server.setting({ since })));
      expect(ids(server.rows).filter((id) => !ids(rows).includes(id))).toEqual([]);
    }
  });

  test('pages that never stand still are a fault', async () => {
    let count = 0;
    const onAsked = () => ({ body: JSON.stringify({ data: { items: [{ source_id: `D${++count}` }] } }) });
    const message = await faultOf({ rows: [], by: 'number', watermark: 'touched', onAsked });
    expect(message).toMatch(/^moved its pages while they were read, 3 times: let it page by cursor/);
  });

  test('endless pages end', async () => {
    const onAsked = ({ query }: Asked) => ({
      body: JSON.stringify({ data: { items: [{ source_id: query.get('page') }] } }),
    });
    const limits = { pagesPerRunMax: 50 };
    expect(await faultOf({ rows: [], by: 'number', onAsked }, {}, { limits })).toMatch(/^has more than 50 pages/);
  });
});

function touched(rows: readonly RegisterRow[]): RegisterRow[] {
  return rows.map((row) => ({ ...row, touched: '2026-06-30 23:00:00' }));
}

describe.each(['cursor', 'address'] as const)('by %s', (by) => {
  const onSecond = (fault: RegisterFault, times = Number.POSITIVE_INFINITY) => {
    let second: string | undefined;
    return ({ query, attempt }: Asked) => {
      const cursor = query.get('cursor');
      if (cursor !== null) second ??= cursor;
      return cursor !== null && cursor === second && attempt <= times ? fault : undefined;
    };
  };
  const answer = (next: unknown, count = 1) => ({
    body: JSON.stringify({ data: { items: rowsUpTo(count) }, next }),
  });

  test('a page answered with the one before is asked for again', async () => {
    const { given, paused } = await read({ rows: rowsUpTo(35), by, onAsked: onSecond('repeat', 4) });
    expect(given.rows.map((row) => row.source_id)).toEqual(ids(rowsUpTo(35)));
    expect(paused).toBe(4);
  });

  test('one that stays so is a fault, not the end', async () => {
    expect(await faultOf({ rows: rowsUpTo(35), by, onAsked: onSecond('repeat') })).toMatch(
      /^named as its next page one that was read already, at the last of 5 attempts: it would be read for ever$/,
    );
  });

  test('a circle is found out, one that leads to the first page too', async () => {
    let count = 0;
    const circle = (next: string[]) => () => answer(next[count++ % next.length]);
    const places = by === 'cursor' ? ['a', 'b', 'c'] : ['/deaths?n=a', '/deaths?n=b', '/deaths'];
    expect(await faultOf({ rows: [], by, onAsked: circle(places) })).toMatch(/was read already/);
  });

  test('a page without rows is not the end when it leads on', async () => {
    const { given } = await read({
      rows: rowsUpTo(35),
      by,
      onAsked: ({ count }) =>
        count === 1
          ? { body: `{"data":{"items":[]},"next":${by === 'cursor' ? '"x"' : '"/deaths?first"'}}` }
          : undefined,
    });
    expect(ids(given.rows)).toEqual(ids(rowsUpTo(35)));
  });

  test.each([null, '', false])('the end is next: %j', async (next) => {
    const { asked } = await read({ rows: [], by, onAsked: () => answer(next) });
    expect(asked).toHaveLength(1);
  });

  test('the end is also a next that is not there', async () => {
    const { asked } = await read({ rows: [], by, onAsked: () => answer(undefined) });
    expect(asked).toHaveLength(1);
  });

  test('but not behind a first page that is full: the path is wrong', async () => {
    expect(await faultOf({ rows: [], by, onAsked: () => answer(undefined, 10) })).toMatch(
      /^filled its first page and named no next one at next: check http\.page\.next$/,
    );
  });

  test.each<[unknown]>([[{ page: 2 }], [['a']], [true], ['x'.repeat(9_000)]])(
    'a next that can be none is a fault',
    async (next) => {
      expect(await faultOf({ rows: [], by, onAsked: () => answer(next) })).toMatch(/check http\.page\.next$/);
    },
  );

  test('endless pages end', async () => {
    const onAsked = ({ count }: Asked) => answer(by === 'cursor' ? count : `/deaths?n=${count}`);
    const limits = { pagesPerRunMax: 50 };
    expect(await faultOf({ rows: [], by, onAsked }, {}, { limits })).toMatch(/^has more than 50 pages/);
  });
});

test('a cursor that stays the same behind the last row is the end', async () => {
  const { asked } = await read({
    rows: [],
    by: 'cursor',
    onAsked: ({ query }) => ({
      body: JSON.stringify({ data: { items: query.get('cursor') === null ? rowsUpTo(3) : [] }, next: 'D3' }),
    }),
  });
  expect(asked).toHaveLength(2);
});

test('a cursor that is a number of 19 digits keeps them all', async () => {
  const { asked } = await read({
    rows: [],
    by: 'cursor',
    onAsked: ({ count }) => ({ body: `{"data":{"items":[]},"next":${count === 1 ? '1845678901234567891' : 'null'}}` }),
  });
  expect(asked[1]?.query.get('cursor')).toBe('1845678901234567891');
});

test.each(['http://127.0.0.1:1/deaths', '//example.org/deaths', 'https://127.0.0.1/', 'file:///etc/passwd', 'data:,x'])(
  'a next page elsewhere is refused: %s',
  async (next) => {
    const onAsked = () => ({ body: JSON.stringify({ data: { items: [] }, next }) });
    expect(await faultOf({ rows: [], by: 'address', onAsked })).toMatch(/^names a next page on .*but its token is for/);
  },
);
