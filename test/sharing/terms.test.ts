import { isDay } from '../../src/bureaus/calendar';
import { type Catalogue, mistakesOf, TERMS_MAX, type Terms } from '../../src/sharing/terms';

const CATALOGUE: Catalogue = {
  kinds: [
    {
      kind: 'death',
      provider: 'civil-affairs',
      hasDistricts: true,
      fields: [
        { name: 'deathDate', masks: ['PLAIN', 'YEAR'], isAnswer: false },
        { name: 'name', masks: ['PLAIN', 'PARTIAL'], isAnswer: false },
        { name: 'status', masks: ['PLAIN'], isAnswer: false },
        { name: 'aliveOn', masks: ['PLAIN'], isAnswer: true },
      ],
    },
    { kind: 'burial', provider: 'civil-affairs', hasDistricts: false, fields: [{ name: 'status', masks: ['PLAIN'], isAnswer: false }] },
    { kind: 'claim', provider: 'medical-insurance', hasDistricts: true, fields: [{ name: 'status', masks: ['PLAIN'], isAnswer: false }] },
  ],
  isDay,
  isProvince: (prefix) => prefix === '34' || prefix === '11',
}; // biome-ignore format: a table

const CLAUSE = { recordKind: 'death', fields: ['deathDate', 'name', 'status'], verbs: ['LOOKUP'] };

function terms(more: object = {}): Terms {
  return {
    id: 'civil-affairs/pensions/1', provider: 'civil-affairs', agency: 'pensions', purposes: ['REVIEW'], caseRequired: false,
    covertDays: {}, clauses: [CLAUSE], validFrom: '2026-07-01', validTo: '2027-06-30', personsPerDay: null, ...more,
  } as Terms; // biome-ignore format: one agreement
}

const clause = (more: object) => ({ clauses: [{ ...CLAUSE, ...more }] });
const told = (more: object) =>
  mistakesOf(terms(more), CATALOGUE).map(({ path, message }) => `${path.join('.')}: ${message}`);
const many = (count: number, word = 'X') => Array.from({ length: count }, (_, i) => `${word}${i}`);

describe('terms that can stand', () => {
  test.each<[string, object]>([
    ['plain ones', {}],
    ['two purposes', { purposes: ['REVIEW', 'A'] }],
    ['an id of many parts', { id: 'civil-affairs/养老/2026-07_v1.0' }],
    ['every verb', clause({ verbs: ['VERIFY', 'LOOKUP', 'LIST', 'FEED', 'AGGREGATE', 'REVIEW'] })],
    ['masks that fit', clause({ masks: { deathDate: 'YEAR', name: 'PARTIAL', status: 'PLAIN' } })],
    ['districts of every length', clause({ districts: ['11', '3403', '340303'] })],
    ['a one-bit answer by VERIFY', clause({ fields: ['aliveOn'], verbs: ['VERIFY'] })],
    ['a kind in two clauses', { clauses: [CLAUSE, { ...CLAUSE, verbs: ['FEED'] }] }],
    ['one day', { validTo: '2026-07-01' }],
    ['five years to the day', { validTo: '2031-06-30' }],
    ['five years from the 29th of February', { validFrom: '2028-02-29', validTo: '2033-02-28' }],
    ['a number of persons', { personsPerDay: 1 }],
    ['a covert purpose', { covertDays: { REVIEW: 30 } }],
  ])('%s', (_, more) => {
    expect(told(more)).toEqual([]);
  });
});

