/**
 * One run of the cross-check: which rules can run, the death evidence for the day, every rule as one SQL statement, supersession, and the
 * findings brought up to what the rules now support.
 *
 * A rule that may not read a field, or reads a kind that was never delivered or not followed to its end, is skipped with the reason: it
 * reports no number, and its findings stay as they are.
 */
import type { ClientBase } from 'pg';
import type { Database } from '../db/database';
import { workOut } from './evidence';
import { judge, type RunningRule } from './judge';
import { type Parameters, type RecordKindName, type Rule, recordKindNames } from './rule';
import { allRules, kindsRead, ruleOf } from './rulebook';
import { type Judgement, writeFindings } from './write-findings';

export interface CheckOptions {
  database: Database;
  /** The day for which the check is made, YYYY-MM-DD. */
  asOf: string;
  /** Codes; all rules unless given. */
  rules?: readonly string[];
  /** Every person. A run over touched persons only is not offered yet: dates pass, and with them windows, for everyone. */
  full?: true;
  /** The fields a rule reads that are not granted, none unless given. */
  granted?: (rule: Rule) => readonly string[];
  /** The last complete delivery of each kind (ISO 8601), null or absent where there was none. */
  freshness: Partial<Record<RecordKindName, string | null>>;
  /** Kinds whose bureau is late, and since when (ISO 8601). Rules run on what is known, and their report says so. */
  late?: Readonly<Record<string, string>>;
  /** Under which agreement each field of a rule is read, by field. */
  agreements?: (rule: Rule) => Readonly<Record<string, string>>;
  /** Other values for a rule's parameters, by code. */
  parameters?: Readonly<Record<string, Parameters>>;
  now?: () => Date;
}

export interface RuleOutcome extends Judgement {
  rule: string;
  version: number;
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
  startedAt: string;
  finishedAt: string;
  rules: (RuleOutcome | RuleSkipped)[];
}

const RUN_LOCK = 0x48_59_43_4b; // 'HYCK'
/** A run waits for the one before it; the largest takes minutes. */
const RUN_WAIT_MINUTES_MAX = 30;

/**
 * Checks everyone.
 * @throws when `asOf` or a parameter is malformed, a code is unknown, or a statement fails: then nothing of the run is kept
 */
export async function check(options: CheckOptions): Promise<CheckReport> {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(options.asOf)) throw new Error(`as-of ${options.asOf} is no day: write YYYY-MM-DD.`);
  const chosen = options.rules ? [...new Set(options.rules)].sort().map(ruleOf) : [...allRules()];
  const client = await options.database.pool.connect();
  let broken: Error | undefined;
  try {
    // Before the transaction, whose snapshot must see what the run before left.
    await client.query(
      `begin; set local lock_timeout = '${RUN_WAIT_MINUTES_MAX}min'; select pg_advisory_lock(${RUN_LOCK}); commit`,
    );
    const now = options.now ?? (() => new Date());
    const startedAt = now().toISOString();
    await client.query('begin isolation level repeatable read');
    const work = await runRules(client, options, chosen);
    await client.query('commit');
    // In a transaction of its own: a snapshot as old as the run would fail over every finding that somebody reviewed meanwhile.
    await client.query('begin');
    const report = await keep(client, { ...work, asOf: options.asOf, startedAt, now });
    await client.query('commit');
    return report;
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    await client.query(`discard temp; select pg_advisory_unlock(${RUN_LOCK})`).catch((failure: Error) => {
      broken = failure;
    });
    client.release(broken);
  }
}

/** What was worked out in the run's snapshot, beside the temporary tables that `judge` leaves. */
interface Work {
  ready: readonly RunningRule[];
  /** By kind, the place in its change log up to which it was known. */
  seen: Record<string, string>;
  /** What the report says of each rule; without a judgement those that were skipped. */
  outcomes: (Omit<RuleOutcome, keyof Judgement> | RuleSkipped)[];
}

async function runRules(client: ClientBase, options: CheckOptions, chosen: Rule[]): Promise<Work> {
  const missing = await missingByRule(client, options);
  const ready = chosen.filter((rule) => missing(rule).length === 0).map((rule) => running(rule, options));
  const superseding = supersedersOf(ready, missing).map((rule) => running(rule, options));
  const milliseconds = new Map<string, number>();
  await client.query(`set local work_mem = '128MB'`);
  if (ready.length > 0) await workOut(client, options.asOf);
  await client.query(`create temp table candidate (
    rule text collate "C" not null, subject_kind text collate "C" not null, subject text collate "C" not null,
    person_key bytea, amount numeric not null, records jsonb not null, primary key (rule, subject_kind, subject)
  )`);
  for (const each of [...ready, ...superseding]) {
    const begun = process.hrtime.bigint();
    await findCandidates(client, each, options.asOf);
    milliseconds.set(each.rule.code, Number((process.hrtime.bigint() - begun) / 1_000_000n));
  }
  await client.query('analyze candidate');
  await judge(client, { rules: ready, evaluated: [...ready, ...superseding].map(({ rule }) => rule.code) });
  const outcomes = chosen.map((rule) => {
    const { code, version } = rule;
    if (!ready.some((each) => each.rule === rule)) return { rule: code, version, skipped: missing(rule) };
    const late = lateKinds(rule, options);
    return { rule: code, version, milliseconds: milliseconds.get(code) ?? 0, ...(late.length > 0 && { late }) };
  });
  return { ready, seen: await placesSeen(client), outcomes };
}

