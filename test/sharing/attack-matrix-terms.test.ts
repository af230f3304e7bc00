import { findIn } from '../support/leak';
import { type Matrix, openMatrix } from './attack-matrix';
import { agreeOnDistricts, agreeOnMasks, elsewhere, here, seen, unmasked, without } from './attack-terms';

jest.setTimeout(240_000);

describe('what is granted in part, by every path', () => {
  let matrix: Matrix;
  let kinds: readonly string[];
  beforeAll(async () => {
    matrix = await openMatrix();
    kinds = await agreeOnDistricts(matrix);
  });
  afterAll(() => matrix.close());

  test('a masked field shows its part and never more, and nothing is filtered or sorted by it', async () => {
    const masked = await agreeOnMasks(matrix);
    expect(masked.length).toBeGreaterThan(50);
    expect(await unmasked(matrix, masked)).toEqual([]);
  });

  test('kinds that belong to districts', () => {
    expect(kinds).toEqual(
      expect.arrayContaining(['claim', 'claim_line', 'death', 'enrollment', 'household', 'poverty']),
    );
  });

  test('a record in a granted district is shown by every route', async () => {
    for (const kind of kinds) {
      const source = ['sourceId', 'name'].flatMap((name) => matrix.city.canaries.get(`${kind}.${name}`) ?? []);
      const answers = [...(await seen(matrix, kind, here(kind)))];
      // Routes that end at what only leads to the kind, a person or the claim of a line, show none of its records.
      const ofRecords = answers.filter(([, { leadsOn }]) => !leadsOn);
      const silent = ofRecords.filter(([, { text }]) => findIn(JSON.parse(text), source).length === 0);
      expect([kind, silent.map(([name, { text }]) => `${name}: ${text.slice(0, 300)}`)]).toEqual([kind, []]);
    }
  });

  test('a record in another district is like one that does not exist: every byte of the answer, and every statement made for it', async () => {
    for (const kind of kinds) {
      const outside = await seen(matrix, kind, elsewhere(kind));
      const absent = await without(matrix, kind, () => seen(matrix, kind, elsewhere(kind)));
      expect(outside.size).toBeGreaterThan(10);
      expect([kind, [...outside]]).toEqual([kind, [...absent]]);
    }
  });
});
