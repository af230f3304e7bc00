/**
 * Gives out citizen identity numbers (GB 11643-1999), each once. A counter per district, birth day and sex takes two megabytes for any
 * number of people, where a set of numbers given would grow with them.
 */
import { checkCharacter } from '../bureaus/id-number';
import { dayText } from './days';
import { BIRTHPLACES_ELSEWHERE, DISTRICTS } from './districts';

export interface NumberOffice {
  /** The next 18-character number for a district of the city or a birthplace elsewhere, a birth day and sex `1` or `2`. */
  give(district: string, birth: number, sex: '1' | '2'): string;
}

const DAYS_KEPT = 45_000;
const NUMBERS_PER_DAY = 499;

/** Opens the office as of a day: births of the 123 years before it can be given numbers. */
export function openNumberOffice(today: number): NumberOffice {
  const places = new Map(
    [...DISTRICTS.map(({ code }) => code), ...BIRTHPLACES_ELSEWHERE].map((code, index) => [code, index]),
  );
  const given = new Uint16Array(places.size * DAYS_KEPT * 2);
  return {
    give(district, birth, sex) {
      const place = places.get(district);
      const age = today - birth;
      if (place === undefined || age < 0 || age >= DAYS_KEPT)
        throw new Error(`no identity numbers for district ${district} and a birth ${age} days ago`);
      const slot = (place * DAYS_KEPT + age) * 2 + (sex === '1' ? 1 : 0);
      const count = (given[slot] as number)++;
      if (count >= NUMBERS_PER_DAY)
        throw new Error(`the identity numbers of district ${district} for one day are used up: ask for fewer persons`);
      // Steps of 181 (499 is prime) from a place that differs by day: neighbours do not get neighbouring numbers, and none comes twice.
      const sequence = ((count * 181 + ((slot * 7) % NUMBERS_PER_DAY)) % NUMBERS_PER_DAY) * 2 + (sex === '1' ? 1 : 2);
      const first17 = district + dayText(birth).replaceAll('-', '') + String(sequence).padStart(3, '0');
      return first17 + checkCharacter(first17);
    },
  };
}

/** The 15-digit number of 1989 that an 18-character number of the twentieth century followed; undefined for later births. */
export function oldNumberOf(idNumber: string): string | undefined {
  return idNumber.startsWith('19', 6) ? idNumber.slice(0, 6) + idNumber.slice(8, 17) : undefined;
}
