/**
 * The six rules once more, as plainly as they read, over a delivery held in memory: what the cross-check must find, computed by nothing of
 * the program. Fit for small cities only.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { decode } from 'iconv-lite';

export type CsvRow = Record<string, string>;
export type DeliveryRows = Record<string, CsvRow[]>;

const KINDS = ['household', 'death', 'enrollment', 'retirement', 'contribution', 'poverty', 'claim', 'claim_line'];

/** Reads all files of a delivery of the demo city, dates as `YYYY-MM-DD`. */
export function readDelivery(directory: string): DeliveryRows {
  return Object.fromEntries(
    KINDS.map((kind) => {
      const bytes = readFileSync(path.join(directory, `${kind}.csv`));
      const text = kind === 'retirement' ? decode(bytes, 'gb18030') : bytes.toString('utf8');
      return [kind, (parse(text, { columns: true, bom: true }) as CsvRow[]).map(withDashes)];
    }),
  );
}

function withDashes(row: CsvRow): CsvRow {
  for (const [column, value] of Object.entries(row)) {
    if (/_(on|date)$/.test(column) && /^\d{8}$/.test(value))
      row[column] = `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6)}`;
  }
  return row;
}

const number = (day: string) => Date.parse(`${day.slice(0, 10)}T00:00:00Z`) / 86_400_000;
const plus = (day: string, days: number) => new Date((number(day) + days) * 86_400_000).toISOString().slice(0, 10);
const plainName = (name: string) =>
  name
    .normalize('NFKC')
    .replace(/\s/g, '')
    .replace(/[.·•‧∙⋅・]/g, '·');
const lastOfMonth = (month: string) => plus(`${plus(`${month}-01`, 31).slice(0, 7)}-01`, -1);

interface Dead {
  earliest: string;
  latest: string;
  tier: 'PROVEN' | 'SUSPECTED' | 'CONTESTED';
}

/** All findings of D1, D3, D8, E0, T1 and P1 as of a day, as `rule subject`, sorted. */
export function expectedFindings(rows: DeliveryRows, asOf: string): string[] {
  const canonical = new Map<string, string>();
  for (const row of rows.household ?? [])
    for (const old of row.previous_id_numbers?.split(';') ?? []) if (old) canonical.set(old, row.id_number ?? '');
  const of = (kind: string) =>
    groupBy(rows[kind] ?? [], (row) => canonical.get(row.id_number ?? '') ?? row.id_number ?? '');
  const [households, deaths, enrollments] = [of('household'), of('death'), of('enrollment')];
  const [retirements, contributions, monitorings] = [of('retirement'), of('contribution'), of('poverty')];
  const lines = groupBy(rows.claim_line ?? [], (row) => row.claim_source_id ?? '');
  const findings: string[] = [];
  const dead = new Map<string, Dead | undefined>();
  for (const person of new Set([...households.keys(), ...deaths.keys(), ...enrollments.keys()])) {
    dead.set(
      person,
      deathOf(person, households.get(person) ?? [], deaths.get(person) ?? [], contributions.get(person) ?? [], asOf),
    );
  }
  for (const [person, list] of enrollments) {
    const death = dead.get(person);
    if (death?.tier !== 'PROVEN' || asOf <= plus(death.latest, 90)) continue;
    for (const row of list) {
      const open = !row.end_date || row.end_date > plus(death.latest, 90);
      if (row.status === 'ACTIVE' && (row.start_date ?? '') <= death.latest && open)
        findings.push(`D8 ${row.source_id}`);
    }
  }
  for (const [person, claims] of of('claim')) {
    const birth =
      households.get(person)?.[0]?.birth_date ??
      `${person.slice(6, 10)}-${person.slice(10, 12)}-${person.slice(12, 14)}`;
    const entitlement = {
      birth,
      enrollments: enrollments.get(person) ?? [],
      retirements: retirements.get(person) ?? [],
      monitorings: monitorings.get(person) ?? [],
    };
    for (const claim of claims) {
      const groups = (lines.get(claim.source_id ?? '') ?? []).map((line) => line.item_group);
      if (groups.length > 0 && groups.every((group) => group === 'MORTUARY')) continue;
      findings.push(...rulesOf(claim, dead.get(person), entitlement).map((rule) => `${rule} ${claim.source_id}`));
    }
  }
  return findings.sort();
}

interface Entitlement {
  birth: string;
  enrollments: CsvRow[];
  retirements: CsvRow[];
  monitorings: CsvRow[];
}

