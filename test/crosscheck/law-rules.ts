/** The rules of the law, each as plainly as its row reads; see `law.ts`. */
import {
  birthOf,
  type City,
  canonicalNumbers,
  dayOf,
  daysOfMonth,
  KINDS,
  monthOf,
  type Person,
  personsOf,
  type Row,
  textOf,
} from './law';

interface Found {
  rule: string;
  kind: string;
  subject: string;
  /** Fen. */
  amount: number;
  tier: string;
}

const fen = (text: string | undefined) => Math.round(Number(text || '0') * 100);
const fundOf = (claim: Row) => fen(claim.pooled_paid) + fen(claim.serious_illness_paid) + fen(claim.aid_paid);
const isMonthly = (claim: Row) => claim.claim_type === 'CAPITATION';
const careDay = (claim: Row) =>
  dayOf((claim.claim_type === 'INPATIENT' ? claim.admission_date : claim.service_date) as string);
const latestOf = (person: Person | undefined) => person?.death?.window?.latest;
const isLater = (a: Row, aDay: number, b: Row, bDay: number) =>
  aDay === bDay ? (a.source_id as string) > (b.source_id as string) : aDay > bDay;

/** The days any of which may satisfy a condition. */
const daysOf = (claim: Row) => (isMonthly(claim) ? daysOfMonth(monthOf(careDay(claim))) : [careDay(claim)]);

function isMortuaryOnly(person: Person, claim: Row): boolean {
  const lines = person.records.claim_line.filter((line) => line.claim_source_id === claim.source_id);
  return lines.length > 0 && lines.every((line) => line.item_group === 'MORTUARY');
}

const covering = (person: Person, day: number) =>
  person.records.enrollment.filter(
    (row) =>
      row.status !== 'SUSPENDED' &&
      dayOf(row.start_date as string) <= day &&
      (!row.end_date || day < dayOf(row.end_date)),
  );

/** Every finding as `rule,subject_kind,subject,amount,tier`, sorted. `keyOf` gives the person key of a number. */
export function findingsOf(city: City, asOfText: string, keyOf: (number: string) => string): string[] {
  const asOf = dayOf(asOfText);
  const persons = personsOf(city, asOf);
  const canonical = canonicalNumbers(city.household);
  const found = [...persons.values()].flatMap((person) => [
    ...person.records.claim.flatMap((claim) => ofClaim(person, claim, persons, canonical)),
    ...ofEnrollments(person, asOf),
    ...ofRetirements(person, asOf),
    ...ofPerson(person, asOf, keyOf),
    ...ofOldNumbers(person, city),
  ]);
  return [...found, ...ofInstitutions(persons)]
    .map(({ rule, kind, subject, amount, tier }) => [rule, kind, subject, (amount / 100).toFixed(2), tier].join(','))
    .sort();
}

function ofClaim(
  person: Person,
  claim: Row,
  persons: ReadonlyMap<string, Person>,
  canonical: (number: string) => string,
): Found[] {
  if (claim.status !== 'PAID') return [];
  const subject = claim.source_id as string;
  const tier = person.death?.tier ?? '';
  const found: Found[] = [];
  const fires = (rule: string, amount = fundOf(claim), whose = tier) =>
    found.push({ rule, kind: 'claim', subject, amount, tier: whose });
  const owner = persons.get(canonical(claim.account_owner_id_number || (claim.id_number as string)));
  if (fen(claim.account_paid) > 0 && isAfterDeath(claim, owner))
    fires('D7', fen(claim.account_paid), owner?.death?.tier);
  if (fundOf(claim) <= 0) return found;
  const told = afterDeath(person, claim);
  for (const [rule, amount] of told) fires(rule, amount);
  if (claim.claim_type === 'INPATIENT' && isSecondStay(person, claim)) fires('I1');
  if (isMortuaryOnly(person, claim)) return found;
  if (isAfterFatalDischarge(person, claim)) fires('D5');
  if (tier !== 'PROVEN' || told.length === 0) for (const rule of withoutRight(person, claim)) fires(rule);
  return found;
}

function isAfterDeath(claim: Row, person: Person | undefined): boolean {
  const latest = latestOf(person);
  if (latest === undefined) return false;
  return isMonthly(claim) ? monthOf(careDay(claim)) > monthOf(latest) : careDay(claim) > latest + 1;
}

