/**
 * What people do with findings: take them up, decide on them, give them back. A decision may be followed by another; a contradicted finding
 * is decided again, or left to the run that finds it again.
 *
 *     OPEN ──take up──▶ UNDER_REVIEW ──decide──▶ an outcome ──decide──▶ an outcome
 *          ◀─give back─                          CONTRADICTED ──decide──▶ an outcome
 *
 * Whoever acts names the version of each finding that they looked at: one that changed since is refused with what stands now. Several
 * findings are one act, all of them or none, for they stand under one reason. Doing again what the same officer has done changes nothing.
 */
import type { PoolClient } from 'pg';
import type { Database } from '../db/database';
import { OFFICER } from '../sharing/life';
import { type FindingState, OUTCOMES, type Outcome } from './finding';

/** Who acts: the agency and officer of a token. */
export interface Reviewer {
  agency: string;
  officer: string | null;
}

/** A finding, and the version of it that was looked at. */
export interface Seen {
  id: string;
  version: number;
}

/** A decision to be made. */
export interface Deciding {
  outcome: Outcome;
  /** 1 to 1,000 characters; lines are kept. */
  reason: string;
  /** Agency code of the bureau whose record is wrong: required with `SOURCE_ERROR`, and with nothing else. */
  bureau?: string | null;
}

export interface ReviewMeans {
  database: Pick<Database, 'pool'>;
  reviewer: Reviewer;
  now(): Date;
  /** How long to wait for a run or reviewer who is writing the same findings; 5 s unless told. */
  waitMilliseconds?: number;
}

/** A finding after the act. */
export interface Reviewed {
  id: string;
  state: FindingState;
  version: number;
  /** Hex; null where no person is concerned. */
  personKey: string | null;
}

/** Why one finding was refused, and what stands now. */
export interface ReviewRefusal {
  id: string;
  /** `UNKNOWN` no such finding, `CHANGED` since it was looked at, `STATE` not to be done in this state. */
  because: 'UNKNOWN' | 'CHANGED' | 'STATE';
  state: FindingState | null;
  version: number | null;
  message: string;
}

/** An act that cannot be done: nothing was. The message is for the officer; `refused` names each finding that stands in the way. */
export class ReviewRefused extends Error {
  constructor(
    message: string,
    readonly refused: readonly ReviewRefusal[] = [],
  ) {
    super(message);
  }
}

/** Findings of one act. */
export const REVIEWED_MAX = 500;
export const REASON_CHARACTERS_MAX = 1_000;
const WAIT_MILLISECONDS = 5_000;

type Act = 'TAKEN_UP' | 'GIVEN_BACK' | 'DECIDED';

/** In which states each act can be done. */
const FROM: Readonly<Record<Act, readonly FindingState[]>> = {
  TAKEN_UP: ['OPEN'],
  GIVEN_BACK: ['UNDER_REVIEW'],
  DECIDED: ['UNDER_REVIEW', ...OUTCOMES, 'CONTRADICTED'],
};

/** An act with everything that its line of history holds. */
interface Step {
  act: Act;
  to: FindingState;
  outcome: Outcome | null;
  reason: string | null;
  bureau: string | null;
}

/** `OPEN` → `UNDER_REVIEW`. @throws `ReviewRefused` */
export function takeUp(means: ReviewMeans, seen: readonly Seen[]): Promise<Reviewed[]> {
  return review(means, seen, { act: 'TAKEN_UP', to: 'UNDER_REVIEW', outcome: null, reason: null, bureau: null });
}

/** `UNDER_REVIEW` → `OPEN`. @throws `ReviewRefused` */
export function giveBack(means: ReviewMeans, seen: readonly Seen[]): Promise<Reviewed[]> {
  return review(means, seen, { act: 'GIVEN_BACK', to: 'OPEN', outcome: null, reason: null, bureau: null });
}

/**
 * Decides on what is under review, or anew on what was decided.
 * @param bureaus agency codes that a source error may name
 * @throws `ReviewRefused`
 */
