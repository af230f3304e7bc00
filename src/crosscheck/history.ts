/** The history of findings: every change has one line, by its version; who or which run made it, when and why. Nothing of it is ever deleted. */
import type { Database } from '../db/database';
import type { FindingState, Loss, Outcome } from './finding';

/**
 * What happened to a finding. `FOUND`, `CHANGED`, `WITHDRAWN`, `CONTRADICTED` and `SUPPORTED` (again) are a run's; `TAKEN_UP`, `GIVEN_BACK` and
 * `DECIDED` are people's.
 */
export type FindingAct =
  | 'FOUND'
  | 'CHANGED'
  | 'WITHDRAWN'
  | 'CONTRADICTED'
  | 'SUPPORTED'
  | 'TAKEN_UP'
  | 'GIVEN_BACK'
  | 'DECIDED';

/** One line. A run's has `run`, a person's `agency` and `officer`. */
export interface FindingEvent {
  findingId: string;
  /** The version that the finding has since. */
  version: number;
  /** ISO 8601. */
  at: string;
  act: FindingAct;
  /** Null for the first. */
  fromState: FindingState | null;
  toState: FindingState;
  run: string | null;
  /** What took its support away. */
  cause: Loss | null;
  agency: string | null;
  officer: string | null;
  outcome: Outcome | null;
  bureau: string | null;
  /** May hold personal data. */
  reason: string | null;
}

/**
 * Lines of findings, oldest first: of each at most `first`, those behind version `after`.
 * @returns by finding, for those that have any
 */
export async function historyOf(
  { pool }: Pick<Database, 'pool'>,
  ids: readonly string[],
  { first, after = 0 }: { first: number; after?: number },
): Promise<Map<string, FindingEvent[]>> {
  const { rows } = await pool.query<FindingEvent>(
    `select e.finding_id as "findingId", e.version, e.at, e.act, e.from_state as "fromState", e.to_state as "toState", e.run, e.cause,
       e.agency, e.officer, e.outcome, e.bureau, e.reason
     from unnest($1::text[]) as asked(id)
     cross join lateral (
       select * from crosscheck.finding_event e where e.finding_id = asked.id and e.version > $2 order by e.version limit $3
     ) e
     order by e.finding_id, e.version`,
    [ids, after, first],
  );
  const byFinding = new Map<string, FindingEvent[]>();
  for (const row of rows) byFinding.set(row.findingId, [...(byFinding.get(row.findingId) ?? []), row]);
  return byFinding;
}