/** D1, D2, D3 and D6 of a live claim with fund money: rule and fen. */
function afterDeath(person: Person, claim: Row): [string, number][] {
  const latest = latestOf(person);
  if (latest === undefined) return [];
  const late = isAfterDeath(claim, person);
  if (isMonthly(claim)) return late ? [['D6', fundOf(claim)]] : [];
  if (late) {
    if (isMortuaryOnly(person, claim)) return [];
    return [[claim.claim_type === 'INPATIENT' ? 'D3' : 'D1', fundOf(claim)]];
  }
  if (claim.claim_type !== 'INPATIENT') return [];
  const lines = person.records.claim_line.filter(
    (line) =>
      line.claim_source_id === claim.source_id &&
      line.item_group !== 'MORTUARY' &&
      dayOf(line.service_date as string) > latest + 1,
  );
  return lines.length > 0 ? [['D2', lines.reduce((sum, line) => sum + fen(line.amount), 0)]] : [];
}

function isAfterFatalDischarge(person: Person, claim: Row): boolean {
  if (person.isShared || latestOf(person) !== undefined || isMonthly(claim)) return false;
  return person.records.claim.some(
    (other) =>
      other !== claim &&
      ['PAID', 'RECOVERED'].includes(other.status as string) &&
      other.discharge_way === '5' &&
      other.discharge_date &&
      careDay(claim) > dayOf(other.discharge_date) + 1,
  );
}

function isSecondStay(person: Person, claim: Row): boolean {
  return person.records.claim.some(
    (other) =>
      other.claim_type === 'INPATIENT' &&
      other.status === 'PAID' &&
      fundOf(other) > 0 &&
      other.institution_code !== claim.institution_code &&
      isLater(claim, careDay(claim), other, careDay(other)) &&
      Math.min(dayOf(claim.discharge_date as string), dayOf(other.discharge_date as string)) - careDay(claim) >= 2,
  );
}

/** E0, C2, C3, T1 and P1. */
function withoutRight(person: Person, claim: Row): string[] {
  const { enrollment, contribution, retirement, poverty } = person.records;
  const day = careDay(claim);
  const days = daysOf(claim);
  const rules: string[] = [];
  const birth = birthOf(person.register, claim.id_number as string);
  const isNewborn =
    days.some((d) => birth <= d && d <= birth + 90) &&
    enrollment.some((row) => dayOf(row.start_date as string) <= birth + 90);
  if (!days.some((d) => covering(person, d).length > 0) && !isNewborn) rules.push('E0');
  const employee = contribution.filter((row) => row.scheme === 'EMPLOYEE');
  const year = textOf(day).slice(0, 4);
  const months = [0, 1, 2].map((back) => {
    const month = Number(year) * 12 + Number(textOf(day).slice(5, 7)) - 1 - back;
    return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
  });
  const cover = covering(person, day);
  if (
    cover.length > 0 &&
    cover.every((row) => row.scheme === 'EMPLOYEE' && row.category === 'WORKING') &&
    employee.length > 0 &&
    !employee.some((row) => row.status === 'PAID' && months.includes(row.period as string))
  )
    rules.push('C2');
  const isResident = (d: number) => {
    const rows = covering(person, d);
    return rows.length > 0 && rows.every((row) => row.scheme === 'RESIDENT' && row.category !== 'NEWBORN');
  };
  const hasPremium = contribution.some(
    (row) => row.scheme === 'RESIDENT' && row.status === 'PAID' && row.period === year,
  );
  if (days.every(isResident) && !hasPremium) rules.push('C3');
  const isRetired = (d: number) =>
    retirement.some((row) => row.pension !== 'RESIDENT' && dayOf(row.retired_on as string) <= d);
  if (claim.benefit_tier === 'RETIREE' && !days.some(isRetired)) rules.push('T1');
  const isMonitored = (d: number) =>
    poverty.some(
      (row) => dayOf(row.identified_on as string) <= d && (!row.risk_removed_on || d < dayOf(row.risk_removed_on)),
    );
  if (claim.benefit_tier === 'POVERTY' && !days.some(isMonitored)) rules.push('P1');
  return rules;
}

function ofEnrollments(person: Person, asOf: number): Found[] {
  const rows = person.records.enrollment.filter((row) => row.status === 'ACTIVE');
  const latest = latestOf(person);
  const tier = person.death?.tier ?? '';
  const endOf = (row: Row) => Math.min(row.end_date ? dayOf(row.end_date) : asOf, asOf);
  return rows.flatMap((row): Found[] => {
    const start = dayOf(row.start_date as string);
    const rules: string[] = [];
    if (latest !== undefined && tier === 'PROVEN' && start <= latest && asOf > latest + 90) {
      if (!row.end_date || dayOf(row.end_date) > latest + 90) rules.push('D8');
    }
    const isInGoodFaith = person.records.contribution.some(
      (paid) =>
        row.scheme === 'RESIDENT' &&
        paid.scheme === 'RESIDENT' &&
        paid.period === row.start_date?.slice(0, 4) &&
        dayOf(paid.paid_at as string) <= (latest ?? 0),
    );
    if (latest !== undefined && ['PROVEN', 'SUSPECTED'].includes(tier) && start > latest && !isInGoodFaith)
      rules.push('D9');
    const isSecond = rows.some(
      (other) =>
        isLater(row, start, other, dayOf(other.start_date as string)) &&
        ![row, other].some(({ category }) => category === 'NEWBORN') &&
        (row.scheme !== other.scheme || row.pooling_district !== other.pooling_district) &&
        Math.min(endOf(row), endOf(other)) - start > 31,
    );
    if (isSecond) rules.push('E1');
    return rules.map((rule) => ({ rule, kind: 'enrollment', subject: row.source_id as string, amount: 0, tier }));
  });
}

