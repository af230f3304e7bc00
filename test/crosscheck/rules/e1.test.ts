import type { Records, Row } from '../plant';
import { testRule } from '../rule-table';

const from = (start: string, end?: string, rest: Row = {}): Row => ({ start_date: start, end_date: end, ...rest });
const resident = (start: string, end?: string, rest: Row = {}) => from(start, end, { scheme: 'RESIDENT', ...rest });
/** The first runs until 2026-02-01 and not longer; what comes beside it. */
const beside = (second: Row, first: Row = {}): Records => ({
  household: [{}],
  enrollment: [from('2020-01-01', '2026-02-01', first), second],
});

testRule(
  'E1',
  'enrollment',
  { nth: 2, amount: '0.00', tier: null },
  {
    clean: {
      'one after the other': beside(resident('2026-02-01')),
      'overlapping by 31 days': beside(resident('2026-01-01')),
      'the second within, 31 days long': beside(resident('2025-05-01', '2025-06-01')),
      'both open, 31 days until the check': {
        household: [{}],
        enrollment: [from('2020-01-01'), resident('2026-05-30')],
      },
      'ends after the check count as the check': {
        household: [{}],
        enrollment: [from('2020-01-01', '2027-01-01'), resident('2026-05-30', '2028-01-01')],
      },
      'both begin after the check': { household: [{}], enrollment: [from('2026-08-01'), resident('2026-08-02')] },
      'same scheme and pooling district': beside(from('2025-01-01')),
      'the first suspended': beside(resident('2025-01-01'), { status: 'SUSPENDED' }),
      'the first terminated': beside(resident('2025-01-01'), { status: 'TERMINATED' }),
      'the second suspended': beside(resident('2025-01-01', undefined, { status: 'SUSPENDED' })),
      'the second terminated': beside(resident('2025-01-01', undefined, { status: 'TERMINATED' })),
      'the second a newborn’s': beside(resident('2025-01-01', undefined, { category: 'NEWBORN' })),
      'the first a newborn’s': beside(resident('2025-01-01'), { category: 'NEWBORN' }),
      'of two persons': {
        household: [{}, { person: 'other' }],
        enrollment: [from('2020-01-01'), resident('2020-01-01', undefined, { person: 'other' })],
      },
    },
    flagged: {
      'overlapping by 32 days': {
        ...beside(resident('2025-12-31')),
        finds: { records: ['enrollment-1', 'enrollment-2'] },
      },
      'the second within, 32 days long': beside(resident('2025-05-01', '2025-06-02')),
      'both open, 32 days until the check': {
        household: [{}],
        enrollment: [from('2020-01-01'), resident('2026-05-29')],
      },
      'same scheme, another pooling district': beside(from('2025-01-01', undefined, { pooling_district: '340303' })),
      'the one that starts later, though it came first': {
        household: [{}],
        enrollment: [resident('2025-01-01'), from('2020-01-01')],
        finds: { nth: 1 },
      },
      'same start: the larger key': { household: [{}], enrollment: [from('2020-01-01'), resident('2020-01-01')] },
      'same start: larger by code point': {
        household: [{}],
        enrollment: [
          from('2020-01-01', undefined, { source_id: 'same start: larger by code point-enrollment-10' }),
          resident('2020-01-01', undefined, { source_id: 'same start: larger by code point-enrollment-9' }),
          from('2020-01-01', '2020-01-02', { source_id: 'same start: larger by code point-enrollment-A' }),
        ],
        finds: { nth: 9 },
      },
      'categories of others do not matter': beside(resident('2025-01-01', undefined, { category: 'ADULT' }), {
        category: 'WORKING',
      }),
      'under an earlier number': beside(resident('2025-01-01', undefined, { filed: 'earlier' })),
      'three: each later one, once': {
        household: [{}],
        enrollment: [
          from('2020-01-01'),
          resident('2021-01-01'),
          from('2022-01-01', undefined, { pooling_district: '340303' }),
        ],
        finds: [
          { nth: 2, records: ['enrollment-1', 'enrollment-2'] },
          { nth: 3, records: ['enrollment-1', 'enrollment-2', 'enrollment-3'] },
        ],
      },
      'of the dead, with their tier': {
        household: [{}],
        death: [{}],
        enrollment: [from('2020-01-01'), resident('2025-01-01')],
        finds: { tier: 'PROVEN', records: ['death-1', 'enrollment-1', 'enrollment-2', 'household-1'] },
      },
    },
  },
);
