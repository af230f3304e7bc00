import type { Records } from '../plant';
import { testRule } from '../rule-table';

/** Died on 2026-01-10 by a certificate that matches, so the window is that day and the tier PROVEN. */
const dead: Records = { household: [{}], death: [{}] };
const on = (day: string, rest = {}) => [{ service_date: day, ...rest }];

testRule(
  'D1',
  'claim',
  { amount: '100.00', tier: 'PROVEN' },
  {
    clean: {
      'before death': { ...dead, claim: on('2026-01-09') },
      'on the day of death': { ...dead, claim: on('2026-01-10') },
      'the day after, within grace': { ...dead, claim: on('2026-01-11') },
      alive: { household: [{}], claim: on('2026-02-01') },
      'no fund money, only account': { ...dead, claim: on('2026-02-01', { pooled_paid: 0, account_paid: 80 }) },
      reversed: { ...dead, claim: on('2026-02-01', { status: 'REVERSED' }) },
      recovered: { ...dead, claim: on('2026-02-01', { status: 'RECOVERED' }) },
      refused: { ...dead, claim: on('2026-02-01', { status: 'REFUSED' }) },
      'a capitation is D6': { ...dead, claim: on('2026-02-01', { claim_type: 'CAPITATION' }) },
      'a stay is D3': {
        ...dead,
        claim: [
          { claim_type: 'INPATIENT', service_date: null, admission_date: '2026-02-01', discharge_date: '2026-02-03' },
        ],
      },
      'mortuary only': {
        ...dead,
        claim: on('2026-02-01'),
        claim_line: [{ item_group: 'MORTUARY' }, { item_group: 'MORTUARY' }],
      },
      'inside a month of death': {
        household: [{}],
        death: [{ date_precision: 'MONTH', death_date: '2026-02-01' }],
        claim: on('2026-02-28'),
      },
      'the day after a month of death': {
        household: [{}],
        death: [{ date_precision: 'MONTH', death_date: '2026-02-01' }],
        claim: on('2026-03-01'),
      },
      'the day after a year of death': {
        household: [{}],
        death: [{ date_precision: 'YEAR', death_date: '2025-07-01' }],
        claim: on('2026-01-01'),
      },
      'cancelled for death without a date': {
        household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }],
        claim: on('2026-02-01'),
      },
      'cancelled for another reason': {
        household: [{ status: 'CANCELLED', cancel_reason: 'MOVED_OUT' }],
        claim: on('2026-02-01'),
      },
      'voided certificate': { household: [{}], death: [{ status: 'VOIDED' }], claim: on('2026-02-01') },
      'between two dates of death': {
        household: [{}],
        death: [{}, { source: 'CREMATION', death_date: '2026-02-05' }],
        claim: on('2026-02-01'),
      },
      'shared number': { household: [{}, { name: 'other' }], death: [{}], claim: on('2026-02-01') },
      'conflicting certificate': { household: [{}], death: [{ name: 'other' }], claim: on('2026-02-01') },
      'impossible certificate': { household: [{}], death: [{ registered_on: '2026-01-09' }], claim: on('2026-02-01') },
    },
    flagged: {
      'two days after, out of grace': { ...dead, claim: on('2026-01-12') },
      pharmacy: { ...dead, claim: on('2026-02-01', { claim_type: 'PHARMACY' }) },
      'serious illness money only': {
        ...dead,
        claim: on('2026-02-01', { pooled_paid: 0, serious_illness_paid: 70 }),
        finds: { amount: '70.00' },
      },
      'aid money only': {
        ...dead,
        claim: on('2026-02-01', { pooled_paid: 0, aid_paid: '30.05' }),
        finds: { amount: '30.05' },
      },
      'all fund money counts, account money does not': {
        ...dead,
        claim: on('2026-02-01', { serious_illness_paid: 20, aid_paid: 3, account_paid: 9 }),
        finds: { amount: '123.00' },
      },
      'mortuary and drugs': { ...dead, claim: on('2026-02-01'), claim_line: [{ item_group: 'MORTUARY' }, {}] },
      'only the claim with the drug is mortuary-free': {
        ...dead,
        claim: [{}, {}],
        claim_line: [{ item_group: 'MORTUARY' }, { claim: 2 }],
        finds: { nth: 2 },
      },
      'two days after the month of death': {
        household: [{}],
        death: [{ date_precision: 'MONTH', death_date: '2026-02-15' }],
        claim: on('2026-03-02'),
      },
      'two days after the year of death': {
        household: [{}],
        death: [{ date_precision: 'YEAR', death_date: '2025-07-01' }],
        claim: on('2026-01-02'),
      },
      'suspected: cremation alone': {
        household: [{}],
        death: [{ source: 'CREMATION' }],
        claim: on('2026-02-01'),
        finds: { tier: 'SUSPECTED' },
      },
      'contested dates': {
        household: [{}],
        death: [{}, { source: 'CREMATION', death_date: '2026-02-11' }],
        claim: on('2026-02-13'),
        finds: { tier: 'CONTESTED' },
      },
      'no household row': { death: [{}], claim: on('2026-02-01'), finds: { tier: 'SUSPECTED' } },
      'police with a date': {
        household: [{ status: 'CANCELLED', cancel_reason: 'DEATH', death_date: '2026-01-10' }],
        claim: on('2026-02-01'),
        finds: { tier: 'SUSPECTED' },
      },
      'claim filed under an earlier number': { ...dead, claim: on('2026-02-01', { filed: 'earlier' }) },
      'claim dated after the day of the check': { ...dead, claim: on('2026-07-15') },
    },
  },
);
