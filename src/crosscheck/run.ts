/**
 * One run of the cross-check: which rules can run, whom it checks, the death evidence for the day, every rule as one SQL statement,
 * supersession, and the findings brought up to what the rules now support.
 *
 * A rule that may not read a field, or reads a kind that was never delivered or not followed to its end, is skipped with the reason: it
 * reports no number, and its findings stay as they are.
 */
import type { ClientBase } from 'pg';
import type { Database } from '../db/database';
import { EVIDENCE_TURNS, workOut } from './evidence';
import { judge, type RunningRule } from './judge';
import { type Conditions, lateKinds, missingByRule, running, supersedersOf } from './ready';
import type { RecordKindName, Rule } from './rule';
import { allRules, ruleOf } from './rulebook';
import { EVERYONE, type Scope, scopeOf } from './scope';
import { keepStanding, standsSince } from './standing';
import { endGeneration } from './touch';
import { type Changes, writeFindings } from './write-findings';

export interface CheckOptions extends Conditions {
  database: Database;
  /** The day for which the check is made, YYYY-MM-DD. */
  asOf: string;
  /**
   * Only persons of whom something changed since the last run, be it a record or what the day alone changes, where that is enough to leave
   * the findings that a check of everyone would; else everyone is checked.
   */
  touchedOnly?: boolean;
  now?: () => Date;
}

export interface RuleOutcome extends Omit<Changes, 'judged'> {
  rule: string;
  version: number;
  /** Subjects the rule names now, those superseded left out; of everyone, whomever the run checked. */
  found: number;
  milliseconds: number;
  /** Kinds it reads that are late; absent when none is. */
  late?: RecordKindName[];
}

export interface RuleSkipped {
  rule: string;
  version: number;
  /** Sentences: what is missing. */
  skipped: string[];
}

export interface CheckReport {
  run: string;
  asOf: string;
  /** How many persons were checked; null for everyone. */
  persons: number | null;
  startedAt: string;
  finishedAt: string;
  rules: (RuleOutcome | RuleSkipped)[];
}

const RUN_LOCK = 0x48_59_43_4b; // 'HYCK'
/** A run waits for the one before it, and for a page of the follower; the largest run takes minutes. */
const WAIT_MINUTES_MAX = 30;

/**
 * Runs the rules and keeps what they find.
 * @throws when `asOf` or a parameter is malformed, a code is unknown, or a statement fails: then nothing of the run is kept
 */
export async function check(options: CheckOptions): Promise<CheckReport> {
  const chosen = chosenRules(options);
  return underRunLock(options.database, async (client) => {
    const generation = await endGeneration(client);
    const now = options.now ?? (() => new Date());
    const startedAt = now().toISOString();
    await client.query('begin isolation level repeatable read');
    const work = await runRules(client, options, { chosen, generation });
    await client.query('commit');
    // In a transaction of its own: a snapshot as old as the run would fail over every finding that somebody reviewed meanwhile.
    await client.query('begin');
    const report = await keep(client, { ...work, generation, asOf: options.asOf, startedAt, now });
    await client.query('commit');
    return report;
  });
}

/** The rules asked for, all unless told. Throws when a code is unknown or the day is none. */
export function chosenRules({ asOf, rules }: Pick<CheckOptions, 'asOf' | 'rules'>): readonly Rule[] {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(asOf)) throw new Error(`as-of ${asOf} is no day: write YYYY-MM-DD.`);
  return rules ? [...new Set(rules)].sort().map(ruleOf) : allRules();
}

/** One run at a time; what it leaves behind in its session goes with it. */
export async function underRunLock<T>(database: Database, work: (client: ClientBase) => Promise<T>): Promise<T> {
  const client = await database.pool.connect();
  let broken: Error | undefined;
  try {
    // Before any transaction, whose snapshot must see what the run before left. Sorting wants memory; compiling statements that run once costs more than it saves.
    await client.query(`set lock_timeout = '${WAIT_MINUTES_MAX}min'; set jit = off; set work_mem = '128MB'`);
    await client.query('select pg_advisory_lock($1)', [RUN_LOCK]);
    return await work(client);
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    await client
      .query(`discard temp; select pg_advisory_unlock(${RUN_LOCK}); reset lock_timeout; reset jit; reset work_mem`)
      .catch((failure: Error) => {
        broken = failure;
      });
    client.release(broken);
  }
}

/** What was worked out in the run's snapshot, beside the temporary tables that `judge` leaves. */
export interface Work {
  ready: readonly RunningRule[];
  isFull: boolean;
  /** How many persons were checked; null for everyone. */
  persons: number | null;
  /** By kind, the place in its change log up to which it was known. */
  seen: Record<string, string>;
  /** What the report says of each rule; without its changes those that were skipped. */
  outcomes: (Pick<RuleOutcome, 'rule' | 'version' | 'milliseconds' | 'late'> | RuleSkipped)[];
}

