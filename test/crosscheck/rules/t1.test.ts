import { type Records, stay } from '../plant';
import { testRule } from '../rule-table';

const alive: Records = { household: [{}], enrollment: [{}] };
const on = (day: string, rest = {}) => [{ service_date: day, benefit_tier: 'RETIREE', ...rest }];

testRule(
  'T1',
  'claim',
  { amount: '100.00', tier: null },
  {
    clean: {
      retired: { ...alive, retirement: [{}], claim: on('2026-02-01') },
      'on the day of retirement': { ...alive, retirement: [{ retired_on: '2026-02-01' }], claim: on('2026-02-01') },
      'civil servant': { ...alive, retirement: [{ pension: 'CIVIL_SERVANT' }], claim: on('2026-02-01') },
      'retired under an earlier number': { ...alive, retirement: [{ filed: 'earlier' }], claim: on('2026-02-01') },
      'pension stopped, retired all the same': {
        ...alive,
        retirement: [{ status: 'STOPPED', stop_reason: 'CUSTODY' }],
        claim: on('2026-02-01'),
      },
      'capitation: retired on the last day of the month': {
        ...alive,
        retirement: [{ retired_on: '2026-02-28' }],
        claim: on('2026-02-01', { claim_type: 'CAPITATION' }),
      },
      'basic tier': { ...alive, claim: on('2026-02-01', { benefit_tier: 'BASIC' }) },
      'poverty tier is P1': { ...alive, claim: on('2026-02-01', { benefit_tier: 'POVERTY' }) },
      'no fund money': { ...alive, claim: on('2026-02-01', { pooled_paid: 0 }) },
      reversed: { ...alive, claim: on('2026-02-01', { status: 'REVERSED' }) },
      'mortuary only': { ...alive, claim: on('2026-02-01'), claim_line: [{ item_group: 'MORTUARY' }] },
      'dead for certain and told by D1': { ...alive, death: [{}], claim: on('2026-02-01') },
      'dead for certain and told by D3': {
        ...alive,
        death: [{}],
        claim: [stay('2026-02-01', '2026-02-03', { benefit_tier: 'RETIREE' })],
      },
      'dead for certain and told by D6': {
        ...alive,
        death: [{}],
        claim: on('2026-02-01', { claim_type: 'CAPITATION' }),
      },
    },
    flagged: {
      'no retirement at all': { ...alive, claim: on('2026-02-01') },
      'the day before retirement': { ...alive, retirement: [{ retired_on: '2026-02-02' }], claim: on('2026-02-01') },
      'a resident pension only': { ...alive, retirement: [{ pension: 'RESIDENT' }], claim: on('2026-02-01') },
      'capitation: retired after the month': {
        ...alive,
        retirement: [{ retired_on: '2026-03-01' }],
        claim: on('2026-02-01', { claim_type: 'CAPITATION' }),
      },
      'a stay: retired after admission': {
        ...alive,
        retirement: [{ retired_on: '2026-02-02' }],
        claim: [stay('2026-02-01', '2026-02-03', { benefit_tier: 'RETIREE' })],
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