async function keep(
  client: ClientBase,
  { ready, seen, outcomes, asOf, startedAt, now }: Work & { asOf: string; startedAt: string; now: () => Date },
): Promise<CheckReport> {
  const run = await openRun(client, asOf, startedAt, seen);
  const judgements = await writeFindings(client, { run, at: startedAt, codes: ready.map(({ rule }) => rule.code) });
  const rules = outcomes.map((outcome) => {
    const { rule, version, ...rest } = outcome;
    return { rule, version, ...judgements.get(rule), ...rest } as RuleOutcome | RuleSkipped;
  });
  const finishedAt = now().toISOString();
  await client.query(`update crosscheck.run set finished_at = $2, rules = $3 where id = $1`, [
    run,
    finishedAt,
    JSON.stringify(rules),
  ]);
  return { run, asOf, startedAt, finishedAt, rules };
}

async function openRun(
  client: ClientBase,
  asOf: string,
  startedAt: string,
  seen: Record<string, string>,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into crosscheck.run (as_of, is_full, started_at, seen) values ($1, true, $2, $3) returning id`,
    [asOf, startedAt, JSON.stringify(seen)],
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

/** What keeps a rule from running, as sentences; none when it can run. */
async function missingByRule(
  client: ClientBase,
  { granted, freshness }: CheckOptions,
): Promise<(rule: Rule) => string[]> {
  const { rows } = await client.query<{ kind: string }>(
    `select kind from matching.progress where not behind and not unsettled`,
  );
  const followed = new Set(rows.map(({ kind }) => kind));
  const missingKind = (kind: RecordKindName): string[] => {
    if (!freshness[kind]) return [`${kind} has never had a complete delivery`];
    return followed.has(kind) ? [] : [`the change feed of ${kind} has not been followed to its end`];
  };
  return (rule) => [
    ...(granted?.(rule) ?? []).map((field) => `${field} is not granted`),
    ...recordKindNames.filter((kind) => kindsRead(rule).includes(kind)).flatMap(missingKind),
  ];
}

function lateKinds(rule: Rule, { late = {} }: CheckOptions): RecordKindName[] {
  return recordKindNames.filter((kind) => kind in late && kindsRead(rule).includes(kind));
}

function running(rule: Rule, { parameters, agreements }: CheckOptions): RunningRule {
  const values = { ...rule.parameters, ...parameters?.[rule.code] };
  for (const [name, value] of Object.entries(values)) {
    if (!(name in rule.parameters)) throw new Error(`Rule ${rule.code} has no parameter ${name}.`);
    if (!Number.isSafeInteger(value) || value < 0)
      throw new Error(`Parameter ${name} of rule ${rule.code} must be a whole number, not ${value}.`);
  }
  return { rule, parameters: values, agreements: agreements?.(rule) ?? {} };
}

/** Rules that were not asked for but tell the same wrong better: they are evaluated, and their findings left alone. */
function supersedersOf(ready: readonly RunningRule[], missing: (rule: Rule) => string[]): Rule[] {
  const codes = new Set(ready.flatMap(({ rule }) => rule.supersededBy ?? []));
  for (const { rule } of ready) codes.delete(rule.code);
  return allRules().filter((rule) => codes.has(rule.code) && missing(rule).length === 0);
}

/** The scope of a run: a condition on one table of the query. A full run has none. */
const everyone = () => '';

/** Into a table of its own first: PostgreSQL reads in parallel for a new table, and not for an insertion. */
async function findCandidates(client: ClientBase, { rule, parameters }: RunningRule, asOf: string): Promise<void> {
  const subjectKind = typeof rule.subjectKind === 'string' ? `'${rule.subjectKind}'::text` : 'f.subject_kind';
  await client.query(
    `create temp table named on commit drop as
     select $2::text as rule, ${subjectKind} as subject_kind, f.subject, f.person_key, f.amount, f.records
     from (${rule.sql(parameters, everyone)}) f where $1::date is not null`,
    [asOf, rule.code],
  );
  await client.query('insert into candidate select * from named; drop table named');
}
