/**
 * A small proxy before one bureau that does to its answers what networks, machines and programs do on bad days.
 */
import { createHash } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const FAULTS = [
  'down', 'hangs', 'slow', 'garbage', 'wrong types', 'cut off', 'half an answer', 'damaged', '500', 'huge', 'another answer',
] as const; // biome-ignore format: a list of words
export type Fault = (typeof FAULTS)[number];

export interface FaultProxy {
  /** `http://host:port` in place of the bureau's. */
  origin: string;
  fault: Fault | null;
  /** How long it holds an answer when it is slow. */
  slowMilliseconds: number;
  close(): Promise<void>;
}

/** Bytes that are no JSON, nor UTF-8. */
const GARBAGE = Buffer.from([0xff, 0xfe, 0x00, 0x7b, 0x22, 0xe9, 0x87, 0x91, 0x80, 0x3c, 0x68]);
const CHUNK = Buffer.alloc(262_144, 0x20);

/** A proxy before `target`, `http://host:port`. */
export async function faultProxy(target: string): Promise<FaultProxy> {
  const timers = new Set<NodeJS.Timeout>();
  let before: Buffer | undefined;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = proxy.fault;
    if (fault === 'down') return void request.socket.destroy();
    if (fault === '500') return void response.writeHead(500).end('Internal Server Error');
    if (fault === 'garbage') return void response.writeHead(200, { 'content-type': 'application/json' }).end(GARBAGE);
    if (fault === 'huge') return pour(response);
    const answer = await forward(target, request);
    if (fault === 'hangs') return;
    if (fault === 'slow') {
      // Within the limit a little comes, so that it does not look dead; the end comes too late.
      response.writeHead(200, headersOf(answer)).write(answer.subarray(0, 1));
      const timer = setTimeout(() => response.end(answer.subarray(1)), proxy.slowMilliseconds);
      timers.add(timer);
      return;
    }
    if (fault === 'cut off') {
      response.writeHead(200, { ...headersOf(answer), 'content-length': answer.length });
      response.write(answer.subarray(0, answer.length / 2), () => response.destroy());
      return;
    }
    const sent = fault === null ? answer : (altered(fault, answer, before) ?? GARBAGE);
    before = answer;
    // What is damaged on the way has the digest of what was sent; what a program got wrong has one of its own.
    response.writeHead(200, headersOf(fault === 'damaged' ? answer : sent)).end(sent);
  }

  const server = http.createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: FaultProxy = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: null,
    slowMilliseconds: 0,
    async close() {
      for (const timer of timers) clearTimeout(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function headersOf(body: Buffer): http.OutgoingHttpHeaders {
  const digest = createHash('sha256').update(body).digest('base64');
  return { 'content-type': 'application/json', 'content-digest': `sha-256=:${digest}:` };
}

/** The whole answer of the bureau. */
async function forward(target: string, request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { authorization = '', 'content-type': type = '' } = request.headers;
  const response = await fetch(`${target}${request.url}`, {
    method: 'POST',
    headers: { authorization, 'content-type': type },
    body: Buffer.concat(chunks),
  });
  return Buffer.from(await response.arrayBuffer());
}

/** More than anyone takes, as long as anyone takes it. */
function pour(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":');
  const more = () => {
    while (!response.destroyed && response.write(CHUNK));
  };
  response.on('drain', more);
  more();
}

function altered(fault: Fault, answer: Buffer, before: Buffer | undefined): Buffer | undefined {
  if (fault === 'another answer') return before;
  const read = JSON.parse(answer.toString('utf8')) as { data: unknown };
  const change = { 'wrong types': ofWrongTypes, 'half an answer': halved, damaged: emptied }[fault as 'damaged'];
  const data = change(read.data);
  return Buffer.from(JSON.stringify({ ...read, data }));
}

/** Each text a number, each number a text, each list an object. */
function ofWrongTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ofWrongTypes);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, ofWrongTypes(item)]));
  return typeof value === 'string' ? 1 : typeof value === 'boolean' ? 'yes' : value;
}

/** Of each object the first half of its fields. */
function halved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(halved);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.slice(0, Math.floor(entries.length / 2)).map(([key, item]) => [key, halved(item)]));
}

/** Every list of records without its records, every yes a no: of the right types, and wrong. */
function emptied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (Array.isArray(item) ? [] : emptied(item)));
  if (typeof value !== 'object' || value === null) return value === 'YES' ? 'NO' : value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key !== '_entities' && Array.isArray(item) ? [] : emptied(item)]),
  );
}
