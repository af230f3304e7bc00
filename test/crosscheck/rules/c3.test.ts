import { type Records, type Row, stay } from '../plant';
import { testRule } from '../rule-table';

/** Covered as a resident alone, with the premium of 2025 and none since. */
const resident: Records = {
  household: [{}],
  enrollment: [{ scheme: 'RESIDENT', category: 'ADULT' }],
  contribution: [{ scheme: 'RESIDENT', period: '2025', payer: 'SELF' }],
};
const premium = (rest: Row = {}): Row[] => [{ scheme: 'RESIDENT', period: '2026', payer: 'SELF', ...rest }];
const on = (day: string, rest: Row = {}): Row[] => [{ service_date: day, ...rest }];
const forFebruary = on('2026-02-10', { claim_type: 'CAPITATION' });
const claim = on('2026-02-10');
const as = (start: string, end: string | undefined, rest: Row = {}): Row => ({
  scheme: 'RESIDENT',
  start_date: start,
  end_date: end,
  ...rest,
});

testRule(
  'C3',
  'claim',
  { amount: '100.00', tier: null },
  {
    clean: {
      'premium paid': { ...resident, contribution: premium(), claim },
      'premium paid late, whenever': { ...resident, contribution: premium({ paid_on: '2026-06-20' }), claim },
      'premium paid by medical aid': { ...resident, contribution: premium({ payer: 'AID' }), claim },
      'premium under an earlier number': { ...resident, contribution: premium({ filed: 'earlier' }), claim },
      'of two premiums one refunded': {
        ...resident,
        contribution: [...premium({ status: 'REFUNDED' }), ...premium()],
        claim,
      },
      'a claim of the year that was paid': { ...resident, claim: on('2025-12-31') },
      'a newborn': { ...resident, enrollment: [as('2026-01-01', undefined, { category: 'NEWBORN' })], claim },
      'also covered as a newborn': {
        ...resident,
        enrollment: [as('2020-01-01', undefined), as('2026-01-01', undefined, { category: 'NEWBORN' })],
        claim,
      },
      'also covered as an employee': { ...resident, enrollment: [as('2020-01-01', undefined), {}], claim },
      'also covered as working': {
        ...resident,
        enrollment: [as('2020-01-01', undefined), { category: 'WORKING' }],
        claim,
      },
      'an employee alone': { ...resident, enrollment: [{}], claim },
      'not covered on that day is E0': { ...resident, enrollment: [as('2020-01-01', '2026-02-10')], claim },
      suspended: { ...resident, enrollment: [as('2020-01-01', undefined, { status: 'SUSPENDED' })], claim },
      'no fund money': { ...resident, claim: on('2026-02-10', { pooled_paid: 0, account_paid: 9 }) },
      reversed: { ...resident, claim: on('2026-02-10', { status: 'REVERSED' }) },
      recovered: { ...resident, claim: on('2026-02-10', { status: 'RECOVERED' }) },
      refused: { ...resident, claim: on('2026-02-10', { status: 'REFUSED' }) },
      'mortuary only': { ...resident, claim, claim_line: [{ item_group: 'MORTUARY' }] },
      'dead for certain and told by D1': { ...resident, death: [{}], claim },
      'dead for certain and told by D2': {
        ...resident,
        death: [{}],
        claim: [stay('2026-01-08', '2026-02-20')],
        claim_line: [{}],
      },
      'capitation: an employee on the first day of the month': {
        ...resident,
        enrollment: [as('2020-01-01', undefined), { end_date: '2026-02-02' }],
        claim: forFebruary,
      },
      'capitation: an employee from the last day of the month': {
        ...resident,
        enrollment: [as('2020-01-01', undefined), { start_date: '2026-02-28' }],
        claim: forFebruary,
      },
      'capitation: a newborn from the last day of the month': {
        ...resident,
        enrollment: [as('2020-01-01', undefined), as('2026-02-28', undefined, { category: 'NEWBORN' })],
        claim: forFebruary,
      },
      'capitation: no resident on the first day of the month': {
        ...resident,
        enrollment: [as('2026-02-02', undefined)],
        claim: forFebruary,
      },
      'capitation: no resident in between': {
        ...resident,
        enrollment: [as('2020-01-01', '2026-02-14'), as('2026-02-15', undefined)],
        claim: forFebruary,
      },
    },
    flagged: {
      'no premium for the year': {
        ...resident,
        claim,
        finds: { records: ['claim-1', 'enrollment-1'] },
      },
      'no premium ever': { ...resident, contribution: [], claim },
      'on the first day of the year': { ...resident, claim: on('2026-01-01') },
      'premium refunded': {
        ...resident,
        contribution: premium({ status: 'REFUNDED' }),
        claim,
        finds: { records: ['claim-1', 'contribution-1', 'enrollment-1'] },
      },
      'premium for the next year': { ...resident, contribution: premium({ period: '2027' }), claim },
      'an employee’s contribution does not help': { ...resident, contribution: [{ period: '2026-02' }], claim },
      'somebody else’s premium': { ...resident, contribution: premium({ person: 'other' }), claim },
      'no category': { ...resident, enrollment: [as('2020-01-01', undefined)], claim },
      'an employee until that day': {
        ...resident,
        enrollment: [as('2020-01-01', undefined), { end_date: '2026-02-10' }, { start_date: '2026-02-11' }],
        claim,
        finds: { records: ['claim-1', 'enrollment-1'] },
      },
      'a newborn until that day': {
        ...resident,
        enrollment: [as('2020-01-01', undefined), as('2025-01-01', '2026-02-10', { category: 'NEWBORN' })],
        claim,
      },
      'terminated since': {
        ...resident,
        enrollment: [as('2020-01-01', '2026-02-11', { status: 'TERMINATED' })],
        claim,
      },
      'an employee suspended': {
        ...resident,
        enrollment: [as('2020-01-01', undefined), { status: 'SUSPENDED' }],
        claim,
      },
      'a stay over the turn of the year, admitted in it': {
        ...resident,
        contribution: premium(),
        claim: [stay('2025-12-31', '2026-01-05', { aid_paid: 2 })],
        finds: { amount: '102.00' },
      },
      'capitation: a resident all month': { ...resident, claim: forFebruary },
      'capitation: a resident all month by two enrolments, an employee before and after': {
        ...resident,
        enrollment: [
          { end_date: '2026-02-01' },
          as('2026-02-01', '2026-02-15'),
          as('2026-02-15', '2026-03-01'),
          { start_date: '2026-03-01' },
        ],
        claim: forFebruary,
        finds: { records: ['claim-1', 'enrollment-2', 'enrollment-3'] },
      },
      'suspected death does not supersede': {
        ...resident,
        death: [{ source: 'CREMATION' }],
        claim,
        finds: { tier: 'SUSPECTED' },
      },
    },
  },
);