describe('terms that cannot stand', () => {
  test.each<[string, object, string[]]>([
    ["another provider's id", { id: 'tax/1' }, ['id: id must begin with civil-affairs/ and go on with up to 128 letters, digits and ._/-']],
    ['an id of nothing but the provider', { id: 'civil-affairs/' }, [expect.stringMatching(/^id: id must begin/) as never]],
    ['an id with a line break', { id: 'civil-affairs/a\nb' }, [expect.stringMatching(/^id: id must begin/) as never]],
    ['no purpose', { purposes: [] }, ['purposes: purposes are missing: write at least one']],
    ['a purpose twice', { purposes: ['A', 'A'] }, ['purposes.1: purposes: A stands there twice']],
    ['a purpose in small letters', { purposes: ['REVIEW', 'review'] }, ['purposes.1: purpose 2 is no code: write up to 64 capital letters, digits and _, beginning with a letter']],
    ['a purpose of 65 letters', { purposes: ['A'.repeat(65)] }, [expect.stringMatching(/^purposes\.0: purpose 1 is no code/) as never]],
    ['too many purposes', { purposes: many(TERMS_MAX.purposes + 1) }, ['purposes: purposes are more than 20']],
    ['a covert purpose that is none', { covertDays: { OTHER: 3 } }, ['covertDays.OTHER: covertDays names OTHER, which is not among the purposes']],
    ['no covert days', { covertDays: { REVIEW: 0 } }, ['covertDays.REVIEW: covertDays of REVIEW must be from 1 to 3650 days']],
    ['half a covert day', { covertDays: { REVIEW: 1.5 } }, ['covertDays.REVIEW: covertDays of REVIEW must be from 1 to 3650 days']],
    ['a day that does not exist', { validTo: '2027-02-29' }, ['validTo: validTo is not a day: write one that exists, as YYYY-MM-DD']],
    ['two days that do not exist', { validFrom: 'x', validTo: '' }, [expect.stringMatching(/^validFrom: /) as never, expect.stringMatching(/^validTo: /) as never]],
    ['an end before the beginning', { validTo: '2026-06-30' }, ['validTo: validTo is before validFrom']],
    ['more than five years', { validTo: '2031-07-01' }, ['validTo: validTo is more than 5 years after validFrom']],
    ['no person per day', { personsPerDay: 0 }, ['personsPerDay: personsPerDay must be a whole number from 1 to 100000000, or left out for no limit']],
    ['half a person per day', { personsPerDay: 0.5 }, [expect.stringMatching(/^personsPerDay: /) as never]],
    ['a number of persons for REVIEW', { personsPerDay: 5, ...clause({ verbs: ['LOOKUP', 'REVIEW'] }) }, ['personsPerDay: personsPerDay cannot be kept for REVIEW: grant REVIEW in an agreement of its own, without it']],
    ['no clause', { clauses: [] }, ['clauses: clauses are missing: write at least one']],
    ['an unknown kind', clause({ recordKind: 'deth' }), ['clauses.0.recordKind: clause 1: there is no record kind deth; civil-affairs has death, burial']],
    ["another provider's kind", clause({ recordKind: 'claim', fields: ['status'] }), ["clauses.0.recordKind: clause 1: claim is medical-insurance's to give, not civil-affairs's"]],
    ['a kind called like a property of every object', clause({ recordKind: 'constructor' }), [expect.stringMatching(/there is no record kind constructor/) as never]],
    ['no field', clause({ fields: [] }), ['clauses.0.fields: clause 1: fields are missing: write at least one']],
    ['an unknown field', clause({ fields: ['status', 'sin'] }), ['clauses.0.fields.1: clause 1, field sin: death has no such field']],
    ['the star', clause({ fields: ['*'] }), ['clauses.0.fields.0: clause 1, field *: death has no such field']],
    ['a field called __proto__', clause({ fields: ['__proto__'] }), ['clauses.0.fields.0: clause 1, field __proto__: death has no such field']],
    ['a field twice', clause({ fields: ['name', 'name'] }), ['clauses.0.fields.1: clause 1: fields: name stands there twice']],
    ['a one-bit answer without VERIFY', clause({ fields: ['aliveOn'] }), ['clauses.0.fields.0: clause 1, field aliveOn: a one-bit answer is granted by VERIFY: add it to the verbs']],
    ['no verb', clause({ verbs: [] }), ['clauses.0.verbs: clause 1: verbs are missing: write at least one']],
    ['an unknown verb', clause({ verbs: ['READ'] }), ['clauses.0.verbs.0: clause 1: READ is no verb: write VERIFY, LOOKUP, LIST, FEED, AGGREGATE, REVIEW']],
    ['a verb in small letters', clause({ verbs: ['lookup'] }), [expect.stringMatching(/lookup is no verb/) as never]],
    ['an unknown mask', clause({ masks: { name: 'BLUR' } }), ['clauses.0.masks.name: clause 1, field name: BLUR is no mask: write PLAIN, PARTIAL, YEAR']],
    ['the year of a name', clause({ masks: { name: 'YEAR' } }), ['clauses.0.masks.name: clause 1, field name: mask YEAR does not fit it: write PLAIN or PARTIAL']],
    ['a part of a date', clause({ masks: { deathDate: 'PARTIAL' } }), ['clauses.0.masks.deathDate: clause 1, field deathDate: mask PARTIAL does not fit it: write PLAIN or YEAR']],
    ['a part of a code', clause({ masks: { status: 'PARTIAL' } }), ['clauses.0.masks.status: clause 1, field status: mask PARTIAL does not fit it: write PLAIN']],
    ['a mask on a field that is not given', clause({ fields: ['status'], masks: { name: 'PARTIAL' } }), ["clauses.0.masks.name: clause 1, field name: it is masked, but not among the clause's fields"]],
    ['a district of three digits', clause({ districts: ['340'] }), ['clauses.0.districts.0: clause 1: district 340 is none: write the first 2, 4 or 6 digits of a GB/T 2260 code']],
    ['a district of no province', clause({ districts: ['3403', '9903'] }), [expect.stringMatching(/^clauses\.0\.districts\.1: clause 1: district 9903 is none/) as never]],
    ['an empty district, which would be everywhere', clause({ districts: [''] }), [expect.stringMatching(/^clauses\.0\.districts\.0: clause 1: district {2}is none/) as never]],
    ['a district twice', clause({ districts: ['34', '34'] }), ['clauses.0.districts.1: clause 1: districts: 34 stands there twice']],
    ['districts of a kind that has none', clause({ recordKind: 'burial', fields: ['status'], districts: ['34'] }), ['clauses.0.districts: clause 1: burial records belong to no district: leave districts out']],
  ])('%s', (_, more, expected) => {
    expect(told(more)).toEqual(expected);
  }); // biome-ignore format: a table

  test('every mistake is named at once, each with its place, up to a limit', () => {
    const mistakes = told({
      id: 'x',
      purposes: ['a'],
      personsPerDay: -1,
      clauses: [CLAUSE, { ...CLAUSE, fields: ['sin'], verbs: ['READ'], districts: ['1'] }],
    });
    expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual([
      'id', 'purposes.0', 'personsPerDay', 'clauses.1.verbs.0', 'clauses.1.fields.0', 'clauses.1.districts.0',
    ]); // biome-ignore format: a list
    expect(mistakes[4]).toMatch(/clause 2, field sin/);
    expect(told(clause({ fields: many(250) }))).toHaveLength(200);
  });
});
