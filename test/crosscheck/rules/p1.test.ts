import { type Records, stay } from '../plant';
import { testRule } from '../rule-table';

const alive: Records = { household: [{}], enrollment: [{}] };
const on = (day: string, rest = {}) => [{ service_date: day, benefit_tier: 'POVERTY', ...rest }];
const monitored = (identified: string, removed?: string, rest = {}) => [
  { identified_on: identified, risk_removed_on: removed, ...rest },
];

testRule(
  'P1',
  'claim',
  { amount: '100.00', tier: null },
  {
    clean: {
      monitored: { ...alive, poverty: [{}], claim: on('2026-02-01') },
      'first day monitored': { ...alive, poverty: monitored('2026-02-01'), claim: on('2026-02-01') },
      'last day monitored': { ...alive, poverty: monitored('2020-01-01', '2026-02-02'), claim: on('2026-02-01') },
      'monitored under an earlier number': {
        ...alive,
        poverty: monitored('2020-01-01', undefined, { filed: 'earlier' }),
        claim: on('2026-02-01'),
      },
      'monitored again': {
        ...alive,
        poverty: [...monitored('2020-01-01', '2021-01-01'), ...monitored('2026-01-01')],
        claim: on('2026-02-01'),
      },
      'capitation: monitored from the last day of the month': {
        ...alive,
        poverty: monitored('2026-02-28'),
        claim: on('2026-02-01', { claim_type: 'CAPITATION' }),
      },
      'capitation: monitored until the first day of the month': {
        ...alive,
        poverty: monitored('2020-01-01', '2026-02-02'),
        claim: on('2026-02-20', { claim_type: 'CAPITATION' }),
      },
      'basic tier': { ...alive, claim: on('2026-02-01', { benefit_tier: 'BASIC' }) },
      'retiree tier is T1': { ...alive, claim: on('2026-02-01', { benefit_tier: 'RETIREE' }) },
      'no fund money': { ...alive, claim: on('2026-02-01', { pooled_paid: 0 }) },
      recovered: { ...alive, claim: on('2026-02-01', { status: 'RECOVERED' }) },
      'mortuary only': { ...alive, claim: on('2026-02-01'), claim_line: [{ item_group: 'MORTUARY' }] },
      'dead for certain and told by D1': { ...alive, death: [{}], claim: on('2026-02-01') },
      'dead for certain and told by D2': {
        ...alive,
        death: [{}],
        claim: [stay('2026-01-08', '2026-02-03', { benefit_tier: 'POVERTY' })],
        claim_line: [{}],
      },
    },
    flagged: {
      'never monitored': { ...alive, claim: on('2026-02-01') },
      'the day before': { ...alive, poverty: monitored('2026-02-02'), claim: on('2026-02-01') },
      'the day the risk was removed': {
        ...alive,
        poverty: monitored('2020-01-01', '2026-02-01'),
        claim: on('2026-02-01'),
      },
      'capitation: removed on the first day of the month': {
        ...alive,
        poverty: monitored('2020-01-01', '2026-02-01'),
        claim: on('2026-02-20', { claim_type: 'CAPITATION' }),
      },
      'suspected death does not supersede': {
        ...alive,
        death: [{ source: 'CREMATION' }],
        claim: on('2026-02-01'),
        finds: { tier: 'SUSPECTED' },
      },
    },
  },
);