function rulesOf(
  claim: CsvRow,
  death: Dead | undefined,
  { birth, enrollments, retirements, monitorings }: Entitlement,
): string[] {
  const fund = Number(claim.pooled_paid) + Number(claim.serious_illness_paid) + Number(claim.aid_paid);
  if (claim.status !== 'PAID' || fund <= 0) return [];
  const day = (claim.claim_type === 'INPATIENT' ? claim.admission_date : claim.service_date) as string;
  const late = death !== undefined && day > plus(death.latest, 1);
  const rules: string[] = [];
  if (late && claim.claim_type === 'INPATIENT') rules.push('D3');
  if (late && (claim.claim_type === 'OUTPATIENT' || claim.claim_type === 'PHARMACY')) rules.push('D1');
  if (rules.length > 0 && death?.tier === 'PROVEN') return rules;
  const month = day.slice(0, 7);
  const days = claim.claim_type === 'CAPITATION' ? daysOf(month) : [day];
  const within = (d: string, from = '', to = '') => from <= d && (to === '' || d < to);
  const covered = days.some((d) =>
    enrollments.some((row) => row.status !== 'SUSPENDED' && within(d, row.start_date, row.end_date)),
  );
  const newborn =
    day >= birth && day <= plus(birth, 90) && enrollments.some((row) => (row.start_date ?? '') <= plus(birth, 90));
  if (!covered && !newborn) rules.push('E0');
  const retired = days.some((d) =>
    retirements.some((row) => row.pension !== 'RESIDENT' && (row.retired_on ?? '') <= d),
  );
  if (claim.benefit_tier === 'RETIREE' && !retired) rules.push('T1');
  const monitored = days.some((d) => monitorings.some((row) => within(d, row.identified_on, row.risk_removed_on)));
  if (claim.benefit_tier === 'POVERTY' && !monitored) rules.push('P1');
  return rules;
}

function deathOf(
  person: string,
  households: CsvRow[],
  deaths: CsvRow[],
  contributions: CsvRow[],
  asOf: string,
): Dead | undefined {
  const active = households.filter((row) => row.status === 'ACTIVE' && row.id_number === person);
  if (new Set(active.map((row) => `${row.name} ${row.birth_date}`)).size > 1) return undefined;
  const household = active[0] ?? households[0];
  const birth = household?.birth_date ?? `${person.slice(6, 10)}-${person.slice(10, 12)}-${person.slice(12, 14)}`;
  const pieces: { source: string; first: string; last: string; exact: boolean; day: boolean }[] = [];
  for (const row of deaths) {
    const match = matchOf(row, household);
    const [first, last] = possibleDays(row);
    const impossible =
      last < birth ||
      first > plus(birth, 130 * 365.25) ||
      first > (row.registered_at ?? '').slice(0, 10) ||
      first > asOf;
    if (row.status !== 'VALID' || match === 'CONFLICT' || impossible) continue;
    pieces.push({
      source: row.source ?? '',
      first,
      last,
      exact: match === 'EXACT',
      day: (row.date_precision || 'DAY') === 'DAY',
    });
  }
  const police = household?.status === 'CANCELLED' && household.cancel_reason === 'DEATH';
  if (police && household.death_date)
    pieces.push({ source: 'POLICE', first: household.death_date, last: household.death_date, exact: false, day: true });
  if (pieces.length === 0) return undefined;
  const earliest = pieces.map((piece) => piece.first).sort()[0] as string;
  const latest = pieces
    .map((piece) => piece.last)
    .sort()
    .at(-1) as string;
  const days = pieces.filter((piece) => piece.day).map((piece) => number(piece.first));
  const lifeSign = contributions.some(
    (row) =>
      row.status === 'PAID' &&
      row.scheme === 'EMPLOYEE' &&
      row.payer === 'EMPLOYER' &&
      `${row.period}-01` > plus(latest, 60),
  );
  const sources = new Set(pieces.map((piece) => piece.source));
  if (police) sources.add('POLICE');
  const proven = sources.size >= 2 || pieces.some((piece) => piece.source === 'DEATH_CERTIFICATE' && piece.exact);
  const contested = lifeSign || Math.max(...days) - Math.min(...days) > 30;
  return { earliest, latest, tier: contested ? 'CONTESTED' : proven ? 'PROVEN' : 'SUSPECTED' };
}

function matchOf(death: CsvRow, household: CsvRow | undefined): 'EXACT' | 'PARTIAL' | 'CONFLICT' {
  if (!household) return 'PARTIAL';
  const name = plainName(death.name ?? '') === plainName(household.name ?? '');
  const birth = death.birth_date === household.birth_date;
  if (name) return birth || death.birth_date === '' ? 'EXACT' : 'PARTIAL';
  return birth ? 'PARTIAL' : 'CONFLICT';
}

function possibleDays(death: CsvRow): [string, string] {
  const day = death.death_date as string;
  if (death.date_precision === 'MONTH') return [`${day.slice(0, 7)}-01`, lastOfMonth(day.slice(0, 7))];
  if (death.date_precision === 'YEAR') return [`${day.slice(0, 4)}-01-01`, `${day.slice(0, 4)}-12-31`];
  return [day, day];
}

function daysOf(month: string): string[] {
  const days: string[] = [];
  for (let day = `${month}-01`; day.startsWith(month); day = plus(day, 1)) days.push(day);
  return days;
}

function groupBy(rows: readonly CsvRow[], key: (row: CsvRow) => string): Map<string, CsvRow[]> {
  const groups = new Map<string, CsvRow[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}
