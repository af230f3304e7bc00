import type { SqlSetting } from '../setting';
import { SourceFault } from './source';
import type { Session } from './sql-dialect';
import { faultOf } from './sql-fault';

/** What stands between a chunk and its session: every question goes through it, so that it can be ended in the middle of one. */
export interface Guard {
  /** Asks. Throws a SourceFault, also when the chunk was closed meanwhile. */
  ask<T>(question: (session: Session) => Promise<T>): Promise<T>;
  /** Ends the question under way and gives the session back. May be called twice. */
  close(): Promise<void>;
}

/** What the register does not end in this time is left to it: the connection is cut. */
const END_MILLISECONDS_MAX = 5_000;

export function guarded(session: Session, setting: SqlSetting): Guard {
  let underWay: Promise<unknown> | undefined;
  let closing: Promise<void> | undefined;
  let isBroken = false;

  const end = async () => {
    if (underWay) {
      const ended = Promise.allSettled([session.cancel(), underWay]);
      if (!(await settlesInTime(ended))) isBroken = true;
    }
    await session.release(isBroken);
  };
  return {
    async ask(question) {
      if (closing) throw closed();
      const answer = question(session);
      underWay = answer;
      try {
        return await answer;
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

async function settlesInTime(promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((done) => {
    timer = setTimeout(() => done(false), END_MILLISECONDS_MAX);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
