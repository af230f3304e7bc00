import type { Records, Row } from '../plant';
import { testRule } from '../rule-table';

/** Died on 2026-01-10, PROVEN. */
const dead: Records = { household: [{}], death: [{}] };
const from = (start: string, rest: Row = {}): Row[] => [{ start_date: start, ...rest }];
const resident = (start = '2026-03-01', rest: Row = {}) => from(start, { scheme: 'RESIDENT', ...rest });
const premium = (paidOn: string, rest: Row = {}): Row[] => [
  { scheme: 'RESIDENT', period: '2026', payer: 'SELF', paid_on: paidOn, ...rest },
];

testRule(
  'D9',
  'enrollment',
  { amount: '0.00', tier: 'PROVEN' },
  {
    clean: {
      'before death': { ...dead, enrollment: from('2026-01-09') },
      'on the last possible day': { ...dead, enrollment: from('2026-01-10') },
      'within the month of death': {
        household: [{}],
        death: [{ date_precision: 'MONTH' }],
        enrollment: from('2026-01-31'),
      },
      suspended: { ...dead, enrollment: from('2026-03-01', { status: 'SUSPENDED' }) },
      terminated: { ...dead, enrollment: from('2026-03-01', { status: 'TERMINATED' }) },
      alive: { household: [{}], enrollment: from('2026-03-01') },
      'no window': { household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }], enrollment: from('2026-03-01') },
      'contested dates': {
        household: [{}],
        death: [{}, { source: 'CREMATION', death_date: '2026-02-20' }],
        enrollment: from('2026-03-01'),
      },
      'contested by a life sign': { ...dead, contribution: [{ period: '2026-04' }], enrollment: from('2026-03-01') },
      'in good faith: premium paid before death': {
        ...dead,
        enrollment: resident(),
        contribution: premium('2025-11-01'),
      },
      'in good faith: on the last possible day': {
        ...dead,
        enrollment: resident(),
        contribution: premium('2026-01-10'),
      },
      'in good faith: refunded since': {
        ...dead,
        enrollment: resident(),
        contribution: premium('2025-11-01', { status: 'REFUNDED' }),
      },
      'in good faith: paid by medical aid': {
        ...dead,
        enrollment: resident(),
        contribution: premium('2025-11-01', { payer: 'AID' }),
      },
      'in good faith: paid by an employer': {
        ...dead,
        enrollment: resident(),
        contribution: premium('2025-11-01', { payer: 'EMPLOYER' }),
      },
      'in good faith: under an earlier number': {
        ...dead,
        enrollment: resident(),
        contribution: premium('2025-11-01', { filed: 'earlier' }),
      },
      'in good faith: for the year in which it starts, not that of death': {
        household: [{}],
        death: [{ death_date: '2025-12-20' }],
        enrollment: resident('2026-01-01'),
        contribution: premium('2025-11-01'),
      },
    },
    flagged: {
      'the day after the last possible day': {
        ...dead,
        enrollment: from('2026-01-11'),
        finds: { records: ['death-1', 'enrollment-1', 'household-1'] },
      },
      'the day after the month of death': {
        household: [{}],
        death: [{ date_precision: 'MONTH' }],
        enrollment: from('2026-02-01'),
      },
      'half a year later, ended already': { ...dead, enrollment: from('2026-06-01', { end_date: '2026-06-10' }) },
      'from a day after the check': { ...dead, enrollment: from('2026-09-01') },
      suspected: {
        household: [{}],
        death: [{ source: 'CREMATION' }],
        enrollment: from('2026-03-01'),
        finds: { tier: 'SUSPECTED' },
      },
      'a resident without a premium': { ...dead, enrollment: resident() },
      'a premium paid the day after': {
        ...dead,
        enrollment: resident(),
        contribution: premium('2026-01-11'),
        finds: { records: ['contribution-1', 'death-1', 'enrollment-1', 'household-1'] },
      },
      'a premium for another year': {
        ...dead,
        enrollment: resident(),
        contribution: premium('2025-11-01', { period: '2025' }),
      },
      'an employee’s contribution': {
        ...dead,
        enrollment: resident(),
        contribution: [
          ...premium('2025-11-01', { scheme: 'EMPLOYEE', period: '2026-01' }),
          ...premium('2025-11-01', { scheme: 'EMPLOYEE' }),
        ],
      },
      'an employee’s enrolment in spite of a premium': {
        ...dead,
        enrollment: from('2026-03-01'),
        contribution: premium('2025-11-01'),
      },
      'somebody else’s premium': {
        ...dead,
        enrollment: resident(),
        contribution: premium('2025-11-01', { person: 'other' }),
      },
      'of two the one after death': {
        ...dead,
        enrollment: [...from('2020-01-01'), ...from('2026-03-01')],
        finds: { nth: 2 },
      },
    },
  },
);
