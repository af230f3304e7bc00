/**
 * Ending a server without failing anybody: what it has begun to answer it answers to the end, and nobody is left holding a connection that is
 * closed while a request is on its way through it.
 *
 *     stop listening → answer what comes on the connections that are there, each answer with `connection: close` → close
 *
 * A balancer sends a POST to another server only when it could not connect: once it has sent it, it cannot know what was done. So new
 * connections are refused, which is safe, and those that are open are never cut under a request. RFC 9112, section 9.6.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

export interface DrainLimits {
  /** For so long new connections are still taken, while `/readyz` already says that this server is stopping. */
  lingerMilliseconds: number;
  /** So long an open connection that nothing is asked on is left to whoever opened it; a balancer should give up idle ones sooner. */
  idleMilliseconds: number;
  /** What is still being answered after so long is cut. */
  answerMilliseconds: number;
}

/** Nobody is to be waited for but those that are being answered. */
export const AT_ONCE: DrainLimits = { lingerMilliseconds: 0, idleMilliseconds: 0, answerMilliseconds: 12_000 };

/** More than the line in front of a socket may hold (511 in Node), however fast new ones come. */
const TURNS_MAX = 1_000;
/** A turn in which nothing is answered takes a tenth of it. */
const TURN_MILLISECONDS_MAX = 0.3;

export interface Drain {
  isStopping(): boolean;
  /** Resolves when nothing is being answered any more and idle connections are gone or given up. Closes none of them by itself. */
  drain(limits: DrainLimits): Promise<void>;
}

/** Watches the connections of a server from its beginning. */
export function watchConnections(server: Server): Drain {
  const open = new Set<Socket>();
  const answering = new Set<ServerResponse>();
  let isStopping = false;
  let taken = 0;
  let onChange: () => void = () => undefined;

  server.on('connection', (socket: Socket) => {
    open.add(socket);
    taken += 1;
    socket.once('close', () => {
      open.delete(socket);
      onChange();
    });
  });
  // Before anybody else sees the request, and so before anything is answered.
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    if (isStopping) response.setHeader('connection', 'close');
    answering.add(response);
    response.once('close', () => {
      answering.delete(response);
      onChange();
    });
  });

  /** Resolves when it holds, or after the time. */
  function until(holds: () => boolean, milliseconds: number): Promise<void> {
    if (holds() || milliseconds <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        onChange = () => undefined;
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      onChange = () => {
        if (holds()) done();
      };
    });
  }

  /**
   * Those that have connected and were not taken yet would be cut when the socket is closed, with what they have sent already. One is taken a
   * turn, so a turn in which none came leaves nobody in line but those that came during the turn: it has to have been a short one.
   */
  async function takeThoseInLine(): Promise<void> {
    for (let turns = 0; turns < TURNS_MAX; turns++) {
      const before = taken;
      const began = performance.now();
      await turn();
      if (taken === before && performance.now() - began < TURN_MILLISECONDS_MAX) return;
    }
  }

  return {
    isStopping: () => isStopping,
    async drain({ lingerMilliseconds, idleMilliseconds, answerMilliseconds }) {
      isStopping = true;
      for (const response of answering) if (!response.headersSent) response.setHeader('connection', 'close');
      await until(() => false, lingerMilliseconds);
      await takeThoseInLine();
      // That of net alone: HTTP's own also closes the connections that nothing is asked on at this moment.
      NetServer.prototype.close.call(server);
      await until(() => open.size === 0, idleMilliseconds);
      await until(() => answering.size === 0, answerMilliseconds - idleMilliseconds);
    },
  };
}
