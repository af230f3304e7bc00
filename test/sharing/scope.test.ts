import {
  covers,
  type Districts,
  intersection,
  isLimited,
  maskIn,
  narrowed,
  type Scope,
  union,
  WITHOUT_LIMIT,
} from '../../src/sharing/scope';

const list = (text: string): Districts => (text === 'everywhere' ? null : text.split(' ').filter(Boolean));
const told = (districts: Districts) => districts?.join(' ') ?? 'everywhere';

describe('districts', () => {
  test.each([
    ['', '', '', ''],
    ['everywhere', '34', 'everywhere', '34'],
    ['everywhere', 'everywhere', 'everywhere', 'everywhere'],
    ['everywhere', '', 'everywhere', ''],
    ['34', '3403', '34', '3403'],
    ['3403', '34', '34', '3403'],
    ['3403', '3404', '3403 3404', ''],
    ['3403 3404', '340302 35', '3403 3404 35', '340302'],
    ['3403 340302', '3403', '3403', '3403'],
    ['340302 340303', '3403', '3403', '340302 340303'],
  ])('%s and %s', (a, b, either, both) => {
    expect(told(union([list(a), list(b)]))).toBe(either);
    expect(told(intersection(list(a), list(b)))).toBe(both);
    expect(told(intersection(list(b), list(a)))).toBe(both);
  });

  test.each<[string, string, boolean]>([
    ['everywhere', 'everywhere', true],
    ['34', 'everywhere', false],
    ['34', '3403 340402', true],
    ['3403', '3403 3404', false],
    ['3403', '34', false],
    ['3403', '', true],
  ])('%s covers %s: %s', (wide, narrow, expected) => {
    expect(covers(list(wide), list(narrow))).toBe(expected);
  });
});

describe('a random city', () => {
  const codes = Array.from(
    { length: 40 },
    (_, i) => `34${String(3 + (i % 4)).padStart(2, '0')}${String(1 + Math.floor(i / 4)).padStart(2, '0')}`,
  );
  const holds = (districts: Districts, code: string) =>
    districts === null || districts.some((prefix) => code.startsWith(prefix));
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const some = (): Districts =>
    random(9) === 0
      ? null
      : Array.from({ length: random(4) }, () => (codes[random(codes.length)] as string).slice(0, 2 * (1 + random(3))));

  test('union and intersection mean what they say for each code', () => {
    for (let i = 0; i < 500; i++) {
      const [a, b] = [some(), some()];
      for (const code of codes) {
        expect(holds(union([a, b]), code)).toBe(holds(a, code) || holds(b, code));
        expect(holds(intersection(a, b), code)).toBe(holds(a, code) && holds(b, code));
      }
    }
  });
});

test.each<[string, [string, 'PLAIN' | 'PARTIAL' | 'YEAR'][], string]>([
  ['everywhere', [['everywhere', 'PLAIN']], 'PLAIN'],
  [
    '34',
    [
      ['3403', 'PLAIN'],
      ['34', 'YEAR'],
    ],
    'YEAR',
  ],
  [
    '3403',
    [
      ['3403', 'PLAIN'],
      ['34', 'YEAR'],
    ],
    'PLAIN',
  ],
  [
    '3403 3404',
    [
      ['3403', 'PLAIN'],
      ['3404', 'PLAIN'],
    ],
    'PLAIN',
  ],
  ['34', [['34', 'PARTIAL']], 'PARTIAL'],
])('in %s, %j shows %s', (districts, grants, expected) => {
  expect(
    maskIn(
      list(districts),
      grants.map(([where, mask]) => ({ districts: list(where), mask })),
    ),
  ).toBe(expected);
});

describe('two scopes', () => {
  const scope = (districts: string, masks: Scope['masks'] = {}): Scope => ({ districts: list(districts), masks });
  test.each<[string, Scope, Scope, Scope]>([
    ['without limit', WITHOUT_LIMIT, WITHOUT_LIMIT, WITHOUT_LIMIT],
    ['one masked', scope('everywhere', { a: 'YEAR' }), WITHOUT_LIMIT, scope('everywhere', { a: 'YEAR' })],
    ['the same masked', scope('34', { a: 'YEAR' }), scope('3403', { a: 'YEAR' }), scope('3403', { a: 'YEAR' })],
    [
      'others masked',
      scope('34', { a: 'YEAR' }),
      scope('34', { b: 'PARTIAL' }),
      scope('34', { a: 'YEAR', b: 'PARTIAL' }),
    ],
    [
      'one masked in two ways',
      scope('34', { a: 'YEAR' }),
      scope('34', { a: 'PARTIAL' }),
      scope('34', { a: 'NOTHING' }),
    ],
    ['nothing in common', scope('34'), scope('65'), scope('')],
  ])('%s', (_, a, b, both) => {
    expect(narrowed(a, b)).toEqual(both);
    expect(narrowed(b, a)).toEqual(both);
    expect(isLimited(both)).toBe(both !== WITHOUT_LIMIT);
  });
});
