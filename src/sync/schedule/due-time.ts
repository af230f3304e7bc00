/**
 * Due times of a schedule: cron of five fields (POSIX.1-2024, crontab), in the time zone of the bureaus, Asia/Shanghai.
 *
 *     lastDueTime('0 2 * * *', new Date('2026-06-30T09:00:00+08:00')) // 2026-06-30T02:00:00+08:00
 */
import { CronExpressionParser } from 'cron-parser';

const TIME_ZONE = 'Asia/Shanghai';
const SECOND_MILLISECONDS = 1_000;
const SHANGHAI_MILLISECONDS = 8 * 3_600_000;

/** The last due time at or before `at`; undefined of a schedule that was never due. */
export function lastDueTime(cron: string, at: Date): Date | undefined {
  // The parser looks strictly before a whole second.
  const second = Math.floor(at.getTime() / SECOND_MILLISECONDS) * SECOND_MILLISECONDS;
  return found(() =>
    parsed(cron, new Date(second + SECOND_MILLISECONDS))
      .prev()
      .toDate(),
  );
}

/** The first due time after `at`; undefined of a schedule that is never due again. */
export function nextDueTime(cron: string, at: Date): Date | undefined {
  return found(() => parsed(cron, at).next().toDate());
}

/** A due time as people read it: `2026-06-30 02:00`, in Asia/Shanghai. */
export function shanghaiMinute(at: Date): string {
  return new Date(at.getTime() + SHANGHAI_MILLISECONDS).toISOString().slice(0, 16).replace('T', ' ');
}

function parsed(cron: string, currentDate: Date) {
  return CronExpressionParser.parse(cron.trim(), { currentDate, tz: TIME_ZONE });
}

/** The parser gives up on days that never come, such as the 30th of February, by throwing. */
function found(look: () => Date): Date | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
