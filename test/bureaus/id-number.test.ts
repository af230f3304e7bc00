import { checkCharacter, checkIdNumber } from '../../src/bureaus/id-number';
import { numberOf } from '../support/small-city';

const first17 = (birth: string, sequence = '001', district = '110105') => `${district}${birth}${sequence}`;
const whole = (text: string) => text + checkCharacter(text);

test.each([
  ['11010519491231002', 'X'],
  ['44052418800101001', '4'],
  ['00000000000000000', '1'],
])('the check character of %s is %s (GB 11643-1999, annex)', (digits, expected) => {
  expect(checkCharacter(digits)).toBe(expected);
});

test.each<[string, string, object]>([
  ['the standard’s first example', '11010519491231002X', { ok: true, old: false, birthDate: '1949-12-31' }],
  ['its second', '440524188001010014', { ok: true, old: false, birthDate: '1880-01-01' }],
  ['15 digits', '340303460507101', { ok: true, old: true, birthDate: '1946-05-07' }],
  ['15 digits, born on a 29th of February', '340303720229101', { ok: true, old: true, birthDate: '1972-02-29' }],
  ['a leap day', whole(first17('20240229')), { ok: true, old: false, birthDate: '2024-02-29' }],
  ['the test city’s own', numberOf('19460507', 101), { ok: true, old: false, birthDate: '1946-05-07' }],
])('accepts %s', (_, text, expected) => {
  expect(checkIdNumber(text)).toEqual(expected);
});

test.each<[string, string, RegExp]>([
  ['a lower-case x', '11010519491231002x', /upper case/],
  ['a wrong check character', '110105194912310021', /check character/],
  ['two digits changed places', '11010519491321002X', /birth date|check character/],
  ['17 characters', '11010519491231002', /17 characters, not 18 or 15/],
  ['16 characters', '1101051949123100', /16 characters/],
  ['19 characters', '11010519491231002X1', /19 characters/],
  ['nothing', '', /0 characters/],
  ['an X in the middle', '1101051949123X002X', /not a digit/],
  ['a letter in 15', '34030346050710X', /not a digit/],
  ['full-width digits', '１１０１０５19491231002X', /not a digit/],
  ['a blank around it', ' 1010519491231002X', /not a digit/],
  ['the 30th of February', whole(first17('19490230')), /birth date/],
  ['the 29th of February of a common year', whole(first17('20230229')), /birth date/],
  ['the 13th month', whole(first17('19491331')), /birth date/],
  ['the year 1700', whole(first17('17000101')), /birth date/],
  ['15 digits, the 31st of June', '340303460631101', /birth date/],
  ['an unknown province', whole(first17('19491231', '002', '160105')), /begins with 16/],
  ['15 digits of an unknown province', '000303460507101', /begins with 00/],
])('refuses %s, and does not repeat it', (_, text, reason) => {
  const checked = checkIdNumber(text);
  expect(checked).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  if (text.length > 3) expect(JSON.stringify(checked)).not.toContain(text.slice(4, 12));
});

test('one changed digit is always found', () => {
  const number = numberOf('19800102', 202);
  for (let place = 0; place < 17; place++) {
    for (let digit = 0; digit < 10; digit++) {
      const changed = number.slice(0, place) + digit + number.slice(place + 1);
      if (changed !== number) expect([changed, checkIdNumber(changed).ok]).toEqual([changed, false]);
    }
  }
});
