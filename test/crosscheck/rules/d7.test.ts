import { type Records, type Row, stay } from '../plant';
import { testRule } from '../rule-table';

/** Died on 2026-01-10, PROVEN. */
const dead: Records = { household: [{}], death: [{}] };
/** Paid from an account, and by the fund nothing. */
const paid = (day: string, rest: Row = {}): Row[] => [{ service_date: day, pooled_paid: 0, account_paid: 33, ...rest }];
/** A dead person and a living relative. */
const two: Records = { household: [{}, { person: 'relative' }], death: [{}] };

testRule(
  'D7',
  'claim',
  { amount: '33.00', tier: 'PROVEN' },
  {
    clean: {
      'before death': { ...dead, claim: paid('2026-01-09') },
      'the day after, within grace': { ...dead, claim: paid('2026-01-11') },
      'no account money': { ...dead, claim: paid('2026-02-01', { account_paid: 0, pooled_paid: 100 }) },
      reversed: { ...dead, claim: paid('2026-02-01', { status: 'REVERSED' }) },
      recovered: { ...dead, claim: paid('2026-02-01', { status: 'RECOVERED' }) },
      refused: { ...dead, claim: paid('2026-02-01', { status: 'REFUSED' }) },
      'admitted before death, discharged after': {
        ...dead,
        claim: [stay('2026-01-05', '2026-02-20', { account_paid: 33 })],
      },
      'the month of death': { ...dead, claim: paid('2026-01-31', { claim_type: 'CAPITATION' }) },
      alive: { household: [{}], claim: paid('2026-02-01') },
      'no window': { household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }], claim: paid('2026-02-01') },
      'a dead patient, a living relative’s account': { ...two, claim: paid('2026-02-01', { owner: 'relative' }) },
      'a living patient, a dead owner, before the death': {
        ...two,
        claim: paid('2026-01-09', { person: 'relative', owner: 'own' }),
      },
      'an owner nobody knows': { ...dead, claim: paid('2026-02-01', { owner: 'stranger' }) },
      'a dead owner, reversed': {
        ...two,
        claim: paid('2026-02-01', { person: 'relative', owner: 'own', status: 'REVERSED' }),
      },
      'a dead owner, no account money': {
        ...two,
        claim: paid('2026-02-01', { person: 'relative', owner: 'own', account_paid: 0 }),
      },
      'the owner’s number is shared': {
        household: [{}, { name: 'other' }, { person: 'relative' }],
        death: [{}],
        claim: paid('2026-02-01', { person: 'relative', owner: 'own' }),
      },
    },
    flagged: {
      'two days after, no owner named': {
        ...dead,
        claim: paid('2026-01-12'),
        finds: { records: ['claim-1', 'death-1', 'household-1'] },
      },
      'the patient named as owner': { ...dead, claim: paid('2026-01-12', { owner: 'own' }) },
      'beside fund money, which is D1’s': { ...dead, claim: paid('2026-02-01', { pooled_paid: 500 }) },
      'admitted after death': { ...dead, claim: [stay('2026-01-12', '2026-01-15', { account_paid: 33 })] },
      'the month after that of death': { ...dead, claim: paid('2026-02-01', { claim_type: 'CAPITATION' }) },
      'mortuary only': { ...dead, claim: paid('2026-02-01'), claim_line: [{ item_group: 'MORTUARY' }] },
      'a living patient, a dead owner': {
        ...two,
        claim: paid('2026-02-01', { person: 'relative', owner: 'own' }),
        finds: { records: ['claim-1', 'death-1', 'household-1'] },
      },
      'a living patient, a dead owner, a month after': {
        ...two,
        claim: paid('2026-02-28', { person: 'relative', owner: 'own', claim_type: 'CAPITATION' }),
      },
      'both dead: the owner’s window and tier': {
        household: [{}, { person: 'relative' }],
        death: [{}, { person: 'relative', source: 'CREMATION', death_date: '2026-03-01' }],
        claim: [
          ...paid('2026-02-01', { owner: 'relative' }),
          ...paid('2026-03-03', { owner: 'relative', account_paid: '0.05' }),
        ],
        finds: { nth: 2, amount: '0.05', tier: 'SUSPECTED', records: ['claim-2', 'death-2', 'household-2'] },
      },
      contested: {
        ...dead,
        contribution: [{ period: '2026-04' }],
        claim: paid('2026-02-01'),
        finds: { tier: 'CONTESTED' },
      },
    },
  },
);
