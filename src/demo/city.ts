/**
 * The demo city: a delivery of all seven bureaus for an invented prefecture, made from a seed. Most of it is ordinary life; some of it is
 * planted, and the result says exactly what the rules D1, D3, D8, E0, T1 and P1 must find in it.
 */
import { isDay } from '../bureaus/calendar';
import { writeOrdinaryCare } from './care';
import { dayNumber } from './days';
import { openDelivery } from './delivery';
import { DOUBTFUL } from './doubtful';
import { type Life, liveAsWished, liveNaturally, naturalMonitoring } from './histories';
import { foundEmployers, foundInstitutions, type Institution, institutionsOf } from './institutions';
import { openNumberOffice } from './numbers';
import { settleFamily, settleFamilyOf } from './people';
import { type Case, type Ledger, type Planted, playCase, type Trap } from './planted';
import { seededRandom } from './random';
import { writeRegisters } from './registers';
import type { Setting } from './setting';
import { TRAPS } from './traps';

export interface DemoCityOptions {
  /** 1 to 10,000,000; 5,000 when left out. */
  persons?: number;
  /** A whole number; 1 when left out. */
  seed?: number;
  /** The directory of the delivery. */
  out: string;
  /** `YYYY-MM-DD`, the day for which the city stands. */
  asOf: string;
  /** Ordinary claims per person in the mean; what is natural for the ages when left out, about 4.3. */
  claimsPerPerson?: number;
}

export interface DemoCity {
  /** Rows without the header, by file name. */
  files: Record<string, number>;
  /** Every finding of the six rules that must come out of the delivery as of the day, and no other. */
  planted: Planted[];
  /** Records that one of the six rules must not fire on, though it might seem to. */
  traps: Trap[];
  /** Identity number of a person with records of all seven kinds and a doubtful claim. */
  examplePerson: string;
  /** Code of an institution where several cards outlived their owners. */
  exampleInstitution: string;
}

const PERSONS_MAX = 10_000_000;
const NATURAL_CLAIMS_PER_PERSON = 4.3;
const PERSONS_PER_CASE = 75;
const CASES = alternate(DOUBTFUL, TRAPS);

/** Writes the eight files. Equal options give equal bytes. Throws when an option is out of range or the directory cannot be written. */
export async function writeDemoCity(options: DemoCityOptions): Promise<DemoCity> {
  const { persons = 5000, seed = 1, asOf } = options;
  check(persons, seed, asOf, options.claimsPerPerson);
  const setting = await settle(options, persons, seed);
  const { delivery, institutions } = setting;
  const pharmacies = institutionsOf(institutions, 'PHARMACY');
  const personsPerCase = Math.max(4, Math.min(PERSONS_PER_CASE, Math.floor(persons / CASES.length)));
  const ledger: Ledger = { planted: [], traps: [] };
  let examplePerson = '';
  for (let settled = 0, cases = 0; settled < persons; ) {
    const room = persons - settled;
    if (settled >= cases * personsPerCase) {
      const suspect = pharmacies[Math.floor(cases / CASES.length) % pharmacies.length] as Institution;
      const { lives, number } = settleCase(setting, CASES[cases % CASES.length] as Case, suspect, ledger, room);
      examplePerson ||= number;
      settled += lives;
      cases++;
    } else {
      settled += settleNaturalFamily(setting, room);
    }
    await delivery.breathe();
  }
  return {
    files: await delivery.close(),
    ...ledger,
    examplePerson,
    exampleInstitution: (pharmacies[0] as Institution).code,
  };
}

async function settle(options: DemoCityOptions, persons: number, seed: number): Promise<Setting> {
  const random = seededRandom(seed);
  const today = dayNumber(options.asOf);
  return {
    random,
    today,
    institutions: foundInstitutions(random, persons),
    employers: foundEmployers(random, persons),
    numbers: openNumberOffice(today),
    nextHousehold: 1,
    delivery: await openDelivery(options.out),
    claimsFactor: (options.claimsPerPerson ?? NATURAL_CLAIMS_PER_PERSON) / NATURAL_CLAIMS_PER_PERSON,
  };
}

function settleNaturalFamily(setting: Setting, personsMax: number): number {
  const family = settleFamily(setting).slice(0, personsMax);
  const monitoring = naturalMonitoring(setting, family);
  const lives = family.map((resident) => liveNaturally(setting, resident, monitoring));
  for (const life of lives) {
    writeRegisters(setting, life);
    writeOrdinaryCare(setting, life, lives);
  }
  return lives.length;
}

function settleCase(
  setting: Setting,
  played: Case,
  suspect: Institution,
  ledger: Ledger,
  personsMax: number,
): { lives: number; number: string } {
  const { random, today } = setting;
  const wish = played.wish(today, random);
  const birth = wish.birth ?? today - Math.floor(wish.age * 365.25) - random.int(30, 300);
  const { person, family } = settleFamilyOf(setting, birth, random.chance(0.5) ? '1' : '2');
  const life = liveAsWished(setting, person, wish);
  const others = family
    .slice(1, personsMax)
    .map((resident): Life => liveNaturally(setting, resident, wish.monitoring ?? null));
  const lives = [life, ...others];
  const enrollments = lives.map((one) => writeRegisters(setting, one));
  for (const one of lives) writeOrdinaryCare(setting, one, lives);
  playCase(setting, played, life, enrollments[0] ?? [], suspect, ledger);
  return { lives: lives.length, number: person.idNumber };
}

function check(persons: number, seed: number, asOf: string, claimsPerPerson?: number): void {
  if (!Number.isInteger(persons) || persons < 1 || persons > PERSONS_MAX)
    throw new RangeError(`persons must be a whole number from 1 to ${PERSONS_MAX}, not ${persons}`);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be a whole number, not ${seed}`);
  if (!isDay(asOf)) throw new RangeError(`asOf must be a day as YYYY-MM-DD, not ${asOf}`);
  if (claimsPerPerson !== undefined && !(claimsPerPerson >= 0 && claimsPerPerson <= 1000)) {
    throw new RangeError(`claimsPerPerson must be from 0 to 1000, not ${claimsPerPerson}`);
  }
}

/** One of each in turn, so that the smallest city has both. */
function alternate<T>(first: readonly T[], second: readonly T[]): T[] {
  const all: T[] = [];
  for (let i = 0; i < Math.max(first.length, second.length); i++)
    all.push(...first.slice(i, i + 1), ...second.slice(i, i + 1));
  return all;
}
