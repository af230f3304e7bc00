import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkAgreements, readAgreements, writeAgreement } from '../../src/cli/agreement-file';
import type { Terms } from '../../src/sharing/terms';

const CATALOGUE = {
  kinds: [
    {
      kind: 'death',
      provider: 'civil-affairs',
      hasDistricts: true,
      fields: [{ name: 'deathDate', masks: ['PLAIN', 'YEAR'] as const, isAnswer: false }],
    },
  ],
  isDay: () => true,
  isProvince: () => true,
};

const HEAD = `id: civil-affairs/pensions/1
provider: civil-affairs
agency: pensions
purposes: [REVIEW]
validFrom: 2026-07-01
validTo: 2027-06-30
`;
const FULL = `${HEAD}caseRequired: true
covertDays: { REVIEW: 30 }
personsPerDay: 500
clauses:
  - recordKind: death
    fields: [deathDate]
    verbs: [LOOKUP]
    masks: { deathDate: YEAR }
    districts: [3403, 110101]
`;
const TERMS: Terms = {
  id: 'civil-affairs/pensions/1', provider: 'civil-affairs', agency: 'pensions', purposes: ['REVIEW'], caseRequired: true,
  covertDays: { REVIEW: 30 }, validFrom: '2026-07-01', validTo: '2027-06-30', personsPerDay: 500,
  clauses: [{ recordKind: 'death', fields: ['deathDate'], verbs: ['LOOKUP'], masks: { deathDate: 'YEAR' }, districts: ['3403', '110101'] }],
}; // biome-ignore format: one agreement

describe('a file of agreements', () => {
  let directory: string;
  let file: string;
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'heyan-test-'));
    file = path.join(directory, 'terms.yaml');
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  function read(text: string) {
    writeFileSync(file, text);
    return readAgreements(file);
  }

  /** What is wrong, with the file's name left out. */
  function wrong(text: string): string[] {
    try {
      checkAgreements(read(text), CATALOGUE);
      return [];
    } catch (error) {
      return (error as Error).message.split('\n').map((line) => line.replace(`${file}:`, ''));
    }
  }

  test('holds one agreement: everything is read as it was written, a district as a district and a day as a day', () => {
    expect(read(FULL).map(({ terms }) => terms)).toEqual([TERMS]);
    expect(wrong(FULL)).toEqual([]);
  });

  test('or several', () => {
    const items = [1, 2].map((n) =>
      FULL.replace('pensions/1', `pensions/${n}`).trimEnd().replace(/^/gm, '    ').replace(/^ {4}/, '  - '),
    );
    expect(read(`agreements:\n${items.join('\n')}\n`).map(({ terms }) => terms.id)).toEqual([
      'civil-affairs/pensions/1',
      'civil-affairs/pensions/2',
    ]);
  });

  test('what show writes is what import reads, and says the same', () => {
    const written = writeAgreement(TERMS);
    expect(read(written).map(({ terms }) => terms)).toEqual([TERMS]);
    expect(written).toContain('fields: [deathDate]');
    const bare = { ...TERMS, covertDays: {}, personsPerDay: null, caseRequired: false };
    expect(read(writeAgreement(bare)).map(({ terms }) => terms)).toEqual([bare]);
  });

  test.each<[string, string, (string | RegExp)[]]>([
    ['nothing', '', [/^1: the file holds no agreement/]],
    ['a list', '- a\n', [/^1: the file holds no agreement/]],
    ['no agreement in the list', 'agreements: []\n', [/^1: the file holds no agreement/]],
    ['what is no YAML', `${HEAD}clauses: [\n`, [/^\d+: /]],
    ['a key twice', `${HEAD}id: other\n`, [/^7: Map keys must be unique/]],
    ['a key that is none', `${FULL}note: x\n`, ['16: note: an agreement has nothing of that name']],
    ['a key of a clause that is none', FULL.replace('    verbs', '    verb'), ['13: verb: an agreement has nothing of that name']],
    ['a list that is none', FULL.replace('[deathDate]', 'deathDate'), ['12: clauses 1 fields: write a list: [one, another]']],
    ['what is missing', 'id: civil-affairs/x\n', ['1: provider: it is missing', '1: agency: it is missing', '1: validFrom: it is missing', '1: validTo: it is missing']],
    ['neither yes nor no', FULL.replace('true', 'perhaps'), ['7: caseRequired: write true or false']],
    ['half a person', FULL.replace('500', '0.5'), ['9: personsPerDay: write a whole number, or leave it out for no limit']],
    ['mistakes in the terms, each on its line', FULL.replace('[deathDate]', '[deathDate,\n      sin]').replace('YEAR', 'PARTIAL').replace('3403', '340').replace('REVIEW]', 'review]'), [
      '4: purpose 1 is no code', '8: covertDays names REVIEW', '13: clause 1, field sin: death has no such field', '15: clause 1, field deathDate: mask PARTIAL does not fit it', '16: clause 1: district 340 is none',
    ]],
    ['an id twice', `agreements:\n${[1, 2].map(() => FULL.trimEnd().replace(/^/gm, '    ').replace(/^ {4}/, '  - ')).join('\n')}\n`, ['17: id civil-affairs/pensions/1 stands there twice']],
  ])('%s', (_, text, expected) => {
    const told = wrong(text);
    expect(told.map((line, place) => (expected[place] instanceof RegExp ? expected[place].test(line) : line.startsWith(expected[place] ?? 'none')) || line)).toEqual(expected.map(() => true));
  }); // biome-ignore format: a table

  test('one that is not there', () => {
    expect(() => readAgreements(path.join(directory, 'gone.yaml'))).toThrow(/gone\.yaml cannot be read \(ENOENT\)$/);
  });
});
