/** A bureau's register over HTTP, as well and as badly behaved as a test wants: a real server on a port of its own. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { HttpSetting } from '../../src/sync/setting';

export type RegisterRow = Record<string, unknown>;

/** One request, as the server saw it. */
export interface Asked {
  /** Requests so far, this one among them. */
  count: number;
  /** How often this very address was asked for, this time among them. */
  attempt: number;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
}

/** What goes wrong with an answer; nothing of it is what the register holds, except the pages that are repeated. */
export type RegisterFault =
  | { status: number; headers?: Record<string, string> }
  | { redirect: string }
  /** This text or these bytes instead, with status 200. */
  | { body: string | Buffer; headers?: Record<string, string> }
  /** The connection is closed: before a byte; in the middle of a body whose length was told; of one whose length was not. */
  | 'reset'
  | 'cut'
  | 'endEarly'
  /** Nothing more comes: from the beginning; from the middle of the body on; a byte now and then for ever. */
  | 'stall'
  | 'stallInBody'
  | 'trickle'
  /** The length that is told is shorter than the body. */
  | 'lengthTooSmall'
  /** A small body that becomes 70 MB; one that is no gzip although it says so. */
  | 'bomb'
  | 'brokenGzip'
  /** The whole answer given last, once more; a page without rows; the words of a busy register, with status 200. */
  | 'repeat'
  | 'empty'
  | 'busy';

export interface RegisterServerOptions {
  rows: readonly RegisterRow[];
  by: HttpSetting['page']['by'];
  /** 100 unless told. */
  pageRows?: number;
  /** What a number behind the last page is answered with; a page without rows unless told. One before the first is answered with the first. */
  behindLast?: 'EMPTY' | 'LAST_PAGE';
  /** The property that `since` is compared with as text; rows are then in its order, and else in the order given. */
  watermark?: string;
  token?: string;
  /** The JSON of an answer, for registers that write it in their own way. */
  textOf?(answer: object): string;
  /** Looked at before each answer; may also change `rows`. */
  onAsked?(asked: Asked): RegisterFault | undefined;
}

export interface RegisterServer {
  url: string;
  /** May be changed between requests. */
  rows: readonly RegisterRow[];
  readonly asked: readonly Asked[];
  /** How this register is read. */
  setting(changes?: Partial<HttpSetting>): HttpSetting;
  close(): Promise<void>;
}

const KEY = 'source_id';

