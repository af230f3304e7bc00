import type { Records, Row } from '../plant';
import { testRule } from '../rule-table';

/** Died on 2026-01-10, PROVEN. */
const dead: Records = { household: [{}], death: [{}] };
const paidUntil = (month: string | null, rest: Row = {}): Row[] => [{ last_paid_month: month, ...rest }];

testRule(
  'R2',
  'retirement',
  { amount: '0.00', tier: 'PROVEN' },
  {
    clean: {
      'the month before death': { ...dead, retirement: paidUntil('2025-12') },
      'the month of death': { ...dead, retirement: paidUntil('2026-01') },
      'no month known': { ...dead, retirement: paidUntil(null) },
      suspended: { ...dead, retirement: paidUntil('2026-05', { status: 'SUSPENDED' }) },
      stopped: { ...dead, retirement: paidUntil('2026-05', { status: 'STOPPED', stop_reason: 'DEATH' }) },
      alive: { household: [{}], retirement: paidUntil('2026-05') },
      suspected: { household: [{}], death: [{ source: 'CREMATION' }], retirement: paidUntil('2026-05') },
      'no window': { household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }], retirement: paidUntil('2026-05') },
      contested: { ...dead, contribution: [{ period: '2026-04' }], retirement: paidUntil('2026-05') },
      'the month of the last possible day': {
        household: [{}],
        death: [{}, { source: 'CREMATION', death_date: '2026-02-05' }],
        retirement: paidUntil('2026-02'),
      },
      'the last month of a year of death': {
        household: [{}],
        death: [{ date_precision: 'YEAR', death_date: '2025-02-01' }],
        retirement: paidUntil('2025-12'),
      },
    },
    flagged: {
      'the next month': {
        ...dead,
        retirement: paidUntil('2026-02'),
        finds: { records: ['death-1', 'household-1', 'retirement-1'] },
      },
      'over the turn of the year': {
        household: [{}],
        death: [{ death_date: '2025-12-31' }],
        retirement: paidUntil('2026-01'),
      },
      'a civil servant’s': { ...dead, retirement: paidUntil('2026-05', { pension: 'CIVIL_SERVANT' }) },
      'a resident’s': { ...dead, retirement: paidUntil('2026-05', { pension: 'RESIDENT' }) },
      'proven by two sources, one undated': {
        household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }],
        death: [{ source: 'CREMATION' }],
        retirement: paidUntil('2026-05'),
      },
      'under an earlier number': { ...dead, retirement: paidUntil('2026-05', { filed: 'earlier' }) },
    },
  },
);
