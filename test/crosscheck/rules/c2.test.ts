import { type Records, type Row, stay } from '../plant';
import { testRule } from '../rule-table';

/** Working, with a contribution for November 2025 and none since; on 2026-02-01 that is the fourth month back. */
const working: Records = {
  household: [{}],
  enrollment: [{ category: 'WORKING' }],
  contribution: [{ period: '2025-11' }],
};
const on = (day: string, rest: Row = {}): Row[] => [{ service_date: day, ...rest }];
const paidFor = (...months: string[]): Row[] => months.map((period) => ({ period }));
const claim = on('2026-02-10');

testRule(
  'C2',
  'claim',
  { amount: '100.00', tier: null },
  {
    clean: {
      'paid for the month': { ...working, contribution: paidFor('2026-02'), claim },
      'paid for the month before': { ...working, contribution: paidFor('2026-01'), claim },
      'paid for two months before': { ...working, contribution: paidFor('2025-12'), claim },
      'paid late, whenever': { ...working, contribution: [{ period: '2026-02', paid_on: '2026-06-20' }], claim },
      'paid by the person': { ...working, contribution: [{ period: '2026-02', payer: 'SELF' }], claim },
      'paid by aid under an earlier number': {
        ...working,
        contribution: [{ period: '2026-02', payer: 'AID', filed: 'earlier' }],
        claim,
      },
      'paid for December, a claim on the last day of February': {
        ...working,
        contribution: paidFor('2025-12'),
        claim: on('2026-02-28'),
      },
      'paid for February, a claim on the last day of April': {
        ...working,
        contribution: paidFor('2026-02'),
        claim: on('2026-04-30'),
      },
      'no contribution on record at all': { ...working, contribution: [], claim },
      'only a resident’s premium on record': {
        ...working,
        contribution: [{ scheme: 'RESIDENT', period: '2025' }],
        claim,
      },
      retired: { ...working, enrollment: [{ category: 'RETIRED' }], claim },
      'no category': { ...working, enrollment: [{}], claim },
      'a resident of category WORKING': {
        ...working,
        enrollment: [{ scheme: 'RESIDENT', category: 'WORKING' }],
        claim,
      },
      'also covered as a resident': {
        ...working,
        enrollment: [{ category: 'WORKING' }, { scheme: 'RESIDENT' }],
        claim,
      },
      'also covered as retired, terminated since': {
        ...working,
        enrollment: [{ category: 'WORKING' }, { category: 'RETIRED', status: 'TERMINATED', end_date: '2026-02-11' }],
        claim,
      },
      'not covered on that day is E0': {
        ...working,
        enrollment: [{ category: 'WORKING', end_date: '2026-02-10' }],
        claim,
      },
      suspended: { ...working, enrollment: [{ category: 'WORKING', status: 'SUSPENDED' }], claim },
      'no fund money': { ...working, claim: on('2026-02-10', { pooled_paid: 0, account_paid: 9 }) },
      reversed: { ...working, claim: on('2026-02-10', { status: 'REVERSED' }) },
      recovered: { ...working, claim: on('2026-02-10', { status: 'RECOVERED' }) },
      refused: { ...working, claim: on('2026-02-10', { status: 'REFUSED' }) },
      'mortuary only': { ...working, claim, claim_line: [{ item_group: 'MORTUARY' }] },
      'dead for certain and told by D1': { ...working, death: [{}], claim },
      'dead for certain and told by D6': {
        ...working,
        death: [{}],
        claim: on('2026-02-10', { claim_type: 'CAPITATION' }),
      },
      'capitation: covered as a resident too on its day': {
        ...working,
        enrollment: [{ category: 'WORKING' }, { scheme: 'RESIDENT', start_date: '2026-02-10' }],
        claim: on('2026-02-10', { claim_type: 'CAPITATION' }),
      },
    },
    flagged: {
      'the third month without': {
        ...working,
        claim,
        finds: { records: ['claim-1', 'contribution-1', 'enrollment-1'] },
      },
      'on the first day of the third month': { ...working, claim: on('2026-02-01') },
      'paid for the next month only': { ...working, contribution: paidFor('2025-11', '2026-03'), claim },
      'the three months refunded': {
        ...working,
        contribution: ['2025-12', '2026-01', '2026-02'].map((period) => ({ period, status: 'REFUNDED' })),
        claim,
      },
      'a resident’s premium does not help': {
        ...working,
        contribution: [{ period: '2025-11' }, { scheme: 'RESIDENT', period: '2026' }],
        claim,
      },
      'a contribution on record only for later months': { ...working, contribution: paidFor('2026-06'), claim },
      'a contribution on record only refunded': {
        ...working,
        contribution: [{ period: '2020-01', status: 'REFUNDED' }],
        claim,
      },
      'over the turn of the year': { ...working, contribution: paidFor('2025-10'), claim: on('2026-01-31') },
      'somebody else’s contributions': {
        ...working,
        contribution: [{ period: '2025-11' }, { period: '2026-02', person: 'other' }],
        claim,
      },
      'a stay, paid for since its second month': {
        ...working,
        contribution: paidFor('2025-11', '2026-03'),
        claim: [stay('2026-02-27', '2026-03-20')],
      },
      'covered as a resident before and after': {
        ...working,
        enrollment: [
          { category: 'WORKING' },
          { scheme: 'RESIDENT', end_date: '2026-02-10' },
          { scheme: 'RESIDENT', start_date: '2026-02-11' },
          { scheme: 'RESIDENT', status: 'SUSPENDED' },
        ],
        claim,
        finds: { records: ['claim-1', 'contribution-1', 'enrollment-1'] },
      },
      'twice covered as working': {
        ...working,
        enrollment: [{ category: 'WORKING' }, { category: 'WORKING', pooling_district: '340303' }],
        claim,
      },
      'terminated since': {
        ...working,
        enrollment: [{ category: 'WORKING', status: 'TERMINATED', end_date: '2026-02-11' }],
        claim,
      },
      'a capitation for the third month': {
        ...working,
        claim: on('2026-02-01', { claim_type: 'CAPITATION', aid_paid: 1 }),
        finds: { amount: '101.00' },
      },
      'suspected death does not supersede': {
        ...working,
        death: [{ source: 'CREMATION' }],
        claim,
        finds: { tier: 'SUSPECTED', records: ['claim-1', 'contribution-1', 'death-1', 'enrollment-1', 'household-1'] },
      },
      'proven death, before it': {
        ...working,
        death: [{ death_date: '2026-03-01' }],
        claim,
        finds: { tier: 'PROVEN' },
      },
    },
  },
);