/** Works out, within the caller's transaction, what the rules find and what of it is new, different or gone. Writes no finding. */
export async function runRules(
  client: ClientBase,
  options: Omit<CheckOptions, 'database' | 'now'>,
  { chosen, generation }: { chosen: readonly Rule[]; generation: number },
): Promise<Work> {
  const { asOf } = options;
  const missing = await missingByRule(client, options);
  const ready = chosen.filter((rule) => missing(rule).length === 0).map((rule) => running(rule, options));
  const superseding = supersedersOf(ready, missing).map((rule) => running(rule, options));
  const scope = await chooseScope(client, options, { ready, generation });
  if (ready.length > 0) await workOut(client, asOf, scope);
  await client.query(`create temp table candidate (
    rule text collate "C" not null, subject_kind text collate "C" not null, subject text collate "C" not null,
    person_key bytea, amount numeric not null, records jsonb not null, primary key (rule, subject_kind, subject)
  )`);
  const milliseconds = new Map<string, number>();
  for (const each of [...ready, ...superseding]) {
    const begun = process.hrtime.bigint();
    await findCandidates(client, each, { asOf, scope });
    milliseconds.set(each.rule.code, Number((process.hrtime.bigint() - begun) / 1_000_000n));
  }
  await client.query('analyze candidate');
  await judge(client, { rules: ready, evaluated: [...ready, ...superseding].map(({ rule }) => rule.code), scope });
  const outcomes = chosen.map((rule) => {
    const { code, version } = rule;
    if (!ready.some((each) => each.rule === rule)) return { rule: code, version, skipped: missing(rule) };
    const late = lateKinds(rule, options);
    return { rule: code, version, milliseconds: milliseconds.get(code) ?? 0, ...(late.length > 0 && { late }) };
  });
  return {
    ready,
    isFull: scope.isFull,
    persons: await personsOf(client, scope),
    seen: await placesSeen(client),
    outcomes,
  };
}

async function chooseScope(
  client: ClientBase,
  { asOf, touchedOnly = false }: Pick<CheckOptions, 'asOf' | 'touchedOnly'>,
  { ready, generation }: { ready: readonly RunningRule[]; generation: number },
): Promise<Scope> {
  if (!touchedOnly) return EVERYONE;
  const since = await standsSince(client, { asOf, rules: ready });
  const turns = ready.flatMap(({ rule, parameters }) => rule.turns?.(parameters) ?? []);
  return scopeOf(client, { since, asOf, generation, turns: [EVIDENCE_TURNS, ...turns] });
}

async function keep(
  client: ClientBase,
  work: Work & { generation: number; asOf: string; startedAt: string; now: () => Date },
): Promise<CheckReport> {
  const { ready, outcomes, isFull, persons, asOf, startedAt, generation } = work;
  const run = await openRun(client, work);
  const changes = await writeFindings(client, { run, at: startedAt, codes: ready.map(({ rule }) => rule.code) });
  const skipped = outcomes.flatMap((outcome) => ('skipped' in outcome ? [outcome.rule] : []));
  const found = await keepStanding(client, { asOf, isFull, ran: ready, skipped, changes, generation });
  const rules = outcomes.map((outcome) => {
    if ('skipped' in outcome) return outcome;
    const { rule, version, ...rest } = outcome;
    const { judged: _, ...changed } = changes.get(rule) as Changes;
    return { rule, version, found: found.get(rule) as number, ...changed, ...rest };
  });
  const finishedAt = work.now().toISOString();
  await client.query(`update crosscheck.run set finished_at = $2, rules = $3 where id = $1`, [
    run,
    finishedAt,
    JSON.stringify(rules),
  ]);
  return { run, asOf, persons, startedAt, finishedAt, rules };
}

async function openRun(
  client: ClientBase,
  { asOf, isFull, startedAt, seen }: Pick<Work, 'isFull' | 'seen'> & { asOf: string; startedAt: string },
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into crosscheck.run (as_of, is_full, started_at, seen) values ($1, $2, $3, $4) returning id`,
    [asOf, isFull, startedAt, JSON.stringify(seen)],
  );
  return (rows[0] as { id: string }).id;
}

/** How far each kind had been followed. A cursor of a feed is a place in the kind's change log, as revisions are. */
async function placesSeen(client: ClientBase): Promise<Record<string, string>> {
  const { rows } = await client.query<{ kind: string; after: string }>(
    `select kind, after from matching.progress where after is not null`,
  );
  return Object.fromEntries(rows.map(({ kind, after }) => [kind, after]));
}

async function personsOf(client: ClientBase, { isFull }: Scope): Promise<number | null> {
  if (isFull) return null;
  const { rows } = await client.query<{ persons: number }>(`select count(*)::int as persons from checked_person`);
  return (rows[0] as { persons: number }).persons;
}

/** Into a table of its own first: PostgreSQL reads in parallel for a new table, and not for an insertion. */
async function findCandidates(
  client: ClientBase,
  { rule, parameters }: RunningRule,
  { asOf, scope }: { asOf: string; scope: Scope },
): Promise<void> {
  const subjectKind = typeof rule.subjectKind === 'string' ? `'${rule.subjectKind}'::text` : 'f.subject_kind';
  await client.query(
    `create temp table named on commit drop as
     select $2::text as rule, ${subjectKind} as subject_kind, f.subject, f.person_key, f.amount, f.records
     from (${rule.sql(parameters, scope.within)}) f where $1::date is not null`,
    [asOf, rule.code],
  );
  await client.query('insert into candidate select * from named; drop table named');
}
