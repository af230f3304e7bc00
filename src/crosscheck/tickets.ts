/**
 * What a bureau is told of its own records: data-quality findings whose subject is one of them (for persons, that rest on one of them), and
 * findings of any class on which it was decided that its record is wrong. Of another bureau's records nothing is told.
 */
import type { Database } from '../db/database';
import type { FindingState } from './finding';

/** A record of the bureau. */
export interface OwnRecord {
  kind: string;
  sourceId: string;
  /** The revision that the finding rests on. */
  revision: string;
}

export interface Ticket {
  id: string;
  /** A rule's code. */
  rule: string;
  /** `person`, or a kind of the bureau's own; null where the subject is another bureau's. */
  subjectKind: string | null;
  records: OwnRecord[];
  state: FindingState;
  /** Whether it was decided that a record of the bureau is wrong. */
  isSourceError: boolean;
  foundAt: string;
  changedAt: string;
  personKey: string | null;
}

/** Where a page begins: the time and id of the ticket before it. */
export type TicketPosition = readonly [foundAt: string, id: string];

/** Records that one ticket names. */
const RECORDS_MAX = 100;

const TICKETS = `
  with own as (
    select f.id, false as is_source_error from crosscheck.finding f
    where f.class = 'DATA_QUALITY' and (
      f.subject_kind = any($2::text[])
      or f.subject_kind = 'person' and exists (
        select 1 from jsonb_to_recordset(f.evidence -> 'records') as r(kind text) where r.kind = any($2::text[])
      ))
    union all
    select f.id, true from crosscheck.finding_event e
    join crosscheck.finding f on f.id = e.finding_id and f.decided_version = e.version
    where e.bureau = $1
  )
  select f.id, f.rule, case when f.subject_kind = any($2::text[] || array['person']) then f.subject_kind end as "subjectKind",
    (
      select coalesce(jsonb_agg(r.record), '[]') from (
        select jsonb_build_object('kind', r.kind, 'sourceId', r."sourceId", 'revision', r.revision) as record
        from jsonb_to_recordset(f.evidence -> 'records') as r(kind text, "sourceId" text, revision text)
        where r.kind = any($2::text[]) order by r.kind collate "C", r."sourceId" collate "C" limit ${RECORDS_MAX}
      ) r
    ) as records,
    f.state, t.is_source_error as "isSourceError", f.found_at as "foundAt", f.changed_at as "changedAt", encode(f.person_key, 'hex') as "personKey"
  from (select id, bool_or(is_source_error) as is_source_error from own group by id) t
  join crosscheck.finding f on f.id = t.id
  where case when $3::text is null then f.state <> 'WITHDRAWN' else f.state = $3 end
    and ($4::timestamptz is null or (f.found_at, f.id) < ($4, $5::text))
  order by f.found_at desc, f.id desc limit $6`;

/**
 * Tickets of a bureau, the newest first; withdrawn ones only when asked for.
 * @param options.kinds the kinds of record that are the bureau's own
 * @param options.limit rows at most
 */
export async function ticketsOf(
  { pool }: Pick<Database, 'pool'>,
  options: {
    agency: string;
    kinds: readonly string[];
    state?: FindingState | null;
    after?: TicketPosition | null;
    limit: number;
  },
): Promise<Ticket[]> {
  const { agency, kinds, state = null, after, limit } = options;
  const { rows } = await pool.query<Ticket>(TICKETS, [
    agency,
    kinds,
    state,
    after?.[0] ?? null,
    after?.[1] ?? null,
    limit,
  ]);
  return rows;
}
