/**
 * A city of canaries: one record of every kind, all of one person, with a value in each field that occurs nowhere else. Whoever finds one where
 * it must not be knows from which field it came. Values are made by the field's form, so a new kind or field has its canary at once.
 */
import type { PoolClient } from 'pg';
import { bureaus, recordKinds } from '../../src/bureaus/bureau';
import type { Form } from '../../src/bureaus/form';
import { checkCharacter } from '../../src/bureaus/id-number';
import { nameKey, personKey } from '../../src/bureaus/keys';
import { columnName, type RecordKind } from '../../src/bureaus/record';
import { ruleOf } from '../../src/crosscheck/rulebook';
import type { Database } from '../../src/db/database';
import { SAMPLE_KEY } from './sample-city';
import { databasesOf, keeping } from './shape';

/** What a field holds, by `kind.field`, as JSON shows it; a list where it may hold one of several. */
export type Canaries = ReadonlyMap<string, readonly unknown[]>;

export interface CanaryCity {
  canaries: Canaries;
  /** Arguments that lead to the canaries, by name. */
  known: { person: string; number: string; claim: string; institution: string; finding: string };
}

/** The one rule whose finding stands in the city. */
const RULE = 'D1';
const FINDING = 'f1dc0de0f1dc0de0f1dc0de0f1dc0de0';
/** Of the finding; a rule's own version goes by the same name. */
const VERSION = 70_311;
/** What a one-bit answer may say. */
export const ANSWERS = ['YES', 'NO', 'UNKNOWN'];

/** Fills the empty databases of a hub, each with what is kept there. */
export async function plantCanaries(database: Database): Promise<CanaryCity> {
  const [city] = await Promise.all(databasesOf(database).map((one) => plant(one)));
  for (const one of databasesOf(database)) await forgetOthers(one, ({ kind }) => keeping(database, kind) === one);
  return city as CanaryCity;
}

/** Takes out what is kept elsewhere. */
async function forgetOthers({ pool }: Database, isKept: (kind: RecordKind) => boolean): Promise<void> {
  const others = recordKinds().filter((kind) => !isKept(kind));
  if (others.length === 0) return;
  await pool.query('delete from sync.run where kind = any($1)', [others.map(({ kind }) => kind)]);
  const tables = others.flatMap(({ kind, table }) => (kind === 'household' ? [table, 'household.number'] : [table]));
  await pool.query(`truncate ${tables.join(', ')}`);
}

async function plant({ pool }: Database): Promise<CanaryCity> {
  const client = await pool.connect();
  try {
    const canaries = new Map<string, readonly unknown[]>();
    const rows = new Map<string, Row>();
    for (const [place, kind] of recordKinds().entries()) {
      const row = rowOf(kind, place, rows);
      rows.set(kind.kind, row);
      await insert(client, kind, row, place);
      for (const [name, value] of await shown(client, kind, place)) canaries.set(`${kind.kind}.${name}`, [value]);
    }
    for (const { settle } of bureaus()) await settle?.(client);
    await makeOnePerson(client, rows);
    for (const [name, value] of await plantFinding(client, rows)) canaries.set(`finding.${name}`, [value].flat());
    const number = rows.get('household')?.idNumber as string;
    return {
      canaries,
      known: {
        person: keyOf(number),
        number,
        claim: sourceOf('claim'),
        institution: rows.get('claim')?.institutionCode as string,
        finding: FINDING,
      },
    };
  } finally {
    client.release();
  }
}

type Row = Record<string, unknown>;

const keyOf = (number: string) => personKey(SAMPLE_KEY, number).toString('hex');
const sourceOf = (kind: string) => `CANARY-${kind.toUpperCase()}-SOURCE`;
/** Places in the change logs are far from each other, and from what anything else counts. */
const seqOf = (place: number) => `${8_123_456_000_000 + place * 7_919}`;
const instantOf = (place: number) => new Date(Date.UTC(2025, 0, 1, 3, 17, 29, 531) + place * 40_271_000).toISOString();
const dayOf = (place: number) => new Date(Date.UTC(1951, 0, 3) + place * 97 * 86_400_000).toISOString().slice(0, 10);

/** A row by the forms of its fields; each field of each kind has a place of its own. */
function rowOf(kind: RecordKind, kindPlace: number, others: ReadonlyMap<string, Row>): Row {
  const row: Row = {};
  for (const [fieldPlace, { name, form }] of kind.fields.entries()) {
    if ('from' in form) continue;
    row[name] =
      name === 'claimSourceId' ? sourceOf('claim') : writtenBy(form, name, kind.kind, kindPlace * 40 + fieldPlace);
  }
  for (const { name, form } of kind.fields) if ('from' in form) row[name] = derivedOf(form.form, row[form.from]);
  if (others.has(kind.kind)) throw new Error(`two kinds are called ${kind.kind}`);
  return row;
}