function ofRetirements({ records, death }: Person, asOf: number): Found[] {
  const isInsured = records.enrollment.some(
    (row) =>
      row.status === 'ACTIVE' &&
      dayOf(row.start_date as string) <= asOf &&
      (!row.end_date || asOf < dayOf(row.end_date)),
  );
  return records.retirement.flatMap((row): Found[] => {
    const finding = { kind: 'retirement', subject: row.source_id as string, amount: 0, tier: death?.tier ?? '' };
    if (row.status === 'STOPPED' && row.stop_reason === 'DEATH' && !death && isInsured)
      return [{ rule: 'R1', ...finding }];
    const latest = death?.window?.latest;
    const isPaid = row.status === 'PAYING' && row.last_paid_month;
    if (isPaid && death?.tier === 'PROVEN' && latest !== undefined && isPaid > monthOf(latest))
      return [{ rule: 'R2', ...finding }];
    return [];
  });
}

function ofPerson(person: Person, asOf: number, keyOf: (number: string) => string): Found[] {
  const { death, documents, register, isShared } = person;
  const found: Found[] = [];
  const ofKey = (rule: string, tier = '') =>
    found.push({ rule, kind: 'person', subject: keyOf(person.number), amount: 0, tier });
  const ofDocument = (rule: string, row: Row) =>
    found.push({ rule, kind: 'death', subject: row.source_id as string, amount: 0, tier: '' });
  if (death?.tier === 'CONTESTED') ofKey('D10', death.tier);
  if (isShared) {
    ofKey('X4');
    return found;
  }
  const isLong = documents.some(
    ({ row, match, isImpossible }) =>
      match !== 'CONFLICT' && !isImpossible && asOf - dayOf(row.registered_at as string) >= 60,
  );
  if (isLong && register?.status === 'ACTIVE') ofKey('X1', death?.tier);
  for (const { row, match, isImpossible } of documents) {
    if (isImpossible) ofDocument('X2', row);
    if (match === 'CONFLICT') ofDocument('X4', row);
  }
  return found;
}

/** X3: who is still known by a 15-digit number today. */
function ofOldNumbers(person: Person, city: City): Found[] {
  if (person.number.length === 18) return [];
  return KINDS.filter((kind) => kind !== 'claim_line').flatMap((kind) =>
    person.records[kind]
      .filter((row) => city[kind].includes(row) && row.id_number?.length === 15)
      .filter((row) => kind !== 'claim' || row.status === 'PAID')
      .map((row) => ({ rule: 'X3', kind, subject: row.source_id as string, amount: 0, tier: '' })),
  );
}

/** D11: every window that begins on the day of some claim, with everything in it. */
function ofInstitutions(persons: ReadonlyMap<string, Person>): Found[] {
  const late = [...persons.values()].flatMap((person) =>
    person.records.claim
      .filter(
        (claim) =>
          !isMonthly(claim) &&
          isAfterDeath(claim, person) &&
          !isMortuaryOnly(person, claim) &&
          (claim.status === 'REFUSED' || (claim.status === 'PAID' && fundOf(claim) > 0)),
      )
      .map((claim) => ({ person, claim, day: careDay(claim), at: claim.institution_code as string })),
  );
  return [...new Set(late.map(({ at }) => at))].flatMap((institution) => {
    const here = late.filter(({ at }) => at === institution);
    const windows = here
      .map(({ day: first }) => here.filter(({ day }) => day >= first && day <= first + 90))
      .filter((window) => new Set(window.map(({ person }) => person)).size >= 3);
    if (windows.length === 0) return [];
    const amount = [...new Set(windows.flat())]
      .filter(({ claim }) => claim.status === 'PAID')
      .reduce((sum, { claim }) => sum + fundOf(claim), 0);
    return [{ rule: 'D11', kind: 'institution', subject: institution, amount, tier: '' }];
  });
}
