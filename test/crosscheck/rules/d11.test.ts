import { type Records, type Row, stay } from '../plant';
import { testRule } from '../rule-table';

/** Three who died on 2026-01-10, PROVEN, and claims of theirs at the case's first institution. */
const NAMES = ['a', 'b', 'c'];
const three: Records = { household: NAMES.map((person) => ({ person })), death: NAMES.map((person) => ({ person })) };
const at = (person: string, day: string, rest: Row = {}): Row => ({
  person,
  service_date: day,
  institution: 1,
  ...rest,
});
const allOn = (...days: string[]): Row[] => NAMES.map((person, i) => at(person, days[i] as string));
const refused = (person: string, day: string, rest: Row = {}) =>
  at(person, day, { status: 'REFUSED', pooled_paid: 0, ...rest });

testRule(
  'D11',
  'institution',
  { amount: '300.00', tier: null },
  {
    clean: {
      'two persons': {
        ...three,
        claim: [at('a', '2026-02-01'), at('b', '2026-02-02'), at('a', '2026-02-03'), at('b', '2026-02-04')],
      },
      'one person thrice': { ...three, claim: [at('a', '2026-02-01'), at('a', '2026-02-02'), at('a', '2026-02-03')] },
      'the third under an earlier number of the second': {
        ...three,
        claim: [at('a', '2026-02-01'), at('b', '2026-02-02'), at('b', '2026-02-03', { filed: 'earlier' })],
      },
      'first and last 91 days apart': { ...three, claim: allOn('2026-02-01', '2026-03-01', '2026-05-03') },
      'at different institutions': {
        ...three,
        claim: [at('a', '2026-02-01'), at('b', '2026-02-02'), at('c', '2026-02-03', { institution: 2 })],
      },
      'the third alive': {
        household: three.household,
        death: [{ person: 'a' }, { person: 'b' }],
        claim: allOn('2026-02-01', '2026-02-02', '2026-02-03'),
      },
      'the third within grace': { ...three, claim: allOn('2026-02-01', '2026-02-02', '2026-01-11') },
      'the third refused within grace': {
        ...three,
        claim: [at('a', '2026-02-01'), at('b', '2026-02-02'), refused('c', '2026-01-11')],
      },
      'the third refused, alive': {
        ...three,
        household: [...(three.household ?? []), { person: 'd' }],
        claim: [at('a', '2026-02-01'), at('b', '2026-02-02'), refused('d', '2026-02-03')],
      },
      'the third a capitation, D6': {
        ...three,
        claim: [at('a', '2026-02-01'), at('b', '2026-02-02'), at('c', '2026-02-03', { claim_type: 'CAPITATION' })],
      },
      'the third a refused capitation': {
        ...three,
        claim: [at('a', '2026-02-01'), at('b', '2026-02-02'), refused('c', '2026-02-03', { claim_type: 'CAPITATION' })],
      },
      'the third reversed': {
        ...three,
        claim: [at('a', '2026-02-01'), at('b', '2026-02-02'), at('c', '2026-02-03', { status: 'REVERSED' })],
      },
      'the third recovered': {
        ...three,
        claim: [at('a', '2026-02-01'), at('b', '2026-02-02'), at('c', '2026-02-03', { status: 'RECOVERED' })],
      },
      'the third paid without fund money': {
        ...three,
        claim: [
          at('a', '2026-02-01'),
          at('b', '2026-02-02'),
          at('c', '2026-02-03', { pooled_paid: 0, account_paid: 9 }),
        ],
      },
      'the third mortuary only': {
        ...three,
        claim: allOn('2026-02-01', '2026-02-02', '2026-02-03'),
        claim_line: [{ person: 'c', claim: 3, item_group: 'MORTUARY' }],
      },
      'the third refused, mortuary only': {
        ...three,
        claim: [at('a', '2026-02-01'), at('b', '2026-02-02'), refused('c', '2026-02-03')],
        claim_line: [{ person: 'c', claim: 3, item_group: 'MORTUARY' }],
      },
      'the third a stay with late items, D2': {
        ...three,
        claim: [
          at('a', '2026-02-01'),
          at('b', '2026-02-02'),
          stay('2026-01-05', '2026-02-03', { person: 'c', institution: 1 }),
        ],
        claim_line: [{ person: 'c', claim: 3, service_date: '2026-02-01' }],
      },
      'the third without a window': {
        household: [
          ...(three.household ?? []).slice(0, 2),
          { person: 'c', status: 'CANCELLED', cancel_reason: 'DEATH' },
        ],
        death: [{ person: 'a' }, { person: 'b' }],
        claim: allOn('2026-02-01', '2026-02-02', '2026-02-03'),
      },
      'pairs in two seasons': {
        ...three,
        claim: [...allOn('2026-02-01', '2026-02-02', '2026-06-02'), at('a', '2026-06-01')],
      },
    },
    flagged: {
      'three on one day': {
        ...three,
        claim: allOn('2026-02-01', '2026-02-01', '2026-02-01'),
        finds: {
          records: ['claim', 'death', 'household'].flatMap((kind) => [1, 2, 3].map((nth) => `${kind}-${nth}`)),
        },
      },
      'first and last 90 days apart': { ...three, claim: allOn('2026-02-01', '2026-03-01', '2026-05-02') },
      'in any order': { ...three, claim: allOn('2026-05-02', '2026-02-01', '2026-03-01') },
      'outpatient, pharmacy and stay': {
        ...three,
        claim: [
          at('a', '2026-02-01'),
          at('b', '2026-02-02', { claim_type: 'PHARMACY', aid_paid: '0.07' }),
          stay('2026-02-03', '2026-02-09', { person: 'c', institution: 1 }),
        ],
        finds: { amount: '300.07' },
      },
      'the third refused: an attempt without money': {
        ...three,
        claim: [at('a', '2026-02-01'), at('b', '2026-02-02'), refused('c', '2026-02-03')],
        finds: {
          amount: '200.00',
          records: ['claim', 'death', 'household'].flatMap((kind) => [1, 2, 3].map((nth) => `${kind}-${nth}`)),
        },
      },
      'what a refused claim would have cost does not count': {
        ...three,
        claim: [at('a', '2026-02-01'), at('b', '2026-02-02'), refused('c', '2026-02-03', { pooled_paid: 700 })],
        finds: { amount: '200.00' },
      },
      'refused only': {
        ...three,
        claim: [refused('a', '2026-02-01'), refused('b', '2026-02-02'), refused('c', '2026-02-03')],
        finds: { amount: '0.00' },
      },
      'whatever the tier': {
        household: three.household,
        death: [{ person: 'a' }, { person: 'b', source: 'CREMATION' }, { person: 'c' }],
        contribution: [{ person: 'c', period: '2026-06' }],
        claim: allOn('2026-02-01', '2026-02-02', '2026-02-03'),
      },
      'every finding in any window, of a person more than one, and none outside': {
        ...three,
        claim: [
          at('a', '2026-01-20', { pooled_paid: 1 }),
          at('a', '2026-02-01', { pooled_paid: 2 }),
          at('a', '2026-02-02', { pooled_paid: 4 }),
          at('b', '2026-03-01', { pooled_paid: 8 }),
          at('c', '2026-05-02', { pooled_paid: 16 }),
          at('b', '2026-05-04', { pooled_paid: 32 }),
          at('c', '2026-09-01', { pooled_paid: 64 }),
        ],
        // From 1 February to 2 May. On 20 January and from 4 May on there are never three within 90 days.
        finds: { amount: '30.00' },
      },
      'windows that overlap: once, each finding once': {
        ...three,
        household: [...(three.household ?? []), { person: 'd' }],
        death: [...(three.death ?? []), { person: 'd' }],
        claim: [...allOn('2026-02-01', '2026-03-01', '2026-05-02'), at('d', '2026-05-30', { pooled_paid: 5 })],
        finds: { amount: '305.00' },
      },
      'two seasons with nothing between': {
        ...three,
        death: NAMES.map((person) => ({ person, death_date: '2025-01-10', registered_on: '2025-01-11' })),
        claim: [
          ...allOn('2025-02-01', '2025-02-01', '2025-02-01'),
          at('a', '2025-08-01', { pooled_paid: 1000 }),
          ...allOn('2026-02-01', '2026-02-01', '2026-02-01'),
        ],
        finds: { amount: '600.00' },
      },
      'two institutions, each its own': {
        ...three,
        claim: [
          ...allOn('2026-02-01', '2026-02-01', '2026-02-01'),
          ...NAMES.map((person) => at(person, '2026-02-01', { institution: 2, pooled_paid: 1 })),
        ],
        finds: [{ nth: 1 }, { nth: 2, amount: '3.00' }],
      },
    },
  },
);
