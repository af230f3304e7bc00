import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encode } from 'iconv-lite';
import { HTTP_LIMITS, type HttpLimits } from '../../../../src/sync/sources/http/limits';
import { getJson, type Requests, StatusFault } from '../../../../src/sync/sources/http/request';
import { PassingFault } from '../../../../src/sync/sources/http/retry';
import { SourceFault } from '../../../../src/sync/sources/source';
import { type RegisterFault, type RegisterServer, startRegister } from '../../../support/register-server';

const TOKEN = 'secret-token';
const NOW = new Date('2026-06-30T00:00:00Z');
let register: RegisterServer;
let fault: RegisterFault | undefined;
let whenAsked: (() => void) | undefined;
/** Another origin, and whatever reaches it. */
let elsewhere: Server;
const reached: unknown[] = [];

beforeAll(async () => {
  const rows = [{ source_id: 'D1', name: '张伟' }];
  const onAsked = () => {
    whenAsked?.();
    return fault;
  };
  register = await startRegister({ rows, by: 'number', token: TOKEN, onAsked });
  elsewhere = createServer((request, response) => {
    reached.push(request.headers);
    response.end('[]');
  });
  await new Promise<void>((listening) => elsewhere.listen(0, '127.0.0.1', listening));
});
afterAll(async () => {
  await register.close();
  elsewhere.closeAllConnections();
  await new Promise((closed) => elsewhere.close(closed));
});

const elsewhereUrl = () => `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/deaths`;

async function get(
  kind: RegisterFault | undefined,
  options: { seconds?: number; limits?: Partial<HttpLimits>; url?: string; closing?: AbortSignal; token?: string } = {},
) {
  fault = kind;
  const requests: Requests = {
    origin: new URL(register.url).origin,
    headers: new Headers({ authorization: `Bearer ${options.token ?? TOKEN}` }),
    timeoutSeconds: options.seconds ?? 20,
    limits: { ...HTTP_LIMITS, ...options.limits },
    now: () => NOW,
    closing: options.closing ?? new AbortController().signal,
  };
  return await getJson(new URL(options.url ?? `${register.url}?page=1`), requests);
}

async function faultOf(...given: Parameters<typeof get>): Promise<Error> {
  const error = await get(...given).then(
    () => new Error('there was no fault'),
    (thrown: unknown) => thrown as Error,
  );
  expect(error.message).not.toContain(TOKEN);
  expect(error.message).not.toContain('张伟');
  return error;
}

test('an answer is read whole', async () => {
  const answer = await get(undefined);
  expect(answer).toMatchObject({ value: { data: { items: [{ source_id: 'D1', name: '张伟' }] } } });
  expect(answer.url.href).toBe(`${register.url}?page=1`);
  expect(Math.abs((answer.date as number) - Date.now())).toBeLessThan(5_000);
});

test('nothing of a request stays behind', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  for (let i = 0; i < 5; i++) await get(undefined);
  for (let i = 0; i < 5; i++) await faultOf({ status: 500 });
  expect(timers()).toBeLessThan(before + 5);
});

describe('what may pass is said to', () => {
  test.each<[string, RegisterFault, RegExp, number?]>([
    ...[408, 425, 429, 500, 502, 503, 504].map((status): [string, RegisterFault, RegExp] => [
      String(status),
      { status },
      new RegExp(`^answered ${status}$`),
    ]),
    ['a reset', 'reset', /^could not be reached \(\w+\)$/],
    ['a cut answer', 'cut', /^broke its answer off \(\w+\)$/],
    ['an answer that ends early', 'endEarly', /not JSON, or is cut short/],
    ['a length that is too small', 'lengthTooSmall', /not JSON, or is cut short/],
    ['broken compression', 'brokenGzip', /^broke its answer off \(Z_DATA_ERROR\)$/],
    ['no answer', 'stall', /^did not answer completely within 0.2 seconds$/, 0.2],
    ['an answer that stops in the middle', 'stallInBody', /^did not answer completely within 0.2 seconds$/, 0.2],
    ['an answer that trickles', 'trickle', /^did not answer completely within 0.3 seconds$/, 0.3],
    ['a web page', { body: '\n<!doctype html><p>张伟' }, /a web page, not JSON/],
    ['garbage', { body: Buffer.from([0x7b, 0x22, 0xff, 0xfe]) }, /bytes that are not utf-8/],
    ['nothing', { body: '' }, /not JSON/],
  ])('%s', async (...[, kind, message, seconds]) => {
    const error = await faultOf(kind, { seconds });
    expect(error).toBeInstanceOf(PassingFault);
    expect(error.message).toMatch(message);
  });

  test('a register that is not there', async () => {
    const gone = createServer();
    await new Promise<void>((listening) => gone.listen(0, '127.0.0.1', listening));
    const { port } = gone.address() as AddressInfo;
    await new Promise((closed) => gone.close(closed));
    const closing = new AbortController().signal;
    const requests = { headers: new Headers(), timeoutSeconds: 5, limits: HTTP_LIMITS, now: () => NOW, closing };
    const url = new URL(`http://127.0.0.1:${port}/`);
    const asking = getJson(url, { ...requests, origin: url.origin });
    await expect(asking).rejects.toThrow(new PassingFault('could not be reached (ECONNREFUSED)'));
  });

  test.each<[string, Record<string, string>, number]>([
    ['seconds', { 'retry-after': '7' }, 7_000],
    [
      'a date by its own clock',
      { 'retry-after': 'Tue, 30 Jun 2026 01:00:10 GMT', date: 'Tue, 30 Jun 2026 01:00:00 GMT' },
      10_000,
    ],
    ['a date that has passed', { 'retry-after': 'Tue, 30 Jun 2020 00:00:00 GMT' }, 0],
    ['words', { 'retry-after': 'soon' }, 0],
    ['nothing', {}, 0],
  ])('Retry-After as %s', async (_, headers, waitMilliseconds) => {
    expect(await faultOf({ status: 429, headers })).toMatchObject({ waitMilliseconds });
  });
});

