/**
 * How a death comes to be known: certificate, cremation, court, and the police register some weeks later. Each arrives after its own lag,
 * so that on any day some of the dead are still alive on paper somewhere.
 */
import { dayNumber, monthEnd, yearOf } from './days';
import type { Random } from './random';

export interface Document {
  source: 'DEATH_CERTIFICATE' | 'CREMATION' | 'COURT_DECLARATION';
  day: number;
  precision: 'DAY' | 'MONTH' | 'YEAR';
  registered: number;
  /** Written otherwise than the register has it; `birth` null is left empty. */
  name?: string;
  birth?: number | null;
  idNumber?: string;
  status?: 'VOIDED';
}

/** A cancelled entry of the household register; `deathDay` null when the police do not know it. */
export interface Cancellation {
  reason: 'DEATH' | 'MOVED_OUT';
  on: number;
  deathDay: number | null;
}

export interface Evidence {
  documents: readonly Document[];
  cancellation: Cancellation | null;
}

/** A medical certificate to the day, registered some days after the death. */
export function certificate(day: number, changes: Partial<Document> = {}): Document {
  return { source: 'DEATH_CERTIFICATE', day, precision: 'DAY', registered: day + 3, ...changes };
}

/** A cremation record to the day. */
export function cremation(day: number, changes: Partial<Document> = {}): Document {
  return { source: 'CREMATION', day, precision: 'DAY', registered: day + 4, ...changes };
}

/** The police register closed for a death, three weeks after it; `deathDay` null for "date unknown". */
export function policeReport(day: number, deathDay: number | null = day): Cancellation {
  return { reason: 'DEATH', on: day + 21, deathDay };
}

/** Certificate, cremation and police, all to the same day: as well documented as a death can be. */
export function documented(day: number): Evidence {
  return { documents: [certificate(day), cremation(day)], cancellation: policeReport(day) };
}

/** The last possible day of death by a document. */
export function latestDay(document: Document): number {
  if (document.precision === 'DAY') return document.day;
  if (document.precision === 'MONTH') return monthEnd(document.day);
  return dayNumber(`${yearOf(document.day)}-12-31`);
}

/** Whether and when someone died in the last three years, by age: Gompertz's law with the slope of Chinese life tables. */
export function naturalDeath(random: Random, birth: number, today: number): number | null {
  const years = 3;
  const age = (today - birth) / 365.25 - years / 2;
  if (age < 1) return null;
  const yearlyHazard = 0.0007 * Math.exp(0.1 * (age - 40));
  if (!random.chance(1 - Math.exp(-years * yearlyHazard))) return null;
  return Math.max(birth + 300, today - random.int(1, Math.floor(years * 365)));
}

/** What the bureaus know of a death today. Documents may lie a day late, never early: no care falls after them. */
export function naturalEvidence(random: Random, death: number, today: number): Evidence {
  const documents: Document[] = [];
  if (random.chance(0.015)) {
    documents.push({
      source: 'COURT_DECLARATION',
      day: death,
      precision: 'YEAR',
      registered: death + random.int(200, 700),
    });
  } else {
    const loose = () => (random.chance(0.12) ? null : undefined);
    if (random.chance(0.86))
      documents.push(
        certificate(death, {
          registered: death + random.int(1, 14),
          birth: loose(),
          precision: random.chance(0.04) ? 'MONTH' : 'DAY',
        }),
      );
    if (random.chance(0.78)) {
      const late = random.chance(0.05) ? 1 : 0;
      documents.push(cremation(death + late, { registered: death + random.int(2, 7), birth: loose() }));
    }
    if (random.chance(0.02)) documents.push(certificate(death + 2, { registered: death + 3, status: 'VOIDED' }));
  }
  const lag = random.chance(0.03) ? random.int(60, 200) : random.int(4, 48);
  const cancellation =
    death + lag < today
      ? { reason: 'DEATH' as const, on: death + lag, deathDay: random.chance(0.75) ? death : null }
      : null;
  return { documents: documents.filter((document) => document.registered < today), cancellation };
}
