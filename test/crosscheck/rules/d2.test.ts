import { type Records, type Row, stay } from '../plant';
import { testRule } from '../rule-table';

/** Died on 2026-01-10, PROVEN, during a stay. */
const dead: Records = { household: [{}], death: [{}] };
const inStay: Records = { ...dead, claim: [stay('2026-01-05', '2026-01-20')] };
const line = (day: string, rest: Row = {}): Row => ({ service_date: day, ...rest });
const late = [line('2026-01-14')];

testRule(
  'D2',
  'claim',
  { amount: '50.00', tier: 'PROVEN' },
  {
    clean: {
      'items before, on and the day after death': {
        ...inStay,
        claim_line: [line('2026-01-09'), line('2026-01-10'), line('2026-01-11')],
      },
      'only mortuary items after death': {
        ...inStay,
        claim_line: [line('2026-01-09'), line('2026-01-14', { item_group: 'MORTUARY' })],
      },
      'mortuary only': { ...inStay, claim_line: [line('2026-01-14', { item_group: 'MORTUARY' })] },
      'no items at all': inStay,
      'a stay that was discharged after death says nothing of items': {
        ...dead,
        claim: [stay('2026-01-05', '2026-03-20')],
        claim_line: [line('2026-01-10')],
      },
      'admitted after death is D3': {
        ...dead,
        claim: [stay('2026-01-12', '2026-01-20')],
        claim_line: late,
      },
      'an outpatient claim': { ...dead, claim: [{ service_date: '2026-01-05' }], claim_line: late },
      'a capitation': { ...dead, claim: [{ service_date: '2026-01-05', claim_type: 'CAPITATION' }], claim_line: late },
      'items of another claim': {
        ...dead,
        claim: [stay('2026-01-05', '2026-01-20'), { service_date: '2026-01-02' }],
        claim_line: [line('2026-01-14', { claim: 2 })],
      },
      'no fund money': {
        ...dead,
        claim: [stay('2026-01-05', '2026-01-20', { pooled_paid: 0, account_paid: 60 })],
        claim_line: late,
      },
      reversed: { ...dead, claim: [stay('2026-01-05', '2026-01-20', { status: 'REVERSED' })], claim_line: late },
      recovered: { ...dead, claim: [stay('2026-01-05', '2026-01-20', { status: 'RECOVERED' })], claim_line: late },
      refused: { ...dead, claim: [stay('2026-01-05', '2026-01-20', { status: 'REFUSED' })], claim_line: late },
      alive: { household: [{}], claim: [stay('2026-01-05', '2026-01-20')], claim_line: late },
      'no window': {
        household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }],
        claim: [stay('2026-01-05', '2026-01-20')],
        claim_line: late,
      },
      'shared number': { ...inStay, household: [{}, { name: 'other' }], claim_line: late },
      'inside the month of death and the day after it': {
        household: [{}],
        death: [{ date_precision: 'MONTH' }],
        claim: [stay('2026-01-05', '2026-02-20')],
        claim_line: [line('2026-01-31'), line('2026-02-01')],
      },
    },
    flagged: {
      'an item two days after death': {
        ...inStay,
        claim_line: [line('2026-01-12')],
        finds: { records: ['claim-1', 'claim_line-1', 'death-1', 'household-1'] },
      },
      'the late items alone, mortuary and earlier ones aside': {
        ...inStay,
        claim_line: [
          line('2026-01-11', { amount: 1 }),
          line('2026-01-12', { amount: '2.05' }),
          line('2026-01-19', { amount: 10, item_group: 'BED' }),
          line('2026-01-13', { amount: 400, item_group: 'MORTUARY' }),
        ],
        finds: { amount: '12.05', records: ['claim-1', 'claim_line-2', 'claim_line-3', 'death-1', 'household-1'] },
      },
      'of what the items cost, not of what the fund paid': {
        ...inStay,
        claim_line: [line('2026-01-12', { amount: 5000 })],
        finds: { amount: '5000.00' },
      },
      'an item that cost nothing': {
        ...inStay,
        claim_line: [line('2026-01-12', { amount: 0 })],
        finds: { amount: '0.00' },
      },
      'admitted within grace': { ...dead, claim: [stay('2026-01-11', '2026-01-20')], claim_line: late },
      'an item after discharge': { ...dead, claim: [stay('2026-01-05', '2026-01-10')], claim_line: late },
      'aid money only': {
        ...dead,
        claim: [stay('2026-01-05', '2026-01-20', { pooled_paid: 0, aid_paid: 3 })],
        claim_line: late,
      },
      'two days after the month of death': {
        household: [{}],
        death: [{ date_precision: 'MONTH' }],
        claim: [stay('2026-01-05', '2026-02-20')],
        claim_line: [line('2026-02-02')],
      },
      suspected: {
        ...inStay,
        death: [{ source: 'CREMATION' }],
        claim_line: late,
        finds: { tier: 'SUSPECTED' },
      },
      'contested dates, after the later': {
        ...dead,
        death: [{}, { source: 'CREMATION', death_date: '2026-02-20' }],
        claim: [stay('2026-01-05', '2026-03-20')],
        claim_line: [line('2026-02-21'), line('2026-02-22', { amount: 7 })],
        finds: { amount: '7.00', tier: 'CONTESTED' },
      },
      'under an earlier number': {
        ...dead,
        claim: [stay('2026-01-05', '2026-01-20', { filed: 'earlier' })],
        claim_line: late,
      },
    },
  },
);