/** Rows are told apart by `source_id`. Pages are `{ data: { items }, next }`, under the path /deaths. */
export async function startRegister(options: RegisterServerOptions): Promise<RegisterServer> {
  const asked: Asked[] = [];
  const attempts = new Map<string, number>();
  let lastBody: string | undefined;
  const register: RegisterServer = {
    url: '',
    rows: options.rows,
    asked,
    setting: (changes) => settingOf(register.url, options, changes),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((request, response) => {
    const address = new URL(request.url as string, register.url);
    const attempt = (attempts.get(address.href) ?? 0) + 1;
    attempts.set(address.href, attempt);
    const { headers } = request;
    const one: Asked = {
      count: asked.length + 1,
      attempt,
      path: address.pathname,
      query: address.searchParams,
      headers,
    };
    asked.push(one);
    const fault = options.onAsked?.(one);
    if (options.token !== undefined && headers.authorization !== `Bearer ${options.token}`)
      return answerWith(response, { status: 401 }, '');
    const good = (options.textOf ?? JSON.stringify)(pageAt(register.rows, options, address));
    const body = fault === 'repeat' ? (lastBody ?? good) : good;
    lastBody = body;
    return fault === undefined || fault === 'repeat' ? send(response, 200, body) : answerWith(response, fault, good);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  register.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/deaths`;
  return register;
}

function settingOf(url: string, options: RegisterServerOptions, changes: Partial<HttpSetting> = {}): HttpSetting {
  const { by, watermark, token, pageRows = 100 } = options;
  return {
    url,
    token,
    headers: {},
    rows: 'data.items',
    page:
      by === 'number'
        ? { by, parameter: 'page', first: 1 }
        : by === 'cursor'
          ? { by, parameter: 'cursor', next: 'next' }
          : { by, next: 'next' },
    size: { parameter: 'size', rows: pageRows },
    since: watermark === undefined ? undefined : { parameter: 'since', watermark, overlapMinutes: 15 },
    offset: '+08:00',
    timeoutSeconds: 10,
    attempts: 5,
    ...changes,
  };
}

function pageAt(rows: readonly RegisterRow[], options: RegisterServerOptions, address: URL): object {
  const { by, watermark, pageRows = 100, behindLast = 'EMPTY' } = options;
  const query = address.searchParams;
  const since = query.get('since') ?? '';
  const list =
    watermark === undefined
      ? [...rows]
      : rows.filter((row) => String(row[watermark]) >= since).sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  if (by === 'number') {
    const last = Math.max(1, Math.ceil(list.length / pageRows));
    const page = Math.max(1, Number(query.get('page')));
    const shown = behindLast === 'LAST_PAGE' ? Math.min(page, last) : page;
    return { data: { items: list.slice((shown - 1) * pageRows, shown * pageRows) } };
  }
  const after = query.get('cursor');
  const from = after === null ? 0 : indexBehind(after);
  const items = list.slice(from, from + pageRows);
  const cursor = from + pageRows < list.length ? cursorOf(items.at(-1) as RegisterRow) : null;
  if (cursor === null || by === 'cursor') return { data: { items }, next: cursor };
  const next = new URL(address);
  next.searchParams.set('cursor', cursor);
  return { data: { items }, next: `${next.pathname}${next.search}` };

  function orderOf(row: RegisterRow): string {
    return watermark === undefined ? '' : `${row[watermark]} ${row[KEY]}`;
  }
  function cursorOf(row: RegisterRow): string {
    return Buffer.from(watermark === undefined ? String(row[KEY]) : orderOf(row)).toString('base64url');
  }
  function indexBehind(text: string): number {
    const order = Buffer.from(text, 'base64url').toString();
    if (watermark === undefined) return list.findIndex((row) => row[KEY] === order) + 1;
    const found = list.findIndex((row) => orderOf(row) > order);
    return found < 0 ? list.length : found;
  }
}

function send(response: ServerResponse, status: number, body: string | Buffer, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
}

/** Faults that are whole answers. */
function otherAnswer(
  fault: Exclude<RegisterFault, 'repeat'>,
  good: string,
): [number, string | Buffer, object?] | undefined {
  if (typeof fault === 'object') {
    if ('redirect' in fault) return [302, '', { location: fault.redirect }];
    return 'status' in fault ? [fault.status, '{"message":"no"}', fault.headers] : [200, fault.body, fault.headers];
  }
  const half = good.slice(0, good.length / 2);
  const gzip = { 'content-encoding': 'gzip' };
  if (fault === 'endEarly') return [200, half, { connection: 'close' }];
  if (fault === 'lengthTooSmall') return [200, good, { 'content-length': half.length, connection: 'close' }];
  if (fault === 'bomb') return [200, gzipSync(Buffer.alloc(70 * 1024 ** 2, ' ')), gzip];
  if (fault === 'brokenGzip') return [200, good, gzip];
  if (fault === 'empty') return [200, '{"data":{"items":[]},"next":null}'];
  if (fault === 'busy') return [200, '{"code":500,"message":"系统繁忙","data":null}'];
  return undefined;
}

function answerWith(response: ServerResponse, fault: Exclude<RegisterFault, 'repeat'>, good: string): void {
  const answer = otherAnswer(fault, good);
  if (answer) {
    send(response, ...answer);
  } else if (fault === 'reset') {
    response.socket?.destroy();
  } else if (fault !== 'stall') {
    const length = fault === 'cut' ? { 'content-length': Buffer.byteLength(good) } : {};
    response.writeHead(200, { 'content-type': 'application/json', ...length });
    response.write(good.slice(0, good.length / 2), () => fault === 'cut' && response.socket?.destroy());
    if (fault === 'trickle') trickle(response);
  }
}

function trickle(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
}