describe('what will not pass is a fault at once', () => {
  test.each<[number, RegExp]>([
    [401, /token is missing, wrong, expired/],
    [403, /token is missing, wrong, expired/],
    [404, /nothing is there; check http\.url/],
    [410, /nothing is there; check http\.url/],
    [400, /does not understand the request/],
    [422, /does not understand the request/],
    [204, /only 200 is an answer with rows/],
    [206, /only 200/],
    [304, /only 200/],
    [418, /only 200/],
    [501, /only 200/],
  ])('%d', async (status, message) => {
    const error = await faultOf({ status });
    expect(error).toBeInstanceOf(StatusFault);
    expect(error.message).toMatch(message);
  });

  test('a wrong token', async () => {
    await expect(get(undefined, { token: 'wrong' })).rejects.toThrow(/^answered 401: /);
  });

  test.each<[string, RegisterFault, Partial<HttpLimits>, RegExp]>([
    ['a bomb', 'bomb', {}, /more than 67108864 bytes: ask for fewer rows/],
    ['a long answer', { body: ' '.repeat(2000) }, { bodyBytesMax: 1000 }, /more than 1000 bytes/],
    [
      'a long answer that says it is short',
      { body: ' '.repeat(2000), headers: { 'transfer-encoding': 'chunked', 'x-length': '5' } },
      { bodyBytesMax: 1000 },
      /more than 1000 bytes/,
    ],
    [
      'an unknown encoding',
      { body: '[]', headers: { 'content-type': 'application/json; charset=klingon' } },
      {},
      /an encoding that nobody knows/,
    ],
  ])('%s', async (_, kind, limits, message) => {
    const error = await faultOf(kind, { limits });
    expect(error).toBeInstanceOf(SourceFault);
    expect(error.message).toMatch(message);
  });
});

describe('the token stays with its register', () => {
  test('a redirect to another origin is refused, and nothing was sent there', async () => {
    const error = await faultOf({ redirect: elsewhereUrl() });
    expect(error).toBeInstanceOf(SourceFault);
    expect(error.message).toMatch(/^redirects to http:\/\/127\.0\.0\.1:\d+, but its token is for/);
    expect(reached).toEqual([]);
  });
  test('so is one to another scheme', async () => {
    const error = await faultOf({ redirect: register.url.replace('http:', 'https:') });
    expect(error.message).toMatch(/but its token is for/);
  });
  test('so is an address elsewhere', async () => {
    const error = await faultOf(undefined, { url: elsewhereUrl() });
    expect([error instanceof SourceFault, reached]).toEqual([true, []]);
  });
  test('a redirect within the origin is followed', async () => {
    let asked = 0;
    const other = await startRegister({
      rows: [{ source_id: 'D1' }],
      by: 'number',
      onAsked: () => (++asked === 1 ? { redirect: '/moved/deaths?page=1' } : undefined),
    });
    const limits = HTTP_LIMITS;
    const closing = new AbortController().signal;
    const requests = { headers: new Headers(), timeoutSeconds: 5, limits, now: () => NOW, closing };
    const answer = await getJson(new URL(`${other.url}?page=1`), { ...requests, origin: new URL(other.url).origin });
    await other.close();
    expect(answer.url.pathname).toBe('/moved/deaths');
  });
  test.each<[string, string, RegExp]>([
    ['for ever', '/deaths?page=1', /redirects more than 5 times/],
    ['to nowhere', '', /answered 302 and no address/],
    ['to nonsense', 'http://[', /answered 302 and no address/],
  ])('a redirect %s ends', async (_, redirect, message) => {
    expect((await faultOf({ redirect })).message).toMatch(message);
  });
});

test('GBK that says so is read', async () => {
  const body = encode('{"name":"张伟"}', 'gbk');
  const { value } = await get({ body, headers: { 'content-type': 'application/json;charset=GBK' } });
  expect(value).toEqual({ name: '张伟' });
});

test('a byte order mark is no part of the answer', async () => {
  expect((await get({ body: '\ufeff[1]' })).value).toEqual([1]);
});

test('a request under way ends when the register is let go of', async () => {
  const closing = new AbortController();
  whenAsked = () => setImmediate(() => closing.abort());
  const asking = await faultOf('stallInBody', { closing: closing.signal });
  whenAsked = undefined;
  expect(asking.message).toMatch(/was let go of/);
  expect((await faultOf(undefined, { closing: closing.signal })).message).toMatch(/was let go of/);
});
