/**
 * A person's life as the bureaus will see it: birth and death, insurance, pension, monitoring. It is decided here before any claim is made,
 * so that ordinary care can keep to it: only the living and covered see a doctor, only pensioners have the pensioner's tier.
 */

import { yearsLater } from './days';
import { type Evidence, naturalDeath, naturalEvidence } from './deaths';
import { giveEarlierNumber, numberOn, type Resident } from './people';
import type { Setting } from './setting';

export type Scheme = 'EMPLOYEE' | 'RESIDENT';

/** One enrolment: covered on `[from, to)`, still running when `to` is null. */
export interface Cover {
  scheme: Scheme;
  category: 'WORKING' | 'RETIRED' | 'ADULT' | 'MINOR' | 'STUDENT' | 'NEWBORN' | 'AIDED';
  from: number;
  to: number | null;
  status: 'ACTIVE' | 'SUSPENDED' | 'TERMINATED';
  /** Null for residents and for those who pay for themselves. */
  employer: string | null;
  idNumber: string;
}

export interface Pension {
  kind: 'EMPLOYEE' | 'CIVIL_SERVANT' | 'RESIDENT';
  retired: number;
}

/** Monitoring against relapse into poverty on `[from, to)`. */
export interface Monitoring {
  category: 'UNSTABLE' | 'MARGINAL' | 'HARDSHIP';
  from: number;
  to: number | null;
}

export interface Life {
  resident: Resident;
  /** The last day of life, null while alive. */
  death: number | null;
  evidence: Evidence;
  covers: readonly Cover[];
  pension: Pension | null;
  monitoring: Monitoring | null;
  /** Contributions go on after the death that the documents tell of. */
  keepsPaying: boolean;
  /** Ordinary care happens on `[from, to]`. */
  care: { from: number; to: number };
}

/** What a planted case asks of a life; what it leaves out is as ordinary as can be: alive, covered, under one number. */
export interface Wish {
  /** Whole years. */
  age: number;
  birth?: number;
  scheme?: Scheme;
  died?: number;
  evidence?: Evidence;
  /** Enrolments instead of the ordinary one; `to` null is still running. */
  covers?: readonly {
    from: number;
    to: number | null;
    scheme?: Scheme;
    category?: Cover['category'];
    status?: Cover['status'];
  }[];
  /** The enrolment is left running after the death. */
  leftRunning?: boolean;
  pension?: Pension;
  monitoring?: Monitoring;
  earlier?: { kind: 'FIFTEEN_DIGITS' | 'CORRECTED'; until: number };
  keepsPaying?: boolean;
  /** No ordinary care after this day. */
  careUntil?: number;
}

const NO_EVIDENCE: Evidence = { documents: [], cancellation: null };
const YEAR = 365.25;

/** A life as chance has it; `monitoring` is the family's. */
export function liveNaturally(setting: Setting, resident: Resident, monitoring: Monitoring | null): Life {
  const { random, today } = setting;
  const death = naturalDeath(random, resident.birth, today);
  const end = death ?? today;
  const age = (end - resident.birth) / YEAR;
  // Only the register can tell that an earlier number is the same person's.
  if (!resident.registered) resident.earlier = undefined;
  else if (age > 30 && random.chance(0.06)) giveEarlierNumber(setting, resident, 'FIFTEEN_DIGITS', today);
  else if (random.chance(0.01)) giveEarlierNumber(setting, resident, 'CORRECTED', today - random.int(30, 500));
  const employed = age >= 22 && monitoring === null && random.chance(resident.district.rural ? 0.2 : 0.45);
  const pension = naturalPension(setting, resident, employed, end);
  const covers = random.chance(0.03) ? [] : naturalCovers(setting, resident, employed, pension, death, monitoring);
  return {
    resident,
    death,
    evidence: death === null ? naturalAbsence(setting) : naturalEvidence(random, death, today),
    covers: closeAtDeath(setting, covers, death),
    pension,
    monitoring: endAtDeath(setting, monitoring, death),
    keepsPaying: false,
    care: { from: resident.birth, to: Math.min(end, today - 1) },
  };
}

/** A life as a planted case wants it. */
export function liveAsWished(setting: Setting, resident: Resident, wish: Wish): Life {
  const { today } = setting;
  if (wish.earlier) giveEarlierNumber(setting, resident, wish.earlier.kind, wish.earlier.until);
  const death = wish.died ?? null;
  const scheme = wish.scheme ?? 'RESIDENT';
  const start = Math.max(resident.birth, today - 3200);
  const covers = (wish.covers ?? [{ from: start, to: null }]).map((cover) =>
    enroll(
      setting,
      resident,
      cover.scheme ?? scheme,
      cover.category ?? categoryOf(scheme, wish),
      cover.from,
      cover.to,
      cover.status,
    ),
  );
  if (wish.keepsPaying) for (const cover of covers) cover.employer ??= setting.employers[0] as string;
  const end = Math.min(death ?? today, wish.careUntil ?? today, today - 1);
  return {
    resident,
    death,
    evidence: wish.evidence ?? NO_EVIDENCE,
    covers: wish.leftRunning ? covers : closeAtDeath(setting, covers, death),
    pension: wish.pension ?? null,
    monitoring: endAtDeath(setting, wish.monitoring ?? null, death),
    keepsPaying: wish.keepsPaying ?? false,
    care: { from: resident.birth, to: end },
  };
}

/** Whether an enrolment that is no suspension covers the day. */
export function isCovered(life: Life, day: number): boolean {
  return life.covers.some(
    (cover) => cover.status !== 'SUSPENDED' && cover.from <= day && (cover.to === null || day < cover.to),
  );
}

