/**
 * Ordinary care: the visits of people who are alive, covered and entitled on the day. Nothing here is doubtful, though some of it looks so:
 * claims settled weeks after a death for care before it, reversed and refused ones, a child's medicine paid from a parent's account.
 */
import { type Visit, writeClaim } from './claims';
import { isCovered, type Life } from './histories';
import { HISTORY_DAYS, type Setting } from './setting';

const TRIES_PER_VISIT = 3;

interface Stay {
  from: number;
  to: number;
}

/** Writes a person's ordinary claims of the last eighteen months; `family` may lend an account. */
export function writeOrdinaryCare(setting: Setting, life: Life, family: readonly Life[]): void {
  const { random, today } = setting;
  if (life.covers.length === 0) return;
  const from = Math.max(life.care.from, today - HISTORY_DAYS);
  const { to } = life.care;
  const stays: Stay[] = [];
  if (life.death !== null && life.death === to && random.chance(0.35)) lastStay(setting, life, from, stays);
  const yearly = yearlyVisits((to - life.resident.birth) / 365.25);
  const visits = howMany(setting, (yearly * (to - from) * setting.claimsFactor) / 365.25);
  for (let i = 0; i < visits; i++) {
    const day = coveredDay(setting, life, from, to);
    if (day === undefined) continue;
    const visit = ordinaryVisit(setting, life, family, day, stays);
    if (visit) writeClaim(setting, life, visit);
  }
}

/** Visits a year by age: the newborn and the old come most. */
function yearlyVisits(age: number): number {
  if (age < 4) return 3.5;
  if (age < 18) return 1.6;
  if (age < 45) return 1.5;
  return age < 60 ? 2.6 : age < 75 ? 5 : 6.5;
}

/** A whole number about a mean, unevenly spread as illness is: many people have none, a few have a great many. */
function howMany(setting: Setting, mean: number): number {
  const { random } = setting;
  return Math.floor(-Math.log(1 - random.next()) * mean + random.next());
}

function coveredDay(setting: Setting, life: Life, from: number, to: number): number | undefined {
  if (to < from) return undefined;
  for (let i = 0; i < TRIES_PER_VISIT; i++) {
    const day = setting.random.int(from, to);
    if (isCovered(life, day)) return day;
  }
  return undefined;
}

/** Died in hospital: the stay ends with the life. */
function lastStay(setting: Setting, life: Life, from: number, stays: Stay[]): void {
  const death = life.death as number;
  const nights = setting.random.int(0, 12);
  const day = death - nights;
  if (day < from || !isCovered(life, day)) return;
  stays.push({ from: day, to: death });
  writeClaim(setting, life, { type: 'INPATIENT', day, nights, dischargeWay: '5' });
}

function ordinaryVisit(
  setting: Setting,
  life: Life,
  family: readonly Life[],
  day: number,
  stays: Stay[],
): Visit | undefined {
  const { random } = setting;
  const old = (day - life.resident.birth) / 365.25 >= 60;
  const kind = random.next();
  const status = ordinaryStatus(setting);
  if (kind < (old ? 0.11 : 0.05)) {
    const nights = Math.min(random.int(2, 14), life.care.to - day);
    if (nights < 1 || stays.some((stay) => day <= stay.to && stay.from <= day + nights)) return undefined;
    stays.push({ from: day, to: day + nights });
    return { type: 'INPATIENT', day, nights, status };
  }
  if (kind < (old ? 0.23 : 0.1)) return { type: 'CAPITATION', day, status };
  const type = kind < 0.68 ? 'OUTPATIENT' : 'PHARMACY';
  const account = accountFor(setting, life, family, day);
  return { type, day, status, account, fundPays: account === undefined || type === 'OUTPATIENT' || random.chance(0.4) };
}

/** Employees have an account of their own; children and the old may use that of a living employee of the family (家庭共济). */
function accountFor(setting: Setting, life: Life, family: readonly Life[], day: number): Visit['account'] {
  const { random } = setting;
  const hasAccount = (one: Life) =>
    one.death === null && one.covers.some((cover) => cover.scheme === 'EMPLOYEE' && cover.from <= day);
  if (hasAccount(life)) return random.chance(0.6) ? { owner: null } : undefined;
  const lender = family.find((one) => one !== life && hasAccount(one));
  return lender && random.chance(0.2) ? { owner: lender.resident.idNumber } : undefined;
}

function ordinaryStatus(setting: Setting): NonNullable<Visit['status']> {
  const chance = setting.random.next();
  if (chance < 0.97) return 'PAID';
  return chance < 0.985 ? 'REVERSED' : chance < 0.99 ? 'RECOVERED' : 'REFUSED';
}