function writtenBy(form: Exclude<Form, { from: string }>, name: string, kind: string, place: number): unknown {
  switch (form.form) {
    case 'text':
      return `canary-${kind}-${name}`;
    case 'pattern':
      return String(10 + (place % 90));
    case 'code':
      return Object.keys(form.codes)[place % Object.keys(form.codes).length];
    case 'day':
      return dayOf(place);
    case 'instant':
      return instantOf(place);
    case 'month':
    case 'period':
      return dayOf(place).slice(0, 7);
    case 'money':
      return `${7_310_000 + place * 13}.37`;
    case 'decimal':
      return `${51_000 + place}.1237`;
    case 'lineNumber':
      return 70_001 + place;
    case 'district':
      return `34${1_000 + place}`;
    case 'idNumber':
      return numberAt(place);
    case 'numberList':
      return [numberAt(place)];
  }
}

function numberAt(place: number): string {
  const first17 = `340303${dayOf(place).replaceAll('-', '')}${100 + (place % 800)}`;
  return first17 + checkCharacter(first17);
}

function derivedOf(form: string, from: unknown): unknown {
  const number = from as string;
  switch (form) {
    case 'personKey':
      return personKey(SAMPLE_KEY, number);
    case 'numberKeys':
      return (from as string[]).map((one) => personKey(SAMPLE_KEY, one));
    case 'nameKey':
      return nameKey(SAMPLE_KEY, number);
    case 'oldNumber':
      return true;
    case 'numberBirth':
      return `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
    default:
      throw new Error(`no canary for the form ${form}: add one here`);
  }
}

async function insert(client: PoolClient, kind: RecordKind, row: Row, place: number): Promise<void> {
  const filed: Record<string, unknown> = {
    seq: seqOf(place),
    source_id: sourceOf(kind.kind),
    op: 'U',
    updated_at: instantOf(500 + place),
    recorded_from: instantOf(600 + place),
    content_hash: Buffer.alloc(16),
  };
  for (const [name, value] of Object.entries(row)) filed[columnName(name)] = value;
  const columns = Object.keys(filed);
  await client.query(
    `insert into ${kind.table} (${columns.join(', ')}) values (${columns.map((_, i) => `$${i + 1}`).join(', ')})`,
    Object.values(filed),
  );
  await client.query(
    `insert into sync.run (kind, source, started_at, finished_at, state, rows_in, inserted, changed, unchanged, deleted, stale, quarantined)
     values ($1, 'canary', $2, $2, 'COMPLETE', 0, 0, 0, 0, 0, 0, 0)`,
    [kind.kind, instantOf(700 + place)],
  );
}

/** What a record shows, read back from the database, which has its own way to write times and amounts. */
async function shown(client: PoolClient, kind: RecordKind, place: number): Promise<[string, unknown][]> {
  const { rows } = await client.query<Record<string, unknown>>(`select * from ${kind.table}`);
  const row = rows[0] ?? {};
  const inHex = (value: unknown): unknown =>
    Buffer.isBuffer(value) ? value.toString('hex') : Array.isArray(value) ? inHex(value[0]) : value;
  const { rows: runs } = await client.query(`select finished_at as at from sync.run where kind = $1`, [kind.kind]);
  return [
    ['sourceId', row.source_id],
    ['revision', seqOf(place)],
    ['updatedAt', row.updated_at],
    ['recordedAt', row.recorded_from],
    ['validAsOf', runs[0]?.at],
    ...(kind.filedUnder ? [['person', inHex(row.person_key)] as [string, unknown]] : []),
    ...('account_owner_key' in row ? [['accountOwner', inHex(row.account_owner_key)] as [string, unknown]] : []),
    ...kind.fields
      .filter(({ hidden }) => !hidden)
      .map(({ name, column }): [string, unknown] => [name, inHex(row[column])]),
  ];
}

/** Every number of the city is one person's, whom the register knows by the number it holds. */
async function makeOnePerson(client: PoolClient, rows: ReadonlyMap<string, Row>): Promise<void> {
  const canonical = rows.get('household')?.personKey;
  const keys = [...rows.values()].flatMap(({ personKey: key }) => (key && key !== canonical ? [key] : []));
  await client.query(
    `insert into household.number select unnest($1::bytea[]), $2 on conflict (number_key) do update set canonical_key = excluded.canonical_key`,
    [keys, canonical],
  );
}

/** Findings of the same rule that look like the first but for what was decided: so that the rule's figures are numbers that occur nowhere else. */
async function plantOthers(client: PoolClient): Promise<void> {
  await client.query(
    `insert into crosscheck.finding (id, rule, rule_version, subject_kind, subject, amount, class, advice, state, evidence,
       found_at, changed_at, found_run, changed_run, outcome, decided_version, decided_ground, version, unsupported_since)
     select md5('other ' || n), f.rule, f.rule_version, f.subject_kind, 'other-' || n, 0, f.class, f.advice, f.state,
       jsonb_set(f.evidence, '{records}', '[]'), f.found_at, f.changed_at, f.found_run, f.changed_run,
       case when n <= 2 then 'LEGITIMATE' else 'FRAUD_LEAD' end, f.decided_version, f.decided_ground, f.version, f.unsupported_since
     from crosscheck.finding f, generate_series(1, 4) n where f.id = $1`,
    [FINDING],
  );
}

async function plantFinding(client: PoolClient, rows: ReadonlyMap<string, Row>): Promise<[string, unknown][]> {
  const rule = ruleOf(RULE);
  const seen = 'CANARY-EVIDENCE-SOURCE';
  const person = personKey(SAMPLE_KEY, numberAt(1_901));
  await client.query(
    `insert into crosscheck.run (as_of, is_full, started_at, finished_at, rules) values ('2025-06-01', true, $1, $1, $2), ('2025-06-02', true, $3, $3, $4)`,
    [
      instantOf(800),
      JSON.stringify([{ rule: RULE }]),
      instantOf(804),
      JSON.stringify([{ rule: RULE, skipped: ['canary-skipped-because'] }]),
    ],
  );
  const evidence = {
    rule: RULE,
    version: rule.version,
    parameters: {},
    agreements: {},
    tier: 'PROVEN',
    window: null,
    records: [{ kind: 'death', sourceId: seen, revision: '1', recordedAt: instantOf(803) }],
  };
  // Decided, and contradicted since: so that each part of its life shows something.
  await client.query(
    `insert into crosscheck.finding (id, rule, rule_version, subject_kind, subject, person_key, amount, tier, class, advice, state, evidence,
       found_at, changed_at, found_run, changed_run, version, outcome, decided_version, decided_ground, unsupported_since)
     select $1, $2, $3, 'canary-finding-kind', 'canary-finding-subject', $4, 8123456.37, 'PROVEN', 'CLAIM',
       'RECOVER', 'CONTRADICTED', $5, $6, $7, id, id, $8, 'UNDETERMINED', $8 - 1, '', $8 from crosscheck.run order by id limit 1`,
    [FINDING, RULE, rule.version, person, evidence, instantOf(801), instantOf(802), VERSION],
  );
  const gone = { kind: 'death', sourceId: 'CANARY-LOSS-SOURCE', before: '1', after: null, became: 'DELETED' };
  await client.query(
    `insert into crosscheck.finding_event (finding_id, version, at, act, from_state, to_state, run, cause, agency, officer, outcome, reason)
     select $1, $2 - 1, $3::timestamptz, 'DECIDED', 'UNDER_REVIEW', 'UNDETERMINED', null, null, 'canary-agency', 'canary-officer', 'UNDETERMINED', 'canary-reason'
     union all
     select $1, $2, $3, 'CONTRADICTED', 'UNDETERMINED', 'CONTRADICTED', id, $4::jsonb, null, null, null, null from (select id from crosscheck.run order by id limit 1) r`,
    [FINDING, VERSION, instantOf(802), { records: [gone], supersededBy: null, ruleChanged: false }],
  );
  await plantOthers(client);
  await client.query(`insert into crosscheck.standing values ($1, 1, '{}', '2025-06-01', 36)`, [RULE]);
  await client.query(`insert into household.number values ($1, $2)`, [person, rows.get('household')?.personKey]);
  const { rows: found } = await client.query(`select found_at, changed_at from crosscheck.finding where id = $1`, [
    FINDING,
  ]);
  return Object.entries({
    id: FINDING, rule: RULE, subjectKind: 'canary-finding-kind', subject: 'canary-finding-subject',
    amount: '8123456.37', tier: 'PROVEN', state: 'CONTRADICTED', class: 'CLAIM', advice: 'RECOVER', foundAt: found[0].found_at,
    changedAt: found[0].changed_at, person: person.toString('hex'), evidence: seen, code: RULE, version: [rule.version, VERSION],
    isSupported: false, changedSinceDecision: true, decision: 'UNDETERMINED', withdrawnBecause: gone.sourceId, history: gone.sourceId, document: gone.sourceId,
    title: rule.title.en, titleZh: rule.title.zh, basis: rule.basis.map(({ en, zh }) => `${en} · ${zh}`)[0], reads: rule.reads[0],
    findings: 36, decided: 5, legitimate: 2, precision: 0.5, lastRun: instantOf(800), skippedBecause: 'canary-skipped-because',
  }); // biome-ignore format: a row
}
