/**
 * The way to one bureau: requests over kept connections, so many at once and no more, each with a limit of time and of bytes. With a certificate
 * of our own the bureau knows us, and with its authority's we know it.
 */
import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

export interface ConnectionSetting {
  url: string;
  /** PEM: the authority of the bureau's certificate, our certificate, its key. */
  tls?: { ca?: string; cert?: string; key?: string };
  /** Connections at once, at most. */
  connections: number;
  answerBytesMax: number;
}

/** How one bureau is reached. */
export interface RemoteSetting extends ConnectionSetting {
  /** How long one operation may wait for this bureau, all its calls together. */
  timeoutMilliseconds: number;
}

export const REMOTE_DEFAULTS = { timeoutMilliseconds: 5_000, connections: 20, answerBytesMax: 33_554_432 } as const;

export interface Connection {
  /** Sends one body and resolves with the whole answer. Rejects with a `CallFault`, at the latest after so many milliseconds. */
  send(body: string, token: string, milliseconds: number, told?: Told): Promise<Received>;
  close(): void;
}

/** What goes along for the logs and traces of both sides; nothing is decided by it. */
export interface Told {
  /** The id of the request that is being answered, a UUID. */
  requestId?: string;
  traceparent?: string;
}

export interface Received {
  status: number;
  body: Buffer;
}

/** Why a call has no answer, for the operator: without addresses, values or tokens. */
export class CallFault extends Error {
  constructor(
    message: string,
    /** Whether the same call may succeed at once. */
    readonly isPassing: boolean,
  ) {
    super(message);
  }
}

/** Why a bureau on its own premises gave no answer, for the operator: it names the bureau, and holds no address, value or token. */
export class RemoteTrouble extends Error {
  constructor(bureau: string, why: string) {
    super(`The ${bureau} bureau ${why}`);
  }
}

/** Calls that wait for a connection, per connection. */
const WAITING_PER_CONNECTION = 20;
/** A connection that nobody used for so long is closed, by us before by the bureau. */
const IDLE_MILLISECONDS = 4_000;

export function connectionTo({ url, tls, connections, answerBytesMax }: ConnectionSetting): Connection {
  const address = new URL(url);
  const { Agent, request } = address.protocol === 'https:' ? https : http;
  const agent = new Agent({
    keepAlive: true,
    maxSockets: connections,
    timeout: IDLE_MILLISECONDS,
    scheduling: 'lifo',
    ...tls,
  });
  let underWay = 0;

  function send(body: string, token: string, milliseconds: number, told: Told): Promise<Received> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(late(milliseconds)), Math.max(0, milliseconds));
      const sent = request(address, { method: 'POST', agent, headers: headersOf(body, token, told) });
      function end(outcome: CallFault | Received): void {
        clearTimeout(timer);
        if (outcome instanceof CallFault) {
          sent.destroy();
          reject(outcome);
        } else resolve(outcome);
      }
      sent.on('error', (error: NodeJS.ErrnoException) => end(connectionFault(error)));
      sent.on('response', (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > answerBytesMax) end(new CallFault(`answered with more than ${answerBytesMax} bytes`, false));
          else chunks.push(chunk);
        });
        answer.on('error', () => end(new CallFault('broke its answer off', true)));
        answer.on('end', () => end(whole(answer, Buffer.concat(chunks))));
      });
      sent.end(body);
    });
  }

  return {
    async send(body, token, milliseconds, told = {}) {
      if (underWay >= connections * WAITING_PER_CONNECTION)
        throw new CallFault(`has ${underWay} calls waiting for its ${connections} connections`, false);
      underWay += 1;
      try {
        return await send(body, token, milliseconds, told);
      } finally {
        underWay -= 1;
      }
    },
    close: () => agent.destroy(),
  };
}

/** An answer with the digest (RFC 9530) of what was sent. A certificate keeps it from being changed; this, also without one, from being damaged. */
function whole({ statusCode: status = 0, headers }: http.IncomingMessage, body: Buffer): Received | CallFault {
  if (status === 200 && headers['content-digest'] !== digestOf(body))
    return new CallFault('gave an answer that was damaged on the way', true);
  return { status, body };
}

/** `sha-256=:…:`, as both sides of a call write it. */
export function digestOf(body: string | Buffer): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

function headersOf(body: string, token: string, { requestId, traceparent }: Told): http.OutgoingHttpHeaders {
  return {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    accept: 'application/json',
    authorization: `Bearer ${token}`,
    ...(requestId && { 'x-request-id': requestId }),
    ...(traceparent && { traceparent }),
  };
}

function late(milliseconds: number): CallFault {
  return new CallFault(`did not answer within ${Math.round(milliseconds)} ms`, false);
}

/** A certificate that does not fit now does not fit at the next attempt. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|EPROTO|SSL/;

function connectionFault({ code = 'no code' }: NodeJS.ErrnoException): CallFault {
  if (CERTIFICATE.test(code))
    return new CallFault(`and this hub do not trust each other's certificate (${code}): check ca, cert and key`, false);
  return new CallFault(`could not be reached (${code})`, true);
}
