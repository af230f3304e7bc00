import { type Records, type Row, stay } from '../plant';
import { testRule } from '../rule-table';

/** Left hospital dead on 2026-01-10; no document tells of it. */
const died = (rest: Row = {}): Row => stay('2026-01-05', '2026-01-10', { discharge_way: '5', ...rest });
const after = (days: string, rest: Row = {}): Records => ({
  household: [{}],
  claim: [died(), { service_date: days, ...rest }],
});

testRule(
  'D5',
  'claim',
  { nth: 2, amount: '100.00', tier: null },
  {
    clean: {
      'earlier care': after('2026-01-02'),
      'on the day of discharge': after('2026-01-10'),
      'the day after, within grace': after('2026-01-11'),
      'the stay itself': { household: [{}], claim: [died()] },
      'a stay that says it was left before it began': {
        household: [{}],
        claim: [stay('2026-01-20', '2026-01-10', { discharge_way: '5' })],
      },
      'a capitation': after('2026-02-01', { claim_type: 'CAPITATION' }),
      'no fund money': after('2026-02-01', { pooled_paid: 0, account_paid: 9 }),
      'later care reversed': after('2026-02-01', { status: 'REVERSED' }),
      'later care recovered': after('2026-02-01', { status: 'RECOVERED' }),
      'later care refused': after('2026-02-01', { status: 'REFUSED' }),
      'later care mortuary only': { ...after('2026-02-01'), claim_line: [{ claim: 2, item_group: 'MORTUARY' }] },
      ...Object.fromEntries(
        ['1', '2', '3', '4', '9', null].map((way) => [
          `discharged otherwise, ${way}`,
          { household: [{}], claim: [died({ discharge_way: way }), { service_date: '2026-02-01' }] },
        ]),
      ),
      'the fatal stay was reversed': {
        household: [{}],
        claim: [died({ status: 'REVERSED' }), { service_date: '2026-02-01' }],
      },
      'the fatal stay was refused': {
        household: [{}],
        claim: [died({ status: 'REFUSED' }), { service_date: '2026-02-01' }],
      },
      'no day of discharge': {
        household: [{}],
        claim: [{ service_date: '2026-01-05', discharge_way: '5' }, { service_date: '2026-02-01' }],
      },
      'another patient': {
        household: [{}, { person: 'other' }],
        claim: [died(), { person: 'other', service_date: '2026-02-01' }],
      },
      'a window is known: D1 speaks': { ...after('2026-02-01'), death: [{}] },
      'a window after the later care is known too': { ...after('2026-02-01'), death: [{ death_date: '2026-05-01' }] },
      'a contested window': {
        ...after('2026-02-01'),
        death: [{}, { source: 'CREMATION', death_date: '2026-05-01' }],
      },
      'shared number: perhaps another person': { ...after('2026-02-01'), household: [{}, { name: 'other' }] },
    },
    flagged: {
      'two days after': { ...after('2026-01-12'), finds: { records: ['claim-1', 'claim-2'] } },
      'at a pharmacy': after('2026-02-01', { claim_type: 'PHARMACY' }),
      'admitted again': {
        household: [{}],
        claim: [died(), stay('2026-02-01', '2026-02-05', { aid_paid: '0.05' })],
        finds: { amount: '100.05' },
      },
      'the fatal stay was recovered': {
        household: [{}],
        claim: [died({ status: 'RECOVERED' }), { service_date: '2026-02-01' }],
      },
      'the fatal stay cost the fund nothing': {
        household: [{}],
        claim: [died({ pooled_paid: 0 }), { service_date: '2026-02-01' }],
      },
      'the fatal stay was of the mortuary alone': {
        ...after('2026-02-01'),
        claim_line: [{ item_group: 'MORTUARY' }],
      },
      'an outpatient who left dead': {
        household: [{}],
        claim: [
          { service_date: '2026-01-10', discharge_date: '2026-01-10', discharge_way: '5' },
          { service_date: '2026-02-01' },
        ],
      },
      'died twice: the second stay, which is later than the first': {
        household: [{}],
        claim: [died(), stay('2026-03-01', '2026-03-03', { discharge_way: '5' }), { service_date: '2026-03-04' }],
        finds: [
          { nth: 2, records: ['claim-1', 'claim-2'] },
          { nth: 3, records: ['claim-1', 'claim-3'] },
        ],
      },
      'after both: both are evidence': {
        household: [{}],
        claim: [died(), { service_date: '2026-02-01' }, died({ discharge_date: '2026-01-08' })],
        finds: { records: ['claim-1', 'claim-2', 'claim-3'] },
      },
      'no household row': { claim: [died(), { service_date: '2026-02-01' }] },
      'under an earlier number': after('2026-02-01', { filed: 'earlier' }),
      'undated evidence gives no window': {
        ...after('2026-02-01'),
        household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }],
        finds: { tier: 'SUSPECTED', records: ['claim-1', 'claim-2', 'household-1'] },
      },
      'a conflicting document gives no window': { ...after('2026-02-01'), death: [{ name: 'other' }] },
      'an impossible document gives no window': { ...after('2026-02-01'), death: [{ registered_on: '2026-01-09' }] },
      'a voided document gives no window': { ...after('2026-02-01'), death: [{ status: 'VOIDED' }] },
    },
  },
);
