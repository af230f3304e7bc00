/**
 * Citizen identity numbers: GB 11643-1999 (18 characters) and the 15-digit form of 1989.
 *
 * 18 characters: six digits of the district of first registration, eight of the birth date, three of sequence, one check character by
 * ISO 7064 MOD 11-2, where 10 is written `X`, upper case. 15 digits: the same with a two-digit year and no check character. A 15-digit
 * number is never rewritten by inserting `19`: only the household register knows which 18-digit number followed it.
 */
import { isDay } from './calendar';
import { provinceOf } from './district';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const CHECK_CHARACTERS = '10X98765432';

/** What an identity number says by itself; `birthDate` is `YYYY-MM-DD`, `old` is the 15-digit form (its century is taken as 19). */
export type IdNumber = { ok: true; old: boolean; birthDate: string } | { ok: false; reason: string };

/** The 18th character for the first 17 digits (GB 11643-1999, annex A; ISO 7064 MOD 11-2). */
export function checkCharacter(first17: string): string {
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += (first17.charCodeAt(i) - 48) * (WEIGHTS[i] as number);
  return CHECK_CHARACTERS.charAt(sum % 11);
}

/** Checks form, province, birth date and check character. The reason never repeats the number. */
export function checkIdNumber(text: string): IdNumber {
  const old = text.length === 15;
  if (!old && text.length !== 18) return { ok: false, reason: `has ${text.length} characters, not 18 or 15` };
  if (!(old ? /^\d{15}$/ : /^\d{17}[\dX]$/).test(text)) {
    return { ok: false, reason: 'has a character that is not a digit (only the last of 18 may be X, upper case)' };
  }
  if (provinceOf(text) === undefined)
    return { ok: false, reason: `begins with ${text.slice(0, 2)}, which is no province of GB/T 2260` };
  const digits = old ? `19${text.slice(6, 12)}` : text.slice(6, 14);
  const birthDate = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}`;
  if (!isDay(birthDate)) return { ok: false, reason: 'holds a birth date that does not exist' };
  if (!old && checkCharacter(text) !== text.charAt(17))
    return { ok: false, reason: 'has a wrong check character (ISO 7064 MOD 11-2)' };
  return { ok: true, old, birthDate };
}