export async function decide(
  means: ReviewMeans,
  seen: readonly Seen[],
  { outcome, reason: given, bureau = null }: Deciding,
  bureaus: readonly string[],
): Promise<Reviewed[]> {
  const reason = given.replace(/\r\n?/g, '\n').trim();
  if (!isText(reason) || [...reason].length > REASON_CHARACTERS_MAX)
    throw new ReviewRefused(
      `A reason is required: 1 to ${REASON_CHARACTERS_MAX} characters, without control characters`,
    );
  if (outcome === 'SOURCE_ERROR' && (bureau === null || !bureaus.includes(bureau)))
    throw new ReviewRefused(`SOURCE_ERROR names the bureau whose record is wrong: one of ${bureaus.join(', ')}`);
  if (outcome !== 'SOURCE_ERROR' && bureau !== null)
    throw new ReviewRefused('A bureau is named with SOURCE_ERROR alone: leave it out');
  return review(means, seen, { act: 'DECIDED', to: outcome, outcome, reason, bureau });
}

/** Something to read: a visible character, and no control characters but ends of lines and tabs. */
function isText(text: string): boolean {
  return /[^\p{C}\p{Z}]/u.test(text) && !/[^\P{Cc}\n\t]/u.test(text);
}

async function review(
  { database, reviewer, now, waitMilliseconds = WAIT_MILLISECONDS }: ReviewMeans,
  seen: readonly Seen[],
  step: Step,
): Promise<Reviewed[]> {
  const officer = officerOf(reviewer);
  requireSound(seen);
  const client = await database.pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(`begin; set local lock_timeout = ${Math.trunc(waitMilliseconds)}`);
    const standing = await lock(client, seen);
    const repeated = await alreadyDone(client, seen, step, { agency: reviewer.agency, officer });
    const refused = seen.flatMap((one) => (repeated.has(one.id) ? [] : refusalOf(one, standing.get(one.id), step)));
    if (refused.length > 0) throw new ReviewRefused(sentenceOf(refused, seen.length), refused);
    const ids = seen.map(({ id }) => id).filter((id) => !repeated.has(id));
    for (const done of await write(client, ids, step, { agency: reviewer.agency, officer, at: now().toISOString() }))
      standing.set(done.id, done);
    await client.query('commit');
    return seen.map(({ id }) => standing.get(id) as Reviewed);
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw isLockTimeout(error) ? busy() : error;
  } finally {
    client.release(broken);
  }
}

function officerOf({ officer }: Reviewer): string {
  if (officer && OFFICER.test(officer)) return officer;
  throw new ReviewRefused('An officer is required: use a token that names one');
}

function requireSound(seen: readonly Seen[]): void {
  if (seen.length === 0 || seen.length > REVIEWED_MAX)
    throw new ReviewRefused(`Name from 1 to ${REVIEWED_MAX} findings at once, each with the version you looked at`);
  if (new Set(seen.map(({ id }) => id)).size < seen.length)
    throw new ReviewRefused('A finding stands there twice: name each once');
}

