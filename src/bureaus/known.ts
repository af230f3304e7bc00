/**
 * The records that stand, as known now or as known by the end of a civil day: every revision is kept with the time from which and to which
 * it stood, so that any answer can be given again as it could have been given then.
 */
import type { RecordKind } from './record';

/**
 * What stands of a kind, as a table to read from: `from ${known(…)} r`.
 * @param day `YYYY-MM-DD`, a day in Asia/Shanghai by whose end it had to be known; null for now
 * @param values the statement's values, to which that of the day is added
 */
export function known({ table }: RecordKind, day: string | null | undefined, values: unknown[]): string {
  if (!day) return `(select * from ${table} where recorded_to is null and op = 'U')`;
  values.push(day);
  const until = `(($${values.length}::date + 1)::timestamp at time zone 'Asia/Shanghai')`;
  // In two halves, each with an index of its own.
  return `(
    select * from ${table} where recorded_to is null and recorded_from < ${until} and op = 'U'
    union all
    select * from ${table} where recorded_to is not null and recorded_from < ${until} and recorded_to >= ${until} and op = 'U'
  )`;
}
