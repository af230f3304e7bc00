import { type Records, stay } from '../plant';
import { testRule } from '../rule-table';

/** Died on 2026-01-10, PROVEN. */
const dead: Records = { household: [{}], death: [{}] };

testRule(
  'D3',
  'claim',
  { amount: '100.00', tier: 'PROVEN' },
  {
    clean: {
      'admitted before death, discharged long after': { ...dead, claim: [stay('2026-01-08', '2026-02-20')] },
      'admitted on the day of death': { ...dead, claim: [stay('2026-01-10', '2026-01-12')] },
      'admitted the day after, within grace': { ...dead, claim: [stay('2026-01-11', '2026-01-12')] },
      'an outpatient claim is D1': { ...dead, claim: [{ service_date: '2026-02-01' }] },
      'the service date of a stay says nothing': {
        ...dead,
        claim: [stay('2026-01-08', '2026-01-10', { service_date: '2026-03-01' })],
      },
      'no fund money': { ...dead, claim: [stay('2026-02-01', '2026-02-03', { pooled_paid: 0, account_paid: 50 })] },
      reversed: { ...dead, claim: [stay('2026-02-01', '2026-02-03', { status: 'REVERSED' })] },
      recovered: { ...dead, claim: [stay('2026-02-01', '2026-02-03', { status: 'RECOVERED' })] },
      refused: { ...dead, claim: [stay('2026-02-01', '2026-02-03', { status: 'REFUSED' })] },
      'mortuary only': { ...dead, claim: [stay('2026-02-01', '2026-02-03')], claim_line: [{ item_group: 'MORTUARY' }] },
      'no window': {
        household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }],
        claim: [stay('2026-02-01', '2026-02-03')],
      },
      alive: { household: [{}], claim: [stay('2026-02-01', '2026-02-03')] },
    },
    flagged: {
      'admitted two days after': { ...dead, claim: [stay('2026-01-12', '2026-01-13')] },
      'admitted long after': {
        ...dead,
        claim: [stay('2026-04-20', '2026-04-25', { aid_paid: 5 })],
        finds: { amount: '105.00' },
      },
      'the service date of a stay does not excuse': {
        ...dead,
        claim: [stay('2026-02-01', '2026-02-03', { service_date: '2026-01-01' })],
      },
      suspected: {
        household: [{}],
        death: [{ source: 'COURT_DECLARATION' }],
        claim: [stay('2026-02-01', '2026-02-03')],
        finds: { tier: 'SUSPECTED' },
      },
      'mortuary and bed': {
        ...dead,
        claim: [stay('2026-02-01', '2026-02-03')],
        claim_line: [{ item_group: 'MORTUARY' }, { item_group: 'BED' }],
      },
    },
  },
);
