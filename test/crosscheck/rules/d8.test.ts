import type { Records } from '../plant';
import { testRule } from '../rule-table';

/** Died on 2026-01-10, PROVEN; 171 days before the day of the check. */
const dead: Records = { household: [{}], death: [{}] };
const diedOn = (day: string): Records => ({ household: [{}], death: [{ death_date: day, registered_on: day }] });

testRule(
  'D8',
  'enrollment',
  { amount: '0.00', tier: 'PROVEN' },
  {
    clean: {
      'died 90 days before the check': { ...diedOn('2026-04-01'), enrollment: [{}] },
      alive: { household: [{}], enrollment: [{}] },
      suspended: { ...dead, enrollment: [{ status: 'SUSPENDED' }] },
      terminated: { ...dead, enrollment: [{ status: 'TERMINATED' }] },
      'ended before death': { ...dead, enrollment: [{ end_date: '2026-01-01' }] },
      'ends 90 days after death': { ...dead, enrollment: [{ end_date: '2026-04-10' }] },
      'started after death is D9': { ...dead, enrollment: [{ start_date: '2026-01-11' }] },
      suspected: { household: [{}], death: [{ source: 'CREMATION' }], enrollment: [{}] },
      contested: {
        household: [{}],
        death: [{}, { source: 'CREMATION', death_date: '2026-03-10', registered_on: '2026-03-11' }],
        enrollment: [{}],
      },
      'shared number': { ...dead, household: [{}, { name: 'other' }], enrollment: [{}] },
      'contested by a life sign': { ...dead, contribution: [{ period: '2026-04' }], enrollment: [{}] },
      'no window': { household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }], enrollment: [{}] },
      'a month of death that ends 90 days before the check': {
        household: [{}],
        death: [{ date_precision: 'MONTH', death_date: '2026-04-01', registered_on: '2026-04-20' }],
        enrollment: [{}],
      },
    },
    flagged: {
      'died 91 days before the check': { ...diedOn('2026-03-31'), enrollment: [{}] },
      'ends 91 days after death': { ...dead, enrollment: [{ end_date: '2026-04-11' }] },
      'started on the day of death': { ...dead, enrollment: [{ start_date: '2026-01-10' }] },
      'ends after the day of the check': { ...dead, enrollment: [{ end_date: '2027-01-01' }] },
      'proven by two sources, one undated': {
        household: [{ status: 'CANCELLED', cancel_reason: 'DEATH' }],
        death: [{ source: 'CREMATION' }],
        enrollment: [{}],
      },
      'of two enrolments the one still running': {
        ...dead,
        enrollment: [{ status: 'TERMINATED', end_date: '2026-02-01' }, { scheme: 'RESIDENT' }],
        finds: { nth: 2 },
      },
    },
  },
);
