import type { Records, Row } from '../plant';
import { testRule } from '../rule-table';

/** Died on 2026-01-10, PROVEN. */
const dead: Records = { household: [{}], death: [{}] };
const forMonth = (day: string, rest: Row = {}): Row[] => [{ claim_type: 'CAPITATION', service_date: day, ...rest }];

testRule(
  'D6',
  'claim',
  { amount: '100.00', tier: 'PROVEN' },
  {
    clean: {
      'the month before': { ...dead, claim: forMonth('2025-12-31') },
      'the month of death, its last day': { ...dead, claim: forMonth('2026-01-31') },
      'the month of the last possible day': {
        household: [{}],
        death: [{}, { source: 'CREMATION', death_date: '2026-02-01' }],
        claim: forMonth('2026-02-28'),
      },
      'the last month of a year of death': {
        household: [{}],
        death: [{ date_precision: 'YEAR', death_date: '2025-03-01' }],
        claim: forMonth('2025-12-15'),
      },
      'an outpatient claim is D1': { ...dead, claim: [{ service_date: '2026-02-01' }] },
      'no fund money': { ...dead, claim: forMonth('2026-02-01', { pooled_paid: 0, account_paid: 5 }) },
      reversed: { ...dead, claim: forMonth('2026-02-01', { status: 'REVERSED' }) },
      recovered: { ...dead, claim: forMonth('2026-02-01', { status: 'RECOVERED' }) },
      refused: { ...dead, claim: forMonth('2026-02-01', { status: 'REFUSED' }) },
      alive: { household: [{}], claim: forMonth('2026-02-01') },
      'no window': { household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }], claim: forMonth('2026-02-01') },
      'shared number': { household: [{}, { name: 'other' }], death: [{}], claim: forMonth('2026-02-01') },
    },
    flagged: {
      'the first day of the next month': {
        ...dead,
        claim: forMonth('2026-02-01'),
        finds: { records: ['claim-1', 'death-1', 'household-1'] },
      },
      'the next month, a death on its last day': {
        household: [{}],
        death: [{ death_date: '2026-01-31' }],
        claim: forMonth('2026-02-01'),
      },
      'months later': { ...dead, claim: forMonth('2026-05-20', { aid_paid: 3 }), finds: { amount: '103.00' } },
      'the next January, after a year of death': {
        household: [{}],
        death: [{ date_precision: 'YEAR', death_date: '2025-03-01' }],
        claim: forMonth('2026-01-01'),
      },
      'mortuary items do not make it due': {
        ...dead,
        claim: forMonth('2026-02-01'),
        claim_line: [{ item_group: 'MORTUARY' }],
      },
      suspected: {
        household: [{}],
        death: [{ source: 'CREMATION' }],
        claim: forMonth('2026-02-01'),
        finds: { tier: 'SUSPECTED' },
      },
      contested: {
        household: [{}],
        death: [{}],
        contribution: [{ period: '2026-04' }],
        claim: forMonth('2026-02-01'),
        finds: { tier: 'CONTESTED', records: ['claim-1', 'contribution-1', 'death-1', 'household-1'] },
      },
    },
  },
);