/** Locks what is named, in the order in which runs do. */
async function lock(client: PoolClient, seen: readonly Seen[]): Promise<Map<string, Reviewed>> {
  const { rows } = await client.query<Reviewed>(
    `select id, state, version, encode(person_key, 'hex') as "personKey" from crosscheck.finding
     where id = any($1::text[]) order by id for update`,
    // A NUL is in no id, and in no text that PostgreSQL takes.
    [seen.map(({ id }) => id).filter((id) => !id.includes('\0'))],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Those for which this same act of the same officer made the version behind the one looked at, and nobody has acted since. */
async function alreadyDone(
  client: PoolClient,
  seen: readonly Seen[],
  { act, outcome, reason, bureau }: Step,
  by: { agency: string; officer: string },
): Promise<Set<string>> {
  const known = seen.filter(({ id }) => !id.includes('\0'));
  const { rows } = await client.query<{ id: string }>(
    `select e.finding_id as id from unnest($1::text[], $2::bigint[]) as seen(id, version)
     join crosscheck.finding_event e on e.finding_id = seen.id and e.version = seen.version + 1
     where (e.act, e.agency, e.officer) = ($3, $4, $5)
       and (e.outcome, e.reason, e.bureau) is not distinct from ($6::text, $7::text, $8::text)
       and not exists (
         select 1 from crosscheck.finding_event later
         where later.finding_id = e.finding_id and later.version > e.version and later.officer is not null
       )`,
    [
      known.map(({ id }) => id),
      known.map(({ version }) => version),
      act,
      by.agency,
      by.officer,
      outcome,
      reason,
      bureau,
    ],
  );
  return new Set(rows.map(({ id }) => id));
}

function refusalOf({ id, version }: Seen, found: Reviewed | undefined, { act }: Step): ReviewRefusal[] {
  if (!found) {
    const message = `There is no finding ${printable(id)}: read the list again`;
    return [{ id, because: 'UNKNOWN', state: null, version: null, message }];
  }
  const now = { id, state: found.state, version: found.version };
  if (found.version !== version) {
    const message = `Finding ${id} has changed since you looked at it: it is ${found.state}, version ${found.version}. Read it again`;
    return [{ ...now, because: 'CHANGED', message }];
  }
  if (FROM[act].includes(found.state)) return [];
  return [{ ...now, because: 'STATE', message: `Finding ${id} is ${found.state}: ${ADVICE[act](found.state)}` }];
}

/** What to do instead. */
const ADVICE: Readonly<Record<Act, (state: FindingState) => string>> = {
  TAKEN_UP: (state) =>
    state === 'UNDER_REVIEW'
      ? 'another officer has taken it up'
      : state === 'WITHDRAWN'
        ? 'nothing is left to review'
        : 'decide on it anew',
  GIVEN_BACK: () => 'only what is UNDER_REVIEW can be given back',
  DECIDED: (state) => (state === 'OPEN' ? 'take it up first' : 'nothing is left to decide'),
};

function sentenceOf(refused: readonly ReviewRefusal[], asked: number): string {
  if (asked === 1) return (refused[0] as ReviewRefusal).message;
  return `${refused.length} of ${asked} findings stand in the way, and nothing was done: see which in extensions.refused, read them again, or leave them out`;
}

async function write(
  client: PoolClient,
  ids: readonly string[],
  { act, to, outcome, reason, bureau }: Step,
  by: { agency: string; officer: string; at: string },
): Promise<Reviewed[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<Reviewed>(
    `with before as (select id, state from crosscheck.finding where id = any($1::text[])),
     done as (
       update crosscheck.finding f set state = $2, version = f.version + 1, changed_at = greatest(f.changed_at, $3::timestamptz),
         outcome = $7,
         decided_version = case when $7::text is not null then f.version + 1 end,
         decided_ground = case when $7::text is not null then crosscheck.ground_of(f) end
       where id = any($1::text[])
       returning id, state, version, changed_at, encode(person_key, 'hex') as "personKey"
     ),
     remembered as (
       insert into crosscheck.finding_event (finding_id, version, at, act, from_state, to_state, agency, officer, outcome, reason, bureau)
       select d.id, d.version, d.changed_at, $4, b.state, d.state, $5, $6, $7, $8, $9 from done d join before b on b.id = d.id
     )
     select id, state, version, "personKey" from done`,
    [ids, to, by.at, act, by.agency, by.officer, outcome, reason, bureau],
  );
  return rows;
}

/** lock_not_available (PostgreSQL, Appendix A). */
function isLockTimeout(error: unknown): boolean {
  return (error as { code?: string }).code === '55P03';
}

function busy(): ReviewRefused {
  return new ReviewRefused('These findings are being written at this moment: try again in a few seconds');
}

function printable(text: string): string {
  return text.replace(/[\p{C}]/gu, '?').slice(0, 64) || '(empty)';
}
