import type { SqlSetting } from '../../setting';
import { SourceFault } from '../source';
import type { Session } from './dialect';
import { faultOf, NO_ANSWER } from './fault';

/** What stands between a chunk and its session: every question goes through it, so that it can be ended in the middle of one. */
export interface Guard {
  /** Asks. Throws a SourceFault, also when the chunk was closed meanwhile. */
  ask<T>(question: (session: Session) => Promise<T>): Promise<T>;
  /** Ends the question under way and gives the session back. May be called twice. */
  close(): Promise<void>;
}

/** What the register does not end in this time is left to it, and the connection is cut: the network may be gone. */
const GRACE_MILLISECONDS = 5_000;

export function guarded(session: Session, setting: SqlSetting): Guard {
  let underWay: Promise<unknown> | undefined;
  let closing: Promise<void> | undefined;
  let isBroken = false;
  const answerMillisecondsMax = setting.statementTimeoutSeconds * 1000 + GRACE_MILLISECONDS;

  const end = async () => {
    if (underWay) {
      const ended = Promise.allSettled([session.cancel(), underWay]);
      await inTime(ended, GRACE_MILLISECONDS).catch(() => undefined);
      // What was ended in the middle may still be saying so: no connection for anybody else.
      isBroken = true;
    }
    await session.release(isBroken);
  };
  return {
    async ask(question) {
      if (closing) throw closed();
      const answer = question(session);
      underWay = answer;
      try {
        const given = await inTime(answer, answerMillisecondsMax);
        // Whoever closes gives the rest up: what arrives all the same must not pass for the end of the rows.
        if (closing) throw closed();
        return given;
      } catch (error) {
        isBroken = true;
        throw closing ? closed() : faultOf(error, 'read', setting);
      } finally {
        underWay = undefined;
      }
    },
    close() {
      closing ??= end();
      return closing;
    },
  };
}

function closed(): SourceFault {
  return new SourceFault('was closed while it was read');
}

/** The promise, or an error with the code NO_ANSWER when it takes longer. */
export async function inTime<T>(promise: Promise<T>, millisecondsMax: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_done, fail) => {
    timer = setTimeout(() => fail(Object.assign(new Error(NO_ANSWER), { code: NO_ANSWER })), millisecondsMax);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