/** Whether the person is monitored on the day. */
export function isMonitored(life: Life, day: number): boolean {
  return (
    life.monitoring !== null && life.monitoring.from <= day && (life.monitoring.to === null || day < life.monitoring.to)
  );
}

/** A family's monitoring, for about one family in eighty, in the countryside. */
export function naturalMonitoring(setting: Setting, family: readonly Resident[]): Monitoring | null {
  const { random, today } = setting;
  if (!family[0]?.district.rural || !random.chance(0.02)) return null;
  const from = today - random.int(60, 1100);
  return {
    category: random.pick(['UNSTABLE', 'MARGINAL', 'HARDSHIP']),
    from,
    to: random.chance(0.3) ? from + random.int(30, today - from) : null,
  };
}

function categoryOf(scheme: Scheme, wish: Wish): Cover['category'] {
  if (scheme === 'EMPLOYEE') return wish.pension ? 'RETIRED' : 'WORKING';
  return wish.monitoring ? 'AIDED' : wish.age < 18 ? 'MINOR' : 'ADULT';
}

/** A few living people moved away on paper and stay insured here. */
function naturalAbsence(setting: Setting): Evidence {
  const { random, today } = setting;
  if (!random.chance(0.004)) return NO_EVIDENCE;
  return { documents: [], cancellation: { reason: 'MOVED_OUT', on: today - random.int(10, 900), deathDay: null } };
}

function naturalPension(setting: Setting, resident: Resident, employed: boolean, end: number): Pension | null {
  const { random } = setting;
  const age = resident.sex === '1' || !employed ? 60 : random.pick([50, 55]);
  const retired = yearsLater(resident.birth, age) + (employed ? 1 : random.int(1, 60));
  if (retired > end) return null;
  if (!employed) return random.chance(0.88) ? { kind: 'RESIDENT', retired } : null;
  return { kind: random.chance(0.18) ? 'CIVIL_SERVANT' : 'EMPLOYEE', retired };
}

function naturalCovers(
  setting: Setting,
  resident: Resident,
  employed: boolean,
  pension: Pension | null,
  death: number | null,
  monitoring: Monitoring | null,
): Cover[] {
  const { random, today } = setting;
  const end = death ?? today;
  const make = (
    scheme: Scheme,
    category: Cover['category'],
    from: number,
    to: number | null,
    status?: Cover['status'],
  ) => enroll(setting, resident, scheme, category, from, to, status);
  if (employed && pension) {
    const retired = make('EMPLOYEE', 'RETIRED', pension.retired, null);
    return end - pension.retired > 1500
      ? [retired]
      : [make('EMPLOYEE', 'WORKING', pension.retired - random.int(2000, 5000), pension.retired), retired];
  }
  const age = (end - resident.birth) / YEAR;
  const category = monitoring
    ? 'AIDED'
    : age < 2
      ? 'NEWBORN'
      : age < 16
        ? random.pick(['MINOR', 'STUDENT'] as const)
        : age < 22 && random.chance(0.6)
          ? 'STUDENT'
          : 'ADULT';
  const start =
    age < 6
      ? Math.min(resident.birth + random.int(0, 55), end)
      : end - random.int(700, Math.min(5000, Math.floor(age * 360)));
  if (!employed) return [make('RESIDENT', category, start, null)];
  const changed = end - random.int(40, 500);
  if (death !== null || random.chance(0.88)) return [make('EMPLOYEE', 'WORKING', start, null)];
  if (random.chance(0.6))
    return [
      make('RESIDENT', 'ADULT', start, changed),
      make('EMPLOYEE', 'WORKING', changed + random.pick([0, 0, 0, 12, 25]), null),
    ];
  const resumed = changed + random.int(20, 38);
  return [
    make('EMPLOYEE', 'WORKING', start, changed),
    make('EMPLOYEE', 'WORKING', changed, resumed, 'SUSPENDED'),
    make('EMPLOYEE', 'WORKING', resumed, null),
  ];
}

function enroll(
  setting: Setting,
  resident: Resident,
  scheme: Scheme,
  category: Cover['category'],
  from: number,
  to: number | null,
  status?: Cover['status'],
): Cover {
  const { random, today } = setting;
  const employer =
    scheme === 'EMPLOYEE' && category === 'WORKING' && !random.chance(0.1) ? random.pick(setting.employers) : null;
  const over = to !== null && to <= today;
  return {
    scheme,
    category,
    from,
    to,
    status: status ?? (over ? 'TERMINATED' : 'ACTIVE'),
    employer,
    idNumber: numberOn(setting, resident, from),
  };
}

/** The bureau ends an enrolment within two months of a death; until then it stands as if nothing had happened. */
function closeAtDeath(setting: Setting, covers: readonly Cover[], death: number | null): Cover[] {
  if (death === null) return [...covers];
  const closed = death + 1 + setting.random.int(5, 60);
  if (closed > setting.today) return [...covers];
  return covers.map((cover) =>
    cover.to === null || cover.to > closed ? { ...cover, to: closed, status: 'TERMINATED' } : cover,
  );
}

function endAtDeath(setting: Setting, monitoring: Monitoring | null, death: number | null): Monitoring | null {
  if (monitoring === null || death === null) return monitoring;
  if (monitoring.from > death) return null;
  const removed = death + 30;
  return monitoring.to === null && removed <= setting.today ? { ...monitoring, to: removed } : monitoring;
}
