import { canonicalNumbers, type NumberRow } from '../../../src/bureaus/household/numbers';

/** `K < P Q` is a row that holds K and lists P and Q; the person is K's first letter unless `=person` says otherwise. */
function rowsOf(text: string): NumberRow[] {
  return text.split(',').map((row) => {
    const [held = '', listed = ''] = row.split('<').map((part) => part.trim());
    const [key = '', person = key.charAt(0)] = held.split('=').map((part) => part.trim());
    return { key, previous: listed.split(' ').filter(Boolean), nameKey: person, birthDate: '1970-01-01' };
  });
}

const answer = (rows: NumberRow[]) => Object.fromEntries([...canonicalNumbers(rows)].sort());

describe('which number stands for which', () => {
  test.each<[string, string, Record<string, string>]>([
    ['nothing listed', 'a, b', {}],
    ['an earlier number', 'a < p', { p: 'a' }],
    ['two earlier numbers', 'a < p q', { p: 'a', q: 'a' }],
    ['followed through several rows', 'a1 < p, a2 < a1, a3 < a2', { p: 'a3', a1: 'a3', a2: 'a3' }],
    ['its own number listed', 'a < a', {}],
    ['held today by the same person', 'a1 < a2, a2', { a2: 'a1' }],
    ['held today by a person of another name', 'a < b, b', {}],
    ['held by two rows, one of them of another name', 'a1 < s, s=a, s=b', {}],
    ['listed by two persons', 'a < p, b < p', {}],
    ['listed by two rows of one number', 'a < p, a < p q', { p: 'a', q: 'a' }],
    ['listed by two rows that resolve to one person', 'a1 < p, a2 < p a1', { p: 'a2', a1: 'a2' }],
    ['listed by two persons, further on', 'a < p, b < p, p=z < q', { q: 'p' }],
    ['a circle of two', 'a1 < a2, a2 < a1', {}],
    ['a circle of three and one who leads into it', 'a1 < a2, a2 < a3, a3 < a1, a2 < p', { p: 'a2' }],
    ['a circle, and who is said to follow it', 'a1 < a2, a2 < a1, a3 < a1', {}],
  ])('%s: %s', (_, rows, expected) => {
    expect(answer(rowsOf(rows))).toEqual(expected);
  });

  test('a name alone is not enough: the birth date must agree too', () => {
    const [lister, holder] = rowsOf('a1 < a2, a2') as [NumberRow, NumberRow];
    expect(answer([lister, { ...holder, birthDate: '1971-01-01' }])).toEqual({});
  });
});

/** Mulberry32: the same numbers for the same seed, everywhere. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

test.each(Array.from({ length: 200 }, (_, seed) => seed))('registers made at random, seed %i', (seed) => {
  const below = seeded(seed);
  const numbers = Array.from({ length: 2 + below(12) }, (_, i) => `n${i}`);
  const pick = () => numbers[below(numbers.length)] as string;
  const rows = Array.from({ length: 1 + below(15) }, () => ({
    key: pick(),
    previous: Array.from({ length: below(3) }, pick),
    nameKey: `name${below(2)}`,
    birthDate: `197${below(2)}-01-01`,
  }));
  const canonical = canonicalNumbers(rows);
  for (const [number, final] of canonical) {
    expect(final).not.toBe(number);
    expect(canonical.has(final)).toBe(false);
    expect(rows.some((row) => row.key === final)).toBe(true);
  }
  const shuffled = rows.map((row) => ({ row, place: below(1000) })).sort((a, b) => a.place - b.place);
  expect(answer(shuffled.map(({ row }) => row))).toEqual(Object.fromEntries([...canonical].sort()));
});

test('a chain of 200,000 numbers is followed to its end', () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => ({
    key: `n${i + 1}`,
    previous: [`n${i}`],
    nameKey: 'a',
    birthDate: '1970-01-01',
  }));
  const canonical = canonicalNumbers(rows);
  expect(canonical.size).toBe(200_000);
  expect(new Set(canonical.values())).toEqual(new Set(['n200000']));
});
