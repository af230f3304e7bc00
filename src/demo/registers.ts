/** Writes a life into the files of the bureaus that keep it: household, deaths, enrolments, pension, contributions, monitoring. */
import { dayNumber, dayText, instantText, monthStart, monthText, yearOf } from './days';
import { type Document } from './deaths';
import type { Cover, Life } from './histories';
import { numberOn, type Resident, registerEntry } from './people';
import { HISTORY_DAYS, type Setting } from './setting';

/** Writes everything but claims; the enrolments' source keys are returned in the order of the life's covers. */
export function writeRegisters(setting: Setting, life: Life): string[] {
  writeHousehold(setting, life);
  for (const document of life.evidence.documents) writeDeath(setting, life.resident, document);
  const enrollments = life.covers.map((cover) => writeEnrollment(setting, life, cover));
  writeRetirement(setting, life);
  for (const cover of life.covers) writeContributions(setting, life, cover);
  writeMonitoring(setting, life);
  return enrollments;
}

/** When a source last touched a row about a day: that day or soon after, in office hours, never after today. */
export function touched(setting: Setting, day: number, daysMax = 20): string {
  const { random, today } = setting;
  return instantText(Math.min(day + random.int(0, daysMax), today - 1), random.int(8 * 3600, 19 * 3600));
}

/** Writes a document about a resident's death, under the number that holds then unless the document has another. */
export function writeDeath(setting: Setting, resident: Resident, document: Document): void {
  const birth = document.birth === undefined ? resident.birth : document.birth;
  setting.delivery.write('death', {
    source: document.source,
    idNumber: document.idNumber ?? numberOn(setting, resident, document.day),
    name: document.name ?? resident.name,
    birthDate: birth === null ? null : dayText(birth),
    deathDate: dayText(document.day),
    datePrecision: document.precision,
    certificateNo: `${yearOf(document.registered)}${resident.district.code}${String(setting.random.int(0, 999999)).padStart(6, '0')}`,
    placeDistrict: resident.district.code,
    registeredAt: setting.random.chance(0.3)
      ? dayText(document.registered)
      : instantText(document.registered, setting.random.int(30000, 64000)),
    status: document.status ?? 'VALID',
    updatedAt: touched(setting, document.registered),
  });
}

function writeHousehold(setting: Setting, life: Life): void {
  const { resident } = life;
  if (!resident.registered) return;
  const { cancellation } = life.evidence;
  const changed = cancellation?.on ?? Math.max(resident.birth, setting.today - setting.random.int(20, 2000));
  setting.delivery.write('household', {
    ...registerEntry(resident),
    status: cancellation ? 'CANCELLED' : 'ACTIVE',
    cancelReason: cancellation?.reason ?? null,
    cancelDate: cancellation ? dayText(cancellation.on) : null,
    deathDate: cancellation && cancellation.deathDay !== null ? dayText(cancellation.deathDay) : null,
    updatedAt: touched(setting, changed),
  });
}

function writeEnrollment(setting: Setting, life: Life, cover: Cover): string {
  const { resident } = life;
  return setting.delivery.write('enrollment', {
    idNumber: cover.idNumber,
    name: resident.name,
    scheme: cover.scheme,
    poolingDistrict: resident.district.code,
    category: cover.category,
    employerCode: cover.employer,
    startDate: dayText(cover.from),
    endDate: cover.to === null ? null : dayText(cover.to),
    status: cover.status,
    updatedAt: touched(setting, Math.min(cover.to ?? cover.from, setting.today)),
  });
}

function writeRetirement(setting: Setting, life: Life): void {
  const { pension, death, resident } = life;
  if (!pension) return;
  const { random, today } = setting;
  const lost = death === null && random.chance(0.01);
  const end = death ?? (lost ? today - random.int(40, 300) : monthStart(today) - 1);
  const stopped = death === null ? lost : death + 35 < today;
  const stoppedOn = stopped ? end + random.int(10, 34) : null;
  setting.delivery.write('retirement', {
    idNumber: numberOn(setting, resident, pension.retired),
    name: resident.name,
    pension: pension.kind,
    retiredOn: dayText(pension.retired),
    status: stopped ? 'STOPPED' : 'PAYING',
    stopReason: stopped ? (lost ? 'NO_PROOF_OF_LIFE' : 'DEATH') : null,
    stoppedOn: stoppedOn === null ? null : dayText(stoppedOn),
    lastPaidMonth: end < pension.retired ? null : monthText(Math.min(end, today)),
    updatedAt: touched(setting, stoppedOn ?? Math.max(end, pension.retired)),
  });
}

function writeMonitoring(setting: Setting, life: Life): void {
  const { monitoring, resident } = life;
  if (!monitoring) return;
  setting.delivery.write('poverty', {
    idNumber: numberOn(setting, resident, monitoring.from),
    name: resident.name,
    category: monitoring.category,
    householdNo: resident.householdNo,
    districtCode: resident.district.code,
    identifiedOn: dayText(monitoring.from),
    riskRemovedOn: monitoring.to === null ? null : dayText(monitoring.to),
    updatedAt: touched(setting, monitoring.to ?? monitoring.from),
  });
}

function writeContributions(setting: Setting, life: Life, cover: Cover): void {
  if (cover.status === 'SUSPENDED' || cover.category === 'RETIRED' || cover.category === 'NEWBORN') return;
  if (cover.scheme === 'EMPLOYEE') writeMonths(setting, life, cover);
  else writeYears(setting, life, cover);
}

function writeMonths(setting: Setting, life: Life, cover: Cover): void {
  const { random, today } = setting;
  const yuan = random.int(320, 1150);
  const alive = life.keepsPaying ? today : (life.death ?? today);
  const last = Math.min(monthStart(today) - 1, (cover.to ?? today) - 1, alive);
  // Three months more than the claims: a claim looks back two months for what was paid.
  for (
    let month = monthStart(Math.max(cover.from, today - HISTORY_DAYS - 90));
    month <= last;
    month = monthStart(month + 31)
  ) {
    const paid = month + random.int(4, 24);
    setting.delivery.write('contribution', {
      idNumber: numberOn(setting, life.resident, paid),
      scheme: 'EMPLOYEE',
      period: monthText(month),
      amount: `${yuan}.00`,
      payer: cover.employer === null ? 'SELF' : 'EMPLOYER',
      paidAt: instantText(paid, random.int(30000, 64000)),
      status: 'PAID',
      updatedAt: touched(setting, paid, 5),
    });
  }
}

/** Residents pay for a year in the autumn before it, or on joining. */
function writeYears(setting: Setting, life: Life, cover: Cover): void {
  const { random, today } = setting;
  const last = yearOf(Math.min(today, (cover.to ?? today) - 1, life.death ?? today));
  for (let year = Math.max(yearOf(cover.from), yearOf(today - HISTORY_DAYS)); year <= last; year++) {
    const paid = Math.max(dayNumber(`${year - 1}-09-01`) + random.int(0, 118), cover.from);
    const aided = cover.category === 'AIDED';
    setting.delivery.write('contribution', {
      idNumber: numberOn(setting, life.resident, paid),
      scheme: 'RESIDENT',
      period: String(year),
      amount: `${320 + 30 * Math.max(0, year - 2021)}.00`,
      payer: aided ? 'AID' : 'SELF',
      paidAt: random.chance(0.5) ? dayText(paid) : instantText(paid, random.int(30000, 64000)),
      status: 'PAID',
      updatedAt: touched(setting, paid),
    });
  }
}
