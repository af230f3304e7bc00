/**
 * A server that was killed under us is started again, so that what is being served goes on by itself: PostgreSQL recovers what was committed.
 * Tried a few times an hour; a server that does not stay up has a reason that somebody must look at. One that ended because its disk is full is
 * waited for, however long that takes, and started again when there is room: PostgreSQL stops rather than lose what it cannot write down.
 */
import { statfsSync } from 'node:fs';
import type { Binaries } from './binaries';
import { addressTaken, isDiskFull, type Launch, launchServer, lostToAnother, whyNot } from './launch';
import type { Place } from './place';
import { endOrphans, isServerOf, readPostmaster, stalePid } from './postmaster';
import type { Revive } from './presence';

const revivalsMax = 5;
const revivalsMilliseconds = 3_600_000;
/** Recovery of a large database takes its time. */
const lookMillisecondsMax = 600_000;
const pauseMilliseconds = 10_000;
/** Four segments of its log: with less it would end again before it is up, or soon after. */
const roomMegabytesMin = 64;
const roomMillisecondsBetween = 5_000;

/**
 * Starts the server of `place` again when it does not run; several processes may do so at once, and one is the first.
 * @param port where it listened, if it was on a port
 */
export function reviver(place: Place, binaries: Binaries, port: number, log: (line: string) => void): Revive {
  let revivals: number[] = [];
  let launch: Launch | undefined;
  let lostAt = 0;
  let askedAt = 0;
  let fullSince: number | undefined;

  /** Whether there is still something to wait for. */
  async function look(): Promise<boolean> {
    const running = readPostmaster(place.cluster);
    if (running && isServerOf(running.pid, place.cluster)) return true;
    if (launch && !launch.ended) return true;
    const said = launch?.said() ?? '';
    const hadNoRoom = launch !== undefined && isDiskFull(said);
    if (hadNoRoom && !hasRoomNow()) return true;
    const mayTryAgain =
      hadNoRoom || lostToAnother(said) || addressTaken(said) || said.includes('ready to accept connections');
    if (launch && !mayTryAgain) {
      log(whyNot(said, place));
      return false;
    }
    const now = Date.now();
    revivals = revivals.filter((at) => now - at < revivalsMilliseconds);
    if (revivals.length >= revivalsMax) {
      log(
        `the embedded PostgreSQL ended ${revivalsMax} times within an hour: read ${place.folder}/server.log, then start again`,
      );
      return false;
    }
    revivals.push(now);
    log(
      `the embedded PostgreSQL ended unexpectedly; it is started again (${revivals.length} of ${revivalsMax} times an hour)`,
    );
    await endOrphans(place.cluster);
    launch = await launchServer(place, binaries, { stalePid: stalePid(running), port });
    return true;
  }

  /** Whether what ended for want of room may be tried again: there is room, and it was not tried a moment ago. That one start does not count. */
  function hasRoomNow(): boolean {
    const now = Date.now();
    lostAt = now;
    if (fullSince === undefined) {
      fullSince = now;
      revivals.pop();
      log(
        `the embedded PostgreSQL has ended, since the disk of ${place.folder} is full: free ${roomMegabytesMin} MB there, and it is started again by itself`,
      );
    }
    if (now - fullSince < roomMillisecondsBetween || roomMegabytes(place) < roomMegabytesMin) return false;
    fullSince = undefined;
    return true;
  }

  return async () => {
    const now = Date.now();
    // Asked again and again after one loss; asked after a pause it is another.
    if (now - askedAt > pauseMilliseconds) lostAt = now;
    askedAt = now;
    try {
      if (now - lostAt < lookMillisecondsMax) return await look();
      log(`the embedded PostgreSQL does not come back: read ${place.folder}/server.log, then start again`);
    } catch (error) {
      log(`the embedded PostgreSQL cannot be started again: ${error instanceof Error ? error.message : String(error)}`);
    }
    return false;
  };
}

function roomMegabytes({ folder }: Place): number {
  const { bavail, bsize } = statfsSync(folder);
  return (bavail * bsize) / 2 ** 20;
}
